/** Steps that make several records of one. */
import type {StepNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {withPath} from './fields.ts'
import {elementsOf} from './json-members.ts'
import {notYet, refuse} from './refused.ts'
import type {Flow} from './steps.ts'
import {either, isMissing, valueOfJson} from './values.ts'

type SplitStep<Name extends string> = Extract<StepNode, {readonly step: Name}>

/** A record for each element of an array; one for a value that is none; none for null and absent. */
export function explodedRecord(columns: Columns, {field, as}: SplitStep<'explode'>, {alive, fields}: Flow): Flow {
  const {dialect} = columns
  const value = fields.read(field)
  if (value.isPartial === true) refuse('explode', `${notYet} after a select that keeps a part of ${field}`)
  columns.unsureWhen(`${alive} AND ${value.kind} = 'x'`)
  const container = columns.cases([[`${alive} AND ${value.kind} = 'c'`, value.text]], "''")
  const isArray = columns.add(`(${dialect.startsWith(container, "'['")})`)
  const one = columns.add(
    dialect.everyMatch(`CASE WHEN ${alive} AND NOT (${isMissing(value)}) THEN '1' ELSE '' END`, '(1)', 1),
  )
  const elements = columns.add(elementsOf(columns, container))
  const element = columns.join(columns.cases([[isArray, elements]], one))
  const isRecord = columns.add(`(${alive} AND ${element} <> '')`)
  const json = columns.cases([[isArray, element]], "''")
  return {
    alive: isRecord,
    fields: withPath(columns, fields, as, either(columns, isArray, valueOfJson(columns, json), value)),
  }
}

/** A record for each word of a text. */
export function splitRecord(columns: Columns, {field, as}: SplitStep<'splitWords'>, {alive, fields}: Flow): Flow {
  const {dialect} = columns
  const value = fields.read(field)
  columns.unsureWhen(`${alive} AND ${value.kind} IN ('c', 'x')`)
  const text = columns.cases([[`${alive} AND NOT (${isMissing(value)})`, value.text]], "''")
  const word = columns.join(columns.add(dialect.everyMatch(text, `([${wordCharacters()}]+)`, 1)))
  const isRecord = columns.add(`(${alive} AND ${word} <> '')`)
  return {alive: isRecord, fields: withPath(columns, fields, as, {kind: "'s'", text: word, isScalar: true})}
}

/** Letters, marks and digits of all scripts, as ranges: the classes of an engine may be of another version of Unicode. */
function wordCharacters(): string {
  const isWord = (code: number): boolean => /[\p{L}\p{M}\p{N}]/u.test(String.fromCodePoint(code))
  const ranges: string[] = []
  const hex = (code: number): string => `\\x{${code.toString(16)}}`
  for (let code = 0, start = -1; code <= 0x110000; code++) {
    const isInside = code < 0x110000 && isWord(code)
    if (isInside && start < 0) start = code
    if (isInside || start < 0) continue
    ranges.push(code - 1 === start ? hex(start) : `${hex(start)}-${hex(code - 1)}`)
    start = -1
  }
  return ranges.join('')
}
