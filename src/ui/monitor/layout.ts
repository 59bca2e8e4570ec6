/** Where everything stands: how many lines each list gets. Used for drawing and for keeping cursors in sight. */
import {headerLines} from './header.ts'
import {monitorColumnsMin, monitorRowsMin, rowsPerPaneMin} from './limits.ts'
import type {MonitorModel, PaneName} from './model.ts'
import {panesOf, screenOf} from './model.ts'

export interface PanePlace {
  readonly pane: PaneName
  /** Rows of the list itself: a title and a head stand above them. */
  readonly rowCount: number
}

/** The lines that a frame has: one less than the terminal, as the cursor stands on the last one. */
export const frameRows = ({rows}: MonitorModel): number => Math.max(1, rows - 1)

export const isTooSmall = ({columns, rows}: MonitorModel): boolean =>
  columns < monitorColumnsMin || rows < monitorRowsMin

/** Lines between header and footer. */
export const bodyRows = (model: MonitorModel): number => Math.max(0, frameRows(model) - headerLines(model).length - 1)

const titleAndHead = 2

/** The lists on the screen, top to bottom; only the one with the cursor when there is no room for all. */
export function panePlaces(model: MonitorModel): readonly PanePlace[] {
  const screen = screenOf(model)
  if (screen.type === 'text' || isTooSmall(model)) return []
  const room = bodyRows(model)
  const panes: readonly PaneName[] = panesOf[screen.type]
  if (room < panes.length * rowsPerPaneMin) return [{pane: screen.pane, rowCount: Math.max(0, room - titleAndHead)}]
  const wanted = panes.map(pane => Math.max(1, model.lists[pane].totalCount))
  const given = shares(room - panes.length * titleAndHead, wanted)
  return panes.map((pane, index) => ({pane, rowCount: given[index]!}))
}

/** Everybody gets the same at most, who wants less leaves it to the others; what nobody wants goes to the last. */
function shares(room: number, wanted: readonly number[]): number[] {
  const given = wanted.map(() => 0)
  let left = room
  while (left > 0) {
    const hungry = wanted.flatMap((count, index) => (given[index]! < count ? [index] : []))
    if (hungry.length === 0) break
    const share = Math.max(1, Math.floor(left / hungry.length))
    for (const index of hungry) {
      const more = Math.min(share, wanted[index]! - given[index]!, left)
      given[index]! += more
      left -= more
    }
  }
  given[given.length - 1]! += left
  return given
}
