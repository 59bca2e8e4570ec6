/**
 * Lines in, pairs added to groups.
 *
 * A line is parsed to its end before anything comes of it. Whatever is not plain - a broken line above all - goes to the row path
 * as it is, so the kernel never has to say what is wrong with a line, only that it is certain about those it takes.
 */
import {openAccessLog, readAccessLog} from './access-log'
import {addValues, clearFull, fits, isFull, needsScale, raiseScales, refused, scalesFit, setFull} from './aggregates'
import {answer, no, unknown, yes} from './conditions'
import {isStuck} from './csv-index'
import {codedGroupOf, hashCodes, noteCodes} from './codes'
import {openCsv, readCsv, recordEnd, recordLines, restartCsv, unfinished} from './csv'
import {
  batchAreas,
  batchRecords,
  cutBatch,
  hasBatches,
  hashBatch,
  isByColumn,
  openBatches,
  readBatch,
} from './csv-batch'
import {hashColumns} from './csv-columns'
import {takeRecords} from './csv-records'
import {derive} from './derived'
import {clearDecoded, decode, decodedAt, decodedLength, scratchRoom} from './escapes'
import {expand, partCount} from './parts'
import {Edge, learn, learnedEnd, matches, moveToFront, Node, start} from './graph'
import {arenaBytes, emptyHash, finishHash, groupOf, groupWithHash, hashPart, isKey} from './groups'
import {
  absent,
  areasAt,
  Derived,
  derivedBytes,
  escapedText,
  expandNone,
  formatCsv,
  formatJson,
  formatLogfmt,
  groupBytes,
  isFalse,
  isNull,
  isTrue,
  Keyset,
  keysetBytes,
  nested,
  Pair,
  pairBytes,
  Part,
  partBytes,
  Plan,
  Range,
  rangeBytes,
  rangesAt,
  rangesMax,
  Slot,
  slotBytes,
  text,
} from './layout'
import {openLogfmt, readLogfmt} from './logfmt'
import {readNumber, readNumericText, skipNumber} from './numbers'
import {clearEscape, hasEscape, nextStop, stringEnd, unusualStringEnd} from './text'
import {countOf, endOfLine, laneCount, laneLines, noteBroken, noteWhole, openLanes, readLanes} from './lanes'
import {clearUsual, readUsualLine, usualBits, usualLanes} from './usual'
import {closeRecords, openRecords, recordCount, writeRecord} from './records'
import {literalEnd, nestedEnd} from './values'
import {arePlain, openWholeBatches} from './whole-batch'

let plan: Plan = changetype<Plan>(0)
/** Bits of all slots. */
let slotBits: u64 = 0

/** Lines read so far in this part. */
export let lines: u32 = 0
export let usedCount: u64 = 0
export let noKeyCount: u64 = 0
export let filteredCount: u64 = 0
/** Line ranges for the row path, since the last call of `scan`. */
export let rangeCount: u32 = 0
/** The scan stopped at a record of CSV that goes on behind the bytes given, or that only the row path can follow. */
const open: u32 = 1
const stuck: u32 = 2
/** 0: it did not. */
export let stopped: u32 = 0
/** Of the last line: the bits of all names and objects that were seen. */
let lineBits: u64 = 0
/** Keeps loads that only warm the cache from being left out. */
let warmth: u32 = 0
/** Bytes of groups past which a scan stops. */
let arenaBytesMax: usize = 0

export function openScan(image: Plan, bytesMax: usize): void {
  plan = image
  arenaBytesMax = bytesMax
  slotBits = plan.slotCount == 64 ? u64.MAX_VALUE : (<u64>1 << plan.slotCount) - 1
  openLanes()
  clearUsual()
  openWholeBatches(plan)
  openCsv(plan)
  openLogfmt(plan)
  openAccessLog(plan)
}

/** Begins counting anew. */
export function beginPart(): void {
  lines = 0
  clearCounts()
}

/** Counts lines that were read elsewhere. */
export function addLines(count: u32): void {
  lines += count
}

