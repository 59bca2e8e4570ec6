import {assert} from '../../base/index.ts'
import {bigPowerOfTen} from './powers.ts'

/** numerator / denominator, exactly; the denominator is positive. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** coefficient / 10^scale + mantissa * 2^exponent. */
export function ratioOf(coefficient: bigint, scale: number, mantissa: bigint, exponent: number): Ratio {
  const power = bigPowerOfTen(scale)
  if (exponent >= 0) return {numerator: coefficient + (mantissa << BigInt(exponent)) * power, denominator: power}
  const shift = BigInt(-exponent)
  return {numerator: (coefficient << shift) + mantissa * power, denominator: power << shift}
}

/**
 * The double nearest to a ratio, ties to even, rounded once; subnormal results included.
 *
 * @returns an infinity when the ratio is beyond the doubles; never -0
 */
export function roundRatio({numerator, denominator}: Ratio): number {
  assert(denominator > 0n, 'the denominator of a ratio is positive')
  if (numerator === 0n) return 0
  const size = numerator < 0n ? -numerator : numerator
  const rounded = roundPositive(size, denominator)
  return numerator < 0n && rounded !== 0 ? -rounded : rounded
}

function roundPositive(numerator: bigint, denominator: bigint): number {
  // The ratio lies between 2^(difference - 1) and 2^(difference + 1).
  const difference = bitLength(numerator) - bitLength(denominator)
  if (difference > 1100) return Number.POSITIVE_INFINITY
  // Up to 2^-1021 doubles lie 2^-1074 apart: half units are counted. Above, 64 bits of which the last is sticky round
  // like the whole.
  const isTiny = difference <= -1022
  const shift = isTiny ? 1075 : 65 - difference
  const dividend = shift > 0 ? numerator << BigInt(shift) : numerator
  const divisor = shift > 0 ? denominator : denominator << BigInt(-shift)
  const quotient = dividend / divisor
  const isCut = quotient * divisor !== dividend
  if (isTiny) return roundHalves(quotient, isCut) * Number.MIN_VALUE
  // Two steps, because 2^-shift alone may not be a double.
  const half = Math.trunc(shift / 2)
  return Number(isCut ? quotient | 1n : quotient) * 2 ** -half * 2 ** -(shift - half)
}

/** Half of `quotient` to the nearest integer, ties to even; `isCut`: the true quotient is a little more. */
function roundHalves(quotient: bigint, isCut: boolean): number {
  const units = quotient >> 1n
  const isHalf = (quotient & 1n) === 1n
  const isUp = isHalf && (isCut || (units & 1n) === 1n)
  return Number(isUp ? units + 1n : units)
}

/** Bits of a positive integer. */
function bitLength(value: bigint): number {
  const hex = value.toString(16)
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex[0]!, 16)) - 28)
}
