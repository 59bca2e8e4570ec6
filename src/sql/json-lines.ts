/**
 * Lines of JSON, judged and taken apart as JSON.parse does it, by patterns alone: the engines' own JSON functions refuse large
 * integers and lone surrogates, or accept what is no JSON.
 *
 * A line is judged by making strings and scalars one byte each, then closed arrays and objects, from the inside. Bytes below a
 * blank stand for them: in JSON such bytes occur nowhere.
 */
import type {Columns} from './columns.ts'
import {jsonFields} from './fields.ts'
import {nestingMax} from './limits.ts'
import {blanks} from './patterns.ts'
import {commonReasons, lineByBytes, type Records} from './text-lines.ts'

const strictString = '"(?:[^"\\\\\\x00-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*"'
const scalar = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null'
const closed = '\\[(?:[\\x01\\x02](?:,[\\x01\\x02])*)?\\]|\\{(?:\\x01:[\\x01\\x02](?:,\\x01:[\\x01\\x02])*)?\\}'
/** What JsonLines of the engine reads, in SQL. A line nested deeper than nestingMax is of class `?`: nobody knows. */
export function jsonRecords(columns: Columns): Records {
  const lines = columns.add(lineClass(columns))
  const object = columns.cases([[`${lines} = 'record'`, 'line']], "''")
  return {lines, badReasons: ['not JSON', 'not an object', ...commonReasons], fields: jsonFields(columns, object)}
}

function lineClass(columns: Columns): string {
  const {dialect} = columns
  const {text} = dialect
  const line = 'line'
  const control = dialect.matches(line, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]')
  let reduced = dialect.replaceAll(line, strictString, '\u0001')
  reduced = dialect.replaceAll(reduced, scalar, '\u0002')
  reduced = dialect.replaceAll(reduced, '[ \\t\\r]+', '')
  for (let depth = 0; depth < nestingMax; depth++) reduced = dialect.replaceAll(reduced, closed, '\u0002')
  const rest = `CASE WHEN ${dialect.isSurelyJson(line)} THEN ${text('\u0002')} ELSE ${reduced} END`
  const early = lineByBytes(
    columns,
    [[dialect.matches(line, `^[${blanks}]*$`), text('blank')]],
    [
      [`NOT (${dialect.position(line, text('{'))})`, text('no-object')],
      [control, text('not JSON')],
    ],
  )
  const judged = columns.cases([[`${early} = ''`, rest]], text(''))
  return columns.cases(
    [
      [`${early} <> ''`, early],
      [
        `${judged} IN (${text('\u0001')}, ${text('\u0002')}) AND ${dialect.matches(line, '^[ \\t\\r]*\\{')}`,
        text('record'),
      ],
      [`${judged} IN (${text('\u0001')}, ${text('\u0002')})`, text('not an object')],
      [dialect.matches(judged, closed), text('?')],
    ],
    text('not JSON'),
  )
}
