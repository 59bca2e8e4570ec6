/**
 * Long usual lines by a table (../usual-line/line-table.ts): an entry says what stands in front of a value, and of what kind the value is.
 *
 * Lines of four lanes are read by one entry, then by the next, so what to do is looked up and foreseen once for four. The code is small and the
 * same for all inputs: it is compiled once, and early, and stays in the processor's cache of decoded instructions. Straight code for sixty
 * values has to be made, takes much longer to compile, and is decoded again for each row of lines.
 *
 * Where a step differs is noted, not branched on. Then nobody knows where the lane stands, so what looks for an end is bounded.
 */
import {start} from './graph'
import {finishLine, neededTextEnd, neededValueEnd, skippedValueEnd} from './json-line'
import {absent, number, Plan, planAt, Slot, text} from './layout'
import {readNumber} from './numbers'
import {nextStop, stops, unusualStringEnd} from './text'

/** Of an entry: the step, its mask, then words. As in ../usual-line/line-table.ts. */
const entryBytes: usize = 48
const maskAt: usize = 16
const lengthAt: usize = 32
const kindAt: usize = 36
const slotAt: usize = 40
const allowedAt: usize = 44
export const tableEntriesMax: u32 = 256

/** Kinds of values. Nothing stands there: the step goes on, or the line ends. */
const nothing: u32 = 0
/** Text that mostly ends, with its quote, within 16 bytes. */
const shortText: u32 = 1
const longText: u32 = 2
const integer: u32 = 3
const decimal: u32 = 4
/** What follows takes a call a line. */
const mixedText: u32 = 5
const any: u32 = 6
const neededText: u32 = 7
const neededNumber: u32 = 8
const neededAny: u32 = 9
/** A field that the line has not. */
const absentField: u32 = 10
/** true, false or null, mostly; without a call. */
const literal: u32 = 11

const table = memory.data(tableEntriesMax * entryBytes, 16)
let tableEnd: usize = 0
/** Lines of rows that were read, which the general reader read after all. */
export let missedCount: u32 = 0

const plan = changetype<Plan>(planAt)

/** 16 times the same byte each, as in vectors.ts. */
const vectors = memory.data(16 * 6, 16)

export function tableAddress(): usize {
  return table
}

export function openTable(entryCount: u32): void {
  tableEnd = table + <usize>entryCount * entryBytes
  missedCount = 0
  v128.store(vectors, i8x16.splat(2))
  v128.store(vectors, i8x16.splat(0x21), 16)
  v128.store(vectors, i8x16.splat(0x5c), 32)
  v128.store(vectors, i8x16.splat(0x46), 48)
  v128.store(vectors, i8x16.splat(0x75), 64)
  v128.store(vectors, i8x16.splat(0x2e), 80)
}

/** Not 0 where the bytes are not the step. */
@inline
function difference(at: usize, step: v128, mask: v128): v128 {
  return v128.and(v128.xor(v128.load(at), step), mask)
}

/** As `stops` of text.ts, by one comparison less. */
@inline
function stopsOf(at: usize, quoteBit: v128, aboveQuote: v128, backslash: v128): i32 {
  const bytes = v128.load(at)
  return i8x16.bitmask(v128.or(i8x16.eq(bytes, backslash), i8x16.gt_s(aboveQuote, v128.xor(bytes, quoteBit))))
}

@inline
function shortTextEnd(at: usize, found: i32, to: usize): usize {
  return found != 0 ? at + <usize>ctz<i32>(found) : stopBefore(at + 16, to)
}

/** The next stop, if there is one before `to`. */
function stopBefore(from: usize, to: usize): usize {
  let at = from
  while (at < to) {
    const found = stops(v128.load(at)) | (stops(v128.load(at, 16)) << 16)
    if (found != 0) return at + <usize>ctz<i32>(found)
    at += 32
  }
  return at
}

@inline
function digitsOf(bytes: v128, digitsUp: v128, belowDigits: v128): i32 {
  return i8x16.bitmask(i8x16.gt_s(i8x16.add(bytes, digitsUp), belowDigits))
}

/** 1 if there is no digit, or a zero in front of one. */
@inline
function oddDigits(at: usize, digits: i32): i32 {
  return ((<i32>(load<u8>(at) == 0x30) & (digits >> 1)) | ~digits) & 1
}

/** Not 0 if there are points among the first `length` bytes that are not one between digits. */
@inline
function oddPoints(points: i32, length: i32): i32 {
  const within = points & ~(-1 << length)
  return (within & (within - 1)) | (within & 1) | ((within << 1) >> length)
}

/** Bytes of `true`, `false` or `null`; 0: it is none of them. */
@inline
function literalLength(at: usize): usize {
  const word = load<u32>(at)
  const isFour = <usize>((word == 0x65757274) | (word == 0x6c6c756e))
  const isFive = <usize>((word == 0x736c6166) & (load<u8>(at, 4) == 0x65))
  return (isFour << 2) + isFive * 5
}

