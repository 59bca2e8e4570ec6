/** Reads a run pair by pair. */
import {ByteCursor} from '../bytes/index.ts'
import {compareKeys} from '../groups/index.ts'
import type {PairOrder} from './pair-buffer.ts'
import type {PairRunSource} from './runs.ts'
import {readValues} from './value-codec.ts'

/** The pair that a cursor stands at. The key's bytes are valid until the cursor advances. */
export interface CurrentPair {
  keyBytes: Uint8Array
  origin: number
  sequence: number
  values: unknown[]
}

/** Stands before the first pair until `advance` was called. @throws what the source throws: UserError SPILL_FAILED */
export class RunCursor implements CurrentPair {
  readonly #source: PairRunSource
  readonly #block = new ByteCursor()
  readonly #originOffset: number
  keyBytes: Uint8Array = new Uint8Array(0)
  origin = 0
  sequence = 0
  values: unknown[] = []

  constructor(source: PairRunSource) {
    this.#source = source
    this.#originOffset = source.originOffset ?? 0
  }

  /** @returns false at the end of the run, which is closed then */
  advance(): boolean {
    const block = this.#block
    while (block.isAtEnd) {
      const bytes = this.#source.read()
      if (bytes === undefined) {
        this.#source.close()
        return false
      }
      block.open(bytes)
    }
    this.keyBytes = block.bytes()
    this.origin = block.varint() + this.#originOffset
    this.sequence = block.varint()
    this.values = readValues(block)
    return true
  }

  close(): void {
    this.#source.close()
  }
}

/** The order of a merge: total, because origin and sequence tell any two pairs apart. */
export function comparePairs(order: PairOrder): (a: CurrentPair, b: CurrentPair) => number {
  const byArrival = (a: CurrentPair, b: CurrentPair): number => a.origin - b.origin || a.sequence - b.sequence
  return order === 'arrival' ? byArrival : (a, b) => compareKeys(a.keyBytes, b.keyBytes) || byArrival(a, b)
}
