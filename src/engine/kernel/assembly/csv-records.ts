/** Up to 64 records of CSV that hold all needed cells and nothing odd, and those of them that a condition leaves. */
import {cells, findRecord, goToRecord, linesIn, record} from './csv'
import {hasHigh, hasQuotes, hasReturn, isOdd, recordsEnd} from './csv-index'
import {Slot, text} from './layout'
import {isUtf8} from './utf8'

/** The most records of a list. */
export const listMax: u32 = 64

/** A list of records: where their cells begin in the index (one more than there are records), and where their text ends. */
const endsOffset: usize = 65 * 4
const listBytes: i32 = (65 + 64) * 4
/** All that were found, and those of them that a condition leaves. */
export const foundRecords: usize = memory.data(listBytes, 4)
export const keptRecords: usize = memory.data(listBytes, 4)
/** Places of the kept ones among those found. */
const keptPlaces: usize = memory.data(64 * 4, 4)

/** A bit for each record of the list at hand that holds quotes: of those found, then of those kept. */
export let quotedRecords: u64 = 0
let foundQuoted: u64 = 0

/**
 * Finds records, the first of them at `at`.
 *
 * @param count - the most, up to listMax
 * @param cellCount - cells that a record has to have
 * @returns how many; `takeRecords` says how many of them are taken
 */
export function findRecords(at: usize, to: usize, count: u32, cellCount: u32): u32 {
  if (!findRecord(at, to)) return 0
  const bytes = <usize>cellCount << 2
  let found: u32 = 0
  let entry = record
  let first = cells
  let from = at
  foundQuoted = 0
  while (found < count && entry != recordsEnd) {
    const flags = load<u32>(entry, 4)
    const behind = <usize>load<u32>(entry)
    const newline = <usize>load<u32>(behind - 4)
    let end = newline
    if (flags != 0) {
      if ((flags & isOdd) != 0) break
      if ((flags & hasReturn) != 0) end--
      if ((flags & hasHigh) != 0 && !isUtf8(from, end)) break
      if ((flags & hasQuotes) != 0) foundQuoted |= <u64>1 << found
    }
    if (behind - first < bytes || end == from) break
    const place = foundRecords + (<usize>found << 2)
    store<u32>(place, <u32>first)
    store<u32>(place, <u32>end, endsOffset)
    first = behind
    from = newline + 1
    entry += 8
    found++
  }
  store<u32>(foundRecords + (<usize>found << 2), <u32>first)
  quotedRecords = foundQuoted
  return found
}

/** Makes the list of the kept records, a bit of `kept` for each. */
export function keepRecords(kept: u64): void {
  let quoted: u64 = 0
  let rest = kept
  let at: usize = 0
  while (rest != 0) {
    const place = ctz<u64>(rest)
    const from = foundRecords + (<usize>place << 2)
    store<u32>(keptPlaces + at, <u32>place)
    store<u32>(keptRecords + at, load<u32>(from))
    store<u32>(keptRecords + at, load<u32>(from, endsOffset), endsOffset)
    quoted |= ((foundQuoted >> place) & 1) << (<u64>at >> 2)
    at += 4
    rest &= rest - 1
  }
  quotedRecords = quoted
}

/** Which of the records found is number `index` of those kept. */
@inline
export function placeOfKept(index: u32): u32 {
  return load<u32>(keptPlaces + (<usize>index << 2))
}

/** Takes the cells of a column, for `count` records of a list: into slots that are `stride` bytes apart. */
@inline
export function takeColumn(list: usize, index: u32, count: u32, slots: usize, stride: usize): void {
  const cell = <usize>index << 2
  let slot = slots
  for (let place = list; place < list + (<usize>count << 2); place += 4) {
    const at = <usize>load<u32>(place) + cell
    const start = load<u32>(at - 4) + 1
    const length = min(load<u32>(at), load<u32>(place, endsOffset)) - start
    store<u64>(slot, (<u64>start << 32) | <u64>text)
    // The scale is 0.
    store<u64>(slot, <u64>length, 8)
    slot += stride
  }
}

/** Goes on behind the first `count` of the records found, 1 at least. Returns their physical lines. */
export function takeRecords(count: u32): u32 {
  const last = <usize>(count - 1)
  goToRecord(record + (last << 3), load<u32>(foundRecords + (last << 2)), startOf(last), startOf(last + 1))
  let lines = count
  let quoted = foundQuoted & (u64.MAX_VALUE >> <u64>(64 - count))
  while (quoted != 0) {
    const place = <usize>ctz<u64>(quoted)
    lines += linesIn(startOf(place), startOf(place + 1)) - 1
    quoted &= quoted - 1
  }
  return lines
}

@inline
function startOf(place: usize): usize {
  return <usize>load<u32>(<usize>load<u32>(foundRecords + (place << 2)) - 4) + 1
}
