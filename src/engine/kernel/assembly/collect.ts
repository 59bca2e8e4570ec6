/** States of collect: different key texts in order, at most so many (../../columns/collect.ts). */
import {compareBytes, copyBytes, give, take} from './heap'
import {Slot} from './layout'

/** A state. */
@unmanaged
export class List {
  block: u32
  count: u32
  /** Texts that the block has room for. */
  room: u32
  reserved: u32
}

/** One text of a list: its first eight bytes as a number that orders as they do, filled up with zeros (no text holds any). */
@unmanaged
export class Listed {
  prefix: u64
  /** Block of the whole text; 0 when it has no more than eight bytes. */
  block: u32
  length: u32
}
export const listedBytes: usize = 16
const prefixMax: u32 = 8
const firstRoom: u32 = 2

@inline
function prefixOf(slot: Slot): u64 {
  const length = slot.length
  if (length == 0) return 0
  const word = bswap<u64>(load<u64>(slot.start))
  return length >= prefixMax ? word : word & (u64.MAX_VALUE << <u64>((prefixMax - length) << 3))
}

@inline
function at(list: List, index: u32): Listed {
  return changetype<Listed>(<usize>list.block + <usize>index * listedBytes)
}

/** How a text stands to one of the list: below, at or above 0. */
@inline
function compare(slot: Slot, prefix: u64, listed: Listed): i32 {
  if (prefix != listed.prefix) return prefix < listed.prefix ? -1 : 1
  if (slot.length <= prefixMax || listed.length <= prefixMax) return <i32>slot.length - <i32>listed.length
  return compareBytes(slot.start, slot.length, listed.block, listed.length)
}

/** Takes a value's key text into the list of a group. */
export function addCollected(address: usize, slot: Slot, textsMax: u32): void {
  const list = changetype<List>(address)
  const prefix = prefixOf(slot)
  const count = list.count
  const isFull = count >= textsMax
  if (isFull && (count == 0 || compare(slot, prefix, at(list, count - 1)) >= 0)) return
  let low: u32 = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compare(slot, prefix, at(list, middle))
    if (order == 0) return
    if (order > 0) low = middle + 1
    else high = middle
  }
  if (isFull) dropLast(list)
  else if (count == list.room) enlarge(list)
  const place = <usize>list.block + <usize>low * listedBytes
  memory.copy(place + listedBytes, place, <usize>(list.count - low) * listedBytes)
  list.count++
  fill(changetype<Listed>(place), slot, prefix)
}

function dropLast(list: List): void {
  const last = at(list, --list.count)
  if (last.block != 0) give(last.block, last.length)
}

function enlarge(list: List): void {
  const room = list.room == 0 ? firstRoom : list.room << 1
  const block = take(<usize>room * listedBytes)
  if (list.room != 0) {
    memory.copy(block, list.block, <usize>list.count * listedBytes)
    give(list.block, <usize>list.room * listedBytes)
  }
  list.block = <u32>block
  list.room = room
}

function fill(listed: Listed, slot: Slot, prefix: u64): void {
  listed.prefix = prefix
  listed.length = slot.length
  listed.block = 0
  if (slot.length <= prefixMax) return
  listed.block = <u32>take(slot.length)
  copyBytes(listed.block, slot.start, slot.length)
}

/** Bytes of all its texts. */
export function collectedBytes(address: usize): usize {
  const list = changetype<List>(address)
  let bytes: usize = 0
  for (let index: u32 = 0; index < list.count; index++) bytes += <usize>at(list, index).length
  return bytes
}

export function listedAt(address: usize, index: u32): Listed {
  return at(changetype<List>(address), index)
}

/** Writes a text of a list. Returns where it ends; up to 8 bytes behind are written to, too. */
export function copyListed(listed: Listed, to: usize): usize {
  if (listed.block == 0) store<u64>(to, bswap<u64>(listed.prefix))
  else memory.copy(to, listed.block, listed.length)
  return to + <usize>listed.length
}
