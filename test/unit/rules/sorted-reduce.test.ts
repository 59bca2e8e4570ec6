import {expect, test} from 'vitest'
import {isSortedReduce, sortedReduce} from '../../../src/rules/sorted-reduce.ts'
import type {Pair} from '../../../src/rules/types.ts'

function reduced(...pairs: Pair[]): unknown[] {
  return [...sortedReduce(pairs, {})]
}

test('adjacent equal keys are one row, position by position', () => {
  expect(
    reduced(
      [
        ['k', 'a'],
        [1, 2],
      ],
      [
        ['k', 'a'],
        [10, 20],
      ],
      [
        ['k', 'b'],
        [5, 5],
      ],
    ),
  ).toEqual([
    [
      ['k', 'a'],
      [11, 22],
    ],
    [
      ['k', 'b'],
      [5, 5],
    ],
  ])
})

test('unsorted input gives a row per run of equal keys', () => {
  expect(reduced([['a'], [1]], [['b'], [1]], [['a'], [1]])).toEqual([
    [['a'], [1]],
    [['b'], [1]],
    [['a'], [1]],
  ])
})

test('no pairs give no rows', () => {
  expect(reduced()).toEqual([])
})

test('the longest row of a group decides, and no values stay none', () => {
  expect(reduced([['a'], [1]], [['a'], [1, 2, 3]], [['b'], []])).toEqual([
    [['a'], [2, 2, 3]],
    [['b'], []],
  ])
})

test.each([
  [' 7 ', 7],
  ['1e3', 1000],
  ['-.5', -0.5],
  ['007', 7],
  [true, 1],
  [false, 0],
  [null, 0],
  [undefined, 0],
  ['', 0],
  ['0x10', 0],
  ['1,000', 0],
  ['12abc', 0],
  [[7], 0],
  [{a: 1}, 0],
  ['nan', 0],
  ['Infinity', 0],
  ['1e400', 0],
  [Number.NaN, 0],
  [Number.POSITIVE_INFINITY, 0],
])('%j counts as %d', (value, number) => {
  expect(reduced([['a'], [value]])).toEqual([[['a'], [number]]])
})

test('integers stay exact beyond 2^53', () => {
  expect(reduced([['a'], ['9007199254740993']], [['a'], [9007199254740991]], [['a'], [-1n]])).toEqual([
    [['a'], [18014398509481983n]],
  ])
  expect(reduced([['a'], [9007199254740993n]], [['a'], [-9007199254740000n]])).toEqual([[['a'], [993]]])
})

test('ten times a tenth is one', () => {
  expect(reduced(...Array.from({length: 10}, (): Pair => [['a'], [0.1, '0.1']]))).toEqual([[['a'], [1, 1]]])
})

test('fractions add to integers', () => {
  expect(reduced([['a'], [1]], [['a'], [0.5]], [['a'], ['2']])).toEqual([[['a'], [3.5]]])
})

test('one group is in memory: a row leaves before the next group is read', () => {
  const read: string[] = []
  const pairs = function* (): Generator<Pair> {
    for (const key of ['a', 'b', 'c']) {
      read.push(key)
      yield [[key], [1]]
    }
  }
  const rows = sortedReduce(pairs(), {})[Symbol.iterator]()
  rows.next()
  expect(read).toEqual(['a', 'b'])
})

test('it is told from other functions', () => {
  expect(isSortedReduce(sortedReduce)).toBe(true)
  expect(isSortedReduce(() => [])).toBe(false)
  expect(isSortedReduce(undefined)).toBe(false)
})
