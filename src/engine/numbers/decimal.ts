import type {Cell, Decimal as DecimalCell} from '../../rules/index.ts'
import {coefficientBound, exactScaleMax} from './limits.ts'
import {bigPowerOfTen, powersOfTen} from './powers.ts'

/** An exact decimal, coefficient / 10^scale, whose digits no number prints: `toString()` is exact, `valueOf()` the nearest double. */
export class Decimal implements DecimalCell {
  readonly coefficient: bigint
  /** Decimal places, 1 or more; the last one is not zero. */
  readonly scale: number

  constructor(coefficient: bigint, scale: number) {
    this.coefficient = coefficient
    this.scale = scale
  }

  toString(): string {
    return decimalText(this.coefficient, this.scale)
  }

  valueOf(): number {
    return Number(this.toString())
  }

  /** A JSON number with all its digits. */
  toJSON(): unknown {
    return JSON.rawJSON(this.toString())
  }
}

/** `-12.05` for (-1205, 2): plain digits, no exponent. */
export function decimalText(coefficient: bigint, scale: number): string {
  if (scale === 0) return coefficient.toString()
  const sign = coefficient < 0n ? '-' : ''
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(scale + 1, '0')
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/**
 * The cell of the exact number coefficient / 10^scale: a number when its text is exactly those digits, a bigint for
 * other integers, else a Decimal. Trailing zeros of the fraction go.
 */
export function cellOfExact(coefficient: bigint, scale: number): Cell {
  let rest = coefficient
  let places = scale
  while (places > 0 && rest % 10n === 0n) {
    rest /= 10n
    places--
  }
  if (places === 0) return Number.isSafeInteger(Number(rest)) ? Number(rest) : rest
  const text = decimalText(rest, places)
  const number = Number(text)
  return String(number) === text ? number : new Decimal(rest, places)
}

/** The cell of plain digits: `-12.50` without exponent, any length. */
export function cellOfDigits(text: string): Cell {
  const [whole = '', fraction = ''] = text.split('.')
  return cellOfExact(BigInt(whole + fraction), fraction.length)
}

/** As cellOfExact, for a safe integer as coefficient and a scale up to 22: without big integers for nearly all sums. */
export function cellOfSmall(coefficient: number, scale: number): Cell {
  if (scale === 0) return coefficient + 0
  if (scale <= exactScaleMax && Math.abs(coefficient) < coefficientBound) {
    const number = coefficient / powersOfTen[scale]!
    // At most 15 digits come back from a double as they went in; below this size they come with an exponent.
    if (number === 0 || Math.abs(number) >= 1e-6) return number + 0
  }
  return cellOfExact(BigInt(coefficient), scale)
}

/** Rewrites coefficient / 10^from as an integer over 10^to. */
export function rescaled(coefficient: bigint, from: number, to: number): bigint {
  return from === to ? coefficient : coefficient * bigPowerOfTen(to - from)
}
