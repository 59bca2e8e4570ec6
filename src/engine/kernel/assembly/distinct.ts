/** States of distinct: the hashes of ../../bytes/text-hash.ts, and beyond the exact limit the registers of ../../columns/hyper-log-log.ts. */
import {copyEntries, enlarge, Entries, isFullOf, listMax, sortEntries} from './entries'
import {give, take} from './heap'
import {Slot} from './layout'

const registerCount: usize = 1 << 14
/** In place of the count of slots: the block holds registers. */
const isEstimate: u32 = u32.MAX_VALUE

const multiplierA: u32 = 0x9e3779b1
const multiplierB: u32 = 0x85ebca77

/** The 64-bit hash of a text. */
@inline
function hashOf(from: usize, length: u32): u64 {
  let a: u32 = 0x2545f491
  let b: u32 = 0x1b873593 ^ 0x5bd1e995
  let at = from
  let rest = length
  while (rest >= 4) {
    const word = load<u32>(at)
    a = rotl<u32>(a ^ word, 15) * multiplierA + b
    b = (rotl<u32>(b ^ word, 13) * multiplierB) ^ a
    at += 4
    rest -= 4
  }
  // One word more than there are whole ones, filled up with zeros.
  const word = load<u32>(at) & ((1 << (rest << 3)) - 1)
  a = rotl<u32>(a ^ word, 15) * multiplierA + b
  b = (rotl<u32>(b ^ word, 13) * multiplierB) ^ a
  const high = mixed(a ^ length)
  const low = mixed(b + high)
  return (<u64>mixed(high + low) << 32) | <u64>low
}

@inline
function mixed(x: u32): u32 {
  let hash = (x ^ (x >> 16)) * 0x7feb352d
  hash = (hash ^ (hash >> 15)) * 0x846ca68b
  return hash ^ (hash >> 16)
}

/** Takes a value's key text into the set of a group. */
export function addDistinct(address: usize, slot: Slot, exactUpTo: u32): void {
  const set = changetype<Entries>(address)
  const hash = hashOf(slot.start, slot.length)
  if (set.slots == isEstimate) {
    observe(set.block, hash)
    return
  }
  // An empty slot of a table is 0.
  const entry = hash == 0 ? 1 : hash
  if (has(set, entry)) return
  if (isFullOf(set)) enlarge(set, 0)
  insert(set, entry)
  if (++set.count > exactUpTo) makeEstimate(set)
}

@inline
function has(set: Entries, entry: u64): bool {
  const block = <usize>set.block
  const slots = set.slots
  if (slots <= listMax) {
    const end = block + (<usize>set.count << 3)
    for (let at = block; at < end; at += 8) if (load<u64>(at) == entry) return true
    return false
  }
  const mask = slots - 1
  let at = <u32>entry & mask
  while (true) {
    const found = load<u64>(block + (<usize>at << 3))
    if (found == entry) return true
    if (found == 0) return false
    at = (at + 1) & mask
  }
}

function insert(set: Entries, entry: u64): void {
  const block = <usize>set.block
  let at = set.count
  if (set.slots > listMax) {
    const mask = set.slots - 1
    at = <u32>entry & mask
    while (load<u64>(block + (<usize>at << 3)) != 0) at = (at + 1) & mask
  }
  store<u64>(block + (<usize>at << 3), entry)
}

/** The top 14 bits choose the register; it holds the longest run of zeros, plus one, behind them. */
@inline
function observe(registers: usize, hash: u64): void {
  const register = registers + <usize>(hash >> 50)
  const rest = hash << 14
  const rank: u32 = rest == 0 ? 51 : <u32>clz<u64>(rest) + 1
  if (rank > <u32>load<u8>(register)) store<u8>(register, <u8>rank)
}

function makeEstimate(set: Entries): void {
  const registers = take(registerCount)
  memory.fill(registers, 0, registerCount)
  const block = <usize>set.block
  const end = block + (<usize>(set.slots <= listMax ? set.count : set.slots) << 3)
  for (let at = block; at < end; at += 8) {
    const entry = load<u64>(at)
    if (entry != 0) observe(registers, entry)
  }
  give(block, <usize>set.slots << 3)
  set.block = <u32>registers
  set.slots = isEstimate
}

export function distinctBytes(address: usize): usize {
  const set = changetype<Entries>(address)
  return set.slots == isEstimate ? registerCount : <usize>set.count << 3
}

export function isEstimated(address: usize): bool {
  return changetype<Entries>(address).slots == isEstimate
}

/** Writes registers, or hashes in ascending order. */
export function copyDistinct(address: usize, to: usize): void {
  const set = changetype<Entries>(address)
  if (set.slots == isEstimate) {
    memory.copy(to, set.block, registerCount)
    return
  }
  copyEntries(set, to)
  sortEntries(to, to + (<usize>set.count << 3))
}
