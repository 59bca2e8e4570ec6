import {expect, test} from 'vitest'
import {undeclaredReads} from '../../../src/project/examples/undeclared-reads.ts'
import {compilePlan, count, defineRule, type Parts, type RuleOptions, where} from '../../../src/rules/index.ts'
import {resolverOf} from '../../../src/worker/index.ts'

function reads(options: Omit<RuleOptions, 'name'>, input: string): readonly string[] {
  const rule = defineRule({name: 'a', valueParts: {n: count()}, ...options} as RuleOptions)
  return undeclaredReads(compilePlan(rule).plan, {}, resolverOf(rule), input)
}

const look = (parts: Parts): Parts => ({...parts, c: `${parts['a']}${parts['b']}${parts['new']}`})
const input = '{"a":1,"b":2}\nno record\n{"a":1}\n'

test('a read of a field that the data has and the rule does not name is told, once', () => {
  expect(reads({fields: ['a'], partsPreprocess: [look]}, input + input)).toEqual([
    'partsPreprocess[0] (look) reads the field "b", which `fields` does not name: it is never there',
  ])
})

test('fields that the rule itself names may be read, and those that functions add', () => {
  expect(reads({fields: ['a'], partsPreprocess: [where('b == 2'), look]}, input)).toEqual([])
  const added = (parts: Parts): Parts => ({...parts, b: 1})
  expect(reads({fields: ['a'], partsPreprocess: [added, look]}, input)).toEqual([])
})

test('map functions and steps of keysets are watched too', () => {
  const map = (parts: Parts) => ('b' in parts ? [] : ([[['_default'], [1]]] as const))
  expect(reads({fields: ['a'], mapFunction: map}, input)).toHaveLength(1)
  expect(reads({fields: ['a'], keysetPartsPreprocess: [look]}, input)).toHaveLength(1)
})

test('a function that throws on what it does not find is not in the way', () => {
  const throws = (parts: Parts): Parts => ({x: (parts['b'] as string).length})
  expect(reads({fields: [], partsPreprocess: [throws]}, input)).toHaveLength(1)
  const map = (parts: Parts) => [[[String((parts['b'] as Parts)['x'])], [1]]] as const
  expect(reads({fields: [], mapFunction: map}, input)).toHaveLength(1)
})

test('without `fields` there is nothing to say', () => {
  expect(reads({partsPreprocess: [look]}, input)).toEqual([])
})
