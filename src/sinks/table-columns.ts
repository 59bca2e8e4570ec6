/** Makes the columns of a table fit a width: text is squeezed first, then columns are left out from the right. */
import {cellWidthMin} from './limits.ts'

export interface TableColumn {
  /** Place in the header. */
  readonly index: number
  readonly name: string
  /** Right-aligned, never cut. */
  readonly isNumber: boolean
  /** Terminal columns, without the space around. */
  readonly width: number
  /** True when cells are cut to `width` because the terminal has no more. */
  readonly isCut: boolean
}

/** Columns that fit, and the names of those that do not. At least one column stays. */
export function fitColumns(
  columns: readonly TableColumn[],
  widthMax: number | undefined,
): {readonly columns: readonly TableColumn[]; readonly omitted: readonly string[]} {
  if (widthMax === undefined) return {columns, omitted: []}
  let kept = squeezed(columns, widthMax)
  while (kept.length > 1 && totalWidth(kept) > widthMax) kept = squeezed(columns.slice(0, kept.length - 1), widthMax)
  return {columns: kept, omitted: columns.slice(kept.length).map(column => column.name)}
}

/** Takes the excess from the widest text columns, a terminal column at a time, down to cellWidthMin each. */
function squeezed(columns: readonly TableColumn[], widthMax: number): TableColumn[] {
  const result = [...columns]
  for (let excess = totalWidth(columns) - widthMax; excess > 0; excess--) {
    let widest = -1
    for (const [place, column] of result.entries()) {
      if (!column.isNumber && column.width > cellWidthMin && column.width > (result[widest]?.width ?? 0)) widest = place
    }
    if (widest === -1) break
    result[widest] = {...result[widest]!, width: result[widest]!.width - 1, isCut: true}
  }
  return result
}

/** With a bar and a space on both sides of every cell. */
function totalWidth(columns: readonly TableColumn[]): number {
  return columns.reduce((sum, column) => sum + column.width + 3, 1)
}
