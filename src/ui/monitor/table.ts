/** Rows of a list in the columns that fit. Widths do not depend on the rows, so nothing jumps and nothing is measured. */
import type {Style} from './colours.ts'
import {styled} from './colours.ts'
import type {Facts} from './facts.ts'
import {fitText} from './terminal-text.ts'

export type Cell = string | {readonly text: string; readonly style: Style | undefined}

export interface Column<Row> {
  readonly title: string
  /** Least width. */
  readonly columns: number
  /** What it takes of the room that is left, relative to others; 0 when absent. */
  readonly growth?: number
  /** Widest, when it grows. */
  readonly columnsMax?: number
  /** Columns with the highest rank go first when there is no room; 0 stays. */
  readonly rank: number
  readonly align?: 'left' | 'right'
  /** What it is sorted by; absent: not sorted by this column. */
  sortKey?(row: Row, facts: Facts): number | string
  /** Biggest first, unless reversed. */
  readonly isDescending?: boolean
  /** Text must be safe for a terminal. */
  cell(row: Row, facts: Facts, columns: number): Cell
}

export interface PlacedColumn<Row> {
  readonly column: Column<Row>
  readonly columns: number
}

/** Columns of the mark before each row. */
const markColumns = 2
const gapColumns = 2

/** The columns that fit into `room`, with their widths. */
export function placeColumns<Row>(all: readonly Column<Row>[], room: number): readonly PlacedColumn<Row>[] {
  let kept = [...all]
  const needed = (): number =>
    markColumns + kept.reduce((sum, {columns}) => sum + columns, 0) + gapColumns * (kept.length - 1)
  while (needed() > room && kept.some(({rank}) => rank > 0)) {
    const worst = Math.max(...kept.map(({rank}) => rank))
    const last = kept.findLastIndex(({rank}) => rank === worst)
    kept = kept.filter((_, index) => index !== last)
  }
  const widths = kept.map(({columns}) => columns)
  let left = room - needed()
  // What one column cannot take for its maximum is offered to the others again.
  while (left > 0) {
    const growing = kept.flatMap(({growth = 0, columnsMax = Infinity}, index) =>
      growth > 0 && widths[index]! < columnsMax ? [index] : [],
    )
    if (growing.length === 0) break
    const share = growing.reduce((sum, index) => sum + kept[index]!.growth!, 0)
    const before = left
    for (const index of growing) {
      const {growth = 0, columnsMax = Infinity} = kept[index]!
      const more = Math.min(Math.max(1, Math.floor((before * growth) / share)), columnsMax - widths[index]!, left)
      widths[index]! += more
      left -= more
    }
  }
  return kept.map((column, index) => ({column, columns: widths[index]!}))
}

/** The line with the titles; the column that the rows are sorted by has an arrow. */
export function headLine<Row>(
  placed: readonly PlacedColumn<Row>[],
  sorted: {readonly title: string; readonly isDescending: boolean} | undefined,
): string {
  const cells = placed.map(({column, columns}) => {
    const arrow = sorted?.title === column.title ? (sorted.isDescending ? '▼' : '▲') : ''
    return fitText(column.title + arrow, columns, column.align)
  })
  return ' '.repeat(markColumns) + cells.join(' '.repeat(gapColumns))
}

export interface RowLook {
  /** The cursor is on it. */
  readonly isSelected: boolean
  /** Keys go to this list. */
  readonly isFocused: boolean
  readonly isColor: boolean
}

/** As wide as its mark, the placed columns and the gaps between them, whatever the row. */
export function rowLine<Row>(
  placed: readonly PlacedColumn<Row>[],
  row: Row,
  facts: Facts,
  {isSelected, isFocused, isColor}: RowLook,
): string {
  const isMarked = isSelected && isFocused
  const cells = placed.map(({column, columns}) => {
    const cell = column.cell(row, facts, columns)
    const [text, style] = typeof cell === 'string' ? [cell, undefined] : [cell.text, cell.style]
    // Colours within the inverted line would tear it apart.
    return styled(fitText(text, columns, column.align), isMarked ? undefined : style, isColor)
  })
  const mark = isMarked ? '> ' : isSelected ? '· ' : '  '
  return styled(mark + cells.join(' '.repeat(gapColumns)), isMarked ? 'selected' : undefined, isColor)
}
