/** States that another engine added up exactly, finished as those of columns here. */
import type {Cell} from '../../rules/index.ts'
import {type BucketCounts, QuantileColumn} from './quantile.ts'
import {type SquareSums, StddevColumn} from './stddev.ts'

/** @param q - 0 to 1 */
export function quantileOf(q: number, counts: BucketCounts): Cell {
  const column = new QuantileColumn(q)
  column.grow(1)
  column.addCounts(0, counts)
  return column.finish(0)
}

export function stddevOf(sums: SquareSums): Cell {
  const column = new StddevColumn()
  column.grow(1)
  column.addSums(0, sums)
  return column.finish(0)
}
