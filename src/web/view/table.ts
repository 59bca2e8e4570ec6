/** Lists of the monitor as tables. On a narrow screen the style sheet makes a card of each row, with its labels. */
import type {MonitorModel, PaneName} from '../../ui/monitor/model.ts'
import {paneSpecs} from '../../ui/monitor/panes.ts'
import type {Column} from '../../ui/monitor/table.ts'
import {type Element, el, type View} from './element.ts'

export interface PaneTable {
  readonly pane: PaneName
  readonly caption: string
  /** Titles of the columns that are left out. */
  readonly without?: readonly string[]
  /** Other cells than the monitor's, by title. */
  readonly cells?: Readonly<Record<string, (row: never) => readonly View[]>>
  /** The first so many rows. */
  readonly countMax?: number
  readonly isSortable?: boolean
  /** Of the row that is told in full. */
  readonly currentKey?: string | undefined
}

/** Only bars depend on it, and those are other cells here. */
const cellColumns = 200

/** The rows in the order and with the filter of the model; a sentence in place of a table without rows. */
export function paneTable(model: MonitorModel, table: PaneTable): Element {
  const spec = paneSpecs[table.pane]
  const list = model.lists[table.pane]
  const shown = spec.columns
    .map((column, index) => ({column, index}))
    .filter(({column}) => !table.without?.includes(column.title))
  const rows = list.rows.slice(0, table.countMax)
  if (rows.length === 0) {
    const text = list.filter !== '' && list.totalCount > 0 ? 'none of them has this text' : spec.emptyText
    return el('p', {class: 'empty'}, text)
  }
  return tableOf(
    table.caption,
    shown.map(({column, index}) => headCell(model, table, column, index)),
    rows.map(row => {
      const key = spec.keyOf(row)
      const cells = shown.map(({column}, place) => {
        const own = table.cells?.[column.title] as ((row: unknown) => readonly View[]) | undefined
        return bodyCell(column, place, own === undefined ? monitorCell(model, column, row) : own(row))
      })
      return el('tr', {key, role: 'row', 'aria-current': key === table.currentKey ? 'true' : undefined}, ...cells)
    }),
  )
}

/** Roles are said, because the style sheet changes how cells are displayed and browsers then forget what they were. */
export const tableOf = (caption: string, head: readonly Element[], rows: readonly Element[]): Element =>
  el(
    'table',
    {role: 'table'},
    el('caption', {class: 'unseen'}, caption),
    el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'}, ...head)),
    el('tbody', {role: 'rowgroup'}, ...rows),
  )

/** `BYTES/S` as `Bytes/s`; the column of bars has no title in a terminal. */
export const labelOf = (title: string): string =>
  title === '' ? 'Progress' : title === 'P90' ? title : title.charAt(0) + title.slice(1).toLowerCase()

function headCell(model: MonitorModel, table: PaneTable, column: Column<unknown>, index: number): Element {
  const {sortColumn, isReversed} = model.lists[table.pane]
  const label = labelOf(column.title)
  const className = column.align === 'right' ? 'number' : undefined
  if (table.isSortable !== true || column.sortKey === undefined) {
    return el('th', {role: 'columnheader', scope: 'col', class: className}, label)
  }
  const isDown = (column.isDescending === true) !== isReversed
  const order = sortColumn !== index ? undefined : isDown ? 'descending' : 'ascending'
  return el(
    'th',
    {role: 'columnheader', scope: 'col', class: className, 'aria-sort': order},
    el(
      'button',
      {type: 'button', class: 'sort', on: {click: () => ({type: 'sorted', pane: table.pane, column: index})}},
      label,
      order === undefined ? undefined : el('span', {'aria-hidden': 'true'}, isDown ? ' ▼' : ' ▲'),
    ),
  )
}

function monitorCell(model: MonitorModel, column: Column<unknown>, row: unknown): readonly View[] {
  const cell = column.cell(row, model.facts, cellColumns)
  if (typeof cell === 'string') return [cell]
  return cell.text === '' ? [] : [el('span', {class: cell.style && `is-${cell.style}`}, cell.text)]
}

function bodyCell(column: Column<unknown>, place: number, views: readonly View[]): Element {
  const isEmpty = views.length === 0 || (views.length === 1 && views[0] === '')
  const className = [column.align === 'right' ? 'number' : '', isEmpty ? 'nothing' : ''].filter(Boolean).join(' ')
  const attributes = {class: className === '' ? undefined : className, 'data-label': labelOf(column.title)}
  return place === 0
    ? el('th', {...attributes, role: 'rowheader', scope: 'row'}, ...views)
    : el('td', {...attributes, role: 'cell'}, ...views)
}
