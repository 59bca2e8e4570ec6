/**
 * The order of min, max, first and last (../../columns/ordered.ts): numbers by value, after them text by code point. Numeric
 * text and booleans are numbers; what has no place in the order is counted by the row path.
 */
import {compareBytes, copyBytes, give, roomOf, take} from './heap'
import {isNull, longInteger, number, opLast, opMax, Slot, text} from './layout'
import {digitsNumber, plainNumberOf, powerOfTen} from './numbers'

/** Only the row path knows the value's place. */
export const unordered: u32 = 0
/** Absent or null. */
export const ofNothing: u32 = 1
export const ofNumber: u32 = 2
export const ofText: u32 = 3

/** The number, after orderOf gave ofNumber. */
export let orderNumber: f64 = 0

const safeMax: i64 = 9007199254740991

/** Where the value of a slot stands in the order. */
@inline
export function orderOf(slot: Slot): u32 {
  const kind = slot.kind
  if (kind <= isNull) return ofNothing
  if (kind <= number && kind != text) {
    orderNumber = numberOf(slot)
    return ofNumber
  }
  return kind == text ? orderOfText(slot.start, slot.length) : orderOfInteger(slot)
}

/** Whether orderOf knows where the value of a slot stands. */
@inline
export function hasOrder(slot: Slot): bool {
  const kind = slot.kind
  return (kind <= number && kind != text) || orderOf(slot) != unordered
}

/** The double nearest to a number of at most 15 digits, which is the one that JSON.parse makes of it. */
@inline
export function numberOf(slot: Slot): f64 {
  return <f64>slot.mantissa / <f64>powerOfTen(slot.scale)
}

function orderOfInteger(slot: Slot): u32 {
  if (slot.kind != longInteger || !isSafeInteger(slot)) return unordered
  return ofNumber
}

/** Whether a long integer is a double; sets orderNumber. */
export function isSafeInteger(slot: Slot): bool {
  const isNegative = load<u8>(slot.start) == 0x2d
  if (slot.length - <u32>isNegative != 16) return false
  let value: i64 = 0
  for (let at = <u32>isNegative; at < slot.length; at++) value = value * 10 + <i64>(load<u8>(slot.start + at) - 0x30)
  orderNumber = <f64>(isNegative ? -value : value)
  return value <= safeMax
}

function orderOfText(from: usize, length: u32): u32 {
  const digits = digitsNumber(from, length)
  if (digits >= 0) {
    orderNumber = <f64>digits
    return ofNumber
  }
  // A byte that stands in no number (nor between blanks) makes a text: one look for most of them.
  for (let at: u32 = 0; at < length; at += 16) {
    const bytes = v128.load(from + <usize>at)
    const inNumbers = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x2b)), i8x16.splat(15))
    const blanks = v128.or(
      i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x09)), i8x16.splat(5)),
      i8x16.eq(bytes, i8x16.splat(0x20)),
    )
    const letters = i8x16.eq(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x65))
    const others = ~i8x16.bitmask(v128.or(v128.or(inNumbers, blanks), letters)) & 0xffff
    if (others != 0 && at + <u32>ctz<i32>(others) < length) return ofText
  }
  const value = plainNumberOf(from, length)
  if (value == value) {
    orderNumber = value + 0.0
    return ofNumber
  }
  return isBlank(from, length) || isNumeric(from, length) ? unordered : ofText
}

@inline
function isBlankByte(byte: u32): bool {
  return byte == 0x20 || byte - 0x09 < 5
}

function isBlank(from: usize, length: u32): bool {
  for (let at: u32 = 0; at < length; at++) if (!isBlankByte(load<u8>(from + <usize>at))) return false
  return true
}

/** [blanks] [sign] digits [. digits] [e [sign] digits] [blanks], with at least one digit before the exponent. */
function isNumeric(from: usize, length: u32): bool {
  let at = from
  let end = from + <usize>length
  while (isBlankByte(load<u8>(at))) at++
  while (isBlankByte(load<u8>(end - 1))) end--
  if (isSign(at)) at++
  const whole = afterDigits(at, end)
  let digits = whole - at
  at = whole
  if (at < end && load<u8>(at) == 0x2e) {
    const fraction = afterDigits(at + 1, end)
    digits += fraction - at - 1
    at = fraction
  }
  if (digits == 0 || at == end) return digits != 0
  if ((load<u8>(at) | 0x20) != 0x65) return false
  at++
  if (at < end && isSign(at)) at++
  return at < end && afterDigits(at, end) == end
}

@inline
function isSign(at: usize): bool {
  const byte = <u32>load<u8>(at)
  return byte == 0x2b || byte == 0x2d
}

function afterDigits(from: usize, end: usize): usize {
  let at = from
  while (at < end && <u32>load<u8>(at) - 0x30 < 10) at++
  return at
}

