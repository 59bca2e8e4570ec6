import {type Coercion, doubleOf} from './coercion.ts'
import {Decimal} from './decimal.ts'
import {bigPowerOfTen} from './powers.ts'
import {ratioOf} from './rounding.ts'
import {splitDouble} from './split-double.ts'

/** A number as it is kept for ordering. Decimals of at most 15 digits are their doubles: those order alike and differ alike. */
export type NumericValue = number | bigint | Decimal

/** What was read, as one value. The kind is not `unusable`. */
export function numericValueOf(coercion: Coercion): NumericValue {
  if (coercion.kind !== 'big') return doubleOf(coercion)
  return coercion.scale === 0 ? coercion.big : new Decimal(coercion.big, coercion.scale)
}

/** Orders by exact value: <0, 0 or >0. */
export function compareNumbers(a: NumericValue, b: NumericValue): number {
  if (a instanceof Decimal || b instanceof Decimal) return compareDecimals(a, b)
  // The language compares bigint with number exactly.
  return a < b ? -1 : a > b ? 1 : 0
}

function compareDecimals(a: NumericValue, b: NumericValue): number {
  const left = exactRatio(a)
  const right = exactRatio(b)
  const x = left.numerator * right.denominator
  const y = right.numerator * left.denominator
  return x < y ? -1 : x > y ? 1 : 0
}

function exactRatio(value: NumericValue) {
  if (value instanceof Decimal) return {numerator: value.coefficient, denominator: bigPowerOfTen(value.scale)}
  if (typeof value === 'bigint') return {numerator: value, denominator: 1n}
  const {mantissa, exponent} = splitDouble(value)
  return ratioOf(0n, 0, BigInt(mantissa), exponent)
}
