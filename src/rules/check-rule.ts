/**
 * Everything a rule says that is not allowed, all at once: shapes (rule-schema.ts), contradictions (rule-consistency.ts), rules
 * among its sources, each with its line in the rule file.
 */
import type {z} from 'zod'
import {UserError} from '../base/index.ts'
import {isRule} from './define-rule.ts'
import {nestedRuleDepthMax} from './limits.ts'
import {aboutUnknownName} from './option-hints.ts'
import {type Finding, findContradictions} from './rule-consistency.ts'
import {describeFound, formatProblems, joinPath, type RuleProblem, unknownOption} from './rule-problem.ts'
import {nestedNames, ruleOptionsSchema} from './rule-schema.ts'
import {lineOfOption} from './source-lines.ts'
import type {Rule} from './types.ts'
import {hintForValue} from './value-hints.ts'

export interface CheckContext {
  /** Text of the file in which the rule is defined; without it problems carry no lines. */
  readonly source?: string
}

type Path = readonly (string | number)[]

/**
 * Checks a rule and the rules among its sources.
 *
 * @returns the problems in the order of the file; empty when the rule may be compiled and run
 */
export function checkRule(rule: Rule, context: CheckContext = {}): RuleProblem[] {
  const problems = checkNested(rule, context, [], [])
  return problems.sort((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER))
}

/**
 * @throws UserError BAD_RULE with all problems, one a line
 */
export function assertRule(rule: Rule, context: CheckContext & {readonly file?: string} = {}): void {
  const problems = checkRule(rule, context)
  if (problems.length === 0) return
  const name: unknown = (rule.options as {name?: unknown} | undefined)?.name
  const called = typeof name === 'string' ? `the rule ${JSON.stringify(name)}` : 'a rule'
  throw new UserError(
    'BAD_RULE',
    `${called} cannot be used as it is written\n${formatProblems(rule, problems, context.file)}`,
  )
}

/** @param outer - the rules around this one, outermost first; one of them again is a cycle */
function checkNested(rule: Rule, context: CheckContext, prefix: Path, outer: readonly Rule[]): RuleProblem[] {
  const source = sourceFor(rule, context, outer[0])
  const own = findingsOf(rule.options).map(finding => located(finding, rule, source, prefix))
  return [...own, ...checkSubRules(rule, context, prefix, [...outer, rule])]
}

/** A rule of another file has its lines there, and that file's text is not at hand. */
function sourceFor(rule: Rule, context: CheckContext, outermost: Rule | undefined): string | undefined {
  return outermost === undefined || outermost.definedAt?.file === rule.definedAt?.file ? context.source : undefined
}

function located(finding: Finding, rule: Rule, source: string | undefined, prefix: Path): RuleProblem {
  const definition = rule.definedAt?.line
  const line =
    source === undefined || definition === undefined
      ? undefined
      : (lineOfOption(source, definition, finding.path) ?? definition)
  return {
    path: joinPath([...prefix, ...finding.path]),
    found: finding.found,
    expected: finding.expected,
    ...(finding.hint === undefined ? {} : {hint: finding.hint}),
    ...(line === undefined ? {} : {line}),
  }
}

function checkSubRules(rule: Rule, context: CheckContext, prefix: Path, path: readonly Rule[]): RuleProblem[] {
  const tags: unknown = (rule.options as {sourceTags?: unknown} | null | undefined)?.sourceTags
  if (!Array.isArray(tags)) return []
  return tags.flatMap((tag: unknown, index): RuleProblem[] => {
    if (!isRule(tag)) return []
    const place = [...prefix, 'sourceTags', index]
    const finding = path.includes(tag)
      ? {
          path: ['sourceTags', index],
          found: `the rule ${JSON.stringify(tag.options?.name)} again`,
          expected: 'a rule that does not read its own rows',
          hint: `The circle is ${circle(path, tag)}`,
        }
      : path.length > nestedRuleDepthMax
        ? {path: ['sourceTags', index], found: 'a rule', expected: `at most ${nestedRuleDepthMax} levels of rules`}
        : undefined
    if (finding) return [located(finding, rule, sourceFor(rule, context, path[0]), prefix)]
    return checkNested(tag, context, place, path)
  })
}

function circle(path: readonly Rule[], again: Rule): string {
  return [...path.slice(path.indexOf(again)), again].map(rule => String(rule.options.name)).join(' → ')
}

function findingsOf(options: unknown): Finding[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [{path: [], found: describeFound(options), expected: 'an object of options'}]
  }
  const result = ruleOptionsSchema.safeParse(options)
  const shape = result.success ? [] : result.error.issues.flatMap(issue => fromIssue(issue, options, []))
  return [...shape, ...findContradictions(options as Record<string, unknown>)]
}

type Issue = z.core.$ZodIssue

/** One zod issue as findings: a union as the problems of the branch that was meant, an unknown name as one finding each. */
function fromIssue(issue: Issue, options: object, base: Path): Finding[] {
  const path: Path = [...base, ...(issue.path as Path)]
  if (issue.code === 'unrecognized_keys') return issue.keys.map(name => unknownName([...path, name], options))
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.filter(branch => !branch.some(isMismatch))
    if (meant.length === 1) return meant[0]!.flatMap(inner => fromIssue(inner, options, path))
  }
  const value = valueAt(options, path)
  const finding = {path: shownPath(path), found: describeFound(value), expected: issue.message}
  const hint = hintForValue(finding.path, value)
  return [hint === undefined ? finding : {...finding, hint}]
}

/** The branch of a union that refuses the value as a whole, instead of something inside it. */
function isMismatch(issue: Issue): boolean {
  if (issue.code === 'unrecognized_keys' || issue.path.length > 0) return false
  return issue.code !== 'invalid_union' || issue.errors.every(branch => branch.some(isMismatch))
}

function unknownName(path: Path, options: object): Finding {
  const name = String(path.at(-1))
  const about = aboutUnknownName(name, placeOf(path.slice(0, -1), options), valueAt(options, path))
  return {path: shownPath(path), found: unknownOption, ...about}
}

/** Whose names the object at a path may have. */
function placeOf(path: Path, options: object): 'rule' | 'keyset' | readonly string[] {
  const [option] = path
  if (option === undefined) return 'rule'
  if (option === 'keysets' && path.length === 2) return 'keyset'
  if (option === 'timeDelta' || option === 'maxAge' || option === 'scheduler' || option === 'sink')
    return nestedNames[option]
  if (option === 'examples') return nestedNames.example
  if (option === 'format') return valueAt(options, ['format', 'type']) === 'regex' ? nestedNames.regex : nestedNames.csv
  return []
}

function valueAt(options: object, path: Path): unknown {
  let value: unknown = options
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

/** An aggregate's `node` is ours, not the author's: `valueParts.slow.q`, as if it stood there. */
function shownPath(path: Path): Path {
  const parts = path.lastIndexOf('valueParts')
  return parts >= 0 && path[parts + 2] === 'node' ? [...path.slice(0, parts + 2), ...path.slice(parts + 3)] : path
}