export function clearCounts(): void {
  usedCount = 0
  noKeyCount = 0
  filteredCount = 0
}

/** True when the groups have to be written out before the scan goes on. */
export function mustWrite(): bool {
  return isFull
}

export function written(): void {
  clearFull()
}

/**
 * Reads the lines in from..to-1, which ends with a newline.
 *
 * Stops before the end when there is no room for more line ranges, when the groups have to be written out, or before a record of CSV
 * that does not end there or that only the row path can follow (`stopped`).
 *
 * @returns where it stopped
 */
export function scan(from: usize, to: usize): usize {
  rangeCount = 0
  stopped = 0
  restartCsv()
  if (plan.pieces != 0) return scanRecords(from, to)
  if (plan.expand != expandNone) return scanParts(from, to)
  openBatches(plan)
  let at = from
  while (at < to && rangeCount < rangesMax && !isFull && stopped == 0) {
    if (hasBatches()) {
      at = scanBatches(at, to)
      if (at >= to || isFull) break
    }
    if (plan.format == formatJson && readLanes(plan, at, to)) {
      at = takeLanes(at)
      if (arenaBytes() > arenaBytesMax) break
      continue
    }
    let count: u32 = 0
    let area = areasAt
    // Behind a record that is not for a batch there mostly are others that are.
    const most: u32 = hasBatches() ? 1 : plan.batchLines
    while (at < to && count < most) {
      const end = readRecord(at, to, area)
      if (end == unfinished) {
        stopped = isStuck ? stuck : open
        break
      }
      const fit = end == 0 ? refused : lineFits(area)
      if (fit == filtered) {
        filteredCount++
        lines += recordLines
        at = end
        if (most == 1) break
      } else if (fit == fits) {
        countLine(judge(area))
        lines += recordLines
        count++
        area += <usize>plan.areaBytes
        at = end
      } else if (fit == refused) {
        at = passOn(at)
        if (rangeCount == rangesMax || most == 1) break
      } else {
        // What is in the batch goes by the scales as they were; the line is read again.
        addBatch(count)
        count = 0
        area = areasAt
        if (!raiseLine(area)) setFull()
        if (isFull) break
      }
    }
    addBatch(count)
    // A few lines may take much memory, if each of them is the one that makes its group an estimate.
    if (arenaBytes() > arenaBytesMax) break
  }
  return at
}

/** Adds batches of CSV up to a record that takes more than they do. Returns where that is. */
function scanBatches(from: usize, to: usize): usize {
  let at = from
  while (at < to && !isFull && readBatch(at, to)) {
    if (isByColumn) hashAreas()
    else judgeAreas()
    if (batchRecords == 0) break
    filteredCount += <u64>(batchRecords - batchAreas)
    lines += takeRecords(batchRecords)
    at = recordEnd
    addBatch(batchAreas)
    if (arenaBytes() > arenaBytesMax) break
  }
  clearDecoded()
  return at
}

/** Hashes the keys of a batch of records that all count. */
function hashAreas(): void {
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    hashBatch(changetype<Keyset>(address))
    address += keysetBytes
  }
  for (let left = plan.tableCount - plan.keysetCount; left != 0; left--) {
    for (let place: u32 = 0; place < batchAreas; place++) {
      hashValue(changetype<Keyset>(address), areasAt + <usize>place * <usize>plan.areaBytes)
    }
    address += keysetBytes
  }
  usedCount += <u64>batchAreas
}

/** Does the rest for each record of a batch, up to one that is not for the groups as they are. */
function judgeAreas(): void {
  for (let index: u32 = 0; index < batchAreas; index++) {
    const area = areasAt + <usize>index * <usize>plan.areaBytes
    const fit = partFits(area)
    if (fit == fits) {
      countLine(judge(area))
    } else if (fit == filtered) {
      filteredCount++
      dropPairs(index, index + 1)
    } else {
      cutBatch(index)
    }
  }
}

