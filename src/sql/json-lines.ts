/**
 * Lines of JSON, judged and taken apart as JSON.parse does it, by patterns alone: the engines' own JSON functions refuse large
 * integers and lone surrogates, or accept what is no JSON.
 *
 * A line is judged by making strings and scalars one byte each, then closed arrays and objects, from the inside. Bytes below a
 * blank stand for them: in JSON such bytes occur nowhere.
 */
import type {Columns} from './columns.ts'
import {lineBytesMax, nestingMax} from './limits.ts'

const strictString = '"(?:[^"\\\\\\x00-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*"'
const scalar = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null'
const closed = '\\[(?:[\\x01\\x02](?:,[\\x01\\x02])*)?\\]|\\{(?:\\x01:[\\x01\\x02](?:,\\x01:[\\x01\\x02])*)?\\}'
/** What JavaScript's trim takes away. */
const blank = '^[\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}]*$'

/** In a line that is known to be JSON. */
const anyString = '"(?:[^"\\\\]|\\\\.)*"'
const member = `(${anyString})[ \\t\\r]*:[ \\t\\r]*(${anyString}|[^ \\t\\r"\\[\\]{},:]+|${nested(nestingMax)})`

function nested(depth: number): string {
  const inner = depth === 1 ? '' : `|${nested(depth - 1)}`
  return `[\\[{](?:[^"\\[\\]{}]|${anyString}${inner})*[\\]}]`
}

/** `object` for a record; `blank`, `no-object`, `?` for what cannot be judged; else the reason for which it is bad. */
export function lineClass(columns: Columns): string {
  const {dialect} = columns
  const {text} = dialect
  const line = 'line'
  const control = dialect.matches(line, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]')
  let reduced = dialect.replaceAll(line, strictString, '\u0001')
  reduced = dialect.replaceAll(reduced, scalar, '\u0002')
  reduced = dialect.replaceAll(reduced, '[ \\t\\r]+', '')
  for (let depth = 0; depth < nestingMax; depth++) reduced = dialect.replaceAll(reduced, closed, '\u0002')
  const rest = `CASE WHEN ${dialect.isSurelyJson(line)} THEN ${text('\u0002')} ELSE ${reduced} END`
  const isUtf8 = columns.add(dialect.isUtf8(line))
  const isBlank = dialect.matches(line, blank)
  // A line that begins with a byte order mark is fine as the first of its file only, and no query knows which one that is.
  const isMarked = dialect.startsWith(line, text('\ufeff'))
  const isCandidate = columns.cases(
    [
      [`${dialect.byteCount(line)} > ${lineBytesMax}`, text('line too long')],
      [`NOT (${isUtf8})`, text('not UTF-8')],
      [isBlank, text('blank')],
      [isMarked, text('?')],
      [`NOT (${dialect.position(line, text('{'))})`, text('no-object')],
      [control, text('not JSON')],
    ],
    text(''),
  )
  const judged = columns.cases([[`${isCandidate} = ''`, rest]], text(''))
  return columns.cases(
    [
      [`${isCandidate} <> ''`, isCandidate],
      [
        `${judged} IN (${text('\u0001')}, ${text('\u0002')}) AND ${dialect.matches(line, '^[ \\t\\r]*\\{')}`,
        text('object'),
      ],
      [`${judged} IN (${text('\u0001')}, ${text('\u0002')})`, text('not an object')],
      [dialect.matches(judged, closed), text('?')],
    ],
    text('not JSON'),
  )
}

/** Names and raw values of an object's members, as columns. Both are empty for text that is no object. */
export function membersOf(columns: Columns, object: string): {readonly names: string; readonly values: string} {
  const {dialect} = columns
  const raw = columns.add(dialect.everyMatch(object, member, 1))
  const hasEscape = dialect.position(object, dialect.text('\\'))
  const plain =
    dialect.name === 'clickhouse'
      ? `arrayMap(name -> substring(name, 2, length(name) - 2), ${raw})`
      : `list_transform(${raw}, lambda name: substring(name, 2, length(name) - 2))`
  return {
    names: columns.cases([[hasEscape, dialect.eachDecoded(raw)]], plain),
    values: columns.add(dialect.everyMatch(object, member, 2)),
  }
}
