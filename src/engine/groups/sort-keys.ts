import {compareKeys} from './key-builder.ts'
import type {KeyStore} from './key-store.ts'
import {insertionSortMax} from './limits.ts'

/**
 * The groups 0..count-1 in key order.
 *
 * Sorts by numbers instead of by keys: after the bytes that all keys of a stretch share, the next ones and the group's
 * place go into one 64-bit word each, and the words are sorted natively. Stretches that still tie are sorted the same
 * way by the bytes behind. Takes 16 bytes a group while it runs. No key is the beginning of another one.
 */
export function sortedGroups(keys: KeyStore, count: number): Uint32Array {
  const groups = new Uint32Array(count)
  for (let group = 0; group < count; group++) groups[group] = group
  const sorter = new KeySorter(keys, groups)
  sorter.sort(0, count, 0)
  return groups
}

class KeySorter {
  readonly #keys: KeyStore
  readonly #groups: Uint32Array
  readonly #packed: BigUint64Array
  /** The same words as low and high halves. */
  readonly #halves: Uint32Array
  readonly #moved: Uint32Array

  constructor(keys: KeyStore, groups: Uint32Array) {
    this.#keys = keys
    this.#groups = groups
    this.#packed = new BigUint64Array(groups.length)
    this.#halves = new Uint32Array(this.#packed.buffer)
    this.#moved = new Uint32Array(groups.length)
  }

  /** Sorts the stretch from..to-1, whose keys share their first `shared` bytes. Deep only where long keys tie again and again. */
  sort(from: number, to: number, shared: number): void {
    const pending = [{from, to, shared}]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.to - next.from <= insertionSortMax) this.#insertionSort(next.from, next.to)
      else this.#radixSort(next.from, next.to, this.#sharedBytes(next.from, next.to, next.shared), pending)
    }
  }

  #radixSort(from: number, to: number, skip: number, pending: {from: number; to: number; shared: number}[]): void {
    const count = to - from
    const placeBits = 32 - Math.clz32(count - 1)
    const halves = this.#halves
    for (let place = 0; place < count; place++) {
      const group = this.#groups[from + place]!
      const chunk = this.#keys.chunkOf(group)
      const start = this.#keys.startOf(group)
      const end = start + this.#keys.lengthOf(group)
      const at = start + skip
      halves[(from + place) * 2 + 1] = wordAt(chunk, at, end)
      halves[(from + place) * 2] = ((wordAt(chunk, at + 4, end) >>> placeBits) << placeBits) | place
    }
    this.#packed.subarray(from, to).sort()
    const placeMask = 2 ** placeBits - 1
    for (let index = from; index < to; index++)
      this.#moved[index] = this.#groups[from + (halves[index * 2]! & placeMask)]!
    this.#groups.set(this.#moved.subarray(from, to), from)
    // Whole bytes that the word took in; those behind may still differ.
    const packedBytes = 4 + ((32 - placeBits) >>> 3)
    for (let start = from; start < to; ) {
      let end = start + 1
      while (end < to && this.#isTie(start, end, placeMask)) end++
      if (end - start > 1) pending.push({from: start, to: end, shared: skip + packedBytes})
      start = end
    }
  }

  #isTie(a: number, b: number, placeMask: number): boolean {
    const halves = this.#halves
    return halves[a * 2 + 1] === halves[b * 2 + 1] && ((halves[a * 2]! ^ halves[b * 2]!) & ~placeMask) === 0
  }

  /** How many first bytes all keys of a stretch share, of which `known` are known to be. */
  #sharedBytes(from: number, to: number, known: number): number {
    const first = this.#keys.keyOf(this.#groups[from]!)
    let shared = first.length
    for (let index = from + 1; index < to && shared > known; index++) {
      const group = this.#groups[index]!
      const chunk = this.#keys.chunkOf(group)
      const start = this.#keys.startOf(group)
      const length = Math.min(shared, this.#keys.lengthOf(group))
      let at = known
      while (at < length && chunk[start + at] === first[at]) at++
      shared = at
    }
    return Math.max(shared, known)
  }

  #insertionSort(from: number, to: number): void {
    const groups = this.#groups
    for (let index = from + 1; index < to; index++) {
      const group = groups[index]!
      const key = this.#keys.keyOf(group)
      let place = index
      while (place > from && compareKeys(key, this.#keys.keyOf(groups[place - 1]!)) < 0) {
        groups[place] = groups[place - 1]!
        place--
      }
      groups[place] = group
    }
  }
}

/** Four bytes, the first one highest; zeros behind the end. Keys end with a zero byte, so a shorter one still comes first. */
function wordAt(chunk: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) return (chunk[at]! << 24) | (chunk[at + 1]! << 16) | (chunk[at + 2]! << 8) | chunk[at + 3]!
  let word = 0
  for (let index = at; index < at + 4; index++) word = (word << 8) | (index < end ? chunk[index]! : 0)
  return word
}
