/**
 * Groups: one hash table a keyset, and one arena for the groups of all of them.
 *
 * A table holds pairs of (hash, address), looked at four at a time; a group is one piece of the arena: header, states, key. So a new group costs one
 * write behind the last one, and a known one two cache misses, which add-batch.ts overlaps for many lines. Memory that a
 * table leaves behind when it doubles is used for groups.
 */
import {copyBytes} from './heap'
import {arenaAt, Group, groupBytes, Keyset, Part, partBytes, Slot} from './layout'

export const emptySlots: u32 = 1024
const regionBytes: usize = 256 * 1024
const pageBytes: usize = 64 * 1024
/** Copies write up to 15 bytes too much, comparisons read up to 31. */
const copySlack: usize = 32

/** End of the arena's regions. */
let regionsEnd: usize = arenaAt
/** Where the next group goes, and the end of that region. */
let free: usize = 0
let freeEnd: usize = 0
/** Regions to use again: the address of the next one stands in front, then the size. */
let left: usize = 0

export function arenaBytes(): usize {
  return regionsEnd - arenaAt
}

/** Forgets the regions; tables have to be made anew. */
export function clearArena(): void {
  regionsEnd = arenaAt
  free = 0
  freeEnd = 0
  left = 0
}

export function newRegion(bytes: usize): usize {
  const address = regionsEnd
  regionsEnd += (bytes + 63) & ~63
  reach(regionsEnd)
  return address
}

/** Up to here something may have been written. */
let touchedEnd: usize = arenaAt

/** A region of zeros. Memory that is new is not touched. */
export function newZeros(bytes: usize): usize {
  const touched = touchedEnd
  const address = newRegion(bytes)
  if (address < touched) memory.fill(address, 0, min(bytes, touched - address))
  return address
}

function reach(end: usize): void {
  touchedEnd = max(touchedEnd, end)
  const have = <usize>memory.size() * pageBytes
  if (end <= have) return
  // A sixteenth more than needed: growing is a system call.
  const wanted = end - have + (have >> 4)
  if (memory.grow(<i32>((wanted + pageBytes - 1) / pageBytes)) < 0) unreachable()
}

/** Room behind all regions, until the next region is made: for writing a run. The same place every time, whatever its size. */
export function roomBehind(bytes: usize): usize {
  reach(regionsEnd + bytes)
  return regionsEnd
}

export function allocate(bytes: usize): usize {
  if (free + bytes > freeEnd) {
    const needed = bytes + copySlack
    if (left != 0 && load<usize>(left, 4) >= needed) {
      free = left
      freeEnd = left + load<usize>(left, 4) - copySlack
      left = load<usize>(left)
    } else {
      const size = max(needed, regionBytes)
      free = newRegion(size)
      freeEnd = free + size - copySlack
    }
  }
  const address = free
  free += bytes
  return address
}

/** Bytes of a cache line. */
const lineBytes: usize = 64
/** So many bytes at the end of a line are given away for a group that lies in one line instead of two. */
const gapMax: usize = 16

/** As allocate, in as few cache lines as that takes at little waste. */
@inline
export function allocateInLine(bytes: usize): usize {
  const gap = -free & (lineBytes - 1)
  if (gap <= gapMax && gap < bytes && free + gap <= freeEnd) free += gap
  return allocate(bytes)
}

export function emptyTable(keyset: Keyset): void {
  setTable(keyset, emptySlots)
  keyset.groups = 0
  keyset.codes = 0
  keyset.cells = 0
}

export function setTable(keyset: Keyset, slots: u32): void {
  const bytes = <usize>slots << 3
  const index = newRegion(bytes)
  memory.fill(index, 0, bytes)
  keyset.index = <u32>index
  keyset.mask = slots - 1
  keyset.groupsMax = (slots >> 3) * 5
}

export function doubleTable(keyset: Keyset): void {
  const before = <usize>keyset.index
  const slots = keyset.mask + 1
  setTable(keyset, slots * 2)
  const index = <usize>keyset.index
  const mask = keyset.mask
  for (let place: u32 = 0; place < slots; place++) {
    const pair = load<u64>(before + (<usize>place << 3))
    if (pair >> 32 == 0) continue
    store<u64>(freePlace(index, mask, <u32>pair), pair)
  }
  giveRegion(before, <usize>slots << 3)
}