/** Adds the lines that were read side by side, in their order, up to one that is not for the groups as they are. Returns where it stopped. */
function takeLanes(from: usize): usize {
  if (areLanesPlain()) return takePlainLanes()
  let at = from
  let areaCount: u32 = 0
  let isWhole = true
  const stride = <usize>plan.areaBytes
  for (let lane: u32 = 0; lane < laneCount && isWhole; lane++) {
    const first = lane * laneLines
    const end = first + countOf(lane)
    if (first != end) dropPairs(areaCount, first)
    for (let index = first; index < end; index++) {
      const area = areasAt + <usize>index * stride
      const fit = lineFits(area)
      if (fit == fits) {
        countLine(judge(area))
        areaCount = index + 1
      } else if (fit == filtered) {
        filteredCount++
        dropPairs(index, index + 1)
      } else {
        isWhole = false
        break
      }
      at = endOfLine(index)
      lines++
    }
  }
  addBatch(areaCount)
  if (isWhole) noteWhole()
  else noteBroken()
  return at
}

function areLanesPlain(): bool {
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    const first = lane * laneLines
    if (!arePlain(first, first + countOf(lane))) return false
  }
  return true
}

/** Adds the lines of all lanes, which all add something to all keysets. Returns where the last one ends. */
function takePlainLanes(): usize {
  const stride = <usize>plan.areaBytes
  let areas: u32 = 0
  let count: u32 = 0
  for (let lane: u32 = 0; lane < laneCount; lane++) {
    const first = lane * laneLines
    const ofLane = countOf(lane)
    if (ofLane == 0) continue
    let address = <usize>plan.keysets
    for (let left = plan.keysetCount; left != 0; left--) {
      hashColumns(changetype<Keyset>(address), areasAt + <usize>first * stride, ofLane, stride)
      address += keysetBytes
    }
    dropPairs(areas, first)
    areas = first + ofLane
    count += ofLane
  }
  usedCount += <u64>count
  lines += count
  addBatch(areas)
  noteWhole()
  return endOfLine(areas - 1)
}

/** Lines of the areas from..to-1 add nothing. */
function dropPairs(from: u32, to: u32): void {
  for (let index = from; index < to; index++) {
    let pair = areasAt + <usize>index * <usize>plan.areaBytes
    for (let left = plan.tableCount; left != 0; left--) {
      changetype<Pair>(pair).isPresent = 0
      pair += pairBytes
    }
  }
}

/** Reads the fields of the record at `at` into `area`. Returns where the next one begins; 0: for the row path; or `unfinished`. */
@inline
function readRecord(at: usize, to: usize, area: usize): usize {
  const format = plan.format
  if (format == formatJson) return parseLine(at, area)
  if (format == formatCsv) return readCsv(at, to, area)
  return format == formatLogfmt ? readLogfmt(at, area) : readAccessLog(at, area)
}

/**
 * Makes several parts of a record, each in an area of its own behind those of the batch. Nothing comes of any of them before all are
 * known to fit.
 */
function scanParts(from: usize, to: usize): usize {
  let at = from
  // The record itself lies behind the areas of a full batch.
  const whole = areasAt + <usize>plan.batchLines * <usize>plan.areaBytes
  let count: u32 = 0
  while (at < to && rangeCount < rangesMax && !isFull) {
    if (count == plan.batchLines || scratchRoom() < scratchReserve) {
      addBatch(count)
      count = 0
    }
    const area = areasAt + <usize>count * <usize>plan.areaBytes
    const end = readRecord(at, to, whole)
    if (end == unfinished) {
      stopped = isStuck ? stuck : open
      break
    }
    let fit = end == 0 ? refused : wholeFits(whole)
    if (fit == fits) fit = expand(plan, whole, area, plan.batchLines - count)
    if (fit == fits) {
      countLine(judgeParts(area, partCount))
      count += partCount
    } else if (fit == filtered) {
      filteredCount++
    } else if (fit != refused && count != 0) {
      // No room, or another scale: the line is read again with an empty batch.
      addBatch(count)
      count = 0
      continue
    } else if (fit == needsScale) {
      if (!raiseParts(area, partCount)) setFull()
      continue
    } else {
      at = passOn(at)
      continue
    }
    lines += recordLines
    at = end
  }
  addBatch(count)
  return at
}

