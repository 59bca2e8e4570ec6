/** Records of CSV: from their index to slots. */
import {firstCell, hasHigh, hasQuotes, hasReturn, indexRecords, isOdd, isStuck, recordsAt, recordsEnd} from './csv-index'
import {scratchRoom, takeScratch} from './escapes'
import {absent, Column, columnBytes, isNull, noColumn, Plan, Slot, text} from './layout'
import {isUtf8} from './utf8'

/** From readCsv: no complete record begins there, or one that only the row path can follow (csv-index.ts, isStuck). */
export const unfinished: usize = 1

let plan: Plan = changetype<Plan>(0)
/** The record at hand in the index, and its first cell there. */
export let record: usize = 0
export let cells: usize = 0
let recordStart: usize = 0
/** Where the next record begins. */
export let recordEnd: usize = 0
/** Physical lines of the record at hand. Formats by line leave it alone. */
export let recordLines: u32 = 1

export function openCsv(image: Plan): void {
  plan = image
  recordLines = 1
}

/** The input has changed. */
@inline
export function restartCsv(): void {
  record = recordsEnd
  recordStart = 0
  recordEnd = 0
}

/** Reads the needed cells of the record at `at`. Returns where the next one begins; 0: for the row path; or `unfinished`. */
export function readCsv(at: usize, to: usize, area: usize): usize {
  if (!findRecord(at, to)) return unfinished
  const flags = load<u32>(record, 4)
  const cellsEnd = <usize>load<u32>(record)
  let end = recordEnd - 1
  if (flags != 0) {
    if ((flags & hasQuotes) != 0) recordLines = linesIn(at, recordEnd)
    if ((flags & hasReturn) != 0) end--
    if ((flags & isOdd) != 0 || ((flags & hasHigh) != 0 && !isUtf8(at, end))) return 0
  }
  // A blank line.
  if (end == at) return 0
  const count = <u32>(cellsEnd - cells) >> 2
  let address = <usize>plan.columns
  for (let left = plan.columnCount; left != 0; left--) {
    const column = changetype<Column>(address)
    const slot = changetype<Slot>(area + <usize>column.slot)
    const index = column.index
    slot.scale = 0
    if (index < count) {
      const cell = cells + (<usize>index << 2)
      const start = load<u32>(cell - 4) + 1
      slot.kind = text
      slot.start = start
      slot.length = min(load<u32>(cell), <u32>end) - start
      if ((flags & hasQuotes) != 0 && !unquote(slot)) return 0
    } else {
      slot.kind = index == noColumn ? absent : isNull
      slot.mantissa = 0
    }
    address += columnBytes
  }
  return recordEnd
}

/**
 * Makes the record at `at` the one at hand. False, however often it is asked: none is complete there, or only the row path can
 * follow it.
 */
@inline
export function findRecord(at: usize, to: usize): bool {
  if (at == recordStart) return true
  if (at == recordEnd && record != recordsEnd) {
    cells = load<u32>(record)
    record += 8
  }
  if (at != recordEnd || record == recordsEnd) {
    if (isStuck && at == recordEnd) return false
    indexRecords(at, to, plan.delimiter)
    record = recordsAt
    cells = firstCell()
    if (record == recordsEnd) return false
  }
  recordStart = at
  recordEnd = <usize>load<u32>(<usize>load<u32>(record) - 4) + 1
  recordLines = 1
  return true
}

/** Goes on at another record of the index: it is the one at hand, from `start` on, and the next one begins at `end`. */
export function goToRecord(entry: usize, first: usize, start: usize, end: usize): void {
  record = entry
  cells = first
  recordStart = start
  recordEnd = end
  recordLines = 1
}

/** Newlines in from..to-1. */
export function linesIn(from: usize, to: usize): u32 {
  let count: u32 = 0
  for (let at = from; at < to; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)))
    if (to - at < 16) found &= (1 << <i32>(to - at)) - 1
    count += <u32>popcnt<i32>(found)
  }
  return count
}

/** Takes the quotes off a cell that has them. Returns false when there is no room for its text. */
export function unquote(slot: Slot): bool {
  const start = <usize>slot.start
  if (slot.length == 0 || load<u8>(start) != 0x22) return true
  slot.start++
  slot.length -= 2
  const from = start + 1
  const to = from + <usize>slot.length
  for (let at = from; at < to; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x22)))
    if (to - at < 16) found &= (1 << <i32>(to - at)) - 1
    if (found != 0) return halveQuotes(slot, from, to, at + <usize>ctz<i32>(found))
  }
  return true
}

/** Copies a text in which each quote is doubled, the first one at `quote`. */
function halveQuotes(slot: Slot, from: usize, to: usize, quote: usize): bool {
  if (scratchRoom() < to - from + 64) return false
  const place = takeScratch(0)
  memory.copy(place, from, quote - from)
  let out = place + (quote - from)
  let at = quote
  while (at < to) {
    const byte = load<u8>(at)
    store<u8>(out++, byte)
    at += byte == 0x22 ? 2 : 1
  }
  takeScratch(out - place)
  slot.start = <u32>place
  slot.length = <u32>(out - place)
  return true
}
