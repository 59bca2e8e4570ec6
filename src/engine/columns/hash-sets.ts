import {type Bytes, emptiedBytes, emptiedWords, resizedBytes, resizedWords, type Words} from '../bytes/index.ts'
import {BlockPool, roomFor} from './block-pool.ts'

/** Up to 2^this slots a block is a plain list; above it is an open-addressing table, at most three quarters full. */
const listSizeMax = 2

/** A set of 64-bit hashes for each group. The hash 0 is taken for 1. */
export class HashSets {
  readonly #pool = new BlockPool()
  /** Two words a slot, low word first; a table's empty slots are 0. */
  #slots: Words = new Uint32Array(0)
  #starts: Words = new Uint32Array(0)
  /** 0: no block; else one more than the block's size. */
  #sizes: Bytes = new Uint8Array(0)
  #counts: Words = new Uint32Array(0)

  get bytes(): number {
    return this.#slots.byteLength + this.#starts.byteLength + this.#sizes.byteLength + this.#counts.byteLength
  }

  grow(capacity: number): void {
    if (capacity <= this.#sizes.length) return
    this.#starts = resizedWords(this.#starts, capacity)
    this.#sizes = resizedBytes(this.#sizes, capacity)
    this.#counts = resizedWords(this.#counts, capacity)
  }

  count(group: number): number {
    return this.#counts[group]!
  }

  add(group: number, low: number, high: number): void {
    const word = low === 0 && high === 0 ? 1 : low
    const used = this.#sizes[group]!
    if (used === 0) this.#takeBlock(group, 0)
    else if (this.#has(group, word, high)) return
    else if (this.#isFull(group)) this.#enlarge(group)
    this.#insert(group, word, high)
    this.#counts[group]!++
  }

  #has(group: number, low: number, high: number): boolean {
    const size = this.#sizes[group]! - 1
    const start = this.#starts[group]!
    const slots = this.#slots
    if (size <= listSizeMax) {
      const end = (start + this.#counts[group]!) * 2
      for (let at = start * 2; at < end; at += 2) if (slots[at] === low && slots[at + 1] === high) return true
      return false
    }
    const mask = 2 ** size - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const at = (start + slot) * 2
      if (slots[at] === low && slots[at + 1] === high) return true
      if (slots[at] === 0 && slots[at + 1] === 0) return false
    }
  }

  /** Puts in a hash that is not there; there is room. */
  #insert(group: number, low: number, high: number): void {
    const size = this.#sizes[group]! - 1
    const slots = this.#slots
    let slot = this.#counts[group]!
    if (size > listSizeMax) {
      const mask = 2 ** size - 1
      slot = low & mask
      const start = this.#starts[group]!
      while (slots[(start + slot) * 2] !== 0 || slots[(start + slot) * 2 + 1] !== 0) slot = (slot + 1) & mask
    }
    const at = (this.#starts[group]! + slot) * 2
    slots[at] = low
    slots[at + 1] = high
  }

  #isFull(group: number): boolean {
    const size = this.#sizes[group]! - 1
    const count = this.#counts[group]!
    return size <= listSizeMax ? count === 2 ** size : count * 4 >= 2 ** size * 3
  }

  #enlarge(group: number): void {
    const hashes = this.sorted(group)
    const size = this.#sizes[group]! - 1
    this.#pool.give(this.#starts[group]!, size)
    this.#takeBlock(group, size + 1)
    this.#counts[group] = 0
    for (let at = 0; at < hashes.length; at += 2) {
      this.#insert(group, hashes[at]!, hashes[at + 1]!)
      this.#counts[group]!++
    }
  }

  #takeBlock(group: number, size: number): void {
    const start = this.#pool.take(size)
    const words = this.#pool.slotCount * 2
    if (words > this.#slots.length) this.#slots = resizedWords(this.#slots, roomFor(this.#pool.slotCount) * 2)
    this.#slots.fill(0, start * 2, (start + 2 ** size) * 2)
    this.#starts[group] = start
    this.#sizes[group] = size + 1
  }

  /** A group's hashes as low and high words, ascending as 64-bit numbers. A copy. */
  sorted(group: number): Words {
    const hashes = new Uint32Array(this.#counts[group]! * 2)
    const size = this.#sizes[group]!
    if (size === 0) return hashes
    const from = this.#starts[group]! * 2
    const to = from + 2 ** (size - 1) * 2
    let used = 0
    for (let at = from; at < to && used < hashes.length; at += 2) {
      const low = this.#slots[at]!
      const high = this.#slots[at + 1]!
      if (low === 0 && high === 0) continue
      hashes[used++] = low
      hashes[used++] = high
    }
    new BigUint64Array(hashes.buffer).sort()
    return hashes
  }

  /** Empties the set of a group and frees its block. */
  drop(group: number): void {
    const size = this.#sizes[group]!
    if (size > 0) this.#pool.give(this.#starts[group]!, size - 1)
    this.#sizes[group] = 0
    this.#counts[group] = 0
  }

  clear(): void {
    this.#pool.clear()
    this.#slots = emptiedWords(this.#slots)
    this.#starts = emptiedWords(this.#starts)
    this.#sizes = emptiedBytes(this.#sizes)
    this.#counts = emptiedWords(this.#counts)
  }
}
