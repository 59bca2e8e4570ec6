/** Numbers as exact decimal digits, for columns that must not lose any. */
import type {Cell} from '../../rules/index.ts'
import {cellText, isNumeric} from '../cell-text.ts'

/** coefficient / 10^scale, no trailing zeros in the fraction. */
export interface Exact {
  readonly coefficient: bigint
  readonly scale: number
}

const decimalText = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/

/** The number that plain or exponent digits stand for; undefined for any other text. */
export function parseExact(text: string): Exact | undefined {
  const match = decimalText.exec(text)
  if (match === null) return undefined
  const [, sign, whole, fraction = '', exponent = '0'] = match
  let scale = fraction.length - Number(exponent)
  let coefficient = BigInt(whole! + fraction)
  if (scale < 0) {
    coefficient *= 10n ** BigInt(-scale)
    scale = 0
  }
  while (scale > 0 && coefficient % 10n === 0n) {
    coefficient /= 10n
    scale--
  }
  return {coefficient: sign === '-' ? -coefficient : coefficient, scale}
}

/** Plain digits, no exponent: `-12.05`. */
export function exactText({coefficient, scale}: Exact): string {
  if (scale === 0) return String(coefficient)
  const digits = String(coefficient < 0n ? -coefficient : coefficient).padStart(scale + 1, '0')
  return `${coefficient < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** -1, 0 or 1. */
export function compareExact(a: Exact, b: Exact): number {
  const scale = Math.max(a.scale, b.scale)
  const left = a.coefficient * 10n ** BigInt(scale - a.scale)
  const right = b.coefficient * 10n ** BigInt(scale - b.scale)
  return left < right ? -1 : left > right ? 1 : 0
}

/** All digits of both are kept, however far apart they are. */
export function addExact(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale)
  const sum = a.coefficient * 10n ** BigInt(scale - a.scale) + b.coefficient * 10n ** BigInt(scale - b.scale)
  return parseExact(exactText({coefficient: sum, scale}))!
}

const shortPlain = /^-?\d{1,15}(?:\.\d{1,15})?$/

/**
 * The digits of a numeric cell (a fraction as its shortest text that reads back, as everywhere in results); undefined when it
 * is no number, or one without digits.
 */
export function digitsOf(cell: Cell): string | undefined {
  if (typeof cell === 'number' && Number.isSafeInteger(cell)) return String(cell + 0)
  if (typeof cell !== 'string' && !isNumeric(cell)) return undefined
  const text = cellText(cell)
  if (typeof cell !== 'string' && shortPlain.test(text)) return text
  const exact = parseExact(text)
  return exact === undefined ? undefined : exactText(exact)
}

/** Digits before and after the point of plain digits. */
export function digitCounts(digits: string): {readonly whole: number; readonly fraction: number} {
  const start = digits.startsWith('-') ? 1 : 0
  const point = digits.indexOf('.')
  const end = point === -1 ? digits.length : point
  const whole = end - start === 1 && digits[start] === '0' ? 0 : end - start
  return {whole, fraction: point === -1 ? 0 : digits.length - point - 1}
}
