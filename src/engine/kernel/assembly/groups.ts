/**
 * Groups: one hash table a keyset, and one arena for the groups of all of them.
 *
 * A table holds pairs of (hash, address); a group is one piece of the arena: header, states, key. So a new group costs one
 * write behind the last one, and a known one two cache misses, which scan.ts overlaps for many lines. Memory that a
 * table leaves behind when it doubles is used for groups.
 */
import {copyBytes} from './heap'
import {arenaAt, Group, groupBytes, Keyset, Part, partBytes, Slot} from './layout'

const emptySlots: u32 = 1024
const regionBytes: usize = 256 * 1024
const pageBytes: usize = 64 * 1024
/** Copies write up to 15 bytes too much. */
const copySlack: usize = 16

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

function reach(end: usize): void {
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

export function emptyTable(keyset: Keyset): void {
  setTable(keyset, emptySlots)
  keyset.groups = 0
}

function setTable(keyset: Keyset, slots: u32): void {
  const bytes = <usize>slots << 3
  const index = newRegion(bytes)
  memory.fill(index, 0, bytes)
  keyset.index = <u32>index
  keyset.mask = slots - 1
  keyset.groupsMax = (slots >> 3) * 5
}

function doubleTable(keyset: Keyset): void {
  const before = <usize>keyset.index
  const slots = keyset.mask + 1
  setTable(keyset, slots * 2)
  const index = <usize>keyset.index
  const mask = keyset.mask
  for (let place: u32 = 0; place < slots; place++) {
    const pair = load<u64>(before + (<usize>place << 3))
    if (pair >> 32 == 0) continue
    let at = <u32>pair & mask
    while (load<u32>(index + (<usize>at << 3), 4) != 0) at = (at + 1) & mask
    store<u64>(index + (<usize>at << 3), pair)
  }
  store<usize>(before, left)
  store<usize>(before, <usize>slots << 3, 4)
  left = before
}

@inline
export function emptyHash(): u64 {
  return 0x9e3779b97f4a7c15
}

/** Takes the bytes of one key part into a hash. */
@inline
export function hashPart(hash: u64, from: usize, length: u32): u64 {
  let mixed = hash ^ <u64>length
  let at = from
  let rest = length
  while (rest > 8) {
    mixed = (mixed ^ load<u64>(at)) * 0xd6e8feb86659fd93
    mixed ^= mixed >> 32
    at += 8
    rest -= 8
  }
  // Shifting by 64 would not shift: `rest` of 0 becomes no bytes by the second mask.
  const word = (load<u64>(at) << (64 - (<u64>rest << 3))) & (rest == 0 ? 0 : u64.MAX_VALUE)
  mixed = (mixed ^ word) * 0xd6e8feb86659fd93
  return mixed ^ (mixed >> 32)
}

@inline
export function finishHash(hash: u64): u32 {
  const mixed = hash * 0xff51afd7ed558ccd
  return <u32>(mixed >> 32)
}

/** The group of a line's key; a new one when there is none. */
@inline
export function groupOf(keyset: Keyset, area: usize, hash: u32): usize {
  const index = <usize>keyset.index
  const mask = keyset.mask
  let at = hash & mask
  while (true) {
    const pair = load<u64>(index + (<usize>at << 3))
    const address = <usize>(pair >> 32)
    if (address == 0) return newGroup(keyset, area, hash)
    if (<u32>pair == hash && isKey(keyset, address, area)) return address
    at = (at + 1) & mask
  }
}

/**
 * Parts hold no byte 00 and each is followed by one in a key, so with equal length and equal bytes in the places of the
 * parts the separators are where they must be.
 */
@inline
function isKey(keyset: Keyset, group: usize, area: usize): bool {
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

/** Up to 15 bytes behind both are read, too. */
@inline
export function isSame(a: usize, b: usize, length: u32): bool {
  let at: usize = 0
  let rest = <i32>length
  while (rest > 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false
    at += 16
    rest -= 16
  }
  const same = i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at)))
  return ctz<i32>(~same) >= rest
}

function newGroup(keyset: Keyset, area: usize, hash: u32): usize {
  if (keyset.groups >= keyset.groupsMax) doubleTable(keyset)
  keyset.groups++
  let keyLength: u32 = 0
  let part = <usize>keyset.parts
  for (let count = keyset.partCount; count != 0; count--) {
    keyLength += changetype<Slot>(area + <usize>changetype<Part>(part).slot).length + 1
    part += partBytes
  }
  const bytes = (groupBytes + <usize>keyset.stateBytes + <usize>keyLength + 7) & ~7
  const group = allocate(bytes)
  changetype<Group>(group).keyLength = keyLength
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
  const index = <usize>keyset.index
  let at = hash & keyset.mask
  while (load<u32>(index + (<usize>at << 3), 4) != 0) at = (at + 1) & keyset.mask
  store<u64>(index + (<usize>at << 3), ((<u64>group) << 32) | <u64>hash)
  return group
}
