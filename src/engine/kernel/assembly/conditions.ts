/** Conditions on a line's fields: a tree of tests, with the meaning of rules/expressions, or no answer at all. */
import {
  absent,
  double,
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
  opCompareFields,
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
import {numberOfSlot, plainNumberOf} from './numbers'

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
  if (op == opCompareFields) return comparedFields(test, slot, changetype<Slot>(area + <usize>test.textAt))
  if (op == opContains || op == opStartsWith || op == opEndsWith) return textTest(test, slot)
  return truth(slot)
}

/** 0, empty text, `0`, `false` and what is missing are false. */
function truth(slot: Slot): u32 {
  const kind = slot.kind
  if (kind == number) return <u32>(slot.mantissa != 0)
  if (kind == double) return <u32>(numberOfSlot(slot) != 0)
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
export const less: u32 = 1
export const equal: u32 = 2
export const greater: u32 = 4
export const unordered: u32 = 8
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
    if (kind == number || kind == double) return orderOfNumbers(numberOfSlot(slot), test.number)
    if (kind == text) return orderOfNumericText(slot, test.number)
    return kind == longInteger || kind == otherNumber ? unclear : unordered
  }
  if (kind == text) {
    const order = orderOfTexts(slot.start, slot.length, test.textAt, test.textLength)
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
  if (kind == number || kind == double) return orderOfNumbers(numberOfSlot(slot), test.number)
  return kind == longInteger || kind == otherNumber ? unclear : unordered
}

@inline
function orderOfNumbers(a: f64, b: f64): u32 {
  return a < b ? less : a == b ? equal : greater
}

/** Bytes of UTF-8 order like code points. */
function orderOfTexts(a: usize, aLength: u32, b: usize, bLength: u32): u32 {
  const length = min(aLength, bLength)
  const order = memory.compare(a, b, length)
  if (order != 0) return order < 0 ? less : greater
  return aLength == length ? (bLength == length ? equal : less) : greater
}

/** Two fields against each other. */
function comparedFields(test: Test, a: Slot, b: Slot): u32 {
  const order = orderOfSlots(a, b, test.isOrder != 0)
  return order == unclear ? unknown : <u32>((test.operator & order) != 0)
}

function orderOfSlots(a: Slot, b: Slot, isOrder: bool): u32 {
  const aKind = a.kind
  const bKind = b.kind
  if (aKind <= isNull || bKind <= isNull || aKind == nested || bKind == nested) return unordered
  if (isWide(aKind) || isWide(bKind)) return unclear
  if (aKind == text && bKind == text) return orderOfTexts(a.start, a.length, b.start, b.length)
  if (isTruth(aKind) || isTruth(bKind)) {
    // Booleans equal booleans and their text, and have no order.
    if (isOrder || isNumeric(aKind) || isNumeric(bKind)) return unordered
    if (aKind == bKind) return equal
    return aKind != text && bKind != text ? unordered : equalTexts(a, b)
  }
  if (aKind == text) return orderOfNumericText(a, numberOfSlot(b))
  if (bKind == text) return flipped(orderOfNumericText(b, numberOfSlot(a)))
  return orderOfNumbers(numberOfSlot(a), numberOfSlot(b))
}

@inline
function isWide(kind: u32): bool {
  return kind == longInteger || kind == otherNumber || kind == escapedText
}

@inline
function isTruth(kind: u32): bool {
  return kind == isTrue || kind == isFalse
}

@inline
function isNumeric(kind: u32): bool {
  return kind == number || kind == double
}

function equalTexts(a: Slot, b: Slot): u32 {
  return a.length == b.length && memory.compare(a.start, b.start, a.length) == 0 ? equal : unordered
}

function flipped(order: u32): u32 {
  return order == less ? greater : order == greater ? less : order
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
  if (kind == nested || kind == otherNumber || kind == escapedText || kind == double) return unknown
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
