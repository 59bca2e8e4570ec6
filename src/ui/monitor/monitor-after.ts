/** The only way to change a monitor's model. Pure: the same model and event, the same next one. */
import {unreachable} from '../../base/index.ts'
import {factsAfter} from './facts.ts'
import {modelAfterKey} from './key-press.ts'
import type {KeyName} from './keys.ts'
import {panePlaces} from './layout.ts'
import {eventKeptCountMax, noteMs, retryFirstMs, retryMaxMs} from './limits.ts'
import type {ListState, MonitorModel} from './model.ts'
import {openJob, paneNames, withList} from './model.ts'
import {paneSpecs, refreshedList, selection} from './panes.ts'
import type {JobEventInfo, Snapshot, SnapshotRequest} from './source.ts'
import {agoText} from './words.ts'

export type MonitorEvent =
  | {readonly type: 'snapshot'; readonly snapshot: Snapshot; readonly nowMs: number}
  | {readonly type: 'poll-failed'; readonly reason: string; readonly nowMs: number}
  | {readonly type: 'key'; readonly key: KeyName; readonly nowMs: number}
  | {readonly type: 'resize'; readonly columns: number; readonly rows: number}
  | {readonly type: 'tick'; readonly nowMs: number}
  /** The shell has taken the order, or the wish for a look, and acts on it. */
  | {readonly type: 'order-taken'}
  | {readonly type: 'poll-started'}
  /** How an order ended. */
  | {readonly type: 'noted'; readonly text: string; readonly isBad: boolean; readonly nowMs: number}
  | {readonly type: 'quit'}

/**
 * The next model. Lists are computed anew when their rows may have changed; what is scrolled is settled after all that moves it.
 */
export function monitorAfter(model: MonitorModel, event: MonitorEvent): MonitorModel {
  switch (event.type) {
    case 'snapshot':
      return refreshed(afterSnapshot({...model, nowMs: event.nowMs}, event.snapshot))
    case 'poll-failed':
      return settled(afterFailure({...model, nowMs: event.nowMs}, event.reason))
    case 'key':
      return settled(refreshedIfNeeded(model, modelAfterKey({...model, nowMs: event.nowMs}, event.key)))
    case 'resize':
      return settled({...model, columns: event.columns, rows: event.rows})
    case 'tick':
      return settled(withoutOldNote({...model, nowMs: event.nowMs}))
    case 'order-taken':
      return {...model, order: undefined}
    case 'poll-started':
      return {...model, isPollWanted: false}
    case 'noted':
      return {
        ...model,
        note: {text: event.text, isBad: event.isBad, untilMs: event.nowMs + noteMs},
        isPollWanted: true,
      }
    case 'quit':
      return {...model, isQuitting: true}
    default:
      return unreachable(event)
  }
}

/** Events are numbered from 0. */
const beforeFirst = -1

/** What the next look has to bring. */
export function requestOf(model: MonitorModel): SnapshotRequest {
  const job = openJob(model)
  if (job === undefined) return {eventsAfter: beforeFirst}
  const isKnown = model.detail?.info.job === job
  return {job, eventsAfter: isKnown ? (model.events.at(-1)?.number ?? beforeFirst) : beforeFirst}
}

function afterSnapshot(model: MonitorModel, snapshot: Snapshot): MonitorModel {
  const {connection, nowMs} = model
  const back =
    connection.state === 'lost'
      ? {
          note: {
            text: `the master is back after ${agoText(connection.sinceMs, nowMs)}`,
            isBad: false,
            untilMs: nowMs + noteMs,
          },
        }
      : {}
  const next = {...model, snapshot, facts: factsAfter(model.facts, snapshot), connection: {state: 'up'} as const}
  return withoutOldNote(withDetail({...next, ...back}, snapshot))
}

/** An answer to an earlier question may be about a job that is not open any more. */
function withDetail(model: MonitorModel, {job: detail}: Snapshot): MonitorModel {
  const wanted = openJob(model)
  if (wanted === undefined || detail?.info.job !== wanted) return model
  const known = model.detail?.info.job === wanted ? model.events : []
  return {...model, detail, events: appended(known, detail.events)}
}

/** Events that are known already come again when an answer was late. */
function appended(known: readonly JobEventInfo[], more: readonly JobEventInfo[]): readonly JobEventInfo[] {
  const last = known.at(-1)?.number ?? beforeFirst
  const fresh = more.filter(({number}) => number > last)
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-eventKeptCountMax)
}

function afterFailure(model: MonitorModel, reason: string): MonitorModel {
  const {connection, nowMs} = model
  const isLost = connection.state === 'lost'
  const failureCount = (isLost ? connection.failureCount : 0) + 1
  const retryAtMs = nowMs + Math.min(retryMaxMs, retryFirstMs * 2 ** (failureCount - 1))
  const sinceMs = isLost ? connection.sinceMs : nowMs
  return {...model, connection: {state: 'lost', sinceMs, retryAtMs, failureCount, reason}}
}

function withoutOldNote(model: MonitorModel): MonitorModel {
  return model.note !== undefined && model.note.untilMs <= model.nowMs ? {...model, note: undefined} : model
}

/** Rows are computed anew only when something that they depend on has changed: a cursor that moves costs nothing. */
function refreshedIfNeeded(before: MonitorModel, after: MonitorModel): MonitorModel {
  const names: readonly (keyof MonitorModel)[] = ['screens', 'taskView', 'taskStage', 'detail', 'events']
  const isOther = names.some(name => before[name] !== after[name])
  const changed = paneNames.filter(
    pane => isOther || rowsDependOn(before.lists[pane]) !== rowsDependOn(after.lists[pane]),
  )
  return changed.reduce((model, pane) => withList(model, pane, refreshedList(model, pane)), after)
}

const rowsDependOn = ({filter, sortColumn, isReversed}: ListState): string => `${sortColumn} ${isReversed} ${filter}`

function refreshed(model: MonitorModel): MonitorModel {
  return settled(paneNames.reduce((next, pane) => withList(next, pane, refreshedList(next, pane)), model))
}

/** Keeps cursors in sight, and the newest event when it is followed. */
function settled(model: MonitorModel): MonitorModel {
  return panePlaces(model).reduce((next, {pane, rowCount}) => {
    const list = next.lists[pane]
    const isEnd = pane === 'events' && next.isFollowing
    const cursor = isEnd ? selection(paneSpecs[pane], list.rows, list.rows.length - 1) : {index: list.index}
    const top = topOf(list, cursor.index, rowCount)
    return top === list.top && cursor.index === list.index ? next : withList(next, pane, {...cursor, top})
  }, model)
}

function topOf({rows, top}: ListState, index: number, rowCount: number): number {
  const lowest = Math.max(0, rows.length - rowCount)
  const inSight = index < top ? index : index >= top + rowCount ? index - rowCount + 1 : top
  return Math.max(0, Math.min(inSight, lowest))
}
