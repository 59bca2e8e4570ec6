/** Conditions on a line's fields: a tree of tests, with the meaning of rules/expressions, or no answer at all. */
import {
  absent,
  escapedText,
  isFalse,
  isNull,
  isTrue,
  literalBoolean,
  literalNumber,
  literalText,
  longInteger,
  nested,
  number,
  opAnd,
  opCompare,
  opConstant,
  opContains,
  opEndsWith,
  opExists,
  opMissing,
  opNot,
  opOr,
  opStartsWith,
  otherNumber,
  Slot,
  Test,
  text,
} from './layout'
import {plainNumberOf, powerOfTen} from './numbers'

/** A condition does not hold, holds, or only the row path knows. */
export const no: u32 = 0
export const yes: u32 = 1
export const unknown: u32 = 2

export function answer(address: usize, area: usize): u32 {
  const test = changetype<Test>(address)
  const op = test.op
  if (op <= opOr) {
    let operand = <usize>test.first
    while (operand != 0) {
      const found = answer(operand, area)
      if (found == unknown || found == <u32>(op == opOr)) return found
      operand = changetype<Test>(operand).next
    }
    return <u32>(op == opAnd)
  }
  if (op == opNot) {
    const found = answer(test.first, area)
    return found == unknown ? unknown : found ^ 1
  }
  if (op == opConstant) return test.operator
  const slot = changetype<Slot>(area + <usize>test.slot)
  if (op == opExists) return <u32>(slot.kind != absent)
  if (op == opMissing) return <u32>(slot.kind <= isNull)
  if (op == opCompare) return compared(test, slot)
  if (op == opContains || op == opStartsWith || op == opEndsWith) return textTest(test, slot)
  return truth(slot)
}

/** 0, empty text, `0`, `false` and what is missing are false. */
function truth(slot: Slot): u32 {
  const kind = slot.kind
  if (kind == number) return <u32>(slot.mantissa != 0)
  if (kind == text) {
    const word = load<u32>(slot.start)
    if (slot.length == 1) return <u32>((word & 0xff) != 0x30)
    if (slot.length == 5) return <u32>!(word == 0x736c6166 && load<u8>(slot.start, 4) == 0x65)
    return <u32>(slot.length != 0)
  }
  if (kind == escapedText || kind == otherNumber) return unknown
  return <u32>(kind == isTrue || kind == longInteger || kind == nested)
}

// How a value stands to a literal.
const less: u32 = 1
const equal: u32 = 2
const greater: u32 = 4
const unordered: u32 = 8
/** The row path knows. */
const unclear: u32 = 16

/** The test's operator is a set of the bits above: those for which it holds. */
function compared(test: Test, slot: Slot): u32 {
  const order = orderOf(test, slot)
  return order == unclear ? unknown : <u32>((test.operator & order) != 0)
}

function orderOf(test: Test, slot: Slot): u32 {
  const kind = slot.kind
  if (kind == escapedText) return unclear
  if (test.literal == literalNumber) {
    if (kind == number) return orderOfNumbers(valueOf(slot), test.number)
    if (kind == text) return orderOfNumericText(slot, test.number)
    return kind == longInteger || kind == otherNumber ? unclear : unordered
  }
  if (kind == text) {
    const order = orderOfTexts(slot, test)
    // Booleans equal their text but are in no order.
    return test.literal == literalText || order == equal ? order : unordered
  }
  if (kind == isTrue || kind == isFalse) {
    if (test.isOrder != 0) return unordered
    const letters: u32 = kind == isTrue ? 0x65757274 : 0x736c6166
    const length: u32 = kind == isTrue ? 4 : 5
    const isSame =
      test.textLength == length &&
      load<u32>(test.textAt) == letters &&
      (kind == isTrue || load<u8>(test.textAt, 4) == 0x65)
    return isSame ? equal : unordered
  }
  if (test.literal == literalBoolean || test.isNumeric == 0) return unordered
  if (kind == number) return orderOfNumbers(valueOf(slot), test.number)
  return kind == longInteger || kind == otherNumber ? unclear : unordered
}

@inline
function valueOf(slot: Slot): f64 {
  return <f64>slot.mantissa / <f64>powerOfTen(slot.scale)
}

@inline
function orderOfNumbers(a: f64, b: f64): u32 {
  return a < b ? less : a == b ? equal : greater
}

/** Bytes of UTF-8 order like code points. */
function orderOfTexts(slot: Slot, test: Test): u32 {
  const length = min(slot.length, test.textLength)
  const order = memory.compare(slot.start, test.textAt, length)
  if (order != 0) return order < 0 ? less : greater
  return slot.length == length ? (test.textLength == length ? equal : less) : greater
}

function orderOfNumericText(slot: Slot, other: f64): u32 {
  if (slot.length == 0) return unordered
  const first = <u32>load<u8>(slot.start)
  const isDigit = first - 0x30 < 10
  // White space, signs, a point: may begin a number. Other scripts have white space of their own.
  if (!isDigit && first != 0x2d) return first > 0x2e && first < 0x80 ? unordered : unclear
  const value = plainNumberOf(slot.start, slot.length)
  return isNaN(value) ? unclear : orderOfNumbers(value, other)
}

/** Numbers and booleans stand with their text. */
function textTest(test: Test, slot: Slot): u32 {
  const kind = slot.kind
  if (kind <= isNull) return no
  if (kind == nested || kind == otherNumber || kind == escapedText) return unknown
  const start = <usize>slot.start
  const length = <usize>slot.length
  const wanted = <usize>test.textLength
  if (wanted > length) return no
  if (test.op == opStartsWith) return <u32>(memory.compare(start, test.textAt, wanted) == 0)
  const last = start + length - wanted
  if (test.op == opEndsWith) return <u32>(memory.compare(last, test.textAt, wanted) == 0)
  return contains(start, last, test)
}

/** Whether the test's text stands anywhere between, looking for its first byte 16 at once. */
function contains(from: usize, last: usize, test: Test): u32 {
  if (test.textLength == 0) return yes
  const first = i8x16.splat(load<i8>(test.textAt))
  let at = from
  while (at <= last) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), first))
    while (found != 0) {
      const place = at + <usize>ctz<i32>(found)
      if (place > last) return no
      if (memory.compare(place, test.textAt, test.textLength) == 0) return yes
      found &= found - 1
    }
    at += 16
  }
  return no
}
