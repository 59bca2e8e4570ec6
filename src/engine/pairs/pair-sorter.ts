/**
 * Collects the pairs of one thread and hands them out as sorted runs, one per partition and spill.
 *
 * Equal keys stay in input order whatever thread met them and whenever it spilled: every pair carries its origin (the part of
 * the input it came from, numbered in input order) and its sequence within it, and both are part of the order.
 */
import {BlockWriter, EntryWriter} from './entry.ts'
import {PairBuffer, type PairOrder} from './pair-buffer.ts'
import type {WriteBlocks, WritePairRun} from './runs.ts'

export interface PairSorterOptions {
  readonly order: PairOrder
  /** Pairs beyond this are written away. One pair may be larger. */
  readonly budgetBytes: number
  readonly writeRun: WritePairRun
}

/** After `finish` it is empty. What `writeRun` throws comes out of `add` and `finish`. */
export class PairSorter {
  readonly #options: PairSorterOptions
  readonly #buffer: PairBuffer
  readonly #entries = new EntryWriter()
  #origin = 0
  #sequence = 0

  constructor(options: PairSorterOptions) {
    this.#options = options
    this.#buffer = new PairBuffer(options.order, options.budgetBytes)
  }

  /** What is added next belongs to the part `origin` of the input. Each origin begins once, in any order. */
  beginOrigin(origin: number): void {
    this.#origin = origin
    this.#sequence = 0
  }

  /** @throws RangeError when a value is nested too deeply; nothing is added then */
  add(partition: number, keyBytes: Uint8Array, values: readonly unknown[]): void {
    const pair = this.#entries.write(partition, keyBytes, this.#origin, this.#sequence, values)
    this.#sequence++
    this.#buffer.add(pair)
    if (this.#buffer.bytes > this.#options.budgetBytes) this.#spill()
  }

  /** Hands out what is left. The sorter is empty then and can go on. */
  finish(): void {
    this.#spill()
  }

  #spill(): void {
    for (const [partition, write] of this.#sortedRuns()) this.#options.writeRun(partition, write)
    this.#buffer.clear()
  }

  *#sortedRuns(): Generator<[partition: number, write: WriteBlocks]> {
    const order = this.#buffer.sorted()
    for (let start = 0; start < order.length; ) {
      const partition = this.#buffer.partitionOf(order[start]!)
      let end = start + 1
      while (end < order.length && this.#buffer.partitionOf(order[end]!) === partition) end++
      const indexes = order.subarray(start, end)
      yield [
        partition,
        sink => {
          const blocks = new BlockWriter(sink)
          for (const index of indexes) blocks.add(this.#buffer.entryOf(index))
          blocks.flush()
        },
      ]
      start = end
    }
  }
}
