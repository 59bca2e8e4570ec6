/**
 * Groups in key order, sorted in the place of their hash table.
 *
 * The table's pairs become (group, next four bytes of its key). Long stretches are dealt out by one byte after the other, in
 * place; short ones sorted as numbers by a three-way quicksort. A stretch that ties goes on with the four bytes behind. No key is
 * the beginning of another one, so ties end.
 */
import {Group, groupBytes, Keyset, outAt, outBytes} from './layout'

/** Fewer are sorted by insertion. */
const insertionMax: usize = 16 * 8

/** Fewer are not worth looking at 256 heaps. */
const dealMin: usize = 1024 * 8
/** Where the heaps of a byte begin and end, 256 each; they lie where blocks will be written later. */
const heapsBytes: usize = 2048

let keyOffset: usize = 0
let heaps: usize = outAt

/** Sorts the table's groups; afterwards it is no hash table any more, but an array: address at every eighth byte, plus 0. */
export function sortTable(keyset: Keyset): void {
  const index = <usize>keyset.index
  let end = index
  for (let place: u32 = 0; place <= keyset.mask; place++) {
    const group = load<u32>(index + (<usize>place << 3), 4)
    if (group == 0) continue
    store<u32>(end, group)
    end += 8
  }
  keyOffset = groupBytes + <usize>keyset.stateBytes
  heaps = outAt
  sort(index, end, 0)
}

/** Sorts the pairs in from..to-1, whose keys are the same in the first `depth` bytes. */
function sort(from: usize, to: usize, depth: usize): void {
  if (to - from <= 8) return
  for (let at = from; at < to; at += 8) store<u32>(at, wordAt(load<u32>(at), depth), 4)
  deal(from, to, depth, 24)
}

/** Sorts pairs that have their words, and share the bits above `shift` + 8. */
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
    if (end - start > 8) {
      if (shift == 0) sort(start, end, depth + 4)
      else deal(start, end, depth, shift - 8)
    }
    start = end
  }
  heaps -= heapsBytes
}

/** Sets where each heap begins and ends. Returns the bytes of the largest. */
function countHeaps(from: usize, to: usize, shift: u64, next: usize, ends: usize): usize {
  memory.fill(next, 0, 1024)
  for (let at = from; at < to; at += 8) {
    const count = next + heapOf(load<u64>(at), shift)
    store<u32>(count, load<u32>(count) + 8)
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

/** Offset of a pair's heap in a list of 32-bit words. */
@inline
function heapOf(pair: u64, shift: u64): usize {
  return (<usize>(pair >> (shift + 32)) & 255) << 2
}

/** Puts each pair into its heap: one that is in the wrong place takes the next place of its heap, and what was there goes on. */
function dealOut(shift: u64, next: usize, ends: usize): void {
  for (let heap: usize = 0; heap < 1024; heap += 4) {
    const end = <usize>load<u32>(ends + heap)
    for (let at = <usize>load<u32>(next + heap); at < end; at += 8) {
      let pair = load<u64>(at)
      let wanted = heapOf(pair, shift)
      while (wanted != heap) {
        const place = <usize>load<u32>(next + wanted)
        store<u32>(next + wanted, <u32>place + 8)
        const moved = load<u64>(place)
        store<u64>(place, pair)
        pair = moved
        wanted = heapOf(pair, shift)
      }
      store<u64>(at, pair)
    }
  }
}

/** Sorts pairs that have their words. Recursion is as deep as keys are long, and as the smaller parts of a split. */
function sortWords(start: usize, end: usize, depth: usize): void {
  let from = start
  let to = end
  while (to - from > insertionMax) {
    const pivot = medianWord(from, to)
    let below = from
    let at = from
    let above = to
    while (at < above) {
      const pair = load<u64>(at)
      const word = <u32>(pair >> 32)
      if (word < pivot) {
        store<u64>(at, load<u64>(below))
        store<u64>(below, pair)
        below += 8
        at += 8
      } else if (word > pivot) {
        above -= 8
        store<u64>(at, load<u64>(above))
        store<u64>(above, pair)
      } else {
        at += 8
      }
    }
    sort(below, above, depth + 4)
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
  for (let next = from + 8; next < to; next += 8) {
    const pair = load<u64>(next)
    let place = next
    while (place > from && isBefore(pair, load<u64>(place - 8), depth)) {
      store<u64>(place, load<u64>(place - 8))
      place -= 8
    }
    store<u64>(place, pair)
  }
}

function isBefore(a: u64, b: u64, depth: usize): bool {
  const aWord = <u32>(a >> 32)
  const bWord = <u32>(b >> 32)
  if (aWord != bWord) return aWord < bWord
  let at = depth + 4
  while (true) {
    const x = wordAt(<u32>a, at)
    const y = wordAt(<u32>b, at)
    if (x != y) return x < y
    at += 4
  }
}

function medianWord(from: usize, to: usize): u32 {
  const middle = from + (((to - from) >> 4) << 3)
  const a = load<u32>(from, 4)
  const b = load<u32>(middle, 4)
  const c = load<u32>(to - 8, 4)
  return max(min(a, b), min(max(a, b), c))
}

/** Four bytes of a group's key, the first one highest, zeros behind the end. */
@inline
function wordAt(group: u32, depth: usize): u32 {
  const length = <usize>changetype<Group>(group).keyLength
  const word = bswap<u32>(load<u32>(<usize>group + keyOffset + depth))
  if (depth + 4 <= length) return word
  return depth >= length ? 0 : word & (<u32>-1 << ((4 - <u32>(length - depth)) << 3))
}
