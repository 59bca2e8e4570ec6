/**
 * Sets of 64-bit entries, one for each group that needs one: a list up to eight entries, then a hash table. No entry is 0. What
 * makes two entries the same, and where they are looked for, is the owner's business: distinct.ts and quantiles.ts.
 */
import {give, take} from './heap'

/** The head of a set, in the states of its group. */
@unmanaged
export class Entries {
  block: u32
  count: u32
  /** Entries that the block has room for: a power of two; 0: no block. */
  slots: u32
  /** 1: the entries stand in order at the block's beginning; nothing can be added. */
  isSorted: u32
}
export const entriesBytes: usize = 16

/** Up to so many slots the entries stand one behind the other. */
export const listMax: u32 = 8
const firstSlots: u32 = 2

/** Whether one entry more needs a larger block: tables are at most three quarters full. */
@inline
export function isFullOf(set: Entries): bool {
  return set.slots <= listMax ? set.count == set.slots : set.count * 4 >= set.slots * 3
}

/** Gives the set twice the room. Of the owner: where an entry of a table is looked for first, from the bits above `shift`. */
export function enlarge(set: Entries, shift: u64): void {
  const before = <usize>set.block
  const slots = set.slots
  const more = slots == 0 ? firstSlots : slots << 1
  const bytes = <usize>more << 3
  const block = take(bytes)
  set.block = <u32>block
  set.slots = more
  if (more <= listMax) {
    if (slots == 0) return
    memory.copy(block, before, <usize>slots << 3)
  } else {
    memory.fill(block, 0, bytes)
    const mask = more - 1
    for (let slot: u32 = 0; slot < slots; slot++) {
      const entry = load<u64>(before + (<usize>slot << 3))
      if (entry == 0) continue
      let at = <u32>(entry >> shift) & mask
      while (load<u64>(block + (<usize>at << 3)) != 0) at = (at + 1) & mask
      store<u64>(block + (<usize>at << 3), entry)
    }
  }
  give(before, <usize>slots << 3)
}

/** Copies the entries to `to`, in the order that they stand in. */
export function copyEntries(set: Entries, to: usize): void {
  const from = <usize>set.block
  if (set.slots <= listMax || set.isSorted != 0) {
    memory.copy(to, from, <usize>set.count << 3)
    return
  }
  const end = to + (<usize>set.count << 3)
  let at = to
  for (let slot: usize = 0; at < end; slot += 8) {
    const entry = load<u64>(from + slot)
    if (entry == 0) continue
    store<u64>(at, entry)
    at += 8
  }
}

/** Puts the entries in order where they are, for writing. */
export function sortSet(set: Entries): void {
  if (set.isSorted != 0) return
  copyEntries(set, set.block)
  sortEntries(set.block, <usize>set.block + (<usize>set.count << 3))
  set.isSorted = 1
}

const insertionMax: usize = 24 * 8

/** Sorts different 64-bit numbers in place. */
export function sortEntries(start: usize, end: usize): void {
  let from = start
  let to = end
  while (to - from > insertionMax) {
    const pivot = medianOf(load<u64>(from), load<u64>(from + (((to - from) >> 4) << 3)), load<u64>(to - 8))
    let low = from
    let high = to - 8
    while (true) {
      while (load<u64>(low) < pivot) low += 8
      while (load<u64>(high) > pivot) high -= 8
      if (low >= high) break
      const kept = load<u64>(low)
      store<u64>(low, load<u64>(high))
      store<u64>(high, kept)
      low += 8
      high -= 8
    }
    const middle = high + 8
    // Recursion on the shorter half keeps it shallow.
    if (middle - from < to - middle) {
      sortEntries(from, middle)
      from = middle
    } else {
      sortEntries(middle, to)
      to = middle
    }
  }
  for (let next = from + 8; next < to; next += 8) {
    const entry = load<u64>(next)
    let place = next
    while (place > from && load<u64>(place - 8) > entry) {
      store<u64>(place, load<u64>(place - 8))
      place -= 8
    }
    store<u64>(place, entry)
  }
}

@inline
function medianOf(a: u64, b: u64, c: u64): u64 {
  return max(min(a, b), min(max(a, b), c))
}
