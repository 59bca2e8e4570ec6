/** Numbers of usual lines, not below zero and of at most 15 bytes; others are read by the kernel's own functions. */
import {kinds} from '../kinds.ts'
import {i32, i64, v128} from './code.ts'
import type {LineCode} from './line-code.ts'
import {emitKindAndStart, slotPlaces} from './slot-code.ts'
import type {UsualValue} from './usual-line.ts'

/** Bytes of a number that lie in one vector with what ends it. */
const vectorBytesMax = 15
/** Of one that lies in a word of 64 bits. */
const wordBytesMax = 8

/** Reads a number where a lane stands. */
export function emitNumber(line: LineCode, lane: number, {slot, bytesMost, isMixed}: UsualValue): void {
  const bytesMax = slot === 0 ? vectorBytesMax : wordBytesMax
  if (isMixed || bytesMost > bytesMax) {
    emitCall(line, lane, slot)
    return
  }
  const {code} = line
  const at = line.at(lane)
  const length = line.scratch('length', i32)
  emitLength(line, lane, bytesMax)
  if (slot !== 0) emitSlot(line, lane, slot)
  code.get(at).get(length).do('i32Add').set(at)
}

/**
 * Finds the length: digits, with at most one point, which is neither the first nor the last byte, and no zero in front of digits. What
 * stands behind is for the next step to compare, so there is no exponent.
 */
function emitLength(line: LineCode, lane: number, bytesMax: number): void {
  const {code} = line
  const at = line.at(lane)
  const bytes = line.scratch('bytes', v128)
  const digits = line.scratch('digits', i32)
  const points = line.scratch('points', i32)
  const length = line.scratch('length', i32)
  code.get(at).access('v128Load').tee(bytes).get(line.vector('digitsUp')).do('i8x16Add')
  code.get(line.vector('belowDigits')).do('i8x16GtS', 'i8x16Bitmask').tee(digits)
  code.get(bytes).get(line.vector('point')).do('i8x16Eq', 'i8x16Bitmask').tee(points)
  code.do('i32Or').number(-1).do('i32Xor', 'i32Ctz').set(length)
  // Those in the number.
  code.get(points).number(-1).get(length).do('i32Shl').number(-1).do('i32Xor', 'i32And').tee(points)
  code.get(points).number(1).do('i32Sub', 'i32And')
  code.get(points).number(1).do('i32And', 'i32Or')
  code.get(points).number(1).do('i32Shl').get(length).do('i32ShrU', 'i32Or')
  code.get(length).number(1).do('i32Sub').number(bytesMax).do('i32GeU', 'i32Or')
  code.get(at).access('i32Load8U').number(0x30).do('i32Eq').get(digits).number(1).do('i32ShrU', 'i32And', 'i32Or')
  line.leaveIf()
}

/** Both halves of a word of eight zeros as text. */
const zeroes = 0x30303030
const lowBytes = 0xff

/** `readNumber` of assembly/numbers.ts for the `length` bytes where the lane stands. */
function emitSlot(line: LineCode, lane: number, slot: number): void {
  const {code} = line
  const at = line.at(lane)
  const length = line.scratch('length', i32)
  const points = line.scratch('points', i32)
  const scale = line.scratch('scale', i32)
  const word = line.scratch('digitsWord', i64)
  const place = line.slotOffset(lane, slot)
  // Digits behind the point.
  code
    .get(length)
    .number(1)
    .do('i32Sub')
    .get(points)
    .do('i32Ctz', 'i32Sub')
    .number(0)
    .get(points)
    .do('select')
    .set(scale)
  code.get(at).access('i64Load').wide(zeroes, zeroes).do('i64Xor').wide(64)
  code.get(length).number(3).do('i32Shl', 'i64ExtendI32U', 'i64Sub', 'i64Shl').set(word)
  emitPointOut(line)
  emitEightDigits(line)
  emitKindAndStart(line, {lane, slot, kind: kinds.number, start: at})
  line.area()
  emitTextLength(line, lane)
  code.get(scale).do('i64ExtendI32U').wide(32).do('i64Shl', 'i64Or')
  code.access('i64Store', place + slotPlaces.length)
  line.area()
  code.get(word).access('i64Store', place + slotPlaces.mantissa)
}

/** Closes the gap of the point: the bytes before it move up by one. */
function emitPointOut(line: LineCode): void {
  const {code} = line
  const points = line.scratch('points', i32)
  const scale = line.scratch('scale', i32)
  const word = line.scratch('digitsWord', i64)
  const shift = line.scratch('shift', i64)
  // The point lies below as many bytes as there are digits behind it.
  code.wide(56).get(scale).number(3).do('i32Shl', 'i64ExtendI32U', 'i64Sub').set(shift)
  code.get(word).wide(1).get(shift).do('i64Shl').wide(1).do('i64Sub', 'i64And').wide(8).do('i64Shl')
  code.get(word).wide(-256).get(shift).do('i64Shl', 'i64And', 'i64Or')
  code.get(word).get(points).do('select').set(word)
}

/** `eightDigitsOf` of assembly/numbers.ts. */
function emitEightDigits(line: LineCode): void {
  const {code} = line
  const word = line.scratch('digitsWord', i64)
  code.get(word).wide(10).do('i64Mul').get(word).wide(8).do('i64ShrU', 'i64Add').set(word)
  code.get(word).wide(lowBytes, lowBytes).do('i64And').wide(0x64, 0x000f4240).do('i64Mul')
  code.get(word).wide(16).do('i64ShrU').wide(lowBytes, lowBytes).do('i64And').wide(0x01, 0x00002710).do('i64Mul')
  code.do('i64Add').wide(32).do('i64ShrU').set(word)
}

/** Puts the length on the stack without the zeros that end a fraction, nor its point if nothing else is left: 64 bits. */
function emitTextLength(line: LineCode, lane: number): void {
  const {code} = line
  const at = line.at(lane)
  const length = line.scratch('length', i32)
  const scale = line.scratch('scale', i32)
  const dropped = line.scratch('dropped', i32)
  const word = line.scratch('textWord', i64)
  // Its last byte is the highest: zeros there are what ends it.
  code.get(at).access('i64Load').wide(zeroes, zeroes).do('i64Xor').wide(64)
  code.get(length).number(3).do('i32Shl', 'i64ExtendI32U', 'i64Sub', 'i64Shl').set(word)
  code.get(word).do('i64Clz', 'i32WrapI64').number(3).do('i32ShrU').tee(dropped)
  code.get(scale).get(dropped).get(scale).do('i32LtU', 'select').set(dropped)
  code.get(length).get(dropped).do('i32Sub')
  code.get(dropped).get(scale).do('i32Eq').get(scale).number(0).do('i32Ne', 'i32And', 'i32Sub', 'i64ExtendI32U')
}

function emitCall(line: LineCode, lane: number, slot: number): void {
  const {code} = line
  const at = line.at(lane)
  code.get(at)
  if (slot === 0) {
    line.call('skippedNumberEnd')
  } else {
    line.area()
    code.number(line.slotOffset(lane, slot)).do('i32Add')
    line.call('neededNumberEnd')
  }
  code.tee(at).do('i32Eqz')
  line.leaveIf()
}
