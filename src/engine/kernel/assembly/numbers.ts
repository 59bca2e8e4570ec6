/** JSON numbers, strictly by their grammar. */
import {double, longInteger, number, otherNumber, Slot} from './layout'

/** 10^0 … 10^18. */
const powers = memory.data<i64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
])

@inline
export function powerOfTen(exponent: u32): i64 {
  return load<i64>(powers + (<usize>exponent << 3))
}

/** The double that a slot holds, of kind number or double. */
@inline
export function numberOfSlot(slot: Slot): f64 {
  if (slot.kind == double) return reinterpret<f64>(slot.mantissa)
  return <f64>slot.mantissa / <f64>powerOfTen(slot.scale)
}

/** Digits of a number that a double keeps. */
const digitsMax: u32 = 15

/** A bit for each of 16 bytes that is a digit, and ones above. */
@inline
function digitRun(at: usize): i32 {
  const digits = i8x16.sub(v128.load(at), i8x16.splat(0x30))
  return i8x16.bitmask(i8x16.lt_u(digits, i8x16.splat(10)))
}

@inline
function isDigit(byte: u32): bool {
  return byte - 0x30 < 10
}

/** The number of 1 to 8 digits at `at`. */
@inline
function eightDigits(at: usize, count: u32): i64 {
  // The first digit is the lowest byte: shifting up puts zeros in front of the number.
  return eightDigitsOf((load<u64>(at) ^ 0x3030303030303030) << (64 - <u64>(count << 3)))
}

/** The number of eight digits, a byte each, the first one lowest. */
@inline
function eightDigitsOf(digits: u64): i64 {
  const word = digits * 10 + (digits >> 8)
  const low = (word & 0x000000ff000000ff) * 0x000f424000000064
  const high = ((word >> 16) & 0x000000ff000000ff) * 0x0000271000000001
  return <i64>((low + high) >> 32)
}

/** The number of 1 to 15 digits at `at`. */
@inline
function digitsValue(at: usize, count: u32): i64 {
  if (count <= 8) return eightDigits(at, count)
  return eightDigits(at, 8) * powerOfTen(count - 8) + eightDigits(at + 8, count - 8)
}

/** Reads a number into a slot. Returns where it ends; 0 when it is none. */
@inline
export function readNumber(from: usize, slot: Slot): usize {
  const isNegative = load<u8>(from) == 0x2d
  const first = from + <usize>isNegative
  const run = digitRun(first)
  const whole = <u32>ctz<i32>(~run)
  // No digit; a zero in front of digits; more digits than fit here.
  if (whole - 1 > digitsMax - 1 || (whole > 1 && load<u8>(first) == 0x30)) return unusualNumber(from, slot)
  let end = first + <usize>whole
  let mantissa = digitsValue(first, whole)
  let scale: u32 = 0
  let textEnd = end
  const next = <u32>load<u8>(end)
  if (next == 0x2e) {
    scale = <u32>ctz<i32>(~(run >> (whole + 1)))
    if (scale - 1 > digitsMax - 1 || whole + scale > digitsMax - 1) return unusualNumber(from, slot)
    mantissa = mantissa * powerOfTen(scale) + digitsValue(end + 1, scale)
    end += <usize>scale + 1
    // Below 1e-6 numbers print with an exponent.
    const isTiny = scale > 6 && mantissa < powerOfTen(scale - 6) && mantissa != 0
    if (isTiny || (load<u8>(end) | 0x20) == 0x65) return unusualNumber(from, slot)
    // Zeros at the end are a matter of chance: no loop, no branch. Bits above are those of bytes behind the number.
    const zeros = i8x16.bitmask(i8x16.eq(v128.load(first), i8x16.splat(0x30)))
    const padding = <u32>clz<i32>(~(zeros << (31 - (whole + scale))))
    const dropped = min(padding, scale)
    textEnd = end - <usize>(dropped + <u32>(dropped == scale))
  } else if ((next | 0x20) == 0x65) {
    return unusualNumber(from, slot)
  }
  if (isNegative) {
    if (mantissa == 0) return unusualNumber(from, slot)
    mantissa = -mantissa
  }
  slot.kind = number
  slot.start = <u32>from
  slot.length = <u32>(textEnd - from)
  slot.scale = scale
  slot.mantissa = mantissa
  return end
}

/**
 * Reads the number that a slot's text is from end to end into mantissa and scale; the slot stays text.
 *
 * Returns false for what takes more than digits, a point between digits and a minus, 15 bytes without the sign: other numbers in text,
 * and what is none.
 */
@inline
export function readNumericText(slot: Slot): bool {
  const from = <usize>slot.start
  const isNegative = load<u8>(from) == 0x2d
  const first = from + <usize>isNegative
  const length = slot.length - <u32>isNegative
  if (slot.length == 0 || length - 1 >= digitsMax) return false
  const run = digitRun(first)
  const whole = <u32>ctz<i32>(~run)
  let mantissa: i64
  let scale: u32 = 0
  if (whole >= length) {
    mantissa = digitsValue(first, length)
  } else {
    scale = length - whole - 1
    if (whole == 0 || scale == 0 || load<u8>(first + <usize>whole) != 0x2e) return false
    if (<u32>ctz<i32>(~(run >> (whole + 1))) < scale) return false
    mantissa = digitsValue(first, whole) * powerOfTen(scale) + digitsValue(first + <usize>whole + 1, scale)
  }
  slot.mantissa = isNegative ? -mantissa : mantissa
  slot.scale = scale
  return true
}

