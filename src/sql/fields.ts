/** What the fields of a record are after some steps. */
import {parsePath} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {membersOf} from './json-lines.ts'
import {notYet, refuse} from './refused.ts'
import {absent, type Value, valueOfJson} from './values.ts'

export interface Fields {
  read(path: string): Value
}

/** Reads members of an object's text. */
export function jsonFields(columns: Columns, object: string): Fields {
  const {dialect} = columns
  const members = membersOf(columns, object)
  const memberOf = (name: string): string =>
    columns.add(dialect.lastNamed(members.names, members.values, dialect.text(name)))
  return {
    read: path => {
      const own = memberOf(path)
      const segments = parsePath(path)
      if (segments.length === 1 && segments[0] === path) return valueOfJson(columns, own)
      let inner = memberOf(segments[0]!)
      for (const segment of segments.slice(1)) inner = child(columns, inner, segment)
      return valueOfJson(columns, columns.cases([[`${own} <> ''`, own]], inner))
    },
  }
}

function child(columns: Columns, container: string, segment: string): string {
  const {dialect} = columns
  const object = columns.cases([[dialect.startsWith(container, "'{'"), container]], "''")
  if (/^(?:0|[1-9]\d{0,9})$/.test(segment)) {
    columns.unsureWhen(dialect.startsWith(container, "'['"))
  }
  const {names, values} = membersOf(columns, object)
  return columns.add(dialect.lastNamed(names, values, dialect.text(segment)))
}

/** The same with a field set. */
export function withField(fields: Fields, path: string, value: Value): Fields {
  return {
    read: wanted => {
      if (wanted === path) return value
      if (areRelated(wanted, path)) {
        return refuse(`reading ${wanted}`, `${notYet} after a step that sets ${path}, which holds it or is held by it`)
      }
      return fields.read(wanted)
    },
  }
}

/** The same with nothing but some fields. */
export function selectedFields(fields: Fields, names: readonly string[]): Fields {
  return {
    read: wanted => {
      if (names.includes(wanted)) return fields.read(wanted)
      const holder = names.find(name => areRelated(wanted, name))
      return holder === undefined
        ? absent
        : refuse(
            `reading ${wanted}`,
            `${notYet} after a select that keeps ${holder}, which is a part of it or the whole`,
          )
    },
  }
}

/** One leads into the other, or both to the same place by other names. */
function areRelated(a: string, b: string): boolean {
  const left = parsePath(a)
  const right = parsePath(b)
  const count = Math.min(left.length, right.length)
  return left.slice(0, count).every((segment, index) => segment === right[index])
}
