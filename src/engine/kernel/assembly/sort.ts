/**
 * Groups in key order, sorted in the place of their hash table.
 *
 * The table's pairs become entries: a group and the next eight bytes of its key. A table is at most five eighths full, so entries of
 * twelve bytes have room where pairs of eight were. Long stretches are dealt out by one byte after the other, in place; short ones sorted
 * as numbers by a three-way quicksort. A stretch that ties goes on with the eight bytes behind. No key is the beginning of another
 * one, so ties end.
 */
import {Group, groupBytes, Keyset, outAt, outBytes} from './layout'

/** Bytes of an entry: the group's address, then the bytes of its key as a number, the first one highest. */
export const entryBytes: usize = 12
const wordBytes: usize = 8

/** Fewer are sorted by insertion. */
const insertionMax: usize = 16 * entryBytes

/** Fewer are not worth looking at 256 heaps. */
const dealMin: usize = 128 * entryBytes
/** Where the heaps of a byte begin and end, 256 each; they lie where blocks will be written later. */
const heapsBytes: usize = 2048

let keyOffset: usize = 0
let heaps: usize = outAt

/**
 * Places or entries of a table that are gone through by one call. A run is often the only one of its process, and the engine's better
 * code for a function is used from its next call on, not in the middle of a loop.
 */
const stretchCount: u32 = 4096

/** Sorts the table's groups; afterwards it is no hash table any more, but an array of entries. */
export function sortTable(keyset: Keyset): void {
  const index = <usize>keyset.index
  const stretches = keyset.mask / stretchCount
  let from = index
  let place: u32 = 0
  for (let left = stretches; left != 0; left--) {
    from = gather(index, place, place + stretchCount, from)
    place += stretchCount
  }
  from = gather(index, place, keyset.mask + 1, from)
  keyOffset = groupBytes + <usize>keyset.stateBytes
  const end = index + <usize>keyset.groups * entryBytes
  let to = end
  while (from - index > <usize>stretchCount << 2) {
    to = giveWords(from - (<usize>stretchCount << 2), from, to)
    from -= <usize>stretchCount << 2
  }
  giveWords(index, from, to)
  heaps = outAt
  if (end - index > entryBytes) deal(index, end, 0, 56)
}

/** Puts the addresses of the groups at places first..last-1 one behind the other. Returns where the next one goes. */
function gather(index: usize, first: u32, last: u32, to: usize): usize {
  let at = to
  // Without a branch: whether a place is taken cannot be foreseen.
  for (let place = first; place < last; place++) {
    const group = load<u32>(index + (<usize>place << 3), 4)
    store<u32>(at, group)
    at += <usize>(group != 0) << 2
  }
  return at
}

/** Makes entries in front of `to` of the addresses in first..last-1, from the end, because an entry takes more room. Returns where they begin. */
function giveWords(first: usize, last: usize, to: usize): usize {
  let at = to
  for (let from = last; from > first; ) {
    from -= 4
    at -= entryBytes
    const group = load<u32>(from)
    store<u32>(at, group)
    store<u64>(at, wordAt(group, 0), 4)
  }
  return at
}

/** Sorts the entries in from..to-1, whose keys are the same in the first `depth` bytes. */
function sort(from: usize, to: usize, depth: usize): void {
  if (to - from <= entryBytes) return
  for (let at = from; at < to; at += entryBytes) store<u64>(at, wordAt(load<u32>(at), depth), 4)
  deal(from, to, depth, 56)
}

/** Sorts entries that have their words, and share the bits above `shift` + 8. */
function deal(from: usize, to: usize, depth: usize, shift: u64): void {
  if (to - from < dealMin || heaps + heapsBytes > outAt + outBytes) {
    sortWords(from, to, depth)
    return
  }
  const next = heaps
  const ends = heaps + 1024
  const largest = countHeaps(from, to, shift, next, ends)
  if (largest < to - from) dealOut(shift, next, ends)
  heaps += heapsBytes
  let start = from
  for (let heap: usize = 0; heap < 256; heap++) {
    const end = <usize>load<u32>(ends + (heap << 2))
    if (end - start > entryBytes) {
      if (shift == 0) sort(start, end, depth + wordBytes)
      else deal(start, end, depth, shift - 8)
    }
    start = end
  }
  heaps -= heapsBytes
}

