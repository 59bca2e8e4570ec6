/**
 * Values by key in memory, before anything is sorted: a stage that counts words meets the same few again and again, and adding
 * to a list costs less than sorting a record. For keys that are text or numbers. Where keys hardly repeat it takes itself out.
 *
 * The values that wait lie side by side, a fixed number a key: with many keys every further place in memory is a cache miss.
 */
import {readKey} from './key-codec.ts'
import {KeyTable} from './key-table.ts'
import {combineBatchCount} from './limits.ts'
import type {Combine} from './shuffle-writer.ts'

/** Of records, the share that has to meet a key again, or sorting right away is cheaper. */
const repeatedShareMin = 0.2

/** Passes keys on in the order in which they came first since the last `flush`; it flushes by itself past the budget. */
export class CombineFront {
  readonly #combine: Combine
  readonly #budgetBytes: number
  readonly #pass: (label: number | undefined, key: unknown, value: unknown) => void
  readonly #keys = new KeyTable()
  /** `combineBatchCount` places a key. */
  #values: unknown[] = []
  #counts = new Uint8Array(1024)
  /** That values hold on to. */
  #valueBytes = 0
  #added = 0
  isUseful = true

  constructor(
    combine: Combine,
    budgetBytes: number,
    pass: (label: number | undefined, key: unknown, value: unknown) => void,
  ) {
    this.#combine = combine
    this.#budgetBytes = budgetBytes
    this.#pass = pass
  }

  /** Are values of such a key held here? A key that comes back from its bytes as another one is not: -0. */
  static takes(key: unknown): key is string | number {
    return typeof key === 'string' || (typeof key === 'number' && !Object.is(key, -0))
  }

  /** @throws TypeError for what no key can be, and what the combiner throws */
  add(label: number | undefined, key: string | number, value: unknown): void {
    const known = this.#keys.count
    const number = this.#keys.numberOf(key, label)
    this.#added++
    if (number === known) {
      this.#addFirst(number, value)
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
    const keys = this.#keys
    for (let number = 0; number < keys.count; number++) {
      const {bytes, start, end} = keys.placeOf(number)
      const key = readKey(bytes, start, end)
      const first = number * combineBatchCount
      const count = this.#counts[number]!
      const value = count === 1 ? this.#values[first] : this.#combine(key, this.#values.slice(first, first + count))
      this.#pass(keys.labelOf(number), key, value)
    }
    if (this.#added > 10_000 && keys.count > this.#added * (1 - repeatedShareMin)) this.isUseful = false
    keys.clear()
    this.#values = []
    this.#valueBytes = this.#added = 0
  }

  #addFirst(number: number, value: unknown): void {
    if (number === this.#counts.length) {
      const grown = new Uint8Array(number * 2)
      grown.set(this.#counts)
      this.#counts = grown
    }
    this.#counts[number] = 1
    // Pushed one by one, so that the list has no holes.
    this.#values.push(value)
    for (let place = 1; place < combineBatchCount; place++) this.#values.push(0)
    this.#grow(combineBatchCount * 8 + sizeOf(value))
  }

  #grow(bytes: number): void {
    this.#valueBytes += bytes
    if (this.#valueBytes + this.#keys.bytes > this.#budgetBytes) this.flush()
  }
}

/** Roughly the bytes that a value holds on to; looks no deeper than one level. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length * 2
  if (typeof value !== 'object' || value === null) return 0
  if (value instanceof Uint8Array) return value.length
  return 64 + (Array.isArray(value) ? value.length * 32 : Object.keys(value).length * 64)
}
