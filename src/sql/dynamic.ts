/** Lines of either kind: JSON when the first character that is no blank is a brace, else CSV, whose quotes end with the line. */
import type {FormatNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {csvRecords} from './csv.ts'
import {makeFields} from './fields.ts'
import {jsonRecords} from './json-lines.ts'
import {notYet, refuse} from './refused.ts'
import type {Records} from './text-lines.ts'
import {either} from './values.ts'

type DynamicFormat = Extract<FormatNode, {readonly format: 'csv' | 'dynamic'}>

/** @throws Refused */
export function dynamicRecords(columns: Columns, format: DynamicFormat): Records {
  const {dialect} = columns
  if (!Array.isArray(format.fields)) {
    refuse('format dynamic', `${notYet} without names of its fields; the first line of CSV may stand anywhere`)
  }
  const isJson = columns.add(`${dialect.isUtf8('line')} AND ${dialect.matches('line', '^[ \\t]*\\{')}`)
  const json = jsonRecords(columns)
  const csv = csvRecords(columns, format)
  return {
    lines: columns.cases([[isJson, json.lines]], csv.lines),
    badReasons: [...new Set([...json.badReasons, ...csv.badReasons])],
    fields: makeFields(columns, name => either(columns, isJson, json.fields.own(name), csv.fields.own(name))),
  }
}