/** Where a value ends that nobody needs, and that is not what it mostly is. */
function anyEnd(at: usize): usize {
  if (load<u8>(at) != 0x22) return skippedValueEnd(at)
  const end = mixedTextEnd(at + 1)
  return end == 0 ? 0 : end + 1
}

function mixedTextEnd(from: usize): usize {
  const at = nextStop(from)
  return load<u8>(at) == 0x22 ? at : unusualStringEnd(at)
}

/** A value that takes a call. Returns where it ends; 0: the line is not usual. */
function otherEnd(at: usize, bad: bool, entry: usize, area: usize): usize {
  if (bad) return 0
  const slot = changetype<Slot>(area + <usize>load<u32>(entry, slotAt))
  switch (load<u32>(entry, kindAt)) {
    case mixedText:
      return mixedTextEnd(at)
    case neededText: {
      const end = nextStop(at)
      slot.kind = text
      slot.start = <u32>at
      slot.length = <u32>(end - at)
      slot.scale = 0
      return load<u8>(end) == 0x22 ? end : neededTextEnd(end, slot)
    }
    case neededNumber: {
      const end = readNumber(at, slot)
      return slot.kind == number ? end : 0
    }
    case neededAny:
      return neededValueEnd(at, slot, load<u32>(entry, allowedAt))
    case absentField:
      slot.kind = absent
      slot.scale = 0
      slot.mantissa = 0
      return at
    default:
      return anyEnd(at)
  }
}

/** Not 0, at a place that may be anywhere: the end of a value that was not found. */
@inline
function noEnd(end: usize): v128 {
  return i32x4.splat(<i32>(end == 0))
}