/** Leaves a region to groups. */
export function giveRegion(address: usize, bytes: usize): void {
  store<usize>(address, left)
  store<usize>(address, bytes, 4)
  left = address
}

@inline
export function emptyHash(): u64 {
  return 0x9e3779b97f4a7c15
}

/** 32 bytes of ones, then 32 of zeros: the 32 bytes that begin n before the zeros keep the first n bytes of others. */
export const masks = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE, 0, 0, 0, 0])
export const maskedBytes: u32 = 32

/** Takes the bytes of one key part into a hash: up to 32 without a branch, as their number cannot be foreseen. */
@inline
export function hashPart(hash: u64, from: usize, length: u32): u64 {
  let mixed = hash ^ <u64>length
  let at = from
  let rest = length
  while (rest > maskedBytes) {
    mixed = mixWords(mixed, load<u64>(at), load<u64>(at, 8), load<u64>(at, 16), load<u64>(at, 24))
    at += maskedBytes
    rest -= maskedBytes
  }
  const mask = masks + <usize>(maskedBytes - rest)
  // What is short mostly always is.
  if (rest <= 8) return mixWord(mixed ^ (load<u64>(at) & load<u64>(mask)))
  return mixWords(
    mixed,
    load<u64>(at) & load<u64>(mask),
    load<u64>(at, 8) & load<u64>(mask, 8),
    load<u64>(at, 16) & load<u64>(mask, 16),
    load<u64>(at, 24) & load<u64>(mask, 24),
  )
}

@inline
function mixWord(word: u64): u64 {
  const mixed = word * 0xd6e8feb86659fd93
  return mixed ^ (mixed >> 32)
}

/** The products of the words do not wait for each other. What is in their upper halves comes down before the next ones. */
@inline
function mixWords(hash: u64, first: u64, second: u64, third: u64, fourth: u64): u64 {
  const front = (hash ^ first) * 0xd6e8feb86659fd93 + (second ^ 0xa0761d6478bd642f) * 0xe7037ed1a0b428db
  const back = third * 0x8ebc6af09c88c6e3 + fourth * 0x589965cc75374cc3
  const mixed = (front ^ (front >> 32)) + (back ^ (back >> 29))
  return (mixed ^ (mixed >> 31)) * 0x9fb21c651e98df25
}

@inline
export function finishHash(hash: u64): u32 {
  const mixed = hash * 0xff51afd7ed558ccd
  return <u32>(mixed >> 32)
}

/**
 * A hash gives four places, which are filled in their order, and then those behind them. So they are looked at together: in which of them
 * something is cannot be foreseen.
 */
const placesTogether: u32 = 4
const lastOfThem: usize = 24

/** The hashes at four places. */
@inline
function hashesAt(places: usize): v128 {
  return i32x4.shuffle(v128.load(places), v128.load(places, 16), 0, 2, 4, 6)
}

/** The groups at four places. */
@inline
function groupsAt(places: usize): v128 {
  return i32x4.shuffle(v128.load(places), v128.load(places, 16), 1, 3, 5, 7)
}

/** Where a pair with this hash goes. */
@inline
function freePlace(index: usize, mask: u32, hash: u32): usize {
  let at = hash & mask & ~(placesTogether - 1)
  while (true) {
    const places = index + (<usize>at << 3)
    const free = i32x4.bitmask(i32x4.eq(groupsAt(places), i32x4.splat(0)))
    if (free != 0) return places + (<usize>ctz<i32>(free) << 3)
    at = (at + placesTogether) & mask
  }
}

/** The first group whose key has this hash; 0: there is none. */
@inline
export function groupWithHash(keyset: Keyset, hash: u32): usize {
  const index = <usize>keyset.index
  const mask = keyset.mask
  let at = hash & mask & ~(placesTogether - 1)
  while (true) {
    const places = index + (<usize>at << 3)
    const found = i32x4.bitmask(i32x4.eq(hashesAt(places), i32x4.splat(hash)))
    // Free places have hash 0 and group 0, and stand behind the others.
    if (found != 0) return <usize>load<u32>(places + (<usize>ctz<i32>(found) << 3), 4)
    if (load<u32>(places + lastOfThem, 4) == 0) return 0
    at = (at + placesTogether) & mask
  }
}

