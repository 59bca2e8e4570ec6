/**
 * How values of records compare.
 *
 * - Absent and null are equal to nothing and in no order with anything.
 * - Numbers and numeric text (the grammar of sums) compare by value, exactly, whatever the size.
 * - Text with text: equal when the same, in order of code points, even when both look like numbers.
 * - A number with any other text: not equal, no order.
 * - Booleans equal booleans and their text, `true` or `false`; they have no order.
 * - Objects and arrays equal nothing.
 */
import {compareText} from '../../base/index.ts'
import type {Comparison} from '../plan.ts'
import {numberOfText} from '../values.ts'

export type Test = (a: unknown, b: unknown) => boolean
type Numeric = number | bigint

/** The rules above. NaN, too, equals nothing. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b
  if (typeof a === 'boolean') return typeof b === 'string' ? b === String(a) : a === b
  if (typeof b === 'boolean') return a === String(b)
  return orderNumbers(a, b) === 0
}

/** Negative, 0 or positive; NaN when the two are in no order. */
function order(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return orderNumbers(a, b)
}

function orderNumbers(a: unknown, b: unknown): number {
  const x = numeric(a)
  const y = numeric(b)
  if (x === undefined || y === undefined) return Number.NaN
  // Mixed comparison of numbers and big integers is exact in JavaScript.
  if (x < y) return -1
  return x > y ? 1 : 0
}

function numeric(value: unknown): Numeric | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isNaN(value) ? undefined : value
    case 'bigint':
      return value
    case 'string':
      return numberOfText(value)
    default:
      return undefined
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number'

/** One test per operator; the case of two plain numbers comes first because it is the hot one. */
export const comparisons: Readonly<Record<Comparison, Test>> = {
  '==': (a, b) => (isNumber(a) && isNumber(b) ? a === b : equalValues(a, b)),
  '!=': (a, b) => !(isNumber(a) && isNumber(b) ? a === b : equalValues(a, b)),
  '<': (a, b) => (isNumber(a) && isNumber(b) ? a < b : order(a, b) < 0),
  '<=': (a, b) => (isNumber(a) && isNumber(b) ? a <= b : order(a, b) <= 0),
  '>': (a, b) => (isNumber(a) && isNumber(b) ? a > b : order(a, b) > 0),
  '>=': (a, b) => (isNumber(a) && isNumber(b) ? a >= b : order(a, b) >= 0),
}

/**
 * Makes the test whether a value equals one of a list, in constant time. The same as equalValues with each, except that null in
 * the list stands for null and absent.
 */
export function compileMembership(values: readonly (string | number | boolean | null)[]): (value: unknown) => boolean {
  const exact = new Set<unknown>(values.filter(value => typeof value === 'string' || typeof value === 'boolean'))
  const numbers = new Set<Numeric>()
  const numbersInText = new Set<Numeric>()
  for (const value of values) {
    const number = numeric(value)
    if (number !== undefined) (typeof value === 'number' ? numbers : numbersInText).add(numericKey(number))
  }
  const hasNull = values.includes(null)
  return value => {
    switch (typeof value) {
      case 'string':
        return (
          exact.has(value) ||
          (value === 'true' && exact.has(true)) ||
          (value === 'false' && exact.has(false)) ||
          hasNumber(numbers, value)
        )
      case 'number':
      case 'bigint': {
        const key = numericKey(value)
        return numbers.has(key) || numbersInText.has(key)
      }
      case 'boolean':
        return exact.has(value) || exact.has(String(value))
      default:
        return hasNull && (value === null || value === undefined)
    }
  }
}

function hasNumber(numbers: ReadonlySet<Numeric>, text: string): boolean {
  if (numbers.size === 0) return false
  const number = numberOfText(text)
  return number !== undefined && numbers.has(numericKey(number))
}

/** Equal numbers have one key: whole numbers beyond 2^53 are bigint, all others plain. */
function numericKey(value: Numeric): Numeric {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

/** The comparison that says the same with its sides changed. */
export const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}
