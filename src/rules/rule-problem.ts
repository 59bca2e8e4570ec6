import {excerptOf, printable} from '../base/index.ts'
import {isRule} from './define-rule.ts'
import {problemCountShownMax} from './limits.ts'
import {planNode, type Rule} from './types.ts'

/** Something a rule says that is not allowed. */
export interface RuleProblem {
  /** Where in the options: `keysets.byDay.keyParts[1]`; empty for the rule as a whole. */
  readonly path: string
  /** What stands there: `number 5`. */
  readonly found: string
  /** What may stand there: `a field name (text)`. */
  readonly expected: string
  /** What to do about it, a sentence. */
  readonly hint?: string
  /** Counts from 1, in the file of the rule's definition. */
  readonly line?: number
}

/** What `found` says of a name that is no option. */
export const unknownOption = 'unknown option'

/**
 * One line per problem: `rules/clicks.ts:7  keyPart: unknown option; did you mean "keyParts"?`. Safe to print.
 *
 * @param file - how to call the file; default: as the definition recorded it
 */
export function formatProblems(rule: Rule, problems: readonly RuleProblem[], file?: string): string {
  const name = file ?? rule.definedAt?.file ?? 'rule'
  const shown = problems.slice(0, problemCountShownMax).map(problem => {
    const line = problem.line ?? rule.definedAt?.line
    return `${printable(name)}${line === undefined ? '' : `:${line}`}  ${problemText(problem)}`
  })
  const left = problems.length - shown.length
  return left > 0 ? `${shown.join('\n')}\n… and ${left} more` : shown.join('\n')
}

function problemText({path, found, expected, hint}: RuleProblem): string {
  const where = path === '' ? '' : `${printable(path)}: `
  if (found === unknownOption) return `${where}${found}; ${lowerFirst(hint ?? `expected ${expected}`)}`
  return `${where}expected ${expected}, found ${found}${hint === undefined ? '' : `; ${lowerFirst(hint)}`}`
}

/** A sentence after a semicolon starts small, unless it starts with a name. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]* /.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text
}

/** What a value is, in a few words, safe to print. */
export function describeFound(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'string') return `text "${excerptOf(value, 60)}"`
  if (typeof value === 'number' || typeof value === 'bigint') return `number ${value}`
  if (typeof value === 'function') return describeFunction(value)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (isRule(value)) return 'a rule'
  if (value instanceof Date) return 'a Date'
  const kind = (value as {kind?: unknown}).kind
  if (kind === 'derived' || kind === 'aggregate') return `a ${kind === 'derived' ? 'derived field' : 'value aggregate'}`
  const names = Object.keys(value)
  return names.length === 0 ? 'an empty object' : `an object {${excerptOf(names.join(', '), 60)}}`
}

function describeFunction(value: object): string {
  const name = excerptOf((value as {name?: unknown}).name ? String((value as {name?: unknown}).name) : '', 60)
  const node = (value as {[planNode]?: Record<string, unknown>})[planNode]
  if (node)
    return 'step' in node ? `the preprocess step ${String(node.step)}` : `the transform ${String(node.transform)}`
  const kind = isAsync(value) ? 'an async function' : 'a function'
  return name === '' ? kind : `${kind} ${name}`
}

/** True for async functions and async generators. */
export function isAsync(value: unknown): boolean {
  return typeof value === 'function' && /^Async(Generator)?Function$/.test(value.constructor.name)
}

/** `keysets.byDay.keyParts[1]`; names that are no plain words stand in quotes and brackets. */
export function joinPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => memberPath(text, typeof part === 'number' ? part : String(part)), '')
}

/** A path with one more part; `base` is empty at the top. A number is an index from 0. */
export function memberPath(base: string, part: string | number): string {
  if (typeof part === 'number') return `${base}[${part}]`
  if (!/^[A-Za-z_$][\w$-]*$/.test(part)) return `${base}[${JSON.stringify(part)}]`
  return base === '' ? part : `${base}.${part}`
}
