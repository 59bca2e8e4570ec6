import {type Rule, sourceTagsOf, subRulesOf} from '../../rules/index.ts'

/** Whether the rule, or one among its sources, reads tags. */
export function readsTags(rule: Rule): boolean {
  return sourceTagsOf(rule).length > 0 || subRulesOf(rule).some(readsTags)
}
