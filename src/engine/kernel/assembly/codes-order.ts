/**
 * Groups whose keys are codes, in key order: the texts of each dictionary are sorted, and then the groups by the places of their texts,
 * by counting, from the last digit on.
 */
import {cellBytes, rowOf} from './cells'
import {codesOf, dictionaryOf} from './codes'
import {newRegion} from './groups'
import {copyBytes} from './heap'
import {Dictionary, Group, groupBytes, Keyset, outAt} from './layout'
import {entryBytes, sortTable} from './sort'

/** Bytes of an entry: the address of the group, or of its cell, then the places of its texts in one number, the first part's highest. */
export const codedEntryBytes: usize = 8

/** Bits of a digit, at most: its counters stay in the first-level cache. */
const digitBitsMax: u32 = 11

/** How many entries have each digit, then where the next one goes; they lie where blocks will be written later. */
const countersAt: usize = outAt

/** Places or entries that are gone through by one call: see sort.ts. What is called in two places stays a function of its own. */
const stretchCount: u32 = 4096

/** Sorts the table's groups; afterwards it is no hash table any more, but an array of entries. */
export function sortCoded(keyset: Keyset): void {
  const bits = rankTexts(keyset)
  if (keyset.cells != 0) {
    listCells(keyset)
    return
  }
  let from = <usize>keyset.index
  const slots = keyset.mask + 1
  let end = from
  let place: u32 = 0
  for (; place + stretchCount < slots; place += stretchCount) end = gather(keyset, place, place + stretchCount, end)
  end = gather(keyset, place, slots, end)
  const bytes = end - from
  let to = newRegion(bytes)
  const digits = (bits + digitBitsMax - 1) / digitBitsMax
  const digitBits = digits == 0 ? 0 : (bits + digits - 1) / digits
  const mask = ((<usize>1 << digitBits) - 1) << 2
  for (let digit: u32 = 0; digit < digits; digit++) {
    // In front of the digit are the 32 bits of the address; a counter takes four bytes.
    const shift = <u64>(32 + digit * digitBits) - 2
    memory.fill(countersAt, 0, mask + 4)
    let at = from
    for (; at + stretchBytes < end; at += stretchBytes) count(at, at + stretchBytes, shift, mask)
    count(at, end, shift, mask)
    let start = to
    for (let counter: usize = 0; counter <= mask; counter += 4) {
      const next = start + (<usize>load<u32>(countersAt + counter) << 3)
      store<u32>(countersAt + counter, <u32>start)
      start = next
    }
    at = from
    for (; at + stretchBytes < end; at += stretchBytes) deal(at, at + stretchBytes, shift, mask)
    deal(at, end, shift, mask)
    const sorted = to
    to = from
    from = sorted
    end = from + bytes
  }
  keyset.index = <u32>from
}

const stretchBytes: usize = <usize>stretchCount * codedEntryBytes

/** Makes entries of the cells that have pairs, row by row: they are in order at once. */
function listCells(keyset: Keyset): void {
  const first = dictionaryOf(keyset, 0)
  const second = dictionaryOf(keyset, 1)
  // Where the cells of a row are, in the order of their texts.
  const offsets = newRegion(<usize>second.groups << 2)
  for (let rank: u32 = 0; rank < second.groups; rank++) {
    store<u32>(offsets + (<usize>rank << 2), changetype<Group>(entryOf(second, rank)).number * <u32>cellBytes)
  }
  // Behind the last cell that has pairs others are written.
  const from = newRegion((<usize>keyset.groups + 1) * codedEntryBytes)
  listRows(keyset, offsets, 0, first.groups, from)
  keyset.index = <u32>from
}

/** The rows of the texts first..last-1, halves by calls of itself: see cells.ts. Returns where the next entry goes. */
function listRows(keyset: Keyset, offsets: usize, first: u32, last: u32, to: usize): usize {
  if (last - first > 1) {
    const middle = (first + last) >> 1
    return listRows(keyset, offsets, middle, last, listRows(keyset, offsets, first, middle, to))
  }
  const dictionary = dictionaryOf(keyset, 0)
  const row = rowOf(keyset, changetype<Group>(entryOf(dictionary, first)).number)
  const above = first << dictionary.rankShift
  const count = dictionaryOf(keyset, 1).groups
  let at = to
  for (let place: u32 = 0; place < count; place++) {
    const cell = row + <usize>load<u32>(offsets + (<usize>place << 2))
    store<u64>(at, (<u64>(above | place) << 32) | <u64>cell)
    at += <usize>(load<u64>(cell) != 0) << 3
  }
  return at
}

