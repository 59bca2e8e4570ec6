/** The kernel's tables of groups, and how many bytes their states take. */
import type {KernelKeyset, KernelPlan} from './kernel-plan.ts'
import type {KernelOperation, KernelValue} from './kernel-values.ts'

export interface Table {
  readonly keyset: KernelKeyset
  /** Index of the keyset that it belongs to. */
  readonly parent: number
}

/** The keysets, and behind them one more table for each field whose values are counted: its key has the value as one more part. */
export function tablesOf({keysets}: KernelPlan): readonly Table[] {
  const main = keysets.map((keyset, parent) => ({keyset, parent}))
  const counts = keysets.flatMap((keyset, parent) =>
    keyset.counted.map(field => {
      const parts = [...keyset.parts, {field, label: ''}]
      return {keyset: {...keyset, parts, values: [countOfRecords], condition: undefined}, parent}
    }),
  )
  return [...main, ...counts]
}

/** Bytes of a group's state of a value: the structs of the assembly files. */
export function stateBytesOf({operation, bounds}: KernelValue): number {
  if (operation === 'histogram') return (bounds.length + 1) * 8
  return stateBytes[operation]
}

const stateBytes: Readonly<Record<Exclude<KernelOperation, 'histogram'>, number>> = {
  count: 8,
  'count-field': 8,
  sum: 8,
  avg: 16,
  stddev: 32,
  min: 16,
  max: 16,
  first: 40,
  last: 40,
  distinct: 16,
  quantile: 32,
  'quantile-again': 0,
  collect: 16,
}

const fixedOperations: readonly KernelOperation[] = ['count', 'count-field', 'sum', 'avg', 'stddev', 'histogram']

/** Whether a state has no texts and no set. */
export function hasFixedBytes({operation}: KernelValue): boolean {
  return fixedOperations.includes(operation)
}

/** Bytes of a state in a run, at most, texts and sets apart: a varint takes up to 10, the longest exact sum 34. */
export function writtenBytesMax({operation, bounds}: KernelValue): number {
  return operation === 'histogram' ? (bounds.length + 1) * 10 : 96
}

const countOfRecords: KernelValue = {
  operation: 'count',
  field: undefined,
  by: undefined,
  absent: 0,
  limit: 0,
  bounds: [],
}
