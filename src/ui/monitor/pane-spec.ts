import type {MonitorModel} from './model.ts'
import type {Column} from './table.ts'

/** What a list of the monitor shows. Methods, not properties, so that a pane of any rows is a `PaneSpec<unknown>`. */
export interface PaneSpec<Row> {
  readonly title: string
  readonly emptyText: string
  readonly columns: readonly Column<Row>[]
  /** Columns of what is shown now, when they are not all. */
  columnsFor?(model: MonitorModel): readonly Column<Row>[]
  /**
   * A cursor on the first row stays there, whatever comes and goes: rows of this pane move all the time. Elsewhere the cursor
   * stays on its row, as keys change what is under it.
   */
  readonly isTopSticky: boolean
  /** In the pane's own order. */
  rowsOf(model: MonitorModel): readonly Row[]
  /** Unique in the pane, the same for the same thing in the next snapshot. */
  keyOf(row: Row): string
  /** What the filter looks into. */
  wordsOf(row: Row): readonly string[]
}
