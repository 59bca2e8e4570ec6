import {expect, test} from 'vitest'
import {avg, first, topK} from '../../../src/api.ts'
import type {Pair, Parts, RuleOptions} from '../../../src/rules/index.ts'
import {evaluate, lines} from './evaluate.ts'

const input = lines({w: 'b a b'}, {w: 'a'}, {w: ''}, {w: 'c b'})
const words = function* words(parts: Parts): Generator<Pair> {
  for (const word of String(parts['w']).split(' ')) if (word !== '') yield [['_default', word], [1]]
}
const base = {keyParts: ['w'], valueParts: ['count'], mapFunction: words} satisfies Omit<RuleOptions, 'name'>

test('a map function of the rule replaces the map step; a record without pairs is filtered', () => {
  const result = evaluate(base, input)
  expect(result.lines).toEqual(['_default|a|2', '_default|b|3', '_default|c|1'])
  expect(result.account).toMatchObject({in: 4, used: 3, filtered: 1, bad: 0})
})

test('a combiner sees each pair and the end of the task', () => {
  const ends: boolean[] = []
  const combinerFunction: RuleOptions['combinerFunction'] = function* (key, values, buffer, done) {
    ends.push(done)
    if (done) {
      for (const [word, count] of Object.entries(buffer)) yield [['_default', word], [count]]
      return
    }
    const word = String(key![1])
    buffer[word] = Number(buffer[word] ?? 0) + Number(values![0])
  }
  expect(evaluate({...base, combinerFunction}, input).lines).toEqual(['_default|a|2', '_default|b|3', '_default|c|1'])
  expect(ends).toEqual([...Array(6).fill(false), true])
})

test('a reduce function gets sorted pairs and gives the rows', () => {
  const reduceFunction: RuleOptions['reduceFunction'] = function* (pairs) {
    for (const [key, values] of pairs) yield [[...key, 'seen'], [Number(values[0]) * 10]]
  }
  expect(evaluate({...base, reduceFunction}, lines({w: 'b a'})).lines).toEqual([
    '_default|a,seen|10',
    '_default|b,seen|10',
  ])
})

test('partitions make no difference; a partition function out of range stops the run', () => {
  const partitioned = evaluate({...base, partitions: 4, partitionFunction: key => key.length % 4}, input)
  expect(partitioned.lines).toEqual(evaluate(base, input).lines)
  expect(() => evaluate({...base, partitions: 2, partitionFunction: () => 2}, input)).toThrow(/no integer in 0\.\.1/)
})

test('sort: false groups adjacent equal keys only, in input order', () => {
  const result = evaluate(
    {keyParts: ['k'], valueParts: ['count'], sort: false},
    lines({k: 'b'}, {k: 'b'}, {k: 'a'}, {k: 'b'}),
  )
  expect(result.lines).toEqual(['_default|b|2', '_default|a|1', '_default|b|1'])
})

test('aggregates go through pairs as through tables, also when pairs spill', () => {
  const shape = {keyParts: ['k'], valueParts: {mean: avg('v'), start: first('v', {by: 't'})}}
  const records = Array.from({length: 3000}, (_, index) => ({k: index % 7, v: index, t: (index * 31) % 1000}))
  const plain = evaluate(shape, lines(...records))
  const paired = evaluate({...shape, partitions: 3, partitionFunction: key => key.length % 3}, lines(...records), {
    budgetBytes: 10_000,
  })
  expect(paired.lines).toEqual(plain.lines)
})

test('a map error costs its record, with the hook and line of that record', () => {
  const mapFunction = (parts: Parts): Pair[] => {
    if (parts['w'] === 'a') throw new Error('no a')
    return [[['_default', String(parts['w'])], [1]]]
  }
  const result = evaluate({...base, mapFunction}, lines({w: 'x'}, {w: 'a'}, {w: 'y'}))
  expect(result.account).toMatchObject({in: 3, used: 2, bad: 1})
  expect(result.account.badSamples).toMatchObject([{line: 2, excerpt: '{"w":"a"}', detail: 'mapFunction: no a'}])
  expect(result.account.hookErrors).toMatchObject({mapFunction: {count: 1, sample: {line: 2}}})
})

test('topK is refused where pairs are sorted', () => {
  expect(() => evaluate({keyParts: ['k'], valueParts: {top: topK('v')}, sort: false}, '')).toThrow(/topK/)
})
