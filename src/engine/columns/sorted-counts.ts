import {
  type Bytes,
  emptiedBytes,
  emptiedFloats,
  emptiedWords,
  type Floats,
  resizedBytes,
  resizedFloats,
  resizedWords,
  type Words,
} from '../bytes/index.ts'
import type {ByteReader, ByteWriter} from '../contracts.ts'
import {BlockPool, roomFor} from './block-pool.ts'
import {bucketBound} from './number-buckets.ts'

/** For each group, counts by bucket, sorted by bucket. */
export class SortedCounts {
  readonly #pool = new BlockPool()
  /** Bucket + bucketBound, ascending inside a block. */
  #buckets: Words = new Uint32Array(0)
  #counts: Floats = new Float64Array(0)
  #starts: Words = new Uint32Array(0)
  /** 0: no block; else one more than the block's size. */
  #sizes: Bytes = new Uint8Array(0)
  #lengths: Words = new Uint32Array(0)

  get bytes(): number {
    const perGroup = this.#starts.byteLength + this.#sizes.byteLength + this.#lengths.byteLength
    return this.#buckets.byteLength + this.#counts.byteLength + perGroup
  }

  grow(capacity: number): void {
    if (capacity <= this.#sizes.length) return
    this.#starts = resizedWords(this.#starts, capacity)
    this.#sizes = resizedBytes(this.#sizes, capacity)
    this.#lengths = resizedWords(this.#lengths, capacity)
  }

  add(group: number, bucket: number, count: number): void {
    const key = bucket + bucketBound
    const start = this.#starts[group]!
    const end = start + this.#lengths[group]!
    const place = this.#place(start, end, key)
    if (place < end && this.#buckets[place] === key) this.#counts[place]! += count
    else this.#insert(group, place - start, key, count)
  }

  /** The first slot in start..end-1 whose bucket is not below `key`, or end. */
  #place(start: number, end: number, key: number): number {
    let low = start
    let high = end
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#buckets[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  #insert(group: number, offset: number, key: number, count: number): void {
    const length = this.#lengths[group]!
    const used = this.#sizes[group]!
    if (used === 0 || length === 2 ** (used - 1)) this.#enlarge(group)
    const start = this.#starts[group]!
    const place = start + offset
    this.#buckets.copyWithin(place + 1, place, start + length)
    this.#counts.copyWithin(place + 1, place, start + length)
    this.#buckets[place] = key
    this.#counts[place] = count
    this.#lengths[group] = length + 1
  }

  #enlarge(group: number): void {
    const used = this.#sizes[group]!
    const from = this.#starts[group]!
    const to = this.#pool.take(used)
    const slots = this.#pool.slotCount
    if (slots > this.#buckets.length) {
      this.#buckets = resizedWords(this.#buckets, roomFor(slots))
      this.#counts = resizedFloats(this.#counts, roomFor(slots))
    }
    this.#buckets.copyWithin(to, from, from + this.#lengths[group]!)
    this.#counts.copyWithin(to, from, from + this.#lengths[group]!)
    if (used > 0) this.#pool.give(from, used - 1)
    this.#starts[group] = to
    this.#sizes[group] = used + 1
  }

  /** How many values a group has. */
  total(group: number): number {
    const start = this.#starts[group]!
    let total = 0
    for (let slot = start; slot < start + this.#lengths[group]!; slot++) total += this.#counts[slot]!
    return total
  }

  /** The bucket that holds the value of that rank, 1 to total. */
  bucketAt(group: number, rank: number): number {
    let slot = this.#starts[group]!
    for (let below = this.#counts[slot]!; below < rank; below += this.#counts[slot]!) slot++
    return this.#buckets[slot]! - bucketBound
  }

  write(group: number, out: ByteWriter): void {
    const start = this.#starts[group]!
    const length = this.#lengths[group]!
    out.varint(length)
    let previous = 0
    for (let slot = start; slot < start + length; slot++) {
      out.varint(this.#buckets[slot]! - previous)
      out.varint(this.#counts[slot]!)
      previous = this.#buckets[slot]!
    }
  }

  merge(group: number, input: ByteReader): void {
    let key = 0
    for (let left = input.varint(); left > 0; left--) {
      key += input.varint()
      this.add(group, key - bucketBound, input.varint())
    }
  }

  clear(): void {
    this.#pool.clear()
    this.#buckets = emptiedWords(this.#buckets)
    this.#counts = emptiedFloats(this.#counts)
    this.#starts = emptiedWords(this.#starts)
    this.#sizes = emptiedBytes(this.#sizes)
    this.#lengths = emptiedWords(this.#lengths)
  }
}