/** Sets where each heap begins and ends. Returns the bytes of the largest. */
function countHeaps(from: usize, to: usize, shift: u64, next: usize, ends: usize): usize {
  memory.fill(next, 0, 1024)
  for (let at = from; at < to; at += entryBytes) {
    const count = next + heapOf(load<u64>(at, 4), shift)
    store<u32>(count, load<u32>(count) + <u32>entryBytes)
  }
  let largest: usize = 0
  let place = from
  for (let heap: usize = 0; heap < 1024; heap += 4) {
    const bytes = <usize>load<u32>(next + heap)
    largest = max(largest, bytes)
    store<u32>(next + heap, <u32>place)
    place += bytes
    store<u32>(ends + heap, <u32>place)
  }
  return largest
}

/** Offset of a word's heap in a list of 32-bit numbers. */
@inline
function heapOf(word: u64, shift: u64): usize {
  return (<usize>(word >> shift) & 255) << 2
}

/** Puts each entry into its heap: one that is in the wrong place takes the next place of its heap, and what was there goes on. */
function dealOut(shift: u64, next: usize, ends: usize): void {
  for (let heap: usize = 0; heap < 1024; heap += 4) {
    const end = <usize>load<u32>(ends + heap)
    for (let at = <usize>load<u32>(next + heap); at < end; at += entryBytes) {
      let group = load<u32>(at)
      let word = load<u64>(at, 4)
      let wanted = heapOf(word, shift)
      if (wanted == heap) continue
      while (wanted != heap) {
        const place = <usize>load<u32>(next + wanted)
        store<u32>(next + wanted, <u32>(place + entryBytes))
        const movedGroup = load<u32>(place)
        const movedWord = load<u64>(place, 4)
        put(place, group, word)
        group = movedGroup
        word = movedWord
        wanted = heapOf(word, shift)
      }
      put(at, group, word)
    }
  }
}

@inline
function put(at: usize, group: u32, word: u64): void {
  store<u32>(at, group)
  store<u64>(at, word, 4)
}

@inline
function move(to: usize, from: usize): void {
  put(to, load<u32>(from), load<u64>(from, 4))
}

/** Sorts entries that have their words. Recursion is as deep as keys are long, and as the smaller parts of a split. */
function sortWords(start: usize, end: usize, depth: usize): void {
  let from = start
  let to = end
  while (to - from > insertionMax) {
    const pivot = medianWord(from, to)
    let below = from
    let at = from
    let above = to
    while (at < above) {
      const group = load<u32>(at)
      const word = load<u64>(at, 4)
      if (word < pivot) {
        move(at, below)
        put(below, group, word)
        below += entryBytes
        at += entryBytes
      } else if (word > pivot) {
        above -= entryBytes
        move(at, above)
        put(above, group, word)
      } else {
        at += entryBytes
      }
    }
    sort(below, above, depth + wordBytes)
    if (below - from < to - above) {
      sortWords(from, below, depth)
      from = above
    } else {
      sortWords(above, to, depth)
      to = below
    }
  }
  insertionSort(from, to, depth)
}

function insertionSort(from: usize, to: usize, depth: usize): void {
  for (let next = from + entryBytes; next < to; next += entryBytes) {
    const group = load<u32>(next)
    const word = load<u64>(next, 4)
    let place = next
    while (place > from && isBefore(group, word, place - entryBytes, depth)) {
      move(place, place - entryBytes)
      place -= entryBytes
    }
    put(place, group, word)
  }
}

@inline
function isBefore(group: u32, word: u64, other: usize, depth: usize): bool {
  const otherWord = load<u64>(other, 4)
  return word != otherWord ? word < otherWord : isBeforeInTie(group, load<u32>(other), depth)
}

/** Whether the key of a group comes before that of another one, which is the same up to the words behind `depth`. */
function isBeforeInTie(group: u32, other: u32, depth: usize): bool {
  let at = depth + wordBytes
  while (true) {
    const x = wordAt(group, at)
    const y = wordAt(other, at)
    if (x != y) return x < y
    at += wordBytes
  }
}

function medianWord(from: usize, to: usize): u64 {
  const count = (to - from) / entryBytes
  const a = load<u64>(from, 4)
  const b = load<u64>(from + (count >> 1) * entryBytes, 4)
  const c = load<u64>(to - entryBytes, 4)
  return max(min(a, b), min(max(a, b), c))
}

/** Eight bytes of a group's key, the first one highest, zeros behind the end. */
@inline
function wordAt(group: u32, depth: usize): u64 {
  const length = <usize>changetype<Group>(group).keyLength
  const word = bswap<u64>(load<u64>(<usize>group + keyOffset + depth))
  if (depth + wordBytes <= length) return word
  return depth >= length ? 0 : word & (<u64>-1 << ((wordBytes - <u64>(length - depth)) << 3))
}