/** As code for usual lines reads rows of lines (usual.ts), of four lanes; a line that is not usual is read by the general reader. */
export function readTableRows(lanes: usize, firstArea: usize, firstEnd: usize, endsTo: usize): usize {
  const quoteBit = v128.load(vectors)
  const aboveQuote = v128.load(vectors, 16)
  const backslash = v128.load(vectors, 32)
  const digitsUp = v128.load(vectors, 48)
  const belowDigits = v128.load(vectors, 64)
  const point = v128.load(vectors, 80)
  const to = <usize>load<u32>(lanes, 28)
  let at0 = <usize>load<u32>(lanes)
  let at1 = <usize>load<u32>(lanes, 8)
  let at2 = <usize>load<u32>(lanes, 16)
  let at3 = <usize>load<u32>(lanes, 24)
  let area = firstArea
  let ends = firstEnd
  const last = tableEnd
  const laneLines = <usize>(plan.batchLines >> 2)
  const areaStride = laneLines * <usize>plan.areaBytes
  while (ends < endsTo) {
    if (
      at0 >= <usize>load<u32>(lanes, 4) ||
      at1 >= <usize>load<u32>(lanes, 12) ||
      at2 >= <usize>load<u32>(lanes, 20) ||
      at3 >= to
    )
      break
    let bad0 = i64x2.splat(0)
    let bad1 = bad0
    let bad2 = bad0
    let bad3 = bad0
    for (let entry = table; entry < last; entry += entryBytes) {
      const step = v128.load(entry)
      const mask = v128.load(entry, maskAt)
      const length = <usize>load<u32>(entry, lengthAt)
      const kind = load<u32>(entry, kindAt)
      bad0 = v128.or(bad0, difference(at0, step, mask))
      bad1 = v128.or(bad1, difference(at1, step, mask))
      bad2 = v128.or(bad2, difference(at2, step, mask))
      bad3 = v128.or(bad3, difference(at3, step, mask))
      at0 += length
      at1 += length
      at2 += length
      at3 += length
      if (kind == shortText) {
        const found0 = stopsOf(at0, quoteBit, aboveQuote, backslash)
        const found1 = stopsOf(at1, quoteBit, aboveQuote, backslash)
        const found2 = stopsOf(at2, quoteBit, aboveQuote, backslash)
        const found3 = stopsOf(at3, quoteBit, aboveQuote, backslash)
        at0 = shortTextEnd(at0, found0, to)
        at1 = shortTextEnd(at1, found1, to)
        at2 = shortTextEnd(at2, found2, to)
        at3 = shortTextEnd(at3, found3, to)
      } else if (kind == integer || kind == decimal) {
        const bytes0 = v128.load(at0)
        const bytes1 = v128.load(at1)
        const bytes2 = v128.load(at2)
        const bytes3 = v128.load(at3)
        const digits0 = digitsOf(bytes0, digitsUp, belowDigits)
        const digits1 = digitsOf(bytes1, digitsUp, belowDigits)
        const digits2 = digitsOf(bytes2, digitsUp, belowDigits)
        const digits3 = digitsOf(bytes3, digitsUp, belowDigits)
        let odd = oddDigits(at0, digits0) | oddDigits(at1, digits1) | oddDigits(at2, digits2) | oddDigits(at3, digits3)
        let length0 = ctz<i32>(~digits0)
        let length1 = ctz<i32>(~digits1)
        let length2 = ctz<i32>(~digits2)
        let length3 = ctz<i32>(~digits3)
        if (kind == decimal) {
          const points0 = i8x16.bitmask(i8x16.eq(bytes0, point))
          const points1 = i8x16.bitmask(i8x16.eq(bytes1, point))
          const points2 = i8x16.bitmask(i8x16.eq(bytes2, point))
          const points3 = i8x16.bitmask(i8x16.eq(bytes3, point))
          length0 = ctz<i32>(~(digits0 | points0))
          length1 = ctz<i32>(~(digits1 | points1))
          length2 = ctz<i32>(~(digits2 | points2))
          length3 = ctz<i32>(~(digits3 | points3))
          // Of 16 bytes the last one may be in the middle of a fraction.
          odd |= (length0 | length1 | length2 | length3) & 16
          odd |= oddPoints(points0, length0) | oddPoints(points1, length1)
          odd |= oddPoints(points2, length2) | oddPoints(points3, length3)
        }
        if (odd != 0) {
          const end0 = otherEnd(at0, v128.any_true(bad0), entry, area)
          const end1 = otherEnd(at1, v128.any_true(bad1), entry, area)
          const end2 = otherEnd(at2, v128.any_true(bad2), entry, area)
          const end3 = otherEnd(at3, v128.any_true(bad3), entry, area)
          bad0 = v128.or(bad0, noEnd(end0))
          bad1 = v128.or(bad1, noEnd(end1))
          bad2 = v128.or(bad2, noEnd(end2))
          bad3 = v128.or(bad3, noEnd(end3))
          at0 = end0
          at1 = end1
          at2 = end2
          at3 = end3
        } else {
          at0 += <usize>length0
          at1 += <usize>length1
          at2 += <usize>length2
          at3 += <usize>length3
        }
      } else if (kind == literal) {
        const length0 = literalLength(at0)
        const length1 = literalLength(at1)
        const length2 = literalLength(at2)
        const length3 = literalLength(at3)
        at0 = length0 != 0 ? at0 + length0 : otherEnd(at0, v128.any_true(bad0), entry, area)
        at1 = length1 != 0 ? at1 + length1 : otherEnd(at1, v128.any_true(bad1), entry, area)
        at2 = length2 != 0 ? at2 + length2 : otherEnd(at2, v128.any_true(bad2), entry, area)
        at3 = length3 != 0 ? at3 + length3 : otherEnd(at3, v128.any_true(bad3), entry, area)
        bad0 = v128.or(bad0, noEnd(at0))
        bad1 = v128.or(bad1, noEnd(at1))
        bad2 = v128.or(bad2, noEnd(at2))
        bad3 = v128.or(bad3, noEnd(at3))
      } else if (kind == longText) {
        at0 = stopBefore(at0, to)
        at1 = stopBefore(at1, to)
        at2 = stopBefore(at2, to)
        at3 = stopBefore(at3, to)
      } else if (kind != nothing) {
        at0 = otherEnd(at0, v128.any_true(bad0), entry, area)
        at1 = otherEnd(at1, v128.any_true(bad1), entry, area + areaStride)
        at2 = otherEnd(at2, v128.any_true(bad2), entry, area + areaStride * 2)
        at3 = otherEnd(at3, v128.any_true(bad3), entry, area + areaStride * 3)
        bad0 = v128.or(bad0, noEnd(at0))
        bad1 = v128.or(bad1, noEnd(at1))
        bad2 = v128.or(bad2, noEnd(at2))
        bad3 = v128.or(bad3, noEnd(at3))
      }
    }
    if (v128.any_true(v128.or(v128.or(bad0, bad1), v128.or(bad2, bad3)))) {
      const missedBefore = missedCount
      at0 = whole(at0, v128.any_true(bad0), lanes, area)
      at1 = whole(at1, v128.any_true(bad1), lanes + 8, area + areaStride)
      at2 = whole(at2, v128.any_true(bad2), lanes + 16, area + areaStride * 2)
      at3 = whole(at3, v128.any_true(bad3), lanes + 24, area + areaStride * 3)
      if (at0 == 0 || at1 == 0 || at2 == 0 || at3 == 0) {
        missedCount = missedBefore
        break
      }
    }
    store<u32>(lanes, <u32>at0)
    store<u32>(lanes, <u32>at1, 8)
    store<u32>(lanes, <u32>at2, 16)
    store<u32>(lanes, <u32>at3, 24)
    store<u32>(ends, <u32>at0)
    store<u32>(ends + (laneLines << 2), <u32>at1)
    store<u32>(ends + (laneLines << 3), <u32>at2)
    store<u32>(ends + laneLines * 12, <u32>at3)
    ends += 4
    area += <usize>plan.areaBytes
  }
  return ends
}

/** Reads a line again that is not usual. Returns where it ends; 0: it is for the row path. */
function whole(at: usize, bad: bool, lane: usize, area: usize): usize {
  if (!bad) return at
  missedCount++
  return finishLine(<usize>load<u32>(lane), start, 0, area)
}
