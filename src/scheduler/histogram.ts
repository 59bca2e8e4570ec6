/** Counts of positive numbers by size, each class about 9 % wide: quantiles without keeping the numbers. */

const classesPerDoubling = 8
/** Up to 2^50. */
const classCount = 50 * classesPerDoubling

export interface Histogram {
  count: number
  sum: number
  max: number
  /** Made with the first number: most stages of most jobs are small. */
  classes: Uint32Array | undefined
}

export const makeHistogram = (): Histogram => ({count: 0, sum: 0, max: 0, classes: undefined})

/** Adds one number, 0 or more. */
export function addNumber(histogram: Histogram, value: number): void {
  histogram.count++
  histogram.sum += value
  histogram.max = Math.max(histogram.max, value)
  histogram.classes ??= new Uint32Array(classCount)
  const index = value < 1 ? 0 : Math.min(classCount - 1, Math.floor(Math.log2(value) * classesPerDoubling) + 1)
  histogram.classes[index]!++
}

/** @returns the upper end of the class that holds the quantile, at most the greatest number; 0 for none */
export function quantileOf(histogram: Histogram, share: number): number {
  if (histogram.classes === undefined) return 0
  const rank = Math.max(1, Math.ceil(share * histogram.count))
  let seen = 0
  for (let index = 0; index < classCount; index++) {
    seen += histogram.classes[index]!
    if (seen >= rank) return Math.min(histogram.max, index === 0 ? 1 : 2 ** (index / classesPerDoubling))
  }
  return histogram.max
}
