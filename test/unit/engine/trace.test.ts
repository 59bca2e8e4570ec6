import {expect, test} from 'vitest'
import {hour, sum, toInt, topK, where} from '../../../src/api.ts'
import {traceRecord} from '../../../src/engine/index.ts'
import {compilePlan, defineRule, functionsOf, type Parts, type RuleOptions} from '../../../src/rules/index.ts'

function trace(options: Omit<RuleOptions, 'name'>, record: Parts) {
  const rule = defineRule({name: 'traced', ...options} as RuleOptions)
  const functions = functionsOf(rule)
  return traceRecord(compilePlan(rule).plan, {}, ref => functions.get(ref.hook) as never, record)
}

test('every step of a record is shown, up to what each keyset counts', () => {
  const result = trace(
    {
      partsPreprocess: [where('n > 1'), (parts: Parts) => [parts, {...parts, k: null}]],
      fieldTransforms: {n: toInt},
      keysets: {a: {keyParts: ['k', hour('t')], valueParts: {n: sum('n'), x: sum('x'), top: topK('k')}}},
    },
    {n: '2', k: 'key', x: 'word', t: '2020-01-01T05:00:00Z'},
  )
  expect(result.record).toEqual({n: '2', k: 'key', x: 'word', t: '2020-01-01T05:00:00Z'})
  expect(result.steps.map(step => step.parts.length)).toEqual([1, 2])
  expect(result.transforms[0]).toMatchObject([{field: 'n', before: '2', after: 2}])
  const [keyset] = result.keysets
  expect(keyset!.pairs[0]).toMatchObject({
    key: ['key', '2020-01-01T05'],
    values: [
      {column: 'n', counts: 2, isUsable: true},
      {column: 'x', counts: 0, isUsable: false},
      {column: 'top', counts: [{value: 'key', count: 1}]},
    ],
  })
  expect(keyset!.pairs[1]).toMatchObject({key: null, missing: 'k'})
})

test('a step that throws ends the record there and says why', () => {
  const breaks = (): never => {
    throw new Error('broken')
  }
  const result = trace({partsPreprocess: [breaks, where('true')], keyParts: ['k'], valueParts: ['count']}, {k: 1})
  expect(result.steps).toMatchObject([{label: 'partsPreprocess[0] (breaks)', parts: [], error: 'Error: broken'}])
  expect(result.keysets[0]!.pairs).toEqual([])
})

test('what cannot be cloned is shown as text', () => {
  const result = trace(
    {partsPreprocess: [(parts: Parts) => ({...parts, f: () => 1})], keyParts: ['k'], valueParts: ['count']},
    {k: 1},
  )
  expect(result.steps[0]!.parts).toEqual([{k: 1, f: '() => 1'}])
})

test('functions see the fields that the rule declares or names, and no others', () => {
  const result = trace(
    {
      fields: ['a'],
      partsPreprocess: [(parts: Parts) => ({...parts, seen: Object.keys(parts).join()})],
      keyParts: ['k'],
      valueParts: ['count'],
    },
    {a: 1, b: 2, k: 3},
  )
  expect(result.record).toEqual({a: 1, b: 2, k: 3})
  expect(result.steps[0]!.parts).toEqual([{a: 1, k: 3, seen: 'a,k'}])
})
