import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {makeColumn} from '../../../../src/engine/columns/index.ts'
import type {Pair, ReduceFunction} from '../../../../src/rules/index.ts'
import {mapAll, type Options, pair, reduceAll, rowsOf} from './harness.ts'

const base: Options = {hooks: {map: null}}
const withReduce = (reduce: ReduceFunction): Options => ({hooks: {map: null, reduce}})

test('rows are ordered by keyset, then key parts as text, by code point', () => {
  const keys = [
    ['b', 'x'],
    ['a', '10'],
    ['a', '9'],
    ['a', 'a b'],
    ['a', 'a'],
    ['a', 'é'],
    ['a', 'Z'],
    ['a'],
    ['a', '😀'],
    ['a', '\uffff'],
  ]
  const rows = rowsOf([keys.map(key => pair(key, [1]))], base) as [string[], unknown][]
  expect(rows.map(([key]) => key)).toEqual([
    ['a'],
    ['a', '10'],
    ['a', '9'],
    ['a', 'Z'],
    ['a', 'a'],
    ['a', 'a b'],
    ['a', 'é'],
    ['a', '\uffff'],
    ['a', '😀'],
    ['b', 'x'],
  ])
})

test('values are coerced and summed by position; the total has the longest row', () => {
  const coerced: unknown[] = []
  const records = [pair(['k'], ['7', null]), pair(['k'], [' 1e1 ', '0x10', 5]), pair(['k'], [true]), pair(['k'], [])]
  const rows = [...reduceAll(mapAll([records], base).runs, base, coerced)]
  expect(rows).toEqual([{key: ['k'], values: [18, 0, 5], approximate: []}])
  expect(coerced).toEqual([['k', 1, '0x10']])
})

test('sums are exact: ten times 0.1 is 1, big integers keep their digits', () => {
  const tenths = Array.from({length: 10}, () => pair(['t'], [0.1]))
  const big = [pair(['u'], [9007199254740993n]), pair(['u'], [9007199254740993n])]
  expect(rowsOf([[...tenths, ...big]], base)).toEqual([
    [['t'], [1]],
    [['u'], [18014398509481986n]],
  ])
})

test('an empty value list stays empty', () => {
  expect(rowsOf([[pair(['k'], []), pair(['k'], [])]], base)).toEqual([[['k'], []]])
})

test('sortedReduce gives what the standard reduce gives', () => {
  const parts = [[pair(['b'], [1]), pair(['a'], [2]), pair(['b'], ['3'])]]
  expect(rowsOf(parts, {hooks: {map: null, reduce: 'sorted'}})).toEqual(rowsOf(parts, base))
})

test('with sort off only adjacent equal keys are a group, in input order, whatever thread read the parts', () => {
  const parts = [
    [pair(['b'], [1]), pair(['a'], [2]), pair(['a'], [3])],
    [pair(['a'], [4]), pair(['b'], [5])],
    [pair(['b'], [6]), pair(['a'], [7])],
  ]
  const expected = [
    [['b'], [1]],
    [['a'], [9]],
    [['b'], [11]],
    [['a'], [7]],
  ]
  const options = {...base, sort: false}
  expect(rowsOf(parts, options)).toEqual(expected)
  expect(rowsOf(parts, {...options, threads: [[2, 0], [1]], budgetBytes: 1})).toEqual(expected)
})

test('with sort off partitions follow each other', () => {
  const partitioner = (key: string) => (key === '["a"]' ? 1 : 0)
  const parts = [[pair(['a'], [1]), pair(['c'], [2]), pair(['b'], [3])]]
  expect(rowsOf(parts, {hooks: {map: null, partitioner}, partitions: 2, sort: false})).toEqual([
    [['c'], [2]],
    [['b'], [3]],
    [['a'], [1]],
  ])
})

test('a keyset with other aggregates than sums has them, surplus values are summed', () => {
  const columnsOf = (keyset: string) =>
    keyset === 'k'
      ? [
          {column: makeColumn({aggregate: 'max', field: 'x', column: 'x'}), takesBy: false},
          {column: makeColumn({aggregate: 'last', field: 'y', by: 't', column: 'y'}), takesBy: true},
        ]
      : undefined
  const records = [
    pair(['k', 'a'], [3, ['new', 2], 1]),
    pair(['k', 'a'], [7, ['old', 1], 1]),
    pair(['k', 'b'], [1]),
    pair(['l'], [3]),
    pair(['l'], [4]),
  ]
  expect(rowsOf([records], {...base, columnsOf})).toEqual([
    [
      ['k', 'a'],
      [7, 'new', 2],
    ],
    [
      ['k', 'b'],
      [1, null],
    ],
    [['l'], [7]],
  ])
})

test('a custom reduce sees sorted pairs lazily and its keys become text', () => {
  const reduce: ReduceFunction = function* (pairs, params) {
    for (const [key, values] of pairs)
      yield [
        [...key, 1, null],
        [...values, params.p, undefined, new Date(0)],
      ]
  }
  expect(rowsOf([[pair(['b'], [1]), pair(['a'], [{x: 2n}])]], {...withReduce(reduce), params: {p: 'q'}})).toEqual([
    [
      ['a', '1', ''],
      [{x: 2n}, 'q', null, '1970-01-01T00:00:00.000Z'],
    ],
    [
      ['b', '1', ''],
      [1, 'q', null, '1970-01-01T00:00:00.000Z'],
    ],
  ])
})

