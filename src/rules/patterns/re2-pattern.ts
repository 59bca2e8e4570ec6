/** Patterns as RE2JS runs them: all that RE2 knows, in time linear in the text whatever the pattern, some forty times as long as RegExp. */
import {RE2JS} from 're2js'
import {messageOf, UserError} from '../../base/index.ts'
import type {Pattern} from './pattern.ts'

/**
 * @param reason - why not RegExp
 * @throws UserError BAD_RULE with the pattern and what is wrong with it
 */
export function re2Pattern(pattern: string, reason: string): Pattern {
  const compiled = compile(pattern)
  return {
    engine: 'RE2',
    reason,
    groupCount: compiled.groupCount(),
    // An object has names that are numbers first.
    groupNames: new Map(Object.entries<number>(compiled.namedGroups()).sort((a, b) => a[1] - b[1])),
    test: text => compiled.test(text),
    exec: text => compiled.exec(text),
    // The test runs on the faster automaton, and most values of most logs need no change.
    replaceAll: (text, replacement) => (compiled.test(text) ? compiled.matcher(text).replaceAll(replacement) : text),
  }
}

function compile(pattern: string): RE2JS {
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
