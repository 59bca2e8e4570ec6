import type {Cell} from '../../rules/index.ts'
import {emptiedFloats, type Floats, resizedFloats} from '../bytes/index.ts'
import type {ByteReader, ByteWriter, Column} from '../contracts.ts'
import {Coercion, doubleOf, type Ratio, ratioOf, splitDouble} from '../numbers/index.ts'
import {NumberBuckets} from './number-buckets.ts'
import {SortedCounts} from './sorted-counts.ts'

/** What there is of numbers to find their quantiles: see number-buckets.ts for buckets. */
export interface BucketCounts {
  readonly counts: Iterable<readonly [bucket: number, count: number]>
  /** The exact extremes. */
  readonly lowest: number
  readonly highest: number
}

/**
 * The value of rank ceil(q * n) among a group's numbers, from counts by bucket: the roundest decimal of the bucket that
 * holds that rank, so at most 0.4 % away from the true value. The lowest and the highest rank give the smallest and the
 * largest number exactly, and no result lies outside them.
 *
 * Absent, null and unusable values do not count; numbers beyond the doubles are unusable. Without any value null.
 */
export class QuantileColumn implements Column {
  readonly #q: Ratio
  readonly #buckets = new NumberBuckets()
  readonly #counts = new SortedCounts()
  #lowest: Floats = new Float64Array(0)
  #highest: Floats = new Float64Array(0)
  readonly #number = new Coercion()

  /** @param q - 0 to 1; taken as the decimal that it is written as, so that 0.07 of 100 is rank 7 */
  constructor(q: number) {
    this.#number.read(q)
    const {mantissa, exponent} = splitDouble(q)
    this.#q =
      this.#number.kind === 'small'
        ? ratioOf(BigInt(this.#number.coefficient), this.#number.scale, 0n, 0)
        : ratioOf(0n, 0, BigInt(mantissa), exponent)
  }

  get bytes(): number {
    return this.#counts.bytes + this.#lowest.byteLength + this.#highest.byteLength
  }

  grow(capacity: number): void {
    if (capacity <= this.#lowest.length) return
    const before = this.#lowest.length
    this.#counts.grow(capacity)
    this.#lowest = resizedFloats(this.#lowest, capacity).fill(Number.POSITIVE_INFINITY, before)
    this.#highest = resizedFloats(this.#highest, capacity).fill(Number.NEGATIVE_INFINITY, before)
  }

  add(group: number, value: unknown): boolean {
    if (value === undefined || value === null) return true
    let number = typeof value === 'number' ? value + 0 : Number.NaN
    if (typeof value !== 'number' && this.#number.read(value) !== 'unusable') number = doubleOf(this.#number)
    if (!Number.isFinite(number)) return false
    this.#counts.add(group, this.#buckets.of(number), 1)
    this.#widen(group, number, number)
    return true
  }

  /** Adds numbers of which only the counts by bucket, and the extremes, are known. */
  addCounts(group: number, {counts, lowest, highest}: BucketCounts): void {
    for (const [bucket, count] of counts) this.#counts.add(group, bucket, count)
    this.#widen(group, lowest, highest)
  }

  #widen(group: number, low: number, high: number): void {
    if (low < this.#lowest[group]!) this.#lowest[group] = low
    if (high > this.#highest[group]!) this.#highest[group] = high
  }

  write(group: number, out: ByteWriter): void {
    this.#counts.write(group, out)
    out.f64(this.#lowest[group]!)
    out.f64(this.#highest[group]!)
  }

  merge(group: number, input: ByteReader): void {
    this.#counts.merge(group, input)
    this.#widen(group, input.f64(), input.f64())
  }

  finish(group: number): Cell {
    const total = this.#counts.total(group)
    if (total === 0) return null
    const low = this.#lowest[group]!
    const high = this.#highest[group]!
    const rank = this.#rank(total)
    if (rank === 1) return low
    if (rank === total) return high
    return Math.min(Math.max(this.#buckets.roundestIn(this.#counts.bucketAt(group, rank)), low), high)
  }

  #rank(total: number): number {
    const {numerator, denominator} = this.#q
    const rank = (numerator * BigInt(total) + denominator - 1n) / denominator
    return Math.min(Math.max(Number(rank), 1), total)
  }

  /** Within 0.4 % by definition, which the reference says; marks are for results that are exact in some rows and not in others. */
  isApproximate(): boolean {
    return false
  }

  clear(): void {
    this.#counts.clear()
    this.#lowest = emptiedFloats(this.#lowest).fill(Number.POSITIVE_INFINITY)
    this.#highest = emptiedFloats(this.#highest).fill(Number.NEGATIVE_INFINITY)
  }
}
