/** Where the blocks of a run of groups begin, so that a stretch of its keys can be read without the rest. Survives structured cloning. */
import {compareKeys, firstKeyOf} from '../engine/index.ts'

/** One entry a block that has records. */
export interface BlockIndex {
  /** First keys of the blocks, one behind the other, and where each ends. */
  readonly keys: Uint8Array
  readonly keyEnds: Uint32Array
  /** Bytes of the blocks. */
  readonly blockBytes: Uint32Array
}

/** `add` each block in the order of the run, before its memory is used again: the first key is copied. */
export class BlockIndexWriter {
  readonly #keys: Uint8Array[] = []
  readonly #blockBytes: number[] = []

  add(block: Uint8Array): void {
    const key = firstKeyOf(block)
    // Only the last block may be without records.
    if (key === undefined) return
    this.#keys.push(key)
    this.#blockBytes.push(block.byteLength)
  }

  finish(): BlockIndex {
    let end = 0
    return {
      keys: Buffer.concat(this.#keys),
      keyEnds: Uint32Array.from(this.#keys, key => {
        end += key.length
        return end
      }),
      blockBytes: Uint32Array.from(this.#blockBytes),
    }
  }
}

/** A view of the index. @param block - from 0, below the number of blocks */
export function firstKeyAt({keys, keyEnds}: BlockIndex, block: number): Uint8Array {
  return keys.subarray(block === 0 ? 0 : keyEnds[block - 1]!, keyEnds[block]!)
}

/** Bytes of the longest block; 0 without any. */
export function longestBlock({blockBytes}: Pick<BlockIndex, 'blockBytes'>): number {
  return blockBytes.reduce((most, bytes) => Math.max(most, bytes), 0)
}

/**
 * The blocks that hold keys from `low` on and before `high`, and perhaps others.
 *
 * @returns numbers first..end-1
 */
export function blocksBetween(
  index: BlockIndex,
  low: Uint8Array | undefined,
  high: Uint8Array | undefined,
): {readonly first: number; readonly end: number} {
  const count = index.blockBytes.length
  // The block before the first that begins behind `low` may end behind it.
  const first = low === undefined ? 0 : Math.max(0, countBefore(index, key => compareKeys(key, low) <= 0) - 1)
  const end = high === undefined ? count : countBefore(index, key => compareKeys(key, high) < 0)
  return {first: Math.min(first, end), end}
}

/** How many first keys hold; those that do come first. */
function countBefore(index: BlockIndex, holds: (key: Uint8Array) => boolean): number {
  let low = 0
  let high = index.blockBytes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(firstKeyAt(index, middle))) low = middle + 1
    else high = middle
  }
  return low
}
