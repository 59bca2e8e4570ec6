/** Value columns as the kernel keeps them: which states a group has, and of which fields. */
import type {AggregateNode} from '../../rules/index.ts'
import type {View} from './kernel-view.ts'

/** In the order of their numbers in assembly/layout.ts. */
export const operations = [
  'count',
  'count-field',
  'sum',
  'avg',
  'stddev',
  'min',
  'max',
  'first',
  'last',
  'distinct',
  'quantile',
  'quantile-again',
  'histogram',
  'collect',
] as const
export type KernelOperation = (typeof operations)[number]

export interface KernelValue {
  readonly operation: KernelOperation
  /** undefined for `count`. */
  readonly field: number | undefined
  /** What decides on the order: the field itself for min and max, that of `by` for first and last. */
  readonly by: number | undefined
  readonly absent: 0 | 1
  /** Most hashes that distinct keeps, most texts that collect keeps. */
  readonly limit: number
  /** Of a histogram. */
  readonly bounds: readonly number[]
}

interface Values {
  readonly values: readonly KernelValue[]
  readonly counted: readonly number[]
}

/** Splits the aggregates of a keyset as ../tables.ts does: columns of the groups, and fields whose values are counted apart. */
export function kernelValues(nodes: readonly AggregateNode[], fields: View): Values {
  const values: KernelValue[] = []
  const counted: number[] = []
  for (const node of nodes) {
    if (node.aggregate === 'topK') {
      counted.push(fields.use(node.field, 'text'))
      continue
    }
    const value = kernelValue(node, fields)
    const isAgain =
      value.operation === 'quantile' &&
      values.some(({operation, field}) => operation === 'quantile' && field === value.field)
    values.push(isAgain ? {...value, operation: 'quantile-again'} : value)
  }
  return {values, counted}
}

const plain = {field: undefined, by: undefined, absent: 0, limit: 0, bounds: []} as const

function kernelValue(node: Exclude<AggregateNode, {aggregate: 'topK'}>, fields: View): KernelValue {
  switch (node.aggregate) {
    case 'sum':
      return {...plain, operation: 'sum', field: fields.use(node.field, 'number'), absent: node.absent}
    case 'count':
      return node.field === null
        ? {...plain, operation: 'count'}
        : {...plain, operation: 'count-field', field: fields.use(node.field, 'presence')}
    case 'avg':
    case 'stddev':
    case 'quantile':
      return {...plain, operation: node.aggregate, field: fields.use(node.field, 'number')}
    case 'histogram':
      return {...plain, operation: 'histogram', field: fields.use(node.field, 'number'), bounds: node.bounds}
    case 'min':
    case 'max': {
      const field = fields.use(node.field, 'text')
      return {...plain, operation: node.aggregate, field, by: field}
    }
    case 'first':
    case 'last': {
      const field = fields.use(node.field, 'text')
      return {...plain, operation: node.aggregate, field, by: fields.use(node.by, 'text')}
    }
    case 'distinct':
      return {...plain, operation: 'distinct', field: fields.use(node.field, 'text'), limit: node.exactUpTo}
    case 'collect':
      return {...plain, operation: 'collect', field: fields.use(node.field, 'text'), limit: node.max}
  }
}
