import {expect, test} from 'vitest'
import {archiveClashes, defineRule, type RuleOptions, resultTagName, tagPart} from '../../../../src/rules/index.ts'

const named = (name: string, options: Partial<RuleOptions>) => ({
  name: `m.${name}`,
  rule: defineRule({name, keyParts: ['a'], archive: true, ...options} as RuleOptions),
})

test('two archiving rules that read one tag are told', () => {
  const clashes = archiveClashes([named('a', {sourceTags: 'in:x'}), named('b', {sourceTags: ['in:x:y']})])
  expect(clashes).toHaveLength(1)
  expect(clashes[0]?.rules).toEqual(['m.a', 'm.b'])
  expect(clashes[0]?.text).toContain('m.a and m.b both keep what they have done under processed:x:y')
})

test('two stages that differ in the first part only share an archive', () => {
  expect(archiveClashes([named('a', {sourceTags: 'in:x'}), named('b', {sourceTags: 'new:x'})])).toHaveLength(1)
})

test('rules with prefixes of their own, other tags, or without archive do not clash', () => {
  const a = named('a', {sourceTags: 'in:x'})
  expect(archiveClashes([a, named('b', {sourceTags: 'in:x', archiveTagPrefix: 'b'})])).toEqual([])
  expect(archiveClashes([a, named('b', {sourceTags: 'in:z'})])).toEqual([])
  expect(archiveClashes([a, named('b', {sourceTags: 'in:x', archive: false})])).toEqual([])
})

const question = {
  resultTag: 'res',
  suffix: true,
  matched: ['in:2012-12-01', 'in:2012-12-03', 'in:other-name'],
  job: 'a.b@1f-2',
  nowMs: Date.UTC(2012, 11, 5, 23, 30),
  zone: 'UTC',
}

test('rows are kept under the newest day that was read, under today, or under the job', () => {
  expect(resultTagName(question)).toBe('res:2012-12-03')
  expect(resultTagName({...question, resultTag: 'res:'})).toBe('res:2012-12-03')
  expect(resultTagName({...question, suffix: 'Date'})).toBe('res:2012-12-05')
  expect(resultTagName({...question, suffix: 'date', zone: 'Europe/Berlin'})).toBe('res:2012-12-06')
  expect(resultTagName({...question, suffix: false})).toBe('res:a_b@1f-2')
})

test('ten characters with a hyphen are no day', () => {
  expect(resultTagName({...question, matched: ['in:some-thing', 'in:2012-13-01']})).toBe('res:a_b@1f-2')
})

test('what tags may not have in their names becomes an underscore', () => {
  expect(tagPart('a.b:c/d@e-f')).toBe('a_b_c_d@e-f')
})
