/** The formats of logs, as columns. */
import type {FormatNode} from '../rules/index.ts'
import {accessLogRecords} from './access-log.ts'
import type {Columns} from './columns.ts'
import {csvRecords} from './csv.ts'
import {dynamicRecords} from './dynamic.ts'
import {jsonRecords} from './json-lines.ts'
import {logfmtRecords} from './logfmt.ts'
import {refuse} from './refused.ts'
import {regexRecords} from './regex-lines.ts'
import type {Records} from './text-lines.ts'

/** @throws Refused */
export function recordsOf(columns: Columns, format: FormatNode): Records {
  switch (format.format) {
    case 'json':
      return jsonRecords(columns)
    case 'csv':
      return csvRecords(columns, format)
    case 'logfmt':
      return logfmtRecords(columns)
    case 'common-log':
    case 'combined-log':
      return accessLogRecords(columns, format.format)
    case 'regex':
      return regexRecords(columns, format.pattern)
    case 'dynamic':
      return dynamicRecords(columns, format)
    case 'custom':
      return refuse('the format', 'it is a function of the rule, which only Node.js can run')
  }
}

/** The names of the fields are in the data, in the first line of each file. */
export function needsHeader(format: FormatNode): boolean {
  return format.format === 'csv' && !Array.isArray(format.fields)
}
