import {describe, expect, test} from 'vitest'
import {
  type Aggregate,
  avg,
  collect,
  count,
  distinct,
  first,
  histogram,
  last,
  max,
  min,
  p50,
  p95,
  quantile,
  stddev,
  topK,
  where,
} from '../../../../src/rules/index.ts'
import {same} from './same.ts'

const repeat = (count: number, line: (index: number) => string): string[] =>
  Array.from({length: count}, (_, index) => line(index))

const every: Readonly<Record<string, Aggregate>> = {
  deviation: stddev('n'),
  least: min('t'),
  most: max('t'),
  first: first('s', {by: 't'}),
  last: last('n', {by: 't'}),
  values: distinct('s'),
  estimate: distinct('n', {exactUpTo: 2}),
  middle: p50('n'),
  high: p95('n'),
  top: topK('s', 2),
  buckets: histogram('n', [0, 1.5, 100]),
  some: collect('s', {max: 2}),
  all: collect('n'),
}
const dayOf = (index: number): string => `2026-11-${String(1 + (index % 28)).padStart(2, '0')}T00:00:00Z`

test('every aggregate is kept by the kernel, with the bytes of the row path', () => {
  const lines = repeat(500, index => {
    const text = index % 3 === 0 ? `a text of some length ${index % 40}` : `s${index % 7}`
    return `{"k":"${index % 5}","n":${(index * 7919) % 613}.${index % 100},"s":"${text}","t":"${dayOf(index * 11)}"}`
  })
  expect(same({valueParts: every}, lines).passed).toBe(0)
})

test('values that are absent, null, true or false are what they are for the row path', () => {
  const values = ['null', 'true', 'false', '0', '-1.50', '"true"', '"0"', '12345678901234567890', '1700000000123456']
  const lines = values.flatMap(s => [
    `{"k":1,"s":${s},"n":true,"t":1}`,
    `{"k":2,"s":${s},"t":true}`,
    `{"k":3,"s":${s},"n":null,"t":"x"}`,
    `{"k":4,"s":${s},"n":false}`,
  ])
  const found = same({valueParts: every}, lines)
  expect(found.passed).toBe(0)
  expect(found.rows).toHaveLength(4)
})

test('groups of the kernel and of the row path are one group', () => {
  const lines = repeat(300, index => {
    const odd = index % 4 === 0 ? '1e1' : String(index % 50)
    return `{"k":"a","n":${odd},"s":${index % 6 === 0 ? `[${index % 9}]` : `"s${index % 9}"`},"t":${index % 10}}`
  })
  const found = same({valueParts: every}, lines)
  expect(found.passed).toBe(100)
  expect(same({valueParts: every}, lines, {budgetBytes: 1}).rows).toEqual(found.rows)
})

describe('the order of min, max, first and last', () => {
  const extremes = {least: min('n'), most: max('n'), first: first('s', {by: 'n'}), last: last('s', {by: 'n'})}
  const rowOf = (values: readonly string[]) => {
    const found = same(
      {valueParts: extremes},
      values.map((value, index) => `{"k":"a","s":"s${index}","n":${value}}`),
    )
    return {passed: found.passed, values: found.rows[0]?.values}
  }

  test('has text by code point', () => {
    const values = [
      '"2026-11-23T10:00:00Z"',
      '"2026-11-23T09:59:59.999Z"',
      '"2026-11-23 11"',
      '"2026-11-23T10:00:00Z!"',
    ]
    expect(rowOf(values)).toEqual({
      passed: 0,
      values: ['2026-11-23 11', '2026-11-23T10:00:00Z!', 's2', 's3'],
    })
  })

  test('has numbers before text, and numeric text among the numbers', () => {
    expect(rowOf(['"x"', '"17"', '9', '"8.50"', '"1.2.3"'])).toEqual({passed: 0, values: [8.5, 17, 's3', 's0']})
  })

  test('has long texts that differ at their end only', () => {
    const long = 'a text of more than sixteen bytes, '
    expect(rowOf([`"${long}b"`, `"${long}a"`, `"${long}"`, `"${long}c"`])).toMatchObject({
      passed: 0,
      values: [long, `${long}c`, 's2', 's3'],
    })
  })

  test.each(['""', '" \\t"', '"1e3"', '" 7"', '"+7"', '"12345678901234567"', '12345678901234567890', '1e3', '[1]'])(
    'leaves %s to the row path',
    value => {
      expect(rowOf(['1', value]).passed).toBe(1)
    },
  )

  test('is decided by the key text where the field is the same', () => {
    const lines = ['"b"', '"a"', '"c"', 'true', '"true"', '7', '"7"'].map(s => `{"k":"a","s":${s},"n":1}`)
    expect(same({valueParts: extremes}, lines).rows[0]?.values.slice(2)).toEqual([7, 'true'])
    expect(same({valueParts: extremes}, lines.toReversed()).rows[0]?.values.slice(2)).toEqual([7, 'true'])
  })
})

