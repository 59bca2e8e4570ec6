/** The regular expressions of a plan, and what searches for them. */
import {compilePattern, type Pattern, type Plan} from '../rules/index.ts'

export interface ExplainedPattern extends Pick<Pattern, 'engine' | 'reason'> {
  readonly pattern: string
}

/** Each pattern once, in the order of the plan. */
export function explainPatterns(plan: Plan): readonly ExplainedPattern[] {
  return [...new Set(patternsIn(plan))].map(pattern => {
    const {engine, reason} = compilePattern(pattern)
    return {pattern, engine, reason}
  })
}

/** Which engine each pattern takes, and why the slower one. */
export function patternLines(patterns: readonly ExplainedPattern[]): string[] {
  const texts = patterns.map(({pattern, engine, reason}) =>
    engine === 'RegExp' ? `/${pattern}/ by RegExp` : `/${pattern}/ by RE2, which is slower: it ${reason}`,
  )
  return texts.map((text, index) => `${index === 0 ? 'patterns  ' : '          '}  ${text}`)
}

/** Nodes with a pattern may be anywhere: in steps, conditions within conditions, chains of key parts. */
function patternsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(patternsIn)
  return isPatternNode(value) ? [value.pattern, ...inner] : inner
}

function isPatternNode(node: object): node is {readonly pattern: string} {
  const hasPattern =
    ('format' in node && node.format === 'regex') ||
    ('transform' in node && (node.transform === 'replace' || node.transform === 'extract')) ||
    ('expression' in node && node.expression === 'matches')
  return hasPattern && 'pattern' in node && typeof node.pattern === 'string'
}
