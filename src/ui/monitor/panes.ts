/** What each list of the monitor shows; filtering and sorting are the same for all. */
import {compareText} from '../../base/index.ts'
import {eventPane, stagePane, taskPane} from './detail-panes.ts'
import {jobPane} from './job-pane.ts'
import type {ListState, MonitorModel, PaneName} from './model.ts'
import {nodePane, runPane} from './node-pane.ts'
import type {PaneSpec} from './pane-spec.ts'

export const paneSpecs: Readonly<Record<PaneName, PaneSpec<unknown>>> = {
  nodes: nodePane as PaneSpec<unknown>,
  jobs: jobPane as PaneSpec<unknown>,
  stages: stagePane as PaneSpec<unknown>,
  tasks: taskPane as PaneSpec<unknown>,
  events: eventPane as PaneSpec<unknown>,
  runs: runPane as PaneSpec<unknown>,
}

/** The list with its rows computed anew; the cursor stays on its row, or at its place when that row is gone. */
export function refreshedList(model: MonitorModel, pane: PaneName): ListState {
  const list = model.lists[pane]
  const spec = paneSpecs[pane]
  const all = spec.rowsOf(model)
  const needle = list.filter.toLowerCase()
  const passing =
    needle === '' ? all : all.filter(row => spec.wordsOf(row).some(word => word.toLowerCase().includes(needle)))
  const rows = sortedRows(model, spec, list, passing)
  const {selectedKey} = list
  // A row that is gone, or filtered out, leaves its place to the next one.
  const found = selectedKey === undefined ? -1 : rows.findIndex(row => spec.keyOf(row) === selectedKey)
  const index = found >= 0 ? found : Math.max(0, Math.min(list.index, rows.length - 1))
  return {...list, rows, totalCount: all.length, ...selection(spec, rows, index)}
}

function sortedRows(
  model: MonitorModel,
  spec: PaneSpec<unknown>,
  {sortColumn, isReversed}: ListState,
  rows: readonly unknown[],
): readonly unknown[] {
  const column = sortColumn === undefined ? undefined : spec.columns[sortColumn]
  if (column?.sortKey === undefined) return isReversed ? rows.toReversed() : rows
  const sign = (column.isDescending === true) === isReversed ? 1 : -1
  const keyed = rows.map(row => ({row, by: column.sortKey!(row, model.facts), key: spec.keyOf(row)}))
  keyed.sort((a, b) => sign * compareKeys(a.by, b.by) || compareText(a.key, b.key))
  return keyed.map(({row}) => row)
}

function compareKeys(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b))
}

/** The part of a list's state that says where the cursor is. */
export function selection(
  spec: PaneSpec<unknown>,
  rows: readonly unknown[],
  wanted: number,
): {readonly index: number; readonly selectedKey?: string | undefined} {
  const index = Math.max(0, Math.min(wanted, rows.length - 1))
  if (index >= rows.length) return {index: 0}
  return {index, selectedKey: index === 0 && spec.isTopSticky ? undefined : spec.keyOf(rows[index])}
}

/** The next column to sort by; after the last, the pane's own order again. */
export function nextSortColumn(spec: PaneSpec<unknown>, sortColumn: number | undefined): number | undefined {
  const next = spec.columns.findIndex((column, index) => index > (sortColumn ?? -1) && column.sortKey !== undefined)
  return next < 0 ? undefined : next
}

/** The row under the cursor, of the kind that the pane lists; undefined in an empty list. */
export function selectedRow(model: MonitorModel, pane: PaneName): unknown {
  const {rows, index} = model.lists[pane]
  return rows[index]
}
