/** Lines by a pattern of the rule: its named groups are the fields. */
import {compilePattern} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {flatFields} from './fields.ts'
import {enginePattern} from './patterns.ts'
import {commonReasons, patternLines, type Records} from './text-lines.ts'
import {extractedText} from './text-patterns.ts'
import type {Value} from './values.ts'

/** @throws Refused */
export function regexRecords(columns: Columns, pattern: string): Records {
  const reason = 'no match'
  const {lines, record} = patternLines(columns, enginePattern('format regex', pattern), reason)
  const {groupNames} = compilePattern(pattern)
  const find = (name: string): Value | undefined => {
    const group = groupNames.get(name)
    return group === undefined ? undefined : extractedText(columns, record, pattern, group, `the field ${name}`)
  }
  return {lines, badReasons: [reason, ...commonReasons], fields: flatFields(find)}
}
