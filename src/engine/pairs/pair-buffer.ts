/**
 * Pairs in memory: their bytes one behind the other in an arena, and typed columns that say where each one is. Nothing per
 * pair lives on the heap, so the budget is what is really held.
 */
import {assert} from '../../base/index.ts'
import {pairOverheadBytes} from './limits.ts'

/** `key`: by key, then arrival. `arrival`: by arrival alone, for rules that switch sorting off. */
export type PairOrder = 'key' | 'arrival'

export interface BufferedPair {
  readonly partition: number
  /** Part of the input, in input order. */
  readonly origin: number
  /** Position among the pairs of its origin. */
  readonly sequence: number
  /** Where the key's bytes are inside `entry`. */
  readonly keyStart: number
  readonly keyLength: number
  /** The pair as runs hold it. */
  readonly entry: Uint8Array
}

const firstArenaBytes = 64 * 1024
const firstPairCount = 1024
/** Offsets are 32 bits wide. */
const arenaBytesMax = 0xffff_ffff
/** Key bytes packed into the number that settles most comparisons: as many as a double holds exactly. */
const prefixBytes = 6

/** Filled until it says that it is full, sorted, read, and filled again. */
export class PairBuffer {
  readonly #order: PairOrder
  readonly #budgetBytes: number
  #arena = new Uint8Array(firstArenaBytes)
  #used = 0
  #count = 0
  #starts = new Uint32Array(firstPairCount)
  #ends = new Uint32Array(firstPairCount)
  #keyStarts = new Uint32Array(firstPairCount)
  #keyLengths = new Uint32Array(firstPairCount)
  #partitions = new Uint32Array(firstPairCount)
  #origins = new Uint32Array(firstPairCount)
  #sequences = new Uint32Array(firstPairCount)

  /** @param budgetBytes - where doubling the arena stops; a pair beyond it still fits */
  constructor(order: PairOrder, budgetBytes: number) {
    this.#order = order
    this.#budgetBytes = budgetBytes
  }

  /** Bytes that the pairs need, the sort's own columns included. */
  get bytes(): number {
    return this.#used + this.#count * pairOverheadBytes
  }

  /** Copies the pair's entry. */
  add(pair: BufferedPair): void {
    const {entry} = pair
    this.#makeRoom(entry.length)
    const index = this.#count++
    this.#arena.set(entry, this.#used)
    this.#starts[index] = this.#used
    this.#keyStarts[index] = this.#used + pair.keyStart
    this.#keyLengths[index] = pair.keyLength
    this.#used += entry.length
    this.#ends[index] = this.#used
    this.#partitions[index] = pair.partition
    this.#origins[index] = pair.origin
    this.#sequences[index] = pair.sequence
  }

  partitionOf(index: number): number {
    return this.#partitions[index]!
  }

  /** A view that the next `add` or `clear` ends. */
  entryOf(index: number): Uint8Array {
    return this.#arena.subarray(this.#starts[index]!, this.#ends[index]!)
  }

  /** Forgets all pairs, keeps the room. */
  clear(): void {
    this.#used = 0
    this.#count = 0
  }

  /** The indexes of all pairs by partition and inside it in the buffer's order. */
  sorted(): Uint32Array {
    const indexes = Uint32Array.from({length: this.#count}, (_, index) => index)
    const byArrival = (a: number, b: number): number =>
      this.#origins[a]! - this.#origins[b]! || this.#sequences[a]! - this.#sequences[b]!
    const byPartition = (a: number, b: number): number => this.#partitions[a]! - this.#partitions[b]!
    if (this.#order === 'arrival') return indexes.sort((a, b) => byPartition(a, b) || byArrival(a, b))
    const shared = this.#sharedPrefixLength()
    const prefixes = Float64Array.from(indexes, index => this.#prefix(index, shared))
    return indexes.sort(
      (a, b) => byPartition(a, b) || prefixes[a]! - prefixes[b]! || this.#compareKeys(a, b, shared) || byArrival(a, b),
    )
  }

  /** Keys of a rule with one keyset all begin with its name: what all keys share is not worth comparing. */
  #sharedPrefixLength(): number {
    if (this.#count === 0) return 0
    const arena = this.#arena
    const first = this.#keyStarts[0]!
    let shared = this.#keyLengths[0]!
    for (let index = 1; index < this.#count && shared > 0; index++) {
      const start = this.#keyStarts[index]!
      const limit = Math.min(shared, this.#keyLengths[index]!)
      shared = 0
      while (shared < limit && arena[first + shared] === arena[start + shared]) shared++
    }
    return shared
  }

  #prefix(index: number, shared: number): number {
    const start = this.#keyStarts[index]! + shared
    const length = this.#keyLengths[index]! - shared
    let prefix = 0
    for (let at = 0; at < prefixBytes; at++) prefix = prefix * 256 + (at < length ? this.#arena[start + at]! : 0)
    return prefix
  }

  #compareKeys(a: number, b: number, shared: number): number {
    const arena = this.#arena
    const aStart = this.#keyStarts[a]!
    const bStart = this.#keyStarts[b]!
    const length = Math.min(this.#keyLengths[a]!, this.#keyLengths[b]!)
    for (let at = shared; at < length; at++) {
      const difference = arena[aStart + at]! - arena[bStart + at]!
      if (difference !== 0) return difference
    }
    return this.#keyLengths[a]! - this.#keyLengths[b]!
  }

  #makeRoom(entryBytes: number): void {
    const needed = this.#used + entryBytes
    assert(needed <= arenaBytesMax, 'pairs in memory are addressed by 32 bits')
    if (needed > this.#arena.length) {
      const grown = new Uint8Array(Math.max(Math.min(this.#arena.length * 2, this.#budgetBytes, arenaBytesMax), needed))
      grown.set(this.#arena.subarray(0, this.#used))
      this.#arena = grown
    }
    if (this.#count === this.#starts.length) this.#growColumns(this.#count * 2)
  }

  #growColumns(capacity: number): void {
    const grow = (column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const grown = new Uint32Array(capacity)
      grown.set(column)
      return grown
    }
    this.#starts = grow(this.#starts)
    this.#ends = grow(this.#ends)
    this.#keyStarts = grow(this.#keyStarts)
    this.#keyLengths = grow(this.#keyLengths)
    this.#partitions = grow(this.#partitions)
    this.#origins = grow(this.#origins)
    this.#sequences = grow(this.#sequences)
  }
}
