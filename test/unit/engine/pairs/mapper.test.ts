import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import type {CombinerFunction, MapFunction, Pair} from '../../../../src/rules/index.ts'
import {mapAll, pair, rowsOf} from './harness.ts'

const words: MapFunction = function* (parts) {
  for (const word of String(parts.text).split(' ')) yield [['words', word], [1]]
}

test('a map function replaces the standard map', () => {
  expect(rowsOf([[{text: 'b a'}, {text: 'a c a'}]], {hooks: {map: words}})).toEqual([
    [['words', 'a'], [3]],
    [['words', 'b'], [1]],
    [['words', 'c'], [1]],
  ])
})

test('a map function gets the params and may return a list', () => {
  const map: MapFunction = (parts, params) => [[[params.name, parts.x], [parts.y]]]
  expect(rowsOf([[{x: 1, y: '2'}]], {hooks: {map}, params: {name: 'k'}})).toEqual([[['k', '1'], [2]]])
})

test('key elements become text as key parts do, so 1 and "1" are one key', () => {
  const records = [pair([1, true], [1]), pair(['1', 'true'], [1]), pair([1n, true], [1])]
  expect(rowsOf([records], {hooks: {map: null}})).toEqual([[['1', 'true'], [3]]])
  expect(rowsOf([[pair([12345678901234567890n, {a: [1]}, 1.5], [])]], {hooks: {map: null}})).toEqual([
    [['12345678901234567890', '{"a":[1]}', '1.5'], []],
  ])
})

test('a pair with an absent or null key element is dropped and named; empty text stays', () => {
  const records = [pair(['k', null], [1]), pair([undefined], [1]), pair(['k', ''], [1])]
  const mapped = mapAll([records], {hooks: {map: null}})
  expect(mapped.outcomes).toEqual(['no-key', 'no-key', 'used'])
  expect(mapped.dropped).toEqual(['map.key[1]', 'map.key[0]'])
})

test('without a map step a record is {key, values} or a list of the two; anything else is an error of that record', () => {
  const records = [pair(['a'], [1]), [['a'], [2]], {key: 'a', values: [1]}, {}, [['a']]]
  const mapped = mapAll([records], {hooks: {map: null}})
  expect(mapped.outcomes).toEqual(['used', 'used', 'failed', 'failed', 'failed'])
  expect(mapped.errors[0]).toContain('map: the record is no pair')
  expect(mapped.errors).toHaveLength(3)
})

test('a map that throws half-way costs its record, nothing of which goes on', () => {
  const map: MapFunction = function* (parts) {
    yield [['k'], [1]]
    if (parts.bad === true) throw new Error('cannot')
  }
  const records = [{}, {bad: true}, {}]
  expect(mapAll([records], {hooks: {map}})).toMatchObject({
    outcomes: ['used', 'failed', 'used'],
    errors: ['mapFunction: cannot'],
  })
  expect(rowsOf([records], {hooks: {map}})).toEqual([[['k'], [2]]])
})

test('a map that returns nothing, or yields something else than pairs, says what it should do', () => {
  const nothing = (() => undefined) as unknown as MapFunction
  expect(mapAll([[{}]], {hooks: {map: nothing}}).errors).toEqual([
    'mapFunction: returned nothing: write it as function* that yields, or return a list (an empty one for none)',
  ])
  const noPairs = (() => ['ab']) as unknown as MapFunction
  expect(mapAll([[{}]], {hooks: {map: noPairs}}).errors[0]).toContain('[key, values], two lists')
})

test('a map that yields nothing filters the record', () => {
  expect(mapAll([[{}]], {hooks: {map: () => []}})).toMatchObject({outcomes: ['no-pairs'], errors: [], dropped: []})
})

test('a generator may change its lists and yield them again', () => {
  const map: MapFunction = function* () {
    const key = ['k', 'a']
    const values = [1]
    yield [key, values]
    key[1] = 'b'
    values[0] = 2
    yield [key, values]
  }
  expect(rowsOf([[{}]], {hooks: {map}})).toEqual([
    [['k', 'a'], [1]],
    [['k', 'b'], [2]],
  ])
})