test('deviations of large, fine and many numbers are exact', () => {
  const deviation = {v: stddev('n')}
  const large = repeat(2000, index => `{"k":"${index % 3}","n":${index % 2 === 0 ? '' : '-'}99999999999${index}}`)
  expect(same({valueParts: deviation}, large).passed).toBe(0)
  const finer = ['1', '1.5', '1.25', '1.125', '1.123456789', '123456.789'].map(n => `{"k":"a","n":${n}}`)
  expect(same({valueParts: deviation}, finer).passed).toBe(0)
  // The finer numbers do not fit beside the squares of the large ones: the groups are written out in between.
  expect(same({valueParts: deviation}, [...large, ...finer]).runs[0]!.length).toBe(2)
})

test('a record whose states have more than 127 bytes keeps its key', () => {
  const columns = Object.fromEntries(repeat(40, index => `c${index}`).map(name => [name, avg('n')]))
  const found = same(
    {valueParts: columns},
    repeat(100, index => `{"k":"key ${index % 10}","n":${index}999999.25}`),
  )
  expect(found.rows[0]?.key).toEqual(['key 0'])
  expect(found.passed).toBe(0)
})

test('distinct values become an estimate behind the limit, in one group and not in another', () => {
  const lines = repeat(
    3000,
    index => `{"k":"${index % 3 === 0 ? 'few' : 'many'}","s":"value ${index % 3 === 0 ? index % 60 : index}"}`,
  )
  const found = same({valueParts: {v: distinct('s', {exactUpTo: 1000})}}, lines)
  expect(found.rows.map(({key, approximate}) => [...key, ...approximate])).toEqual([['few'], ['many', 0]])
  expect(found.passed).toBe(0)
})

test('a state larger than the room for blocks is written', () => {
  const lines = repeat(260_000, index => `{"k":"${index % 130_000 === 0 ? 'a' : 'b'}","s":${index}}`)
  const found = same({valueParts: {v: distinct('s', {exactUpTo: 1_000_000}), c: count()}}, lines)
  expect(found.rows.map(row => row.values[0])).toEqual([2, 259_998])
  expect(found.passed).toBe(0)
})

test('groups that take much memory each are written out within one chunk of input', () => {
  const lines = repeat(12_000, index => `{"k":${index % 3000},"s":"${index}"}`)
  const found = same({valueParts: {v: distinct('s', {exactUpTo: 1})}}, lines, {budgetBytes: 4_000_000})
  expect(found.runs[0]!.length).toBeGreaterThan(2)
  expect(found.passed).toBe(0)
})

test('lists keep the first texts in order, whatever came before', () => {
  const long = (index: number): string => `a rather long text, number ${String((index * 7919) % 997).padStart(4, '0')}`
  const lines = repeat(997, index => `{"k":"a","s":"${index % 5 === 0 ? index : long(index)}"}`)
  const found = same({valueParts: {five: collect('s', {max: 5}), all: collect('s', {max: 10_000})}}, lines)
  expect(found.rows[0]?.values[0]).toEqual(['0', '10', '100', '105', '110'])
  expect(found.passed).toBe(0)
})

test('the most frequent values are counted apart for each keyset, by its condition', () => {
  const lines = repeat(
    600,
    index => `{"k":"${index % 4}","s":${index % 7 === 0 ? 'null' : `"s${(index * index) % 11}"`},"n":${index % 3}}`,
  )
  const found = same(
    {
      keyParts: undefined,
      valueParts: undefined,
      keysets: {
        one: {keyParts: ['k'], valueParts: {top: topK('s', 3), n: count(), keys: topK('k')}},
        two: {keyParts: ['n'], valueParts: {top: topK('s', 2)}, partsPreprocess: [where('n > 0')]},
        none: {keyParts: ['missing'], valueParts: {top: topK('s')}},
      },
    } as never,
    lines,
  )
  expect(found.passed).toBe(0)
  expect(found.account.dropped).toEqual({'none.missing': 600})
  expect(found.rows.filter(row => row.keyset === 'one').map(row => row.values[2])).toEqual(
    ['0', '1', '2', '3'].map(value => [{value, count: 150}]),
  )
  expect(found.runs.map(runs => runs.length)).toEqual([1, 1, 0, 1, 1, 1, 0])
})

test('quantiles of one field share their state, others do not', () => {
  const columns = {low: quantile('n', 0), high: p95('n'), other: p95('m'), again: quantile('m', 0.95)}
  const found = same(
    {valueParts: columns},
    repeat(4000, index => `{"k":"${index % 2}","n":${(index * 7919) % 1000},"m":-${1 + ((index * 31) % 700) / 8}}`),
  )
  expect(found.passed).toBe(0)
  expect(found.rows[0]?.values[2]).toEqual(found.rows[0]?.values[3])
})
