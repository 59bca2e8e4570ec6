/** States that another engine made as columns here do, finished as theirs. */
import type {Cell} from '../../rules/index.ts'
import {estimateOf, rankMax, registerCount} from './hyper-log-log.ts'
import {type BucketCounts, QuantileColumn} from './quantile.ts'
import {type SquareSums, StddevColumn} from './stddev.ts'

/** As quantile does it: at most 0.4 % away from the value of rank ceil(q * n); null without any count. @param q - 0 to 1 */
export function quantileOf(q: number, counts: BucketCounts): Cell {
  const column = new QuantileColumn(q)
  column.grow(1)
  column.addCounts(0, counts)
  return column.finish(0)
}

/** As stddev does it: the sample standard deviation (n - 1); null with fewer than two numbers. */
export function stddevOf(sums: SquareSums): Cell {
  const column = new StddevColumn()
  column.grow(1)
  column.addSums(0, sums)
  return column.finish(0)
}

/** How many different texts there are. @param ranks - how many registers of the estimate have which rank, 1 to 51; the others are empty */
export function distinctOf(ranks: Iterable<readonly [rank: number, count: number]>): Cell {
  const histogram = new Float64Array(rankMax + 1)
  histogram[0] = registerCount
  for (const [rank, count] of ranks) {
    histogram[rank] = count
    histogram[0] -= count
  }
  return estimateOf(histogram)
}
