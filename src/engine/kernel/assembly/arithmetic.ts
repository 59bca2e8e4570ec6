/** Arithmetic on fields, with the meaning of rules/expressions/calculate.ts, or no answer at all. */
import {absent, double, isFalse, isNull, isTrue, nested, number, Slot, text} from './layout'
import {numberOfSlot, plainNumberOf, powerOfTen} from './numbers'

/** Only the row path knows; said by the last call of a function below. */
export let isUnclear: bool = false
/** The operand stands for no number. */
export let isNone: bool = false

const plus: u32 = 0
const minus: u32 = 1
const times: u32 = 2

/** The number that a value counts as. */
export function operandOf(slot: Slot): f64 {
  const kind = slot.kind
  isNone = false
  isUnclear = false
  if (kind == number || kind == double) return numberOfSlot(slot)
  if (kind == isTrue || kind == isFalse) return <f64>(kind == isTrue)
  if (kind == text) return numberOfText(slot)
  isNone = kind == absent || kind == isNull || kind == nested
  isUnclear = !isNone
  return NaN
}

function numberOfText(slot: Slot): f64 {
  if (slot.length == 0) {
    isNone = true
    return NaN
  }
  const first = <u32>load<u8>(slot.start)
  // Digits, white space, signs and a point may begin a number.
  if (first > 0x39 && first < 0x80) {
    isNone = true
    return NaN
  }
  const value = plainNumberOf(slot.start, slot.length)
  isUnclear = isNaN(value)
  return value
}

const safeMax: f64 = 9007199254740991

function isSafe(value: f64): bool {
  return Math.floor(value) == value && Math.abs(value) <= safeMax
}

/** Not a number stands for null. */
export function calculate(operator: u32, left: f64, right: f64): f64 {
  const value = operator == plus ? left + right : operator == minus ? left - right : operator == times ? left * right : left / right
  isUnclear = false
  if (!isFinite(value)) return NaN
  // Beyond what a double counts, whole numbers are calculated exactly.
  isUnclear = Math.floor(value) == value && Math.abs(value) > safeMax && isSafe(left) && isSafe(right)
  return value + 0
}

/** Places behind the point that are looked for. */
const scaleMax: u32 = 9
export const noDecimal: i64 = i64.MIN_VALUE
/** Of the last decimal: it is over 10^decimalScale. */
export let decimalScale: u32 = 0

/**
 * The decimal that a number prints as, when it has at most 15 digits and is no smaller than what prints without an exponent: two of
 * them never are one double, so the one that gives the number is the shortest.
 */
export function decimalOf(value: f64): i64 {
  if (value != 0 && Math.abs(value) < 1e-6) return noDecimal
  for (let scale: u32 = 0; scale <= scaleMax; scale++) {
    const power = <f64>powerOfTen(scale)
    const mantissa = nearest<f64>(value * power)
    if (Math.abs(mantissa) >= 1e15) return noDecimal
    if (mantissa / power == value) {
      decimalScale = scale
      return <i64>mantissa
    }
  }
  return noDecimal
}

/** Writes a decimal over 10^scale; returns its length. 32 bytes at `at` may be written. */
export function writeDecimal(mantissa: i64, scale: u32, at: usize): u32 {
  let rest = <u64>abs<i64>(mantissa)
  // One digit at least stands before the point.
  let digits: u32 = 1
  for (let more = rest / 10; more != 0 || digits <= scale; more /= 10) digits++
  const end = at + <usize>(mantissa < 0) + <usize>digits + <usize>(scale != 0)
  let place = end
  for (let count: u32 = 0; count < digits; count++) {
    if (count == scale && scale != 0) store<u8>(--place, 0x2e)
    store<u8>(--place, <u8>(0x30 + (rest % 10)))
    rest /= 10
  }
  if (mantissa < 0) store<u8>(at, 0x2d)
  return <u32>(end - at)
}