/** Sorts the texts of all dictionaries, and gives the codes their ranks. Returns the bits of the ranks together. */
function rankTexts(keyset: Keyset): u32 {
  let bits: u32 = 0
  for (let part = keyset.partCount; part != 0; part--) {
    const dictionary = dictionaryOf(keyset, part - 1)
    sortTable(dictionary)
    const ranks = newRegion(<usize>dictionary.groups << 2)
    for (let rank: u32 = 0; rank < dictionary.groups; rank++) {
      const code = changetype<Group>(entryOf(dictionary, rank)).number
      store<u32>(ranks + (<usize>code << 2), rank)
    }
    dictionary.ranks = <u32>ranks
    dictionary.rankBits = 32 - <u32>clz<u32>(dictionary.groups - 1)
    dictionary.rankShift = bits
    bits += dictionary.rankBits
  }
  return bits
}

/** The text with that rank. */
@inline
function entryOf(dictionary: Dictionary, rank: u32): usize {
  return <usize>load<u32>(<usize>dictionary.index + <usize>rank * entryBytes)
}

/** Makes entries of the places first..last-1 of the table, one behind the other, no further than those places. Returns where the next one goes. */
function gather(keyset: Keyset, first: u32, last: u32, to: usize): usize {
  let at = to
  const index = <usize>keyset.index
  for (let place = first; place < last; place++) {
    const pair = load<u64>(index + (<usize>place << 3))
    const group = pair >> 32
    // Without a branch, as in sort.ts; a place that is free has code 0.
    store<u64>(at, (<u64>ranksOf(keyset, codesOf(<u32>pair)) << 32) | group)
    at += <usize>(group != 0) << 3
  }
  return at
}

@inline
function ranksOf(keyset: Keyset, codes: u32): u32 {
  let ranks: u32 = 0
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const dictionary = dictionaryOf(keyset, part)
    const code = (codes >> dictionary.shift) & ((<u32>1 << dictionary.bits) - 1)
    ranks |= load<u32>(<usize>dictionary.ranks + (<usize>code << 2)) << dictionary.rankShift
  }
  return ranks
}

function count(from: usize, to: usize, shift: u64, mask: usize): void {
  for (let at = from; at < to; at += codedEntryBytes) {
    const counter = countersAt + (<usize>(load<u64>(at) >> shift) & mask)
    store<u32>(counter, load<u32>(counter) + 1)
  }
}

function deal(from: usize, to: usize, shift: u64, mask: usize): void {
  for (let at = from; at < to; at += codedEntryBytes) {
    const entry = load<u64>(at)
    const counter = countersAt + (<usize>(entry >> shift) & mask)
    const place = <usize>load<u32>(counter)
    store<u64>(place, entry)
    store<u32>(counter, <u32>(place + codedEntryBytes))
  }
}

/** The text of a part in ranks, as an entry of its dictionary. */
@inline
function textOf(dictionary: Dictionary, ranks: u32): usize {
  return entryOf(dictionary, (ranks >> dictionary.rankShift) & ((<u32>1 << dictionary.rankBits) - 1))
}

/** Bytes of the key. */
export function keyBytesOf(keyset: Keyset, ranks: u32): u32 {
  let bytes: u32 = 0
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    bytes += changetype<Group>(textOf(dictionaryOf(keyset, part), ranks)).keyLength
  }
  return bytes
}

/** Writes the key, and up to 15 bytes behind it. */
export function writeKeyOf(keyset: Keyset, ranks: u32, to: usize): void {
  let at = to
  for (let part: u32 = 0; part < keyset.partCount; part++) {
    const text = textOf(dictionaryOf(keyset, part), ranks)
    const length = <usize>changetype<Group>(text).keyLength
    copyBytes(at, text + groupBytes, length)
    at += length
  }
}
