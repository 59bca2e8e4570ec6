import {expect, test} from 'vitest'
import {explainRule, explainText} from '../../../src/project/explain.ts'
import {defineRule, extract, from, minute, type Parts, type RuleOptions, where} from '../../../src/rules/index.ts'

function explained(options: Omit<RuleOptions, 'name'>) {
  const rule = defineRule({name: 'a', keyParts: ['k'], valueParts: ['n'], ...options} as RuleOptions)
  const module = {name: 'logs', file: '/logs.ts', modulesRead: [], rules: [rule]}
  return explainRule({rule, module, index: 0, keyset: undefined} as never)
}

const engineOf = (options: Omit<RuleOptions, 'name'>) => explained(options).engine

const step = function shorten(parts: Parts): Parts {
  return parts
}

test('a rule of known steps is scanned by the kernel', () => {
  expect(engineOf({})).toEqual({name: 'kernel', reasons: ['every step of the scan is known to it']})
})

test('a rule whose functions say what they read is scanned by both', () => {
  expect(engineOf({fields: ['a'], partsPreprocess: [where('b > 1'), step]})).toEqual({
    name: 'kernel and row',
    reasons: [
      'the kernel reads and checks every line, applies the first step and hands on the fields that are needed; the row evaluator does the rest',
      'because the rule has the step shorten',
      'functions see these fields of a record and no others: a, b, k, n',
      'partsPreprocess[1] (shorten) is a function of the rule',
    ],
  })
})

test('a rule with fields that the kernel does not find by itself is scanned by both', () => {
  expect(engineOf({keyParts: ['items[0]']})).toMatchObject({
    name: 'kernel and row',
    reasons: [
      expect.stringContaining('the kernel reads and checks every line and hands on'),
      'because the path items[0] goes into a list',
    ],
  })
})

test('a rule whose functions may read anything is scanned by the row evaluator', () => {
  expect(engineOf({partsPreprocess: [step]})).toEqual({
    name: 'row',
    reasons: [
      'the kernel cannot scan it: partsPreprocess[0] (shorten) may read any field: name those that it reads in `fields`',
      'partsPreprocess[0] (shorten) is a function of the rule',
    ],
  })
})

test('each pattern is named once, with what searches for it', () => {
  const explanation = explained({
    format: {type: 'regex', pattern: '^(?<k>\\S+) (?<n>.*)$'},
    partsPreprocess: [where('k ~ "a.*b" and not (n ~ "x")')],
    keysets: {k: {keyParts: [from('k', extract('x')), minute('n', {every: 10})], valueParts: ['n']}},
    keyParts: undefined,
    valueParts: undefined,
  } as never)
  expect(explanation.patterns.map(({pattern, engine}) => [pattern, engine])).toEqual([
    ['^(?<k>\\S+) (?<n>.*)$', 'RegExp'],
    ['a.*b', 'RE2'],
    ['x', 'RegExp'],
    ['[0-9]$', 'RegExp'],
  ])
  expect(explainText(explanation)).toContain(
    '\npatterns    /^(?<k>\\S+) (?<n>.*)$/ by RegExp\n            /a.*b/ by RE2, which is slower: it could read long texts',
  )
  expect(explainText(explained({}))).not.toContain('patterns')
})
