import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {
  Coercion,
  cellOfExact,
  type Ratio,
  ratioOf,
  roundRatio,
  splitDouble,
} from '../../../../src/engine/numbers/index.ts'
import type {Cell} from '../../../../src/rules/index.ts'
import {columnOf, mixedInputs, resultOf} from './column-kit.ts'

const sum = {aggregate: 'sum', absent: 0}
const many = <T>(count: number, value: T): T[] => Array.from({length: count}, () => value)

/** The naive way: every value as a ratio over 10^44 * 2^1080, added with big integers. */
const decimals = 44
const binaries = 1080
const denominator = 10n ** BigInt(decimals) * 2n ** BigInt(binaries)

interface Oracle {
  readonly count: number
  readonly sum: bigint
  /** Scaled by denominator ** 2. */
  readonly squares: bigint
  readonly hasInexact: boolean
}

function oracleOf(values: readonly unknown[]): Oracle {
  let count = 0
  let total = 0n
  let squares = 0n
  let hasInexact = false
  const number = new Coercion()
  for (const value of values) {
    const kind = number.read(value)
    if (kind === 'unusable') continue
    const scaled =
      kind === 'inexact'
        ? scaledDouble(number.double)
        : scaledExact(kind === 'big' ? number.big : BigInt(number.coefficient), number.scale)
    hasInexact ||= kind === 'inexact'
    total += scaled
    squares += scaled * scaled
    count++
  }
  return {count, sum: total, squares, hasInexact}
}

function scaledExact(coefficient: bigint, scale: number): bigint {
  return coefficient * 10n ** BigInt(decimals - scale) * 2n ** BigInt(binaries)
}

function scaledDouble(value: number): bigint {
  const {mantissa, exponent} = splitDouble(value)
  return BigInt(mantissa) * 10n ** BigInt(decimals) * 2n ** BigInt(binaries + exponent)
}

function sumCell(oracle: Oracle): Cell {
  if (oracle.hasInexact) return roundRatio({numerator: oracle.sum, denominator})
  return cellOfExact(oracle.sum / 2n ** BigInt(binaries), decimals)
}

function variance({count, sum: total, squares}: Oracle): Ratio {
  const n = BigInt(count)
  return {numerator: n * squares - total * total, denominator: denominator * denominator * n * (n - 1n)}
}

test('0.1 ten times is 1', () => {
  expect(resultOf(sum, many(10, 0.1))).toBe(1)
  expect(resultOf(sum, many(10, '0.1'))).toBe(1)
})

test('0.1 + 0.2 is 0.3', () => {
  expect(resultOf(sum, [0.1, 0.2])).toBe(0.3)
})

test('2^53 + 1 four times is exact', () => {
  expect(resultOf(sum, many(4, 2n ** 53n + 1n))).toBe(2n ** 55n + 4n)
  expect(resultOf(sum, many(4, '9007199254740993'))).toBe(2n ** 55n + 4n)
})

test('safe integers whose sum is not safe are exact', () => {
  expect(resultOf(sum, many(5, Number.MAX_SAFE_INTEGER))).toBe(5n * (2n ** 53n - 1n))
  expect(resultOf(sum, [Number.MAX_SAFE_INTEGER, 1, -2])).toBe(2 ** 53 - 2)
})

test('a decimal beyond the digits of a double is given exactly', () => {
  expect(String(resultOf(sum, ['123456789012345678', 0.25]))).toBe('123456789012345678.25')
  expect(String(resultOf(sum, [1e-7]))).toBe('0.0000001')
})

test('a sum with an inexact part is the exact total rounded once', () => {
  expect(resultOf(sum, [1e300, 1, -1e300])).toBe(1)
  expect(resultOf(sum, [0.1 + 0.2, 0.1])).toBe(0.4)
  expect(resultOf(sum, [1e308, 1e308])).toBe(2n * BigInt(1e308))
  expect(resultOf(sum, [Number.MIN_VALUE, Number.MIN_VALUE])).toBe(2 * Number.MIN_VALUE)
})

test('what is no number adds 0 and is reported, null and absent add 0 and are not', () => {
  const column = columnOf(sum)
  const taken = [5, 'x', {}, [7], Number.NaN, '1e400', '', null, undefined, true, '2'].map(value =>
    column.add(0, value),
  )
  expect(taken).toEqual([true, false, false, false, false, false, false, true, true, true, true])
  expect(column.finish(0)).toBe(8)
})

test('a magic count adds 1 for an absent field, 0 for null, and sums what is there', () => {
  expect(resultOf({aggregate: 'sum', absent: 1}, [undefined, undefined, null, 5])).toBe(7)
})

test('finer numbers rescale the sums of all groups', () => {
  const column = columnOf(sum)
  column.grow(3)
  column.add(0, 9_007_199_254_740_991)
  column.add(1, 1.5)
  column.add(2, 0.000000001)
  column.add(0, 0.5)
  column.add(1, '0.0000000000001')
  expect([0, 1, 2].map(group => String(column.finish(group)))).toEqual([
    '9007199254740991.5',
    '1.5000000000001',
    '0.000000001',
  ])
})

test('sums, means and deviations agree with big-integer arithmetic', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const values = mixedInputs(seed, 1 + seededRandom(seed).int(60)).map(input => input.value)
    const oracle = oracleOf(values)
    expect(String(resultOf(sum, values))).toBe(String(sumCell(oracle)))
    const mean =
      oracle.count === 0 ? null : roundRatio({numerator: oracle.sum, denominator: denominator * BigInt(oracle.count)})
    expect(resultOf({aggregate: 'avg'}, values)).toBe(mean)
    const deviation = oracle.count < 2 ? null : Math.sqrt(roundRatio(variance(oracle)))
    expect(resultOf({aggregate: 'stddev'}, values)).toBe(deviation)
  }
})

test('prices in cents agree with integer arithmetic', () => {
  const random = seededRandom(11)
  const cents = Array.from({length: 5000}, () => random.int(2_000_000) - 500_000)
  const total = cents.reduce((a, b) => a + b, 0)
  expect(
    resultOf(
      sum,
      cents.map(value => value / 100),
    ),
  ).toBe(total / 100)
  expect(
    resultOf(
      {aggregate: 'avg'},
      cents.map(value => value / 100),
    ),
  ).toBe(total / 500_000)
})

test('means and deviations skip what is absent, null or no number', () => {
  expect(resultOf({aggregate: 'avg'}, [1, undefined, null, 'x', '2'])).toBe(1.5)
  expect(resultOf({aggregate: 'avg'}, [null, 'x'])).toBe(null)
  expect(resultOf({aggregate: 'stddev'}, [2, 4, 4, 4, 5, 5, 7, 9, null, 'x'])).toBe(Math.sqrt(32 / 7))
  expect(resultOf({aggregate: 'stddev'}, [1])).toBe(null)
  expect(resultOf({aggregate: 'stddev'}, [1e9 + 0.1, 1e9 + 0.1])).toBe(0)
  expect(columnOf({aggregate: 'avg'}).add(0, 'x')).toBe(false)
})

test('count counts records, or those with a value', () => {
  expect(resultOf({aggregate: 'count', field: null}, [1, null, undefined])).toBe(3)
  expect(resultOf({aggregate: 'count', field: 'f'}, [1, null, undefined, '', 'x'])).toBe(3)
})

test('the exact part of a ratio is added to the binary one', () => {
  expect(ratioOf(5n, 1, 1n, -1)).toEqual({numerator: 20n, denominator: 20n})
})
