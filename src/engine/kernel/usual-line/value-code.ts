/** Values of usual lines. What they store is what `readValue` (assembly/json-line.ts) stores, byte for byte. */
import {kinds} from '../kinds.ts'
import {i32, i64, v128} from './code.ts'
import type {LineCode} from './line-code.ts'
import {emitNumber} from './number-code.ts'
import {emitKindAndStart, slotPlaces} from './slot-code.ts'
import type {UsualValue} from './usual-line.ts'

/** The same for values that the code is the same for. */
export function codeKey({kind, slot, allowed, bytesMost, isMixed}: UsualValue): string {
  const size = kind === 'text' || kind === 'any' ? vectorsOf(bytesMost) : kind === 'number' ? bytesMost : 0
  return `${kind} ${slot} ${allowed} ${size} ${isMixed}`
}

/** Vectors that most texts end in, their closing quotes with them; four at most. */
function vectorsOf(bytesMost: number): number {
  return Math.min(4, Math.floor(bytesMost / 16) + 1)
}

/** Reads a value where a lane stands. */
export function emitValue(line: LineCode, lane: number, value: UsualValue): void {
  switch (value.kind) {
    case 'text':
      emitText(line, lane, value)
      break
    case 'number':
      emitNumber(line, lane, value)
      break
    case 'literal':
      emitLiteral(line, lane, value)
      break
    default:
      emitAny(line, lane, value)
  }
}

/** A value of any kind; of those that nobody needs texts are read here. */
function emitAny(line: LineCode, lane: number, value: UsualValue): void {
  const {code} = line
  const at = line.at(lane)
  if (value.slot === 0) code.get(at).access('i32Load8U').number(0x22).do('i32Eq').if()
  if (value.slot === 0) {
    line.advance(lane, 1)
    emitText(line, lane, {...value, isMixed: true})
    line.advance(lane, 1)
    code.else().get(at)
    line.call('skippedValueEnd')
  } else {
    code.get(at)
    line.area()
    code.number(line.slotOffset(lane, value.slot)).do('i32Add').number(value.allowed)
    line.call('neededValueEnd')
  }
  code.tee(at).do('i32Eqz')
  line.leaveIf()
  if (value.slot === 0) code.end()
}

/** Up to the closing quote, which the next step begins with. */
function emitText(line: LineCode, lane: number, {slot, bytesMost, isMixed}: UsualValue): void {
  const {code} = line
  const at = line.at(lane)
  const start = line.scratch('start', i32)
  if (slot !== 0) {
    code.get(at).set(start)
    emitKindAndStart(line, {lane, slot, kind: kinds.text, start})
  }
  emitStop(line, lane, bytesMost)
  if (slot !== 0) {
    // With a scale of 0 above it.
    line.area()
    code.get(at).get(start).do('i32Sub', 'i64ExtendI32U')
    code.access('i64Store', line.slotOffset(lane, slot) + slotPlaces.length)
  }
  if (!isMixed) return
  code.get(at).access('i32Load8U').number(0x22).do('i32Ne').if()
  code.get(at)
  if (slot === 0) {
    line.call('skippedTextEnd')
  } else {
    line.area()
    code.number(line.slotOffset(lane, slot)).do('i32Add')
    line.call('neededTextEnd')
  }
  code.tee(at).do('i32Eqz')
  line.leaveIf()
  code.end()
}

/** Moves a lane to the next quote, backslash, control character or byte beyond ASCII. */
function emitStop(line: LineCode, lane: number, bytesMost: number): void {
  const {code} = line
  const at = line.at(lane)
  const vectors = vectorsOf(bytesMost)
  const isWide = vectors > 2
  const found = isWide ? line.scratch('wideFound', i64) : line.scratch('found', i32)
  for (let index = 0; index < vectors; index++) {
    emitStops(line, at, index * 16)
    if (isWide) code.do('i64ExtendI32U')
    if (index === 0) continue
    if (isWide) code.wide(index * 16).do('i64Shl', 'i64Or')
    else code.number(16).do('i32Shl', 'i32Or')
  }
  code
    .tee(found)
    .do(isWide ? 'i64Eqz' : 'i32Eqz')
    .if()
  code
    .get(at)
    .number(vectors * 16)
    .do('i32Add')
  line.call('textStop')
  code.set(at).else().get(at).get(found)
  if (isWide) code.do('i64Ctz', 'i32WrapI64')
  else code.do('i32Ctz')
  code.do('i32Add').set(at).end()
}

/** A bit for each of 16 bytes that a text ends or is not plain at: `stops` of assembly/text.ts, by one comparison less. */
function emitStops(line: LineCode, at: number, offset: number): void {
  const bytes = line.scratch('bytes', v128)
  line.code.get(at).access('v128Load', offset).tee(bytes)
  line.code.get(line.vector('backslash')).do('i8x16Eq')
  line.code.get(line.vector('aboveQuote')).get(bytes).get(line.vector('quoteBit')).do('v128Xor', 'i8x16GtS')
  line.code.do('v128Or', 'i8x16Bitmask')
}

const words = {true: 0x65757274, null: 0x6c6c756e, fals: 0x736c6166} as const
const literalKinds = (1 << kinds.true) | (1 << kinds.false) | (1 << kinds.null)

/** `true`, `false` or `null`. */
function emitLiteral(line: LineCode, lane: number, {slot, allowed}: UsualValue): void {
  const {code} = line
  const at = line.at(lane)
  const word = line.scratch('word', i32)
  const isFour = line.scratch('isFour', i32)
  const start = line.scratch('start', i32)
  code.get(at).tee(start).access('i32Load').tee(word).number(words.true).do('i32Eq')
  code.get(word).number(words.null).do('i32Eq', 'i32Or').tee(isFour)
  code.get(word).number(words.fals).do('i32Eq').get(at).access('i32Load8U', 4).number(0x65).do('i32Eq', 'i32And')
  code.do('i32Or', 'i32Eqz')
  line.leaveIf()
  code.get(at).number(5).get(isFour).do('i32Sub', 'i32Add').set(at)
  if (slot === 0) return
  const kind = line.scratch('kind', i32)
  const isTrue = line.scratch('isTrue', i32)
  code.get(word).number(words.true).do('i32Eq').set(isTrue)
  // null 1, false 2, true 3.
  code.number(kinds.false).get(word).number(words.null).do('i32Eq', 'i32Sub').get(isTrue).do('i32Add').set(kind)
  if ((allowed & literalKinds) !== literalKinds) {
    code.number(allowed).get(kind).do('i32ShrU').number(1).do('i32And', 'i32Eqz')
    line.leaveIf()
  }
  const place = line.slotOffset(lane, slot)
  line.area()
  code.get(kind).access('i32Store', place + slotPlaces.kind)
  line.area()
  code.get(start).access('i32Store', place + slotPlaces.start)
  line.area()
  code
    .get(at)
    .get(start)
    .do('i32Sub', 'i64ExtendI32U')
    .access('i64Store', place + slotPlaces.length)
  line.area()
  code
    .get(isTrue)
    .do('i64ExtendI32U')
    .access('i64Store', place + slotPlaces.mantissa)
}
