/**
 * Buckets of doubles for quantiles: the exponent and the top 8 bits of the mantissa, taken from the bits as they stand.
 * Bucket 0 is zero, positive numbers have positive buckets, negative ones the mirror image; buckets order as the numbers
 * do. A bucket is at most 2^-8 = 0.39 % of its lower edge wide (wider only below 1e-305).
 */

/** Buckets lie between minus and plus this. */
export const bucketBound = 2 ** 19

const droppedBits = 12

/** Only computes; the view saves making one for each number. */
export class NumberBuckets {
  readonly #view = new DataView(new ArrayBuffer(8))

  /** The bucket of a finite number. */
  of(value: number): number {
    if (value === 0) return 0
    this.#view.setFloat64(0, value)
    const high = this.#view.getUint32(0)
    const bucket = ((high & 0x7fffffff) >>> droppedBits) + 1
    return value < 0 ? -bucket : bucket
  }

  /** The decimal with the fewest digits in a bucket, the one nearest to the middle where there are several. */
  roundestIn(bucket: number): number {
    if (bucket === 0) return 0
    const size = Math.abs(bucket)
    const rounded = roundest(this.#edge(size - 1), this.#edge(size))
    return bucket < 0 ? -rounded : rounded
  }

  #edge(index: number): number {
    this.#view.setUint32(0, index << droppedBits)
    this.#view.setUint32(4, 0)
    return this.#view.getFloat64(0)
  }
}

/** In low <= x < high, both positive; high may be infinite. */
function roundest(low: number, high: number): number {
  const top = Math.min(high, Number.MAX_VALUE)
  const middle = low + (top - low) / 2
  for (let digits = 1; digits <= 17; digits++) {
    const candidate = Number(middle.toPrecision(digits))
    if (candidate >= low && candidate < high) return candidate
  }
  return low
}
