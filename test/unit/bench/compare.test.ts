import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'

interface Keyset {
  readonly keys: readonly string[]
  readonly sum: string | undefined
}
type Rows = ReadonlyMap<string, readonly string[]>
interface Compare {
  readonly readResult: (path: string, one: {readonly keysets: readonly Keyset[]}, hasHeader: boolean) => Rows
  readonly differenceOf: (expected: Rows, found: Rows) => string | undefined
}
interface Speed {
  readonly peer: string
  readonly mbPerSecond?: number
  readonly medianMs?: number
}
interface Result {
  readonly one: {readonly goals: Readonly<Record<string, number>>}
  readonly rows: readonly Speed[]
}
type Speeds = {readonly ratios: ReadonlyMap<string, number>; readonly misses: readonly string[]} | undefined
interface Ratios {
  readonly median: (values: readonly number[]) => number
  readonly compareSpeeds: (rows: readonly Speed[], goals: Readonly<Record<string, number>>) => Speeds
  readonly compareWithSlow: (
    large: Result,
    small: {readonly rows: readonly Speed[]} | undefined,
  ) => Result & {speeds: Speeds}
}

// The benchmark is plain JavaScript without declarations.
const {readResult, differenceOf} = (await import('../../../bench/compare.mjs' as string)) as Compare
const {median, compareSpeeds, compareWithSlow} = (await import('../../../bench/ratios.mjs' as string)) as Ratios

const folder = mkdtempSync(join(tmpdir(), 'bench-compare-'))
afterAll(() => rmSync(folder, {recursive: true}))

const single = {keysets: [{keys: ['city'], sum: 'cost'}]}
const two = {
  keysets: [
    {keys: ['size'], sum: undefined},
    {keys: ['id', 'site'], sum: 'price'},
  ],
}

function rowsOf(text: string, one = single as {readonly keysets: readonly Keyset[]}, hasHeader = false) {
  const path = join(folder, 'result.csv')
  writeFileSync(path, text)
  return readResult(path, one, hasHeader)
}

test('quoting, order and line ends of a result do not matter', () => {
  const ours = rowsOf('city,count,cost\n"L""A, 2",1,0.5\n"two\nlines",2,1\nx,3,2\n', single, true)
  expect(ours.size).toBe(3)
  const theirs = rowsOf('"x",3,2.0\r\n"two\nlines",2,1\r\n"L""A, 2","1",0.5\r\n')
  expect(differenceOf(ours, theirs)).toBeUndefined()
})

test('sums agree to nine digits, counts exactly', () => {
  const expected = rowsOf('a,10,1000000\n')
  expect(differenceOf(expected, rowsOf('a,10,1000000.0001\n'))).toBeUndefined()
  expect(differenceOf(expected, rowsOf('a,10,1000000.01\n'))).toBe('a: 10, 1000000.01 instead of 10, 1000000')
  expect(differenceOf(expected, rowsOf('a,11,1000000\n'))).toBe('a: 11, 1000000 instead of 10, 1000000')
  expect(differenceOf(expected, rowsOf('a,10,\n'))).toBe('a: 10,  instead of 10, 1000000')
  expect(differenceOf(expected, rowsOf('a,10,nan\n'))).toBe('a: 10, nan instead of 10, 1000000')
})

test('a key that is missing, different or twice is a difference', () => {
  const expected = rowsOf('a,1,1\nb,1,1\n')
  expect(differenceOf(expected, rowsOf('a,1,1\n'))).toBe('1 rows instead of 2')
  expect(differenceOf(expected, rowsOf('a,1,1\nc,1,1\n'))).toBe('no row for b')
  expect(differenceOf(expected, rowsOf('a,1,1\na,1,1\n'))).toBe('no row for b')
})

test('several tables are the same with headers and with numbers', () => {
  const ours = rowsOf('id,site,count,price\n1,a.com,2,0.5\nsize,count\n9x9,2\n', two, true)
  const theirs = rowsOf('0,9x9,,,2,7\n1,,1,a.com,2,0.5\n', two)
  expect(differenceOf(ours, theirs)).toBeUndefined()
  expect(differenceOf(ours, rowsOf('0,9x9,,,3,\n1,,1,a.com,2,0.5\n', two))).toBe('9x9: 3 instead of 2')
})

test('the median of an even number of runs lies between the middle ones', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 10, 2])).toBe(3)
})

test('a ratio is to the best that a peer can do, and a goal that is missed is named', () => {
  const rows = [
    {peer: 'limit', mbPerSecond: 2000, medianMs: 100},
    {peer: 'ours', mbPerSecond: 900, medianMs: 400},
    {peer: 'duckdb', mbPerSecond: 300, medianMs: 900},
    {peer: 'duckdb', mbPerSecond: 450, medianMs: 600},
    {peer: 'chdb'},
  ]
  const speeds = compareSpeeds(rows, {duckdb: 3, chdb: 3, ms: 350})
  expect(speeds?.ratios).toEqual(new Map([['duckdb', 2]]))
  expect(speeds?.misses).toEqual(['3 × duckdb', 'at most 350 ms'])
  expect(compareSpeeds([{peer: 'duckdb', mbPerSecond: 1, medianMs: 1}], {})).toBeUndefined()
})

test('the large table compares with what Miller and jq reached in the first', () => {
  const large = {
    one: {goals: {duckdb: 3, miller: 30, jq: 30}},
    rows: [
      {peer: 'ours', mbPerSecond: 4_000, medianMs: 250},
      {peer: 'duckdb', mbPerSecond: 1_000, medianMs: 1_000},
    ],
  }
  const small = {
    rows: [
      {peer: 'ours', mbPerSecond: 2_000, medianMs: 100},
      {peer: 'duckdb', mbPerSecond: 1_600, medianMs: 125},
      {peer: 'miller', mbPerSecond: 20, medianMs: 500},
      {peer: 'jq', mbPerSecond: 160, medianMs: 60},
    ],
  }
  const {speeds, rows} = compareWithSlow(large, small)
  expect(rows).toBe(large.rows)
  expect(speeds?.ratios).toEqual(
    new Map([
      ['duckdb', 4],
      ['miller', 200],
      ['jq', 25],
    ]),
  )
  expect(speeds?.misses).toEqual(['30 × jq'])
  expect(compareWithSlow(large, undefined).speeds?.ratios).toEqual(new Map([['duckdb', 4]]))
})
