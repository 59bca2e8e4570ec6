/**
 * Which group tables a plan needs: one per keyset, and one more for every topK column, keyed by the group's key and the
 * value, so that counting the values of a group is bounded by disk like everything else.
 */
import type {AggregateNode, Plan} from '../rules/index.ts'
import {type ColumnNode, makeColumn} from './columns/index.ts'
import type {Column} from './contracts.ts'

export type TableLayout =
  | {
      readonly kind: 'groups'
      readonly keyset: number /** Value columns that live in the table: all but topK. */
      readonly columns: readonly ColumnNode[]
    }
  | {
      readonly kind: 'values'
      readonly keyset: number /** Index of the topK column among the keyset's values. */
      readonly value: number
      readonly field: string
      readonly k: number
    }

/** In table order: what a run's table number means on both sides of a thread. */
export function tableLayouts(plan: Plan): TableLayout[] {
  const groups: TableLayout[] = plan.keysets.map((keyset, index) => ({
    kind: 'groups',
    keyset: index,
    columns: keyset.values.filter(isColumnNode),
  }))
  const values: TableLayout[] = plan.keysets.flatMap((keyset, index) =>
    keyset.values.flatMap((node, value) =>
      node.aggregate === 'topK' ? [{kind: 'values' as const, keyset: index, value, field: node.field, k: node.k}] : [],
    ),
  )
  return [...groups, ...values]
}

/** New, empty columns in the order of the layout; a table that counts values has one. */
export function columnsOf(layout: TableLayout): Column[] {
  if (layout.kind === 'values') return [makeColumn({aggregate: 'count', field: null, column: 'count'})]
  return layout.columns.map(makeColumn)
}

function isColumnNode(node: AggregateNode): node is ColumnNode {
  return node.aggregate !== 'topK'
}
