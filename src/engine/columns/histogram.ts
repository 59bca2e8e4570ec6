import {assert} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import {emptiedFloats, emptiedLengthMax, type Floats, resizedFloats} from '../bytes/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, compareNumbers, type NumericValue, numericValueOf} from '../numbers/index.ts'

/**
 * Counts of numbers by fixed bounds. A number belongs to the bucket that begins at or below it: with bounds 10 and 50
 * the cell is `{"<10": n, "10-50": n, ">=50": n}`, 10 counts in the second and 50 in the third. All buckets are always
 * there. Absent, null and unusable values do not count.
 */
export class HistogramColumn implements Column {
  readonly #bounds: readonly number[]
  readonly #labels: readonly string[]
  #counts: Floats = new Float64Array(0)
  readonly #number = new Coercion()

  /** @param bounds - at least one, ascending */
  constructor(bounds: readonly number[]) {
    assert(bounds.length > 0, 'a histogram has at least one bound')
    this.#bounds = bounds
    this.#labels = histogramLabels(bounds)
  }

  get bytes(): number {
    return this.#counts.byteLength
  }

  grow(capacity: number): void {
    const length = capacity * this.#labels.length
    if (length > this.#counts.length) this.#counts = resizedFloats(this.#counts, length)
  }

  add(group: number, value: unknown): boolean {
    if (value === undefined || value === null) return true
    if (this.#number.read(value) === 'unusable') return false
    this.#counts[group * this.#labels.length + this.#bucketOf(numericValueOf(this.#number))]!++
    return true
  }

  /** The number of bounds at or below a number. */
  #bucketOf(value: NumericValue): number {
    let low = 0
    let high = this.#bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareNumbers(this.#bounds[middle]!, value) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  write(group: number, out: ByteWriter): void {
    const start = group * this.#labels.length
    for (let bucket = 0; bucket < this.#labels.length; bucket++) out.varint(this.#counts[start + bucket]!)
  }

  merge(group: number, input: ByteReader): void {
    const start = group * this.#labels.length
    for (let bucket = 0; bucket < this.#labels.length; bucket++) this.#counts[start + bucket]! += input.varint()
  }

  finish(group: number): Cell {
    const start = group * this.#labels.length
    return Object.fromEntries(this.#labels.map((label, bucket) => [label, this.#counts[start + bucket]!]))
  }

  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#counts = emptiedFloats(this.#counts, emptiedLengthMax * this.#labels.length)
  }
}

/** `<10`, `10-50`, `>=50`; with a bound below zero `-5 to 5`, because `-5-5` is hard to read. */
export function histogramLabels(bounds: readonly number[]): string[] {
  const joint = bounds.some(bound => bound < 0) ? ' to ' : '-'
  const between = bounds.slice(1).map((bound, index) => `${bounds[index]}${joint}${bound}`)
  return [`<${bounds[0]}`, ...between, `>=${bounds.at(-1)}`]
}
