/**
 * Values by key in memory, before anything is sorted: a stage that counts words meets the same few again and again, and adding
 * to a list costs less than sorting a record. For keys that are text. Where keys hardly repeat it takes itself out.
 *
 * The values that wait lie side by side, a fixed number a key: with many keys every further place in memory is a cache miss.
 */
import {combineBatchCount} from './limits.ts'
import type {Combine} from './shuffle-writer.ts'

/** Bytes that a key takes beside its text: its entry in the table and its places. */
const entryBytes = 120
/** Of records, the share that has to meet a key again, or sorting right away is cheaper. */
const repeatedShareMin = 0.2

/** A key's number in the table of its label. */
type Keys = Map<string, number>

export class CombineFront {
  readonly #combine: Combine
  readonly #budgetBytes: number
  readonly #pass: (label: number | undefined, key: string, value: unknown) => void
  /** Of records without a label of their own. */
  readonly #unlabelled: Keys = new Map()
  readonly #labelled = new Map<number, Keys>()
  /** `combineBatchCount` places a key. */
  #values: unknown[] = []
  #counts = new Uint8Array(1024)
  #keyCount = 0
  #bytes = 0
  #added = 0
  isUseful = true

  constructor(
    combine: Combine,
    budgetBytes: number,
    pass: (label: number | undefined, key: string, value: unknown) => void,
  ) {
    this.#combine = combine
    this.#budgetBytes = budgetBytes
    this.#pass = pass
  }

  add(label: number | undefined, key: string, value: unknown): void {
    this.#added++
    const keys = label === undefined ? this.#unlabelled : this.#keysOf(label)
    const number = keys.get(key)
    if (number === undefined) {
      this.#addKey(keys, key, value)
      return
    }
    const first = number * combineBatchCount
    const count = this.#counts[number]!
    this.#values[first + count] = value
    if (count + 1 < combineBatchCount) {
      this.#counts[number] = count + 1
      // What waits has to be held; numbers are held in their place.
      if (typeof value === 'object' || typeof value === 'string') this.#grow(sizeOf(value))
      return
    }
    const combined = this.#combine(key, this.#values.slice(first, first + combineBatchCount))
    this.#values[first] = combined
    this.#counts[number] = 1
    if (typeof combined === 'object' || typeof combined === 'string') this.#grow(sizeOf(combined))
  }

  /** Passes on everything. */
  flush(): void {
    this.#flushKeys(undefined, this.#unlabelled)
    for (const [label, keys] of this.#labelled) this.#flushKeys(label, keys)
    if (this.#added > 10_000 && this.#keyCount > this.#added * (1 - repeatedShareMin)) this.isUseful = false
    this.#values = []
    this.#bytes = this.#added = this.#keyCount = 0
  }

  #addKey(keys: Keys, key: string, value: unknown): void {
    const number = this.#keyCount++
    keys.set(key, number)
    if (number === this.#counts.length) {
      const grown = new Uint8Array(number * 2)
      grown.set(this.#counts)
      this.#counts = grown
    }
    this.#counts[number] = 1
    // Pushed one by one, so that the list has no holes.
    this.#values.push(value)
    for (let place = 1; place < combineBatchCount; place++) this.#values.push(0)
    this.#grow(entryBytes + key.length * 2 + combineBatchCount * 8 + sizeOf(value))
  }

  #grow(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > this.#budgetBytes) this.flush()
  }

  #flushKeys(label: number | undefined, keys: Keys): void {
    for (const [key, number] of keys) {
      const first = number * combineBatchCount
      const count = this.#counts[number]!
      const value = count === 1 ? this.#values[first] : this.#combine(key, this.#values.slice(first, first + count))
      this.#pass(label, key, value)
    }
    keys.clear()
  }

  #keysOf(label: number): Keys {
    let keys = this.#labelled.get(label)
    if (keys === undefined) {
      keys = new Map()
      this.#labelled.set(label, keys)
    }
    return keys
  }
}

/** Roughly the bytes that a value holds on to; looks no deeper than one level. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2
  if (typeof value !== 'object' || value === null) return 0
  if (value instanceof Uint8Array) return value.length
  return 64 + (Array.isArray(value) ? value.length * 32 : Object.keys(value).length * 64)
}