test('a value nested too deeply costs its pair, not the run', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  const mapped = mapAll([[pair(['k'], cycle), pair(['k'], [1])]], {hooks: {map: null}})
  expect(mapped.outcomes).toEqual(['failed', 'used'])
  expect(mapped.errors).toEqual(['map: a value is nested deeper than 500 levels'])
})

const countingCombiner: CombinerFunction = function* (key, values, buffer, done) {
  if (!done) {
    buffer[key!.join(',')] = ((buffer[key!.join(',')] as number | undefined) ?? 0) + Number(values![0])
    return
  }
  for (const [name, count] of Object.entries(buffer)) yield [name.split(','), [count]] as Pair
}

test('a combiner adds up inside a map task and hands out at its end', () => {
  const parts = [
    [pair(['k', 'a'], [1]), pair(['k', 'a'], [2])],
    [pair(['k', 'a'], [4]), pair(['k', 'b'], [8])],
  ]
  const seen: unknown[] = []
  const options = {
    hooks: {
      map: null,
      combiner: countingCombiner,
      reduce: function* (pairs: Iterable<Pair>) {
        for (const [key, values] of pairs) {
          seen.push(values[0])
          yield [key, values] as Pair
        }
      },
    },
  }
  rowsOf(parts, options)
  expect(seen).toEqual([3, 4, 8])
})

test('a combiner is called with key, values, buffer, done and params, and once with nulls per task and partition', () => {
  const calls: unknown[] = []
  const combiner: CombinerFunction = (key, values, buffer, done, params) => {
    calls.push([key, values, done, params])
    buffer.calls = ((buffer.calls as number | undefined) ?? 0) + 1
    return done ? [[['calls'], [buffer.calls]]] : undefined
  }
  const partitioner = (key: string) => (key.includes('b') ? 1 : 0)
  const options = {hooks: {map: null, combiner, partitioner}, partitions: 2, params: {p: 1}, sortedResults: false}
  const rows = rowsOf([[pair(['b'], [1]), pair(['a'], [2]), pair(['a'], [3])]], options)
  expect(calls).toEqual([
    [['b'], [1], false, {p: 1}],
    [['a'], [2], false, {p: 1}],
    [['a'], [3], false, {p: 1}],
    [null, null, true, {p: 1}],
    [null, null, true, {p: 1}],
  ])
  // What it yields stays in its partition, whatever its key.
  expect(rows).toEqual([
    [['calls'], [3]],
    [['calls'], [2]],
  ])
})

test('combiner errors are reported by hook and never fatal', () => {
  const combiner: CombinerFunction = (key, _values, _buffer, done) => {
    if (done) throw new Error('at the end')
    if (key![0] === 'bad') throw new Error('no')
    return [[key!, [1]]]
  }
  const records = [pair(['bad'], [1]), pair(['a'], [1])]
  const mapped = mapAll([records], {hooks: {map: null, combiner}})
  expect(mapped.outcomes).toEqual(['failed', 'used'])
  expect(mapped.errors).toEqual(['combinerFunction: no', 'combinerFunction: at the end'])
  expect(rowsOf([records], {hooks: {map: null, combiner}})).toEqual([[['a'], [1]]])
})

test('an error of the writer that passes through a combiner is not taken for the combiner’s own', () => {
  const combiner: CombinerFunction = function* (key) {
    if (key !== null) yield [key, ['x'.repeat(1000)]]
  }
  const options = {hooks: {map: null, combiner}, budgetBytes: 100}
  const full = new UserError('SPILL_FAILED', 'the disk is full')
  expect(() => mapAll([[pair(['a'], [1])]], {...options, spillError: full})).toThrow(full)
})

test('the label of a named hook carries its name', () => {
  const mapped = mapAll([[{}]], {hooks: {map: (() => 7) as unknown as MapFunction}, mapName: 'words'})
  expect(mapped.errors[0]).toBe(
    'mapFunction (words): returned a number: write it as function* that yields, or return a list (an empty one for none)',
  )
})
