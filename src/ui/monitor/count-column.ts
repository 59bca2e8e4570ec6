/** Columns of numbers that several lists have. */
import {groupDigits} from '../../base/index.ts'
import type {Style} from './colours.ts'
import type {Column} from './table.ts'

/** What a person should look at beyond this number is yellow. */
export interface CountOptions {
  readonly fineMax?: number
}

/** A count, to the right, the biggest first. */
export function countColumn<Row>(
  title: string,
  {columns, rank}: Pick<Column<Row>, 'columns' | 'rank'>,
  countOf: (row: Row) => number,
  {fineMax = Number.POSITIVE_INFINITY}: CountOptions = {},
): Column<Row> {
  const styleOf = (count: number): Style | undefined => (count > fineMax ? 'yellow' : undefined)
  return {
    title,
    columns,
    rank,
    align: 'right',
    isDescending: true,
    sortKey: countOf,
    cell: row => ({text: groupDigits(countOf(row)), style: styleOf(countOf(row))}),
  }
}
