/**
 * Memory for what groups hold beside their fixed states: blocks of a power of two bytes, from the arena of the groups.
 *
 * A block that is given back goes to the next one who needs that size; all of them are forgotten with the groups. So what is
 * held counts as bytes of the arena, and is written out with it past the budget.
 */
import {allocate, newRegion} from './groups'

const smallest: u32 = 4
/** From here on a block is a region of its own: the rest of the one in use would be lost. */
const largeBytes: usize = 64 * 1024

/** First free block by size; free blocks hold the address of the next one. */
const heads = memory.data(32 * 4, 8)

export function clearHeap(): void {
  memory.fill(heads, 0, 32 * 4)
}

@inline
function sizeOf(bytes: usize): u32 {
  return bytes <= 1 << smallest ? smallest : 32 - clz<u32>(<u32>bytes - 1)
}

/** Bytes of the block that `take` gives for so many. */
@inline
export function roomOf(bytes: usize): usize {
  return <usize>1 << sizeOf(bytes)
}

/** A block of at least so many bytes, at a multiple of 8, with anything in it. */
export function take(bytes: usize): usize {
  const size = sizeOf(bytes)
  const head = heads + (<usize>size << 2)
  const block = <usize>load<u32>(head)
  if (block != 0) {
    store<u32>(head, load<u32>(block))
    return block
  }
  const room = <usize>1 << size
  return room < largeBytes ? allocate(room) : newRegion(room)
}

/** @param bytes - any number of bytes that `take` gives the same block for */
export function give(block: usize, bytes: usize): void {
  const head = heads + (<usize>sizeOf(bytes) << 2)
  store<u32>(block, load<u32>(head))
  store<u32>(head, <u32>block)
}

/** Copies 16 bytes at once: both sides have room up to the next multiple of 16. */
@inline
export function copyBytes(to: usize, from: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 16) v128.store(to + at, v128.load(from + at))
}

/** Order of two texts by their bytes, which is that of their code points: below, at or above 0. */
export function compareBytes(a: usize, aLength: u32, b: usize, bLength: u32): i32 {
  const length = min(aLength, bLength)
  for (let at: u32 = 0; at < length; at += 16) {
    const equal = i8x16.bitmask(i8x16.eq(v128.load(a + <usize>at), v128.load(b + <usize>at)))
    const first = at + <u32>ctz<i32>(~equal)
    if (first >= length) break
    if (equal != 0xffff) return <i32>load<u8>(a + <usize>first) - <i32>load<u8>(b + <usize>first)
  }
  return <i32>aLength - <i32>bLength
}
