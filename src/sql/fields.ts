/** What the fields of a record are after some steps. */
import {parsePath} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {elementsOf, membersOf} from './json-members.ts'
import {notYet, refuse} from './refused.ts'
import {absent, either, type Value, valueOfJson} from './values.ts'

/** A segment of a path that may be a place in an array. */
const isPosition = /^(?:0|[1-9]\d{0,9})$/

export interface Fields {
  /** The field of that very name, dots and all. */
  own(name: string): Value
  /** The field at a path: the one of that very name, or the nested one. */
  read(path: string): Value
}

/** Members of an object's text. */
export function jsonFields(columns: Columns, object: string): Fields {
  return makeFields(columns, name => valueOfJson(columns, memberOf(columns, object, name)))
}

/** Fields that may hold others. */
export function makeFields(columns: Columns, own: (name: string) => Value): Fields {
  return {own, read: path => readPath(columns, own, path)}
}

/** Fields that hold nothing themselves. @param find - undefined: no record has it */
export function flatFields(find: (name: string) => Value | undefined): Fields {
  const own = (name: string): Value => {
    const value = find(name)
    return value === undefined ? absent : {...value, isScalar: true}
  }
  return {own, read: own}
}

function readPath(columns: Columns, own: (name: string) => Value, path: string): Value {
  const whole = own(path)
  const [first, ...inner] = parsePath(path)
  if (inner.length === 0) return whole
  const outer = own(first!)
  if (outer.isScalar === true) return whole
  if (outer.isPartial === true)
    return refuse(`reading ${path}`, `${notYet} after a select that keeps a part of ${first}`)
  let json = outer.json ?? columns.cases([[`${outer.kind} = 'c'`, outer.text]], "''")
  for (const segment of inner) json = childOf(columns, json, segment)
  if (whole === absent) return valueOfJson(columns, json)
  if (whole.json !== undefined) {
    return valueOfJson(columns, columns.cases([[`${whole.json} <> ''`, whole.json]], json))
  }
  return either(columns, `${whole.kind} <> ''`, whole, valueOfJson(columns, json))
}

function memberOf(columns: Columns, object: string, name: string): string {
  const {dialect} = columns
  const {names, values} = membersOf(columns, object)
  return columns.add(dialect.lastNamed(names, values, dialect.text(name)))
}

function childOf(columns: Columns, container: string, segment: string): string {
  const {dialect} = columns
  const object = columns.cases([[dialect.startsWith(container, "'{'"), container]], "''")
  const member = memberOf(columns, object, segment)
  if (!isPosition.test(segment)) return member
  const elements = columns.add(elementsOf(columns, container))
  const element = dialect.elementAt(elements, String(Number(segment) + 1))
  return columns.cases([[dialect.startsWith(container, "'['"), element]], member)
}

/** The same with the field of that very name set, or taken away where the value is absent. */
export function withOwn(columns: Columns, fields: Fields, name: string, value: Value): Fields {
  const own = (wanted: string): Value => (wanted === name ? value : fields.own(wanted))
  return {
    own,
    // What has nothing to do with the name is read as before: a step below may know more of paths than of names.
    read: path => (parsePath(path)[0] === name || path === name ? readPath(columns, own, path) : fields.read(path)),
  }
}

/** The same with the field at a path set. It may be nested, so what holds it, and what it held, is another thing now. */
export function withPath(columns: Columns, fields: Fields, path: string, value: Value): Fields {
  if (parsePath(path).length === 1) return withOwn(columns, fields, path, value)
  const instead = (wanted: string): Value | undefined => {
    if (wanted === path) return value
    if (!areRelated(wanted, path)) return undefined
    return refuse(`reading ${wanted}`, `${notYet} after a step that sets ${path}, which holds it or is held by it`)
  }
  return {
    own: wanted => instead(wanted) ?? fields.own(wanted),
    read: wanted => instead(wanted) ?? fields.read(wanted),
  }
}

/** The same with nothing but some fields. Nested ones keep their place, arrays on the way are kept whole. */
export function selectedFields(columns: Columns, fields: Fields, names: readonly string[]): Fields {
  const kept = names.map(name => parsePath(name))
  const isWhole = (path: string): boolean => names.includes(parsePath(path)[0]!)
  /** Without a field of that very name. */
  const nested = (path: string): Value => readPath(columns, name => (name === path ? absent : fields.own(name)), path)
  const own = (name: string): Value => {
    if (names.includes(name)) return isWhole(name) ? fields.own(name) : fields.read(name)
    return parsePath(name).length === 1 && kept.some(path => path[0] === name)
      ? partOf(columns, fields.own(name))
      : absent
  }
  const read = (path: string): Value => {
    if (isWhole(path)) return readPath(columns, own, path)
    const segments = parsePath(path)
    if (names.includes(path) || segments.length === 1) return own(path)
    const shared = kept.map(name => sharedCount(name, segments))
    if (kept.some((name, index) => shared[index] === name.length)) return nested(path)
    if (shared.some(count => count === segments.length)) return partOf(columns, nested(path))
    const next = segments[Math.max(...shared)]!
    if (Math.max(...shared) > 0 && isPosition.test(next)) {
      return refuse(
        `reading ${path}`,
        `${notYet} after a select that keeps an array on its way, but nothing of an object`,
      )
    }
    return absent
  }
  return {own, read}
}

/** What is left of an object of which parts were selected: it is there, but nobody knows its text. Arrays are whole. */
function partOf(columns: Columns, {kind, text}: Value): Value {
  const isPart = columns.add(`(${kind} = 'c')`)
  return {kind: columns.cases([[isPart, "'c'"]], "''"), text: columns.cases([[isPart, text]], "''"), isPartial: true}
}

function sharedCount(a: readonly string[], b: readonly string[]): number {
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count++
  return count
}

/** One leads into the other, or both to the same place by other names. */
function areRelated(a: string, b: string): boolean {
  const left = parsePath(a)
  const right = parsePath(b)
  return sharedCount(left, right) === Math.min(left.length, right.length)
}
