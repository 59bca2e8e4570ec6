import {fileURLToPath} from 'node:url'
import type {Rule, RuleOptions} from './types.ts'

/**
 * Defines a rule. The editor and `tsc` check the options as they are typed; what only the values can tell is checked when
 * the rule is used (`checkRule`), all rules and all problems at once.
 *
 * @throws never: a rule file with one bad rule still yields the others
 */
export function defineRule(options: RuleOptions): Rule {
  return Object.freeze({kind: 'rule', options, definedAt: callSiteOf(defineRule)})
}

/** True for what defineRule returns, also when it comes from another copy of this program. */
export function isRule(value: unknown): value is Rule {
  return (
    typeof value === 'object' && value !== null && (value as {kind?: unknown}).kind === 'rule' && 'options' in value
  )
}

/** File and line that called `callee`; undefined where there is no file (a REPL, an evaluated text). */
function callSiteOf(callee: (options: RuleOptions) => Rule): Rule['definedAt'] {
  const holder: {stack?: unknown} = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 1
  Error.captureStackTrace(holder, callee)
  const stack = holder.stack
  Error.stackTraceLimit = limit
  return typeof stack === 'string' ? parseFrame(stack) : undefined
}

/**
 * Reads the first frame of a stack: `at name (file:///a/b.ts?v=3:7:16)` or `at /a/b.ts:7:16`. A query is the loader's, not
 * the file's.
 */
export function parseFrame(stack: string): Rule['definedAt'] {
  const frame = /^\s*at (?:async )?(.*)$/m.exec(stack)?.[1]
  if (frame === undefined) return undefined
  const place = frame.endsWith(')') && frame.includes(' (') ? frame.slice(frame.indexOf(' (') + 2, -1) : frame
  const match = /^(.*?)(?:\?[^:]*)?:(\d+):\d+$/.exec(place)
  if (!match) return undefined
  const location = match[1]!
  const line = Number(match[2])
  if (location.startsWith('file://')) return {file: fileURLToPath(location), line}
  return location.startsWith('/') || /^[A-Za-z]:[\\/]/.test(location) ? {file: location, line} : undefined
}
