/** What a rule reads: tags by prefix, rules whose rows are records. */
import {isRule} from './define-rule.ts'
import type {Rule} from './types.ts'

/** The tags among a rule's sources, in order. A lone text is a list of one, null is empty. */
export function sourceTagsOf(rule: Rule): readonly string[] {
  const {sourceTags} = rule.options
  if (typeof sourceTags === 'string') return [sourceTags]
  return (sourceTags ?? []).filter(source => typeof source === 'string')
}

/** The rules among a rule's sources, in order. A rule that is named twice is there twice, as the same object. */
export function subRulesOf(rule: Rule): readonly Rule[] {
  const {sourceTags} = rule.options
  return Array.isArray(sourceTags) ? sourceTags.filter(isRule) : []
}

/** True for a rule whose only input is the rows of other rules. */
export function readsOnlyRules(rule: Rule): boolean {
  const {sourceUrls} = rule.options
  const hasUrls = typeof sourceUrls === 'function' || (sourceUrls !== undefined && sourceUrls.length > 0)
  return subRulesOf(rule).length > 0 && sourceTagsOf(rule).length === 0 && !hasUrls
}
