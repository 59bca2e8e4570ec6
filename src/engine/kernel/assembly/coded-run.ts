/**
 * Groups whose keys are codes as a coded run (../../groups/coded-run.ts): the texts of each part once, in their order, and an entry for each
 * group: the places of its texts, and its states as numbers. Written after they are sorted.
 */
import {isCount, pairsOf, totalOf} from './cells'
import {dictionaryOf} from './codes'
import {codedEntryBytes} from './codes-order'
import {roomBehind} from './groups'
import {copyBytes} from './heap'
import {Group, groupBytes, Keyset, opAvg, opSum, outAt, Value, valueBytes} from './layout'
import {entryBytes} from './sort'
import {writeVarint} from './states'

/** Where the last texts lie. */
export let textsAt: usize = outAt
/** All bits that stand in some count, or in the size of some total, of the run. */
export let countBits: u64 = 0
export let totalBits: u64 = 0

/** Entries that are written at once: their groups are touched before. */
const entriesTogether: u32 = 64
let warmth: u32 = 0

/** Begins with the first entry. */
export function beginCoded(): void {
  countBits = 0
  totalBits = 0
}

/**
 * Writes the texts of a part, in their order: where the key of each begins, 32 bits each, then records of keys without states. Returns the bytes.
 */
export function writeTexts(keyset: Keyset, part: u32): usize {
  const dictionary = dictionaryOf(keyset, part)
  const count = dictionary.groups
  let most: usize = 0
  for (let rank: u32 = 0; rank < count; rank++) most += <usize>changetype<Group>(textAt(dictionary, rank)).keyLength
  // Each record has two lengths, and a copy writes some bytes too much.
  textsAt = roomBehind((<usize>count << 2) + most + <usize>count * 6 + 16)
  const records = textsAt + (<usize>count << 2)
  let at = records
  for (let rank: u32 = 0; rank < count; rank++) {
    const text = textAt(dictionary, rank)
    const length = changetype<Group>(text).keyLength
    at = writeVarint(at, length)
    store<u8>(at++, 0)
    store<u32>(textsAt + (<usize>rank << 2), <u32>(at - records))
    copyBytes(at, text + groupBytes, length)
    at += <usize>length
  }
  return at - textsAt
}

@inline
function textAt(dictionary: Keyset, rank: u32): usize {
  return <usize>load<u32>(<usize>dictionary.index + <usize>rank * entryBytes)
}

/** Writes the entries first..last-1 to `outAt`, each of `bytes`. */
export function writeEntries(keyset: Keyset, first: u32, last: u32, bytes: usize): void {
  let to: usize = outAt
  for (let place = first; place < last; place += entriesTogether) {
    const count = min(entriesTogether, last - place)
    const from = <usize>keyset.index + <usize>place * codedEntryBytes
    warm(from, count)
    writeSome(keyset, from, count, to, bytes)
    to += <usize>count * bytes
  }
}

function warm(from: usize, count: u32): void {
  let sum: u32 = 0
  const end = from + <usize>count * codedEntryBytes
  for (let at = from; at < end; at += codedEntryBytes) sum += load<u8>(<usize>load<u32>(at) + groupBytes)
  warmth = sum
}

/** A column at a time. */
function writeSome(keyset: Keyset, from: usize, count: u32, to: usize, bytes: usize): void {
  const end = from + <usize>count * codedEntryBytes
  let out = to
  for (let at = from; at < end; at += codedEntryBytes) {
    store<u32>(out, load<u32>(at, 4))
    out += bytes
  }
  const isCells = keyset.cells != 0
  let column = to + 4
  let address = <usize>keyset.values
  for (let left = keyset.valueCount; left != 0; left--) {
    const value = changetype<Value>(address)
    address += valueBytes
    let state = <usize>value.state
    if (value.op != opSum) {
      countBits |= isCells ? writePairs(from, end, column, bytes) : writeCounts(from, end, state, column, bytes)
      state += 8
      column += 4
    }
    if (value.op == opSum || value.op == opAvg) {
      totalBits |= isCells ? writeSums(from, end, isCount(value), column, bytes) : writeTotals(from, end, state, column, bytes)
      column += 8
    }
  }
}

function writeCounts(from: usize, end: usize, state: usize, to: usize, bytes: usize): u64 {
  let bits: u64 = 0
  let out = to
  for (let at = from; at < end; at += codedEntryBytes) {
    const count = load<u64>(<usize>load<u32>(at) + state)
    bits |= count
    store<u32>(out, <u32>count)
    out += bytes
  }
  return bits
}

function writeTotals(from: usize, end: usize, state: usize, to: usize, bytes: usize): u64 {
  let bits: u64 = 0
  let out = to
  for (let at = from; at < end; at += codedEntryBytes) {
    const total = load<i64>(<usize>load<u32>(at) + state)
    bits |= <u64>abs<i64>(total)
    store<i64>(out, total)
    out += bytes
  }
  return bits
}

/** As writeCounts and writeTotals, of cells. */
function writePairs(from: usize, end: usize, to: usize, bytes: usize): u64 {
  let bits: u64 = 0
  let out = to
  for (let at = from; at < end; at += codedEntryBytes) {
    const count = pairsOf(load<i64>(<usize>load<u32>(at)))
    bits |= count
    store<u32>(out, <u32>count)
    out += bytes
  }
  return bits
}

function writeSums(from: usize, end: usize, isCounted: bool, to: usize, bytes: usize): u64 {
  let bits: u64 = 0
  let out = to
  for (let at = from; at < end; at += codedEntryBytes) {
    const cell = load<i64>(<usize>load<u32>(at))
    const total = isCounted ? <i64>pairsOf(cell) : totalOf(cell)
    bits |= <u64>abs<i64>(total)
    store<i64>(out, total)
    out += bytes
  }
  return bits
}