function judgeParts(first: usize, count: u32): u32 {
  let area = first
  let best: u32 = 0
  for (let left = count; left != 0; left--) {
    best |= judge(area)
    area += <usize>plan.areaBytes
  }
  return best
}

/** Another part may need a finer scale yet: then it comes here again. */
function raiseParts(first: usize, count: u32): bool {
  let area = first
  for (let left = count; left != 0; left--) {
    if (!raiseLine(area)) return false
    area += <usize>plan.areaBytes
  }
  return true
}

/** Decoded and derived texts of a line need no more, but for very long ones. */
const scratchReserve: usize = 64 * 1024

/** Makes small records instead of groups. Stops before the end also when there is no room for more of them. */
function scanRecords(from: usize, to: usize): usize {
  let at = from
  openRecords(plan)
  clearDecoded()
  while (at < to && rangeCount < rangesMax && scratchRoom() > scratchReserve) {
    const end = readRecord(at, to, areasAt)
    if (end == unfinished) {
      stopped = isStuck ? stuck : open
      break
    }
    const fit = end == 0 ? refused : lineFits(areasAt)
    if (fit == filtered) {
      filteredCount++
    } else if (fit == refused) {
      at = passOn(at)
      continue
    } else if (!writeRecord(areasAt, lineBits, at, end, lines + 1)) {
      if (recordCount != 0) break
      at = passOn(at)
      continue
    }
    lines += recordLines
    at = end
  }
  closeRecords()
  return at
}

export function lineEnd(from: usize): usize {
  let at = from
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
    if (found != 0) return at + <usize>ctz<i32>(found) + 1
    at += 16
  }
}

/** Gives the record at `from` to the row path. Returns where the next one begins. */
function passOn(from: usize): usize {
  const at = plan.format == formatCsv ? recordEnd : lineEnd(from)
  const line = lines + 1
  lines += recordLines
  const last = changetype<Range>(rangesAt + <usize>(rangeCount - 1) * rangeBytes)
  if (rangeCount != 0 && last.to == <u32>from) {
    last.to = <u32>at
    return at
  }
  const range = changetype<Range>(rangesAt + <usize>rangeCount * rangeBytes)
  rangeCount++
  range.from = <u32>from
  range.to = <u32>at
  range.line = line
  return at
}

/** Reads the fields of the line at `from` into `area`. Returns where the next line begins; 0: for the row path. */
@inline
function parseLine(from: usize, area: usize): usize {
  if (usualLanes != 0) {
    const end = readUsualLine(from, area)
    if (end != 0) {
      lineBits = usualBits
      return end
    }
  }
  return finishLine(from, start, 0, area)
}

/** The same from a step on, with the bits of the names that came before it. */
export function finishLine(from: usize, firstNode: Node, bitsBefore: u64, area: usize): usize {
  let at = from
  let node = firstNode
  let seen = bitsBefore
  while (true) {
    const first = node.first
    let edge = changetype<Edge>(first)
    let end: usize = 0
    while (true) {
      if (changetype<usize>(edge) == 0) {
        edge = learn(node, at)
        if (changetype<usize>(edge) == 0) return 0
        if (edge.target == 0) {
          end = learnedEnd
          break
        }
        // Seldom: a copy of all that reads a value would double what V8 has to compile before lines are read fast.
        end = readElement(learnedEnd, edge, area)
        if (end <= mismatch) return 0
        break
      }
      if (matches(edge, at)) {
        end = at + <usize>edge.length
        if (edge.target == 0) break
        end = readValue(end, edge, area)
        if (end == 0) return 0
        if (end != mismatch) {
          if (<u32>changetype<usize>(edge) != first) moveToFront(node, edge)
          break
        }
      }
      edge = changetype<Edge>(edge.next)
    }
    const bits = edge.bits
    if ((seen & bits) != 0) return 0
    seen |= bits
    at = end
    if (edge.target == 0) break
    node = changetype<Node>(edge.target)
  }
  lineBits = seen
  let missing = slotBits & ~seen
  while (missing != 0) {
    setSimple(changetype<Slot>(area + <usize>plan.slotsAt + <usize>ctz<u64>(missing) * slotBytes), absent, 0)
    missing &= missing - 1
  }
  return at
}

