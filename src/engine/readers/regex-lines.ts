import {UserError} from '../../base/index.ts'
import {compileFields} from '../../rules/index.ts'
import type {RecordSink} from '../contracts.ts'
import {badText} from './bytes.ts'
import {RecordShape} from './fields.ts'
import {isBlank} from './text-lines.ts'

/**
 * A reader of lines by a regular expression: its named groups are the fields, null when they took no part in the match.
 *
 * The pattern is searched in the line, not matched against the whole of it, in time linear in the line.
 *
 * @param fieldsSeen - the fields that records are given; undefined: all
 * @throws UserError BAD_RULE when the pattern is none, or names no group
 */
export function regexLineReader(
  pattern: string,
  sink: RecordSink,
  fieldsSeen: ReadonlySet<string> | undefined,
): (text: string, line: number) => void {
  const fields = compileFields(pattern, fieldsSeen)
  if (!fields.hasNames) {
    throw new UserError('BAD_RULE', `the pattern ${JSON.stringify(pattern)} names no group`, {
      hint: 'name the fields like this: (?P<status>\\d+)',
    })
  }
  const {length} = fields.names
  const shape = new RecordShape(fields.names)
  const cells: (string | null)[] = []
  return (text, line) => {
    if (isBlank(text)) {
      sink.skipped('blank', line)
      return
    }
    const match = fields.exec(text)
    if (match === null) {
      sink.bad('no match', line, badText(text))
      return
    }
    for (let index = 0; index < length; index++) cells[index] = match[index + 1] ?? null
    sink.record(shape.record(cells, length), line)
  }
}