/** A state of min and max. */
@unmanaged
class Extreme {
  /** 0: nothing yet. */
  form: u32
  /** Bytes of the block that a text has. */
  room: u32
  /** A number; or block (low half) and length of a text. */
  value: u64
}

/** Takes a value into the state of min or max. Any number is preferred to text. */
@inline
export function addExtreme(op: u32, address: usize, slot: Slot): void {
  const state = changetype<Extreme>(address)
  if (orderOf(slot) == ofText) addExtremeText(op, state, slot)
  else addExtremeNumber(op, state, orderNumber)
}

@inline
function addExtremeNumber(op: u32, state: Extreme, candidate: f64): void {
  if (state.form == ofNumber) {
    const kept = reinterpret<f64>(state.value)
    if (op == opMax ? candidate <= kept : candidate >= kept) return
  } else {
    if (state.room != 0) give(<usize>(<u32>state.value), state.room)
    state.room = 0
    state.form = ofNumber
  }
  state.value = reinterpret<u64>(candidate)
}

function addExtremeText(op: u32, state: Extreme, slot: Slot): void {
  if (state.form == ofNumber) return
  const length = slot.length
  let block = <usize>(<u32>state.value)
  if (state.form == ofText) {
    const order = compareBytes(slot.start, length, block, <u32>(state.value >> 32))
    if (op == opMax ? order <= 0 : order >= 0) return
  }
  state.form = ofText
  if (length > state.room) {
    if (state.room != 0) give(block, state.room)
    block = take(length)
    state.room = <u32>roomOf(length)
  }
  copyBytes(block, slot.start, length)
  state.value = (<u64>length << 32) | <u64>block
}

/** Bytes of its text. */
export function extremeTextBytes(address: usize): usize {
  const state = changetype<Extreme>(address)
  return state.form == ofText ? <usize>(state.value >> 32) : 0
}

/** A state of first and last. Its block holds the text of `by`, filled up to a multiple of 16, and the key text of the value. */
@unmanaged
export class Entry {
  /** 0: nothing yet. */
  form: u32
  kind: u32
  /** A number; or the length of a text. */
  by: u64
  block: u32
  room: u32
  length: u32
  reserved: u32
  /** The value, if it is a number that doubles hold. */
  value: f64
}

@inline
export function byBytes(entry: Entry): usize {
  return entry.form == ofText ? (<usize>entry.by + 15) & ~15 : 0
}

/** Takes a value, which is neither absent nor null, into the state of first or last. */
export function addEntry(op: u32, address: usize, slot: Slot, bySlot: Slot): void {
  const form = orderOf(bySlot)
  if (form == ofNothing) return
  const entry = changetype<Entry>(address)
  const by = form == ofNumber ? reinterpret<u64>(orderNumber) : <u64>bySlot.length
  if (entry.form != 0) {
    const order = compareBy(entry, form, by, bySlot.start)
    if (order == 0) {
      const values = compareValues(entry, slot)
      if (op == opLast ? values <= 0 : values >= 0) return
    } else if (op == opLast ? order < 0 : order > 0) {
      return
    }
  }
  keep(entry, form, by, bySlot.start, slot)
}

/** How a candidate stands to what is kept, by the field that decides. */
@inline
function compareBy(entry: Entry, form: u32, by: u64, start: u32): i32 {
  if (form != entry.form) return form < entry.form ? -1 : 1
  if (form == ofText) return compareBytes(start, <u32>by, entry.block, <u32>entry.by)
  const candidate = reinterpret<f64>(by)
  const kept = reinterpret<f64>(entry.by)
  return <i32>(candidate > kept) - <i32>(candidate < kept)
}

/** By key text; where that is the same, by type. */
function compareValues(entry: Entry, slot: Slot): i32 {
  const order = compareBytes(slot.start, slot.length, <usize>entry.block + byBytes(entry), entry.length)
  return order != 0 ? order : rankOf(slot.kind) - rankOf(entry.kind)
}

/** Booleans, numbers, big integers, text: the numbers of the kinds are in this order but for text. */
@inline
function rankOf(kind: u32): i32 {
  return kind == text ? i32.MAX_VALUE : <i32>kind
}

function keep(entry: Entry, form: u32, by: u64, byStart: u32, slot: Slot): void {
  entry.form = form
  entry.by = by
  entry.kind = slot.kind
  entry.length = slot.length
  const before = byBytes(entry)
  const bytes = before + <usize>slot.length
  if (bytes > <usize>entry.room) {
    if (entry.room != 0) give(entry.block, entry.room)
    entry.block = <u32>take(bytes)
    entry.room = <u32>roomOf(bytes)
  }
  if (form == ofText) copyBytes(entry.block, byStart, <usize>by)
  copyBytes(<usize>entry.block + before, slot.start, slot.length)
  if (slot.kind == number) {
    entry.value = numberOf(slot)
  } else if (slot.kind == longInteger && isSafeInteger(slot)) {
    entry.kind = number
    entry.value = orderNumber
  }
}
