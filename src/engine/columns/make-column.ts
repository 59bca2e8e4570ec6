import {unreachable} from '../../base/index.ts'
import type {AggregateNode} from '../../rules/index.ts'
import type {Column} from '../contracts.ts'
import {AvgColumn} from './avg.ts'
import {CollectColumn} from './collect.ts'
import {CountColumn} from './count.ts'
import {DistinctColumn} from './distinct.ts'
import {ExtremeColumn} from './extreme.ts'
import {FirstLastColumn} from './first-last.ts'
import {HistogramColumn} from './histogram.ts'
import {QuantileColumn} from './quantile.ts'
import {StddevColumn} from './stddev.ts'
import {SumColumn} from './sum.ts'

/** Every aggregate that is a column of its group's table: all but topK, which counts in a table of its own. */
export type ColumnNode = Exclude<AggregateNode, {readonly aggregate: 'topK'}>

/** An empty column without room for groups; `grow` comes first. */
export function makeColumn(node: ColumnNode): Column {
  switch (node.aggregate) {
    case 'sum':
      return new SumColumn(node.absent)
    case 'count':
      return new CountColumn(node.field !== null)
    case 'min':
    case 'max':
      return new ExtremeColumn(node.aggregate)
    case 'avg':
      return new AvgColumn()
    case 'stddev':
      return new StddevColumn()
    case 'first':
    case 'last':
      return new FirstLastColumn(node.aggregate)
    case 'distinct':
      return new DistinctColumn(node.exactUpTo)
    case 'quantile':
      return new QuantileColumn(node.q)
    case 'histogram':
      return new HistogramColumn(node.bounds)
    case 'collect':
      return new CollectColumn(node.max)
    default:
      return unreachable(node)
  }
}
