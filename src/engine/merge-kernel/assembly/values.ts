/**
 * The states of a group, from all runs that hold it, to the text of its values. What is not certain to give the very text that
 * the columns (../../columns) give is left to them.
 */
import {Holder, opAvg, opCount, opMax, opMin, opSum, Plan, planAt, Text, textBytes} from './layout'
import {powerOfTen, writeDecimal, writeInteger} from './number-text'
import {holderAt, holderCount} from './order'
import {readVarint, varintEndOf} from './readers'

/** Writes a double as JavaScript does. Returns the bytes. */
@external('host', 'number')
declare function numberText(value: f64, to: usize): u32

const safeMax: u64 = 9007199254740991

/** A sum's first varint: its scale in six bits, then whether it is negative; more says that it is none of ours. */
const scaleMask: u64 = 63
const isNegativeBit: u64 = 64
/** Totals are below this in size; two of them can be added. */
const totalMax: u64 = 1 << 61
const scaleMax: u32 = 18

let total: i64 = 0
let scale: u32 = 0

@inline
export function copyText(to: usize, from: usize, length: u32): usize {
  if (length <= 16) v128.store(to, v128.load(from))
  else memory.copy(to, from, length)
  return to + <usize>length
}

/** Writes the values of the current group. Returns where the text ends; 0 when this is for the host. */
export function writeValues(to: usize): usize {
  const plan = changetype<Plan>(planAt)
  let out = to
  for (let holder: u32 = 0; holder < holderCount; holder++) {
    const each = holderAt(holder)
    each.cursor = each.statesAt
  }
  let front = <usize>plan.fronts + <usize>plan.partCount * textBytes
  for (let value: u32 = 0; value < plan.valueCount; value++) {
    const text = changetype<Text>(front)
    front += textBytes
    out = copyText(out, text.at, text.length)
    const operation = load<u32>(<usize>plan.operations + (<usize>value << 2))
    if (operation == opCount) out = writeInteger(out, addCounts())
    else if (operation == opSum) out = addSums() ? writeDecimal(out, total, scale) : 0
    else if (operation == opAvg) out = writeMean(out, plan)
    else if (operation == opMin || operation == opMax) out = writeExtreme(out, plan, operation == opMax)
    else out = 0
    if (out == 0) return 0
  }
  for (let holder: u32 = 0; holder < holderCount; holder++) {
    const each = holderAt(holder)
    if (each.cursor != each.statesEnd) return 0
  }
  return out
}

@inline
function addCounts(): u64 {
  let sum: u64 = 0
  for (let holder: u32 = 0; holder < holderCount; holder++) {
    const each = holderAt(holder)
    sum += readVarint(each.cursor)
    each.cursor = <u32>varintEndOf()
  }
  return sum
}

/** Sets total and scale. Returns false when they cannot say it. */
@inline
function addSums(): bool {
  total = 0
  scale = 0
  for (let holder: u32 = 0; holder < holderCount; holder++) if (!addSum(holderAt(holder))) return false
  return true
}

@inline
function addSum(holder: Holder): bool {
  const head = readVarint(holder.cursor)
  const places = <u32>(head & scaleMask)
  if (head > (scaleMask | isNegativeBit) || places > scaleMax) return false
  let size = readVarint(varintEndOf())
  holder.cursor = <u32>varintEndOf()
  if (places < scale) {
    const power = powerOfTen(scale - places)
    if (size > totalMax / power) return false
    size *= power
  } else if (places > scale) {
    const power = powerOfTen(places - scale)
    if (<u64>abs<i64>(total) > totalMax / power) return false
    total *= power
    scale = places
  }
  total += (head & isNegativeBit) != 0 ? -<i64>size : <i64>size
  return <u64>abs<i64>(total) <= totalMax
}

/** Total and count of all states; then one correctly rounded division, if both fit a double. */
function writeMean(to: usize, plan: Plan): usize {
  let count: u64 = 0
  total = 0
  scale = 0
  for (let holder: u32 = 0; holder < holderCount; holder++) {
    const each = holderAt(holder)
    count += readVarint(each.cursor)
    each.cursor = <u32>varintEndOf()
    if (!addSum(each)) return 0
  }
  return writeQuotient(to, count, total, scale, plan)
}

/** The mean of `count` values that add up to dividend / 10^places. Returns where the text ends; 0 when this is for the host. */
export function writeQuotient(to: usize, count: u64, dividend: i64, places: u32, plan: Plan): usize {
  if (count == 0) return copyText(to, plan.emptyAt, plan.emptyLength)
  const power = powerOfTen(places)
  if (count > safeMax / power || <u64>abs<i64>(dividend) > safeMax) return 0
  const divisor = <i64>(count * power)
  if (dividend % divisor == 0) return writeDecimal(to, dividend / divisor, 0)
  return to + <usize>numberText(<f64>dividend / <f64>divisor, to)
}

/** States: whether there is a value; then its form, of which 0 is a double. */
function writeExtreme(to: usize, plan: Plan, isMax: bool): usize {
  let isPresent = false
  let kept: f64 = 0
  for (let holder: u32 = 0; holder < holderCount; holder++) {
    const each = holderAt(holder)
    const at = <usize>each.cursor
    each.cursor++
    if (load<u8>(at) == 0) continue
    if (load<u8>(at, 1) != 0) return 0
    each.cursor += 9
    const candidate = load<f64>(at, 2)
    if (!isPresent || (isMax ? candidate > kept : candidate < kept)) kept = candidate
    isPresent = true
  }
  return isPresent ? writePlainDouble(to, kept) : copyText(to, plan.emptyAt, plan.emptyLength)
}

/** A double of at most 15 digits, which JavaScript prints as they are. Returns 0 for others. */
function writePlainDouble(to: usize, value: f64): usize {
  const size = abs<f64>(value)
  if (!(size < 1e15 && (size >= 1e-6 || size == 0))) return 0
  let power: f64 = 1
  for (let places: u32 = 0; places <= 15; places++) {
    const digits = nearest<f64>(value * power)
    if (abs<f64>(digits) >= 1e15) return 0
    if (digits / power == value) return writeDecimal(to, <i64>digits, places)
    power *= 10
  }
  return 0
}
