import {expect, test} from 'vitest'
import {defineRule} from '../../../src/rules/define-rule.ts'
import {readsOnlyRules, sourceTagsOf, subRulesOf} from '../../../src/rules/rule-sources.ts'
import type {Rule, RuleOptions} from '../../../src/rules/types.ts'

const inner = defineRule({name: 'inner', keyParts: ['x']})

function rule(sourceTags: RuleOptions['sourceTags'], sourceUrls: RuleOptions['sourceUrls'] = []): Rule {
  return defineRule({name: 'outer', keyParts: ['x'], sourceTags: sourceTags ?? null, sourceUrls: sourceUrls ?? []})
}

test('a lone tag is a list of one, null is empty', () => {
  expect(sourceTagsOf(rule('logs'))).toEqual(['logs'])
  expect(sourceTagsOf(rule(null))).toEqual([])
  expect(sourceTagsOf(inner)).toEqual([])
  expect(subRulesOf(rule('logs'))).toEqual([])
})

test('tags and rules are told apart, each in order; a rule named twice is there twice', () => {
  const outer = rule(['a', inner, 'b', inner])
  expect(sourceTagsOf(outer)).toEqual(['a', 'b'])
  expect(subRulesOf(outer)).toEqual([inner, inner])
})

test('a rule reads only rules when it names neither tags nor addresses', () => {
  expect(readsOnlyRules(rule([inner]))).toBe(true)
  expect(readsOnlyRules(rule([inner, 'logs']))).toBe(false)
  expect(readsOnlyRules(rule([inner], ['a.json']))).toBe(false)
  expect(readsOnlyRules(rule([inner], () => []))).toBe(false)
  expect(readsOnlyRules(rule([]))).toBe(false)
})
