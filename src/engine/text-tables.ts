/** Whose rows can be written by the merge kernel, and from which tables. */
import {compareText} from '../base/index.ts'
import type {Plan} from '../rules/index.ts'
import type {ColumnNode} from './columns/index.ts'
import {needsPairs} from './pair-emitter.ts'
import {tableLayouts} from './tables.ts'

/** A keyset whose rows are its table's groups, one by one. */
export interface TextTable {
  /** Index among the plan's keysets, and number of the table that holds its groups. */
  readonly table: number
  readonly partCount: number
  readonly columns: readonly ColumnNode[]
}

/**
 * The tables of all keysets in the order of the rows.
 *
 * @returns undefined when rows have to be made: for postprocessors, reduce functions and topK
 */
export function textTables(plan: Plan): readonly TextTable[] | undefined {
  if (needsPairs(plan)) return undefined
  const isPlain = plan.keysets.every(
    ({postprocess, values}) => postprocess.length === 0 && values.every(({aggregate}) => aggregate !== 'topK'),
  )
  if (!isPlain) return undefined
  const tables: (TextTable & {readonly name: string})[] = []
  for (const [table, layout] of tableLayouts(plan).entries()) {
    if (layout.kind !== 'groups') return undefined
    const {name, keyParts} = plan.keysets[layout.keyset]!
    tables.push({name, table, partCount: keyParts.length, columns: layout.columns})
  }
  return tables.sort((a, b) => compareText(a.name, b.name))
}
