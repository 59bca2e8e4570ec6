/** What JSON holds, taken apart by patterns. All of it is known to be JSON. */
import type {Columns} from './columns.ts'
import {nestingMax} from './limits.ts'

const anyString = '"(?:[^"\\\\]|\\\\.)*"'
const element = `${anyString}|[^ \\t\\r"\\[\\]{},:]+|${nested(nestingMax)}`
const member = `(${anyString})[ \\t\\r]*:[ \\t\\r]*(${element})`

function nested(depth: number): string {
  const inner = depth === 1 ? '' : `|${nested(depth - 1)}`
  return `[\\[{](?:[^"\\[\\]{}]|${anyString}${inner})*[\\]}]`
}

/** Names and raw values of an object's members, as columns. Both are empty for text that is no object. */
export function membersOf(columns: Columns, object: string): {readonly names: string; readonly values: string} {
  const {dialect} = columns
  const raw = columns.add(dialect.everyMatch(object, member, 1))
  const hasEscape = dialect.position(object, dialect.text('\\'))
  const plain = dialect.eachText(raw, name => `substring(${name}, 2, length(${name}) - 2)`)
  const decoded = dialect.eachText(raw, dialect.decoded)
  return {
    names: columns.cases([[hasEscape, decoded]], plain),
    values: columns.add(dialect.everyMatch(object, member, 2)),
  }
}

/** The elements of an array as they stand in it, as an array of texts; empty for text that is no array. */
export function elementsOf({dialect}: Columns, array: string): string {
  const inside = `CASE WHEN ${dialect.startsWith(array, "'['")} THEN substring(${array}, 2, length(${array}) - 2) ELSE '' END`
  return dialect.everyMatch(inside, `(${element})`, 1)
}