/** The group of a line's key; a new one when there is none. */
export function groupOf(keyset: Keyset, area: usize, hash: u32): usize {
  const index = <usize>keyset.index
  const mask = keyset.mask
  let at = hash & mask & ~(placesTogether - 1)
  while (true) {
    const places = index + (<usize>at << 3)
    let found = i32x4.bitmask(i32x4.eq(hashesAt(places), i32x4.splat(hash)))
    while (found != 0) {
      const address = <usize>load<u32>(places + (<usize>ctz<i32>(found) << 3), 4)
      if (address != 0 && isKey(keyset, address, area)) return address
      found &= found - 1
    }
    if (load<u32>(places + lastOfThem, 4) == 0) return newGroup(keyset, area, hash)
    at = (at + placesTogether) & mask
  }
}

/**
 * Parts hold no byte 00 and each is followed by one in a key, so with equal length and equal bytes in the places of the
 * parts the separators are where they must be.
 */
@inline
export function isKey(keyset: Keyset, group: usize, area: usize): bool {
  let key = group + groupBytes + <usize>keyset.stateBytes
  const end = key + <usize>changetype<Group>(group).keyLength
  let part = <usize>keyset.parts
  for (let count = keyset.partCount; count != 0; count--) {
    const slot = changetype<Slot>(area + <usize>changetype<Part>(part).slot)
    const length = slot.length
    if (key + <usize>length >= end || !isSame(key, slot.start, length)) return false
    key += <usize>length + 1
    part += partBytes
  }
  return key == end
}

/** Up to 31 bytes behind both are read, too. As above, up to 32 are compared without a branch. */
@inline
export function isSame(a: usize, b: usize, length: u32): bool {
  let at: usize = 0
  let rest = length
  while (rest > maskedBytes) {
    if (v128.any_true(v128.or(differenceAt(a + at, b + at), differenceAt(a + at + 16, b + at + 16)))) return false
    at += maskedBytes
    rest -= maskedBytes
  }
  const mask = masks + <usize>(maskedBytes - rest)
  if (rest <= 8) return ((load<u64>(a + at) ^ load<u64>(b + at)) & load<u64>(mask)) == 0
  const front = v128.and(differenceAt(a + at, b + at), v128.load(mask))
  const back = v128.and(differenceAt(a + at + 16, b + at + 16), v128.load(mask, 16))
  return !v128.any_true(v128.or(front, back))
}

@inline
function differenceAt(a: usize, b: usize): v128 {
  return v128.xor(v128.load(a), v128.load(b))
}

/** Puts a group into the table, which has room for it. */
@inline
export function insert(keyset: Keyset, hash: u32, group: usize): void {
  store<u64>(freePlace(keyset.index, keyset.mask, hash), ((<u64>group) << 32) | <u64>hash)
}

function newGroup(keyset: Keyset, area: usize, hash: u32): usize {
  if (keyset.groups >= keyset.groupsMax) doubleTable(keyset)
  const number = keyset.groups++
  let keyLength: u32 = 0
  let part = <usize>keyset.parts
  for (let count = keyset.partCount; count != 0; count--) {
    keyLength += changetype<Slot>(area + <usize>changetype<Part>(part).slot).length + 1
    part += partBytes
  }
  const bytes = (groupBytes + <usize>keyset.stateBytes + <usize>keyLength + 7) & ~7
  const group = allocateInLine(bytes)
  changetype<Group>(group).keyLength = keyLength
  changetype<Group>(group).number = number
  let key = group + groupBytes + <usize>keyset.stateBytes
  // Calls of the engine's own copy and fill would take longer than these few words.
  for (let at = group + groupBytes; at < key; at += 8) store<u64>(at, 0)
  part = <usize>keyset.parts
  for (let count = keyset.partCount; count != 0; count--) {
    const slot = changetype<Slot>(area + <usize>changetype<Part>(part).slot)
    copyBytes(key, slot.start, slot.length)
    key += <usize>slot.length
    store<u8>(key, 0)
    key++
    part += partBytes
  }
  insert(keyset, hash, group)
  return group
}
