/** Regular expressions of rules: RE2 syntax, matched in time linear in the text whatever the pattern. */
import {RE2JS} from 're2js'
import {messageOf, UserError} from '../base/index.ts'

export type Pattern = RE2JS

/**
 * Compiles a pattern. Searching is not anchored: write `^` and `$` for that.
 *
 * @throws UserError BAD_RULE with the pattern and the reason
 */
export function compilePattern(pattern: string): Pattern {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    const reason = messageOf(error).replace(/^error parsing regexp: /, '')
    throw new UserError('BAD_RULE', `the pattern ${JSON.stringify(pattern)} is not a regular expression: ${reason}`, {
      hint: 'patterns are RE2: no look-ahead, no look-behind, no back-references, repeat counts up to 1000',
      cause: error,
    })
  }
}
