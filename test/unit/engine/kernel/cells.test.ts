/** Groups of two coded parts that the kernel keeps as cells. */
import {expect, test} from 'vitest'
import {count, type RuleOptions, sum, where} from '../../../../src/rules/index.ts'
import type {Input} from './both-ways.ts'
import {same as sameOneWay} from './same.ts'

const lineCount = 2_000
const atOnce = {codesFrom: 0, cellsFrom: 0}
const two = {keyParts: ['k', 'm'], valueParts: ['count', 'n']} satisfies Partial<RuleOptions>

/** As runs of records, and as coded runs: none of the lines is left to the row path. */
function same(given: readonly object[], options: Partial<RuleOptions> = two, input: Partial<Input> = atOnce) {
  const lines = given.map(line => JSON.stringify(line))
  const found = sameOneWay(options, lines, input)
  const {codedRuns = 0} = sameOneWay(options, lines, {...input, isCoded: true})
  expect(found.passed).toBe(0)
  return {rows: found.rows, codedRuns, runs: found.runs.map(({length}) => length)}
}

const lines = (make: (index: number) => object, count = lineCount): object[] =>
  Array.from({length: count}, (_, index) => ({k: index % 7, m: `t${index % 11}`, ...make(index)}))

test.each<[string, (index: number) => object]>([
  ['on both sides of zero', index => ({n: (index % 1_001) - 500})],
  ['that are missing or null in places', index => (index % 3 === 0 ? {} : {n: index % 5 === 0 ? null : index})],
  ['that get finer', index => ({n: index < 500 ? 5 : index < 1_000 ? 2.25 : 0.000125})],
  ['that come near the end of a cell in one of them', index => ({n: index % 7 === 3 ? 4_294_967_295 : -1})],
  ['that come near the end of a cell below zero', index => ({n: index % 7 === 3 ? -4_294_967_296 : 1})],
  ['of which one is too large for a cell', index => ({n: index === 1_500 ? 2 ** 40 : index})],
  ['that add up to too much for a cell', index => ({k: 'one', m: 'cell', n: index < 300 ? 1 : 4_294_967_295})],
  ['that are large before there are cells', index => ({n: index < 64 ? 2 ** 39 : 1})],
])('sums of numbers %s', (_, make) => {
  expect(same(lines(make))).toMatchObject({codedRuns: 1, runs: [1]})
})

test('counts without a sum, a sum without a count, and either twice', () => {
  const given = lines(index => ({n: index % 90, o: index}))
  for (const valueParts of [
    ['count'],
    ['n'],
    ['count', 'n', 'o'],
    {a: count(), b: count(), c: sum('n')},
    {c: sum('n'), d: sum('n')},
  ])
    expect(same(given, {...two, valueParts} as Partial<RuleOptions>).codedRuns).toBe(1)
})

test('lines that say themselves how many they count for', () => {
  // What `count` in a list of names means.
  const counted = {...sum('count'), node: {aggregate: 'sum', field: 'count', absent: 1}} as never
  const of = (is: (index: number) => boolean, value: unknown) =>
    lines(index => ({n: index, ...(is(index) ? {count: value} : {})}))
  for (const value of [5, 1, 0, -3, 2.5, null])
    for (const is of [
      (index: number) => index >= 1_500,
      (index: number) => index >= 10,
      (index: number) => index < 10,
    ]) {
      same(of(is, value))
      same(of(is, value), {...two, valueParts: {count: counted, pairs: count()}})
    }
})

test('texts that come later make rows and wider rows', () => {
  const later = (index: number) => ({
    k: index % Math.ceil((index + 1) / 50),
    m: `t${(index * 7) % Math.ceil((index + 1) / 4)}`,
    n: 1,
  })
  expect(same(lines(later, 3_000)).codedRuns).toBe(1)
})

test('where most cells would be empty it is a hash table again', () => {
  const sparse = (index: number) => ({k: index % 900, m: `t${(index * 7) % 1_100}`, n: index})
  expect(same(lines(sparse, 5_000)).codedRuns).toBe(1)
})

test('a table that would double goes over by itself', () => {
  const dense = (index: number) => ({k: (index * 31) % 251, m: `t${(index * 17) % 241}`, n: index % 13})
  const found = same(lines(dense, 50_000), two, {})
  expect([found.rows.length, found.codedRuns]).toEqual([50_000, 1])
})

test('groups are written out in the middle of it, and more come behind', () => {
  const given = lines(index => ({k: index % 97, m: `t${index % 89}`, n: index}), 6_000)
  const text = given.map(line => `${JSON.stringify(line)}\n`)
  const chunks = Array.from({length: 6}, (_, chunk) =>
    Buffer.from(text.slice(chunk * 1_000, chunk * 1_000 + 1_000).join('')),
  )
  expect(same(given, two, {...atOnce, chunks, budgetBytes: 400_000}).runs[0]).toBeGreaterThan(1)
})

test('keysets with conditions beside others', () => {
  const keysets = {
    some: {...two, filters: [where('n > 40')]},
    all: {keyParts: ['m', 'k'], valueParts: ['n']},
    one: {keyParts: ['k'], valueParts: ['count']},
  }
  const options = {keysets, keyParts: undefined, valueParts: undefined} as never
  same(
    lines(index => ({n: index % 90})),
    options,
  )
})
