/**
 * Paths of fields: `price`, `user.geo.country`, `items[0].id` (the same as `items.0.id`), `odd["a.b"].c`.
 *
 * A field that has the path's very name wins. Only what the data itself holds is seen: own properties of objects, elements of
 * arrays. Reading a path after writing it always gives what was written.
 */
import type {Parts} from './types.ts'
import {setField} from './values.ts'

type Container = Record<string, unknown>

/**
 * The names along a path, from the record inwards; array positions are names too.
 *
 * A path that is not well formed (`a..b`, `a[`, empty) is one name: it can only mean a field called just that.
 */
export function parsePath(path: string): readonly string[] {
  const first = /^[^.[\]]+/.exec(path)
  if (first === null) return [path]
  const segments = [first[0]]
  let at = first[0].length
  for (const match of path.slice(at).matchAll(/\.([^.[\]]+)|\[(\d+)\]|\["([^"]*)"\]/gy)) {
    segments.push((match[1] ?? match[2] ?? match[3])!)
    at += match[0].length
  }
  return at === path.length ? segments : [path]
}

/** Makes the function that reads a path of a record. Absent gives undefined, null gives null. */
export function compilePath(path: string): (parts: Parts) => unknown {
  const own = compileOwn(path)
  const segments = parsePath(path)
  if (segments.length === 1 && segments[0] === path) return own
  const readFirst = compileOwn(segments[0]!)
  const inner = segments.slice(1)
  const readInner = inner.length === 1 ? compileChild(inner[0]!) : compileChildren(inner)
  return parts => {
    const value = own(parts)
    return value === undefined ? readInner(readFirst(parts)) : value
  }
}

/** Plain reads are safe for every name that Object.prototype lacks; the few others are looked up as own properties. */
function compileOwn(name: string): (parts: Parts) => unknown {
  if (!(name in Object.prototype)) return parts => parts[name]
  return parts => (Object.hasOwn(parts, name) ? parts[name] : undefined)
}

function compileChildren(segments: readonly string[]): (value: unknown) => unknown {
  const readers = segments.map(compileChild)
  return value => {
    let current = value
    for (let index = 0; index < readers.length && current !== undefined; index++) current = readers[index]!(current)
    return current
  }
}

function compileChild(segment: string): (container: unknown) => unknown {
  const position = positionOf(segment)
  return container => {
    if (typeof container !== 'object' || container === null) return undefined
    if (Array.isArray(container)) return position === -1 ? undefined : container[position]
    return Object.hasOwn(container, segment) ? (container as Container)[segment] : undefined
  }
}

/** The array position that a segment names, or -1. */
function positionOf(segment: string): number {
  return /^(?:0|[1-9]\d{0,9})$/.test(segment) ? Number(segment) : -1
}

/** The object or array that directly holds the last name of a path, when the path leads there. */
type FindHolder = (parts: Parts) => Container | unknown[] | undefined

function compileHolder(path: string, segments: readonly string[]): FindHolder {
  const last = segments.at(-1)!
  const position = positionOf(last)
  const readOuter = compileChildren(segments.slice(0, -1))
  return parts => {
    if (Object.hasOwn(parts, path)) return undefined
    const holder = readOuter(parts)
    if (typeof holder !== 'object' || holder === null) return undefined
    if (Array.isArray(holder)) return position !== -1 && position < holder.length ? holder : undefined
    return holder as Container
  }
}

/**
 * Makes the function that sets the field at a path, in place: the field of that very name, else the nested one when the object (or
 * array element) around it is there, else a new field of that very name.
 */
function compileSet(path: string): (parts: Parts, value: unknown) => void {
  const segments = parsePath(path)
  if (segments.length === 1) return (parts, value) => setField(parts, path, value)
  const findHolder = compileHolder(path, segments)
  const last = segments.at(-1)!
  return (parts, value) => {
    const holder = findHolder(parts)
    if (holder === undefined) setField(parts, path, value)
    else setIn(holder, last, value)
  }
}

/** Sets the field at a path once; see compileSet. */
export function setAtPath(parts: Parts, path: string, value: unknown): void {
  compileSet(path)(parts, value)
}

/**
 * Makes the function that copies a record with the field at a path set. Objects and arrays along the path are copied too, everything
 * else is shared, so that the record given stays as it is.
 */
export function compileCopyWith(path: string): (parts: Parts, value: unknown) => Parts {
  const segments = parsePath(path)
  const findHolder = segments.length === 1 ? () => undefined : compileHolder(path, segments)
  const last = segments.at(-1)!
  const outer = segments.slice(0, -1).map(segment => ({segment, read: compileChild(segment)}))
  return (parts, value) => {
    const copy = {...parts}
    if (findHolder(parts) === undefined) {
      setField(copy, path, value)
      return copy
    }
    let holder: Container | unknown[] = copy
    for (const {segment, read} of outer) {
      const child = read(holder) as Container | unknown[]
      const childCopy: Container | unknown[] = Array.isArray(child) ? [...child] : {...child}
      setIn(holder, segment, childCopy)
      holder = childCopy
    }
    setIn(holder, last, value)
    return copy
  }
}

function setIn(holder: Container | unknown[], segment: string, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(segment)] = value
  else setField(holder, segment, value)
}