/** Whether these are the bits of all fields that are needed. */
@inline
export function hasAll(seen: u64): bool {
  return (slotBits & ~seen) == 0
}

/** From readValue: no value begins here, or one that is part of another step. */
export const mismatch: usize = 1

/** Reads the value at `at`. Returns where it ends; 0: for the row path. */
@inline
export function readValue(at: usize, edge: Edge, area: usize): usize {
  const byte = <u32>load<u8>(at)
  const offset = <usize>edge.slot
  if (offset == 0) {
    if (byte == 0x22) {
      const end = stringEnd(at + 1)
      return end == 0 ? 0 : end + 1
    }
    if (byte - 0x30 < 10 || byte == 0x2d) return skipNumber(at)
    return skipOther(at, byte, edge.hasChild)
  }
  return readNeeded(at, byte, edge.hasChild, changetype<Slot>(area + offset), edge.allowed)
}

@inline
function readNeeded(at: usize, byte: u32, hasChild: u32, slot: Slot, allowed: u32): usize {
  let end: usize
  if (byte == 0x22) {
    end = nextStop(at + 1)
    slot.kind = text
    slot.start = <u32>at + 1
    slot.length = <u32>(end - at - 1)
    slot.scale = 0
    if (load<u8>(end) != 0x22) {
      end = readUnusualText(end, slot)
      if (end == 0) return 0
    }
    end++
  } else if (byte - 0x30 < 10 || byte == 0x2d) {
    end = readNumber(at, slot)
  } else {
    end = readOther(at, byte, hasChild, slot)
  }
  return ((allowed >> slot.kind) & 1) != 0 || end == mismatch ? end : 0
}

/** For code for usual lines: a value that is no text, and that nobody needs. */
export function skippedValueEnd(at: usize): usize {
  const byte = <u32>load<u8>(at)
  const end = byte - 0x30 < 10 || byte == 0x2d ? skipNumber(at) : skipOther(at, byte, 0)
  return end == mismatch ? 0 : end
}

/** For the same: a value that is needed. */
export function neededValueEnd(at: usize, slot: Slot, allowed: u32): usize {
  const end = readNeeded(at, <u32>load<u8>(at), 0, slot, allowed)
  return end == mismatch ? 0 : end
}

/** As `readValue`, where values are read seldom: an element of a list, by an edge of the caller's. */
export function readElement(at: usize, edge: Edge, area: usize): usize {
  return readValue(at, edge, area)
}

/** Goes on at a byte that is no quote. Returns where the closing quote is. */
function readUnusualText(from: usize, slot: Slot): usize {
  clearEscape()
  const end = unusualStringEnd(from)
  if (end == 0) return 0
  slot.length = <u32>end - slot.start
  if (!hasEscape) return end
  if (decode(slot.start, end)) {
    slot.start = <u32>decodedAt
    slot.length = decodedLength
  } else {
    slot.kind = escapedText
  }
  return end
}

/** As `readUnusualText`, for text that is plain when it is decoded. */
export function neededTextEnd(from: usize, slot: Slot): usize {
  const end = readUnusualText(from, slot)
  return slot.kind == text ? end : 0
}

function skipOther(at: usize, byte: u32, hasChild: u32): usize {
  if (byte == 0x7b || byte == 0x5b) {
    // A list has no member of any name.
    if (hasChild != 0 && byte == 0x7b) return mismatch
    if (hasChild == 2) return 0
    return nestedEnd(at)
  }
  const end = literalEnd(at)
  return end == 0 ? mismatch : end
}