test('a custom reduce may return a list, read nothing, or stop early and read on', () => {
  const parts = [[pair(['a'], [1]), pair(['b'], [2]), pair(['c'], [3])]]
  expect(
    rowsOf(
      parts,
      withReduce(() => [[['k'], [1]]]),
    ),
  ).toEqual([[['k'], [1]]])
  const firstThenRest: ReduceFunction = function* (pairs) {
    for (const [key] of pairs) {
      yield [['first', ...key], []]
      break
    }
    for (const [key] of pairs) yield [['rest', ...key], []]
  }
  expect(rowsOf(parts, withReduce(firstThenRest))).toEqual([
    [['first', 'a'], []],
    [['rest', 'b'], []],
    [['rest', 'c'], []],
  ])
})

test('runs are opened late and closed when the reduce or the reader of rows stops early', () => {
  const parts = [[pair(['a'], [1]), pair(['b'], [2])]]
  for (const options of [
    base,
    withReduce(pairs => pairs),
    withReduce(() => [
      [['x'], []],
      [['y'], []],
    ]),
  ]) {
    const {runs} = mapAll(parts, {...options, budgetBytes: 1})
    const rows = reduceAll(runs, options)
    expect(runs.openedCount).toBe(0)
    rows.next()
    rows.return()
    expect(runs.openCount).toBe(0)
  }
  const {runs} = mapAll(parts, {...base, budgetBytes: 1})
  expect([...reduceAll(runs, base)]).toHaveLength(2)
  expect(runs.openCount).toBe(0)
})

test('the clean-up of a custom reduce runs when rows are no longer wanted', () => {
  let isCleaned = false
  const reduce: ReduceFunction = function* (pairs) {
    try {
      for (const [key, values] of pairs) yield [key, values]
    } finally {
      isCleaned = true
    }
  }
  const options = withReduce(reduce)
  const rows = reduceAll(mapAll([[pair(['a'], [1]), pair(['b'], [1])]], options).runs, options)
  rows.next()
  rows.return()
  expect(isCleaned).toBe(true)
})

test('changing a key list inside a custom reduce changes no other pair', () => {
  const reduce: ReduceFunction = function* (pairs) {
    for (const [key, values] of pairs) {
      ;(key as string[]).push('x')
      yield [key, values]
    }
  }
  expect(rowsOf([[pair(['a'], [1]), pair(['a'], [2])]], withReduce(reduce))).toEqual([
    [['a', 'x'], [1]],
    [['a', 'x'], [2]],
  ])
})

test.each<[string, ReduceFunction, string]>([
  [
    'throws',
    function* (pairs) {
      for (const [key, values] of pairs) {
        if (key[0] === 'b') throw new Error('no')
        yield [key, values]
      }
    },
    'reduceFunction of words.count threw: no (at key ["b"])',
  ],
  [
    'throws at once',
    () => {
      throw new Error('no')
    },
    'reduceFunction of words.count threw: no (before the first key)',
  ],
  ['returns nothing', (() => undefined) as unknown as ReduceFunction, 'threw: returned nothing'],
  ['yields no row', (() => [7]) as unknown as ReduceFunction, 'it must be [key, values], two lists'],
])('a custom reduce that %s is fatal and names hook and key', (_, reduce, message) => {
  const run = () => rowsOf([[pair(['a'], [1]), pair(['b'], [1])]], withReduce(reduce))
  expect(run).toThrow(UserError)
  expect(run).toThrow(message)
  expect(run).toThrow(expect.objectContaining({code: 'HOOK_FAILED'}))
})

test('a run that cannot be read is no error of the reduce, even when the reduce wraps it', () => {
  const wrapping: ReduceFunction = function* (pairs) {
    try {
      yield* pairs as Iterable<Pair>
    } catch {
      throw new Error('wrapped')
    }
  }
  const {runs} = mapAll([[pair(['a'], [1])]], withReduce(wrapping))
  runs.failure = new UserError('SPILL_FAILED', 'gone')
  expect(() => [...reduceAll(runs, withReduce(wrapping))]).toThrow(runs.failure)
  expect(runs.openCount).toBe(0)
})

test('partitions without pairs are not reduced; no pairs, no rows', () => {
  const reduce: ReduceFunction = pairs => [[['count'], [[...pairs].length]]]
  const partitioner = () => 3
  expect(rowsOf([[pair(['a'], [1])]], {hooks: {map: null, reduce, partitioner}, partitions: 8})).toEqual([
    [['count'], [1]],
  ])
  expect(rowsOf([[]], withReduce(reduce))).toEqual([])
})

test('rows of partitions are merged by key; equal keys come in partition order and stay apart', () => {
  const reduce: ReduceFunction = function* (pairs) {
    for (const [key, values] of pairs) yield [[key[0], String(key[1]).slice(0, 1)], values]
  }
  const partitioner = (key: string) => Number(JSON.parse(key)[1].slice(1))
  const records = [pair(['k', 'b1'], [1]), pair(['k', 'a1'], [2]), pair(['k', 'b0'], [3]), pair(['k', 'c0'], [4])]
  expect(rowsOf([records], {hooks: {map: null, reduce, partitioner}, partitions: 2})).toEqual([
    [['k', 'a'], [2]],
    [['k', 'b'], [3]],
    [['k', 'b'], [1]],
    [['k', 'c'], [4]],
  ])
})