/**
 * As `readNumericText`, for texts of at most eight bytes without a minus; false for all others, too.
 */
@inline
export function readShortNumber(slot: Slot): bool {
  const number = shortNumber(slot.start, slot.length)
  if (number < 0) return false
  slot.mantissa = mantissaOf(number)
  slot.scale = scaleOf(number)
  return true
}

/**
 * The number that a text of at most eight bytes is, digits and perhaps a point between them: both its parts in one word, as `mantissaOf`
 * and `scaleOf` take them out. Negative for all other texts. Hardly a branch: the places of points differ from one number to the next.
 */
@inline
export function shortNumber(from: usize, length: u32): i64 {
  if (length - 1 > 7) return -1
  // The last character is the highest byte, the first one has zeros below.
  const digits = (load<u64>(from) ^ 0x3030303030303030) << (64 - (<u64>length << 3))
  // The highest bit of each byte above 9. A carry from one reaches only bytes behind it.
  const others = (digits + 0x7676767676767676 | digits) & 0x8080808080808080
  if (others == 0) return eightDigitsOf(digits) << 4
  // Where the point begins, in bits.
  const at = ctz<u64>(others) - 7
  const behind = digits >> at
  // Another one, at the end, at the beginning, or no point.
  if (<u32>((others & (others - 1)) != 0) | <u32>(at == 56) | <u32>(at == 64 - (<u64>length << 3)) | <u32>((behind & 0xff) != 0x1e)) return -1
  const before = digits & ((<u64>1 << at) - 1)
  return (eightDigitsOf((before << 8) | (digits & (<u64>-256 << at))) << 4) | <i64>((56 - at) >> 3)
}

@inline
export function mantissaOf(number: i64): i64 {
  return number >> 4
}

@inline
export function scaleOf(number: i64): u32 {
  return <u32>number & 15
}

/** The number that 1 to 15 digits stand for; -1 for any other text. */
export function digitsNumber(from: usize, length: u32): i64 {
  if (length - 1 >= digitsMax || <u32>ctz<i32>(~digitRun(from)) < length) return -1
  return digitsValue(from, length)
}

/** The number that a text is from end to end, when it is plain: digits, a point, a minus, at most 15 digits. Else not a number. */
export function plainNumberOf(from: usize, length: u32): f64 {
  const end = from + <usize>length
  const isNegative = load<u8>(from) == 0x2d
  let mantissa: i64 = 0
  let power: i64 = 0
  let digits: u32 = 0
  for (let at = from + <usize>isNegative; at < end; at++) {
    const byte = <u32>load<u8>(at)
    if (byte == 0x2e && power == 0) {
      power = 1
      continue
    }
    if (!isDigit(byte) || ++digits > digitsMax) return NaN
    mantissa = mantissa * 10 + <i64>(byte - 0x30)
    power *= 10
  }
  if (digits == 0) return NaN
  const size = <f64>mantissa / (power == 0 ? 1.0 : <f64>power)
  return isNegative ? -size : size
}

function unusualNumber(from: usize, slot: Slot): usize {
  const end = numberEnd(from)
  const first = from + <usize>(load<u8>(from) == 0x2d)
  const digits = runEnd(first) - first
  slot.kind = first + digits == end && digits > digitsMax ? longInteger : otherNumber
  slot.start = <u32>from
  slot.length = <u32>(end - from)
  slot.scale = 0
  slot.mantissa = 0
  return end
}

/** Where the number at `from` ends; 0 when it is none. */
export function numberEnd(from: usize): usize {
  const first = from + <usize>(load<u8>(from) == 0x2d)
  let at = runEnd(first)
  if (at == first || (at > first + 1 && load<u8>(first) == 0x30)) return 0
  if (load<u8>(at) == 0x2e) {
    const fraction = at + 1
    at = runEnd(fraction)
    if (at == fraction) return 0
  }
  if ((load<u8>(at) | 0x20) == 0x65) {
    const sign = <u32>load<u8>(at, 1)
    const exponent = at + (sign == 0x2b || sign == 0x2d ? 2 : 1)
    at = runEnd(exponent)
    if (at == exponent) return 0
  }
  return at
}

/** Where a number that nobody needs ends; 0 when it is none. */
@inline
export function skipNumber(from: usize): usize {
  const first = from + <usize>(load<u8>(from) == 0x2d)
  const run = digitRun(first)
  const whole = ctz<i32>(~run)
  if (whole == 0 || whole > 14 || (whole > 1 && load<u8>(first) == 0x30)) return numberEnd(from)
  const end = first + <usize>whole
  const next = <u32>load<u8>(end)
  if (next == 0x2e) {
    const fraction = ctz<i32>(~(run >> (whole + 1)))
    if (fraction == 0 || whole + fraction > 14) return numberEnd(from)
    const fractionEnd = end + <usize>fraction + 1
    return (load<u8>(fractionEnd) | 0x20) == 0x65 ? numberEnd(from) : fractionEnd
  }
  return (next | 0x20) == 0x65 ? numberEnd(from) : end
}

function runEnd(from: usize): usize {
  let at = from
  while (isDigit(load<u8>(at))) at++
  return at
}