function readOther(at: usize, byte: u32, hasChild: u32, slot: Slot): usize {
  const end = skipOther(at, byte, hasChild)
  const kind = byte == 0x6e ? isNull : byte == 0x74 ? isTrue : byte == 0x66 ? isFalse : nested
  setSimple(slot, kind, <i64>(kind == isTrue))
  slot.start = <u32>at
  slot.length = <u32>(end - at)
  return end
}

@inline
function setSimple(slot: Slot, kind: u32, mantissa: i64): void {
  slot.kind = kind
  slot.scale = 0
  slot.mantissa = mantissa
}

/** From lineFits: the rule's condition does not hold. */
export const filtered: u32 = 3

/** Asks the conditions, of the rule and then of the keysets, and whether the numbers of the line fit the columns. */
@inline
function lineFits(area: usize): u32 {
  const fit = wholeFits(area)
  return fit == fits ? partFits(area) : fit
}

/** Asks the condition of the rule that comes before there are several parts. */
@inline
function wholeFits(area: usize): u32 {
  if (!deriveFields(0, plan.earlyCount, area)) return refused
  return holds(plan.condition, area)
}

/** fits, filtered or refused. */
@inline
function holds(condition: usize, area: usize): u32 {
  if (condition == 0) return fits
  const found = answer(condition, area)
  return found == yes ? fits : found == no ? filtered : refused
}

/** The rest, for each part. */
@inline
export function partFits(area: usize): u32 {
  if (!deriveFields(plan.earlyCount, plan.derivedCount, area) || !readNumbers(area)) return refused
  const fit = holds(plan.partCondition, area)
  if (fit != fits) return fit
  let address = <usize>plan.keysets
  let result = fits
  for (let count = plan.keysetCount; count != 0; count--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    if (keyset.condition != 0) {
      const found = answer(keyset.condition, area)
      if (found == unknown) return refused
      changetype<Pair>(area + <usize>keyset.pair).isPresent = found
      if (found == no) continue
    }
    result = max(result, scalesFit(keyset, area))
  }
  return result
}

@inline
function deriveFields(from: u32, to: u32, area: usize): bool {
  for (let index = from; index < to; index++) {
    if (!derive(changetype<Derived>(<usize>plan.derived + <usize>index * derivedBytes), area)) return false
  }
  return true
}

/** Text that stands where numbers are added up has to be one. */
@inline
function readNumbers(area: usize): bool {
  let address = <usize>plan.numbers
  for (let count = plan.numberCount; count != 0; count--) {
    const slot = changetype<Slot>(area + <usize>load<u32>(address))
    if (slot.kind == text && !readNumericText(slot)) return false
    address += 4
  }
  return true
}

function raiseLine(area: usize): bool {
  let keyset = <usize>plan.keysets
  for (let count = plan.keysetCount; count != 0; count--) {
    if (!raiseScales(changetype<Keyset>(keyset), area)) return false
    keyset += keysetBytes
  }
  return true
}

const kept: u32 = 1
const used: u32 = 2

/** Decides what becomes of a line or a part of it, and hashes its keys. Returns bits: a keyset's condition held; there is a pair. */
@inline
function judge(area: usize): u32 {
  let address = <usize>plan.keysets
  let isUsed = false
  let isKept = false
  for (let count = plan.keysetCount; count != 0; count--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    if (keyset.condition != 0 && changetype<Pair>(area + <usize>keyset.pair).isPresent == 0) continue
    isKept = true
    isUsed = hashKey(keyset, area) || isUsed
  }
  for (let count = plan.tableCount - plan.keysetCount; count != 0; count--) {
    hashValue(changetype<Keyset>(address), area)
    address += keysetBytes
  }
  return (<u32>isKept * kept) | (<u32>isUsed * used)
}

