import {RE2JS} from 're2js'
import {messageOf, UserError} from '../../base/index.ts'
import type {RecordSink} from '../contracts.ts'
import {badText} from './bytes.ts'
import {RecordShape} from './fields.ts'
import {isBlank} from './text-lines.ts'

/**
 * A reader of lines by a regular expression: its named groups are the fields, null when they took no part in the match.
 *
 * The pattern is searched in the line, not matched against the whole of it. RE2: time is linear in the line.
 *
 * @throws UserError BAD_RULE when the pattern is none, or names no group
 */
export function regexLineReader(pattern: string, sink: RecordSink): (text: string, line: number) => void {
  const compiled = compile(pattern)
  const groups = Object.entries(compiled.namedGroups())
  if (groups.length === 0) {
    throw new UserError('BAD_RULE', `the pattern ${JSON.stringify(pattern)} names no group`, {
      hint: 'name the fields like this: (?P<status>\\d+)',
    })
  }
  const shape = new RecordShape(groups.map(([name]) => name))
  const cells: (string | null)[] = []
  return (text, line) => {
    if (isBlank(text)) {
      sink.skipped('blank', line)
      return
    }
    const match = compiled.exec(text)
    if (match === null) {
      sink.bad('no match', line, badText(text))
      return
    }
    groups.forEach(([, group], index) => {
      const value: unknown = match[group]
      cells[index] = typeof value === 'string' ? value : null
    })
    sink.record(shape.record(cells, cells.length), line)
  }
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new UserError(
      'BAD_RULE',
      `the pattern ${JSON.stringify(pattern)} is not a regular expression: ${messageOf(error)}`,
      {
        hint: 'patterns are RE2: no look-ahead, no look-behind, no back-references',
        cause: error,
      },
    )
  }
}