/** A record counts as the best that became of any of its parts. */
@inline
function countLine(best: u32): void {
  if ((best & used) != 0) usedCount++
  else if (best != 0) noKeyCount++
  else filteredCount++
}

@inline
function hashKey(keyset: Keyset, area: usize): bool {
  const pair = changetype<Pair>(area + <usize>keyset.pair)
  const isCoded = keyset.codes != 0
  let hash = emptyHash()
  let address = <usize>keyset.parts
  for (let count = keyset.partCount; count != 0; count--) {
    const part = changetype<Part>(address)
    const slot = changetype<Slot>(area + <usize>part.slot)
    if (slot.kind <= isNull) {
      part.dropped++
      pair.isPresent = 0
      return false
    }
    if (!isCoded) hash = hashPart(hash, slot.start, slot.length)
    address += partBytes
  }
  pair.hash = finishHash(hash)
  pair.isPresent = 1
  return true
}

/** The pair of a table that counts values: the key of its keyset, and the value as one more part. */
function hashValue(table: Keyset, area: usize): void {
  const pair = changetype<Pair>(area + <usize>table.pair)
  const parent = changetype<Pair>(area + <usize>table.parentPair)
  const last = <usize>table.parts + <usize>(table.partCount - 1) * partBytes
  const slot = changetype<Slot>(area + <usize>changetype<Part>(last).slot)
  pair.isPresent = parent.isPresent & <u32>(slot.kind > isNull)
  if (pair.isPresent != 0) pair.hash = finishHash(hashPart(emptyHash() ^ <u64>parent.hash, slot.start, slot.length))
}

/** Adds the pairs of a batch, keyset by keyset. */
function addBatch(count: u32): void {
  let address = <usize>plan.keysets
  for (let left = plan.tableCount; left != 0; left--) {
    const keyset = changetype<Keyset>(address)
    address += keysetBytes
    const isCoded = keyset.codes != 0
    if (isCoded) hashCodes(keyset, count, <usize>plan.areaBytes)
    const isWarmed = keyset.mask >= warmSlots
    if (isWarmed) findGroups(keyset, count)
    let area = areasAt
    for (let line = count; line != 0; line--) {
      const pair = changetype<Pair>(area + <usize>keyset.pair)
      if (pair.isPresent != 0) {
        let group = isWarmed ? <usize>pair.likely : groupWithHash(keyset, pair.hash)
        if (isCoded) {
          if (group == 0) group = codedGroupOf(keyset, pair.hash)
        } else if (group == 0 || !isKey(keyset, group, area)) {
          group = groupOf(keyset, area, pair.hash)
        }
        addValues(keyset, area, group)
      }
      area += <usize>plan.areaBytes
    }
    noteCodes(keyset)
  }
  clearDecoded()
}

/** Tables with more slots than this do not stay in the first caches. */
const warmSlots: u32 = 8 * 1024

/**
 * Looks for the groups of a batch by their hashes, and touches them. The loads of one line do not wait for those of another, so
 * that the cache misses of many lines pass at once.
 */
function findGroups(keyset: Keyset, count: u32): void {
  const pairs = areasAt + <usize>keyset.pair
  const stride = <usize>plan.areaBytes
  const index = <usize>keyset.index
  const mask = keyset.mask
  let sum: u32 = 0
  let pair = pairs
  for (let line = count; line != 0; line--) {
    sum += load<u32>(index + (<usize>(changetype<Pair>(pair).hash & mask) << 3))
    pair += stride
  }
  pair = pairs
  // A long group lies in two lines: its head in one, most of its key in the other.
  const keyAt = groupBytes + (keyset.codes != 0 ? 0 : <usize>keyset.stateBytes + 16)
  for (let line = count; line != 0; line--) {
    const group = groupWithHash(keyset, changetype<Pair>(pair).hash)
    changetype<Pair>(pair).likely = <u32>group
    sum += load<u8>(group + groupBytes) + load<u8>(group + keyAt)
    pair += stride
  }
  warmth = sum
}
