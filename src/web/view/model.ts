/** The page's model: the monitor's, and what only a page has. Changed by `webAfter` alone. Pure. */
import {unreachable} from '../../base/index.ts'
import type {RuleFolders} from '../../protocol/index.ts'
import {isOver} from '../../ui/monitor/facts.ts'
import {type MonitorModel, openJob, type PaneName, startModel, withList} from '../../ui/monitor/model.ts'
import {monitorAfter} from '../../ui/monitor/monitor-after.ts'
import {refreshedList} from '../../ui/monitor/panes.ts'
import type {Action} from './actions.ts'

export interface WebModel {
  readonly monitor: MonitorModel
  /** Undefined before the first answer. */
  readonly rules?: RuleFolders
  /** Why a token is asked for; undefined: none is. */
  readonly refusal?: string | undefined
  readonly hasToken: boolean
  readonly isPaused: boolean
  /** The job that the person opened; else the page shows the one that runs, or the newest. */
  readonly pickedJob?: string
  readonly isAllJobs: boolean
}

export interface StartOptions {
  readonly nowMs: number
  readonly zoneOffsetMinutes: number
  readonly hasToken: boolean
}

/** A page has as many lines as it needs: more than any list of the monitor has. */
const rows = 100_000
const columns = 200

export const startWebModel = ({hasToken, nowMs, zoneOffsetMinutes}: StartOptions): WebModel => ({
  monitor: startModel({nowMs, zoneOffsetMinutes, columns, rows, isColor: false}),
  hasToken,
  isPaused: false,
  isAllJobs: false,
})

/** The next model. Without a valid token, by refusal or because the person forgets it, all that was seen is dropped. */
export function webAfter(model: WebModel, action: Action): WebModel {
  const {monitor} = model
  switch (action.type) {
    case 'snapshot':
      return withShownJob({...model, refusal: undefined, monitor: monitorAfter(monitor, action)})
    case 'rules':
      return {...model, rules: action.rules}
    case 'failed':
      return {...model, monitor: monitorAfter(monitor, {...action, type: 'poll-failed'})}
    case 'refused':
      return {...startAgain(monitor), isPaused: model.isPaused, refusal: action.text}
    case 'tick':
      return {...model, monitor: monitorAfter(monitor, action)}
    case 'job-picked':
      return withShownJob({...model, pickedJob: action.job})
    case 'sorted':
      return {...model, monitor: sorted(monitor, action.pane, action.column)}
    case 'filtered':
      return {...model, monitor: refreshed(withList(monitor, 'jobs', {filter: action.text}), 'jobs')}
    case 'all-jobs-wanted':
      return {...model, isAllJobs: true}
    case 'paused':
      return {...model, isPaused: action.isPaused}
    case 'token-given':
      return {...model, refusal: undefined, hasToken: true}
    case 'token-forgotten':
      // Nothing that the token opened stays on the page.
      return {...startAgain(monitor), refusal: 'the token is forgotten'}
    default:
      return unreachable(action)
  }
}

const startAgain = ({nowMs, facts: {zoneOffsetMinutes}}: MonitorModel): WebModel =>
  startWebModel({nowMs, zoneOffsetMinutes, hasToken: false})

/** The job that is told in full. */
export const shownJob = ({monitor}: WebModel): string | undefined => openJob(monitor)

function withShownJob(model: WebModel): WebModel {
  const {monitor, pickedJob} = model
  const jobs = monitor.snapshot?.jobs ?? []
  const picked = jobs.find(({job}) => job === pickedJob)
  const job = (picked ?? jobs.find(({state}) => state === 'running') ?? jobs.find(one => !isOver(one)) ?? jobs[0])?.job
  if (job === undefined || job === openJob(monitor)) return model
  const [overview] = monitor.screens
  return {...model, monitor: {...monitor, screens: [overview!, {type: 'job', job, pane: 'stages'}], isPollWanted: true}}
}

const refreshed = (monitor: MonitorModel, pane: PaneName): MonitorModel =>
  withList(monitor, pane, refreshedList(monitor, pane))

/** Again on the same column: the other way round, then the list's own order. */
function sorted(monitor: MonitorModel, pane: PaneName, column: number): MonitorModel {
  const {sortColumn, isReversed} = monitor.lists[pane]
  const change =
    sortColumn !== column
      ? {sortColumn: column, isReversed: false}
      : isReversed
        ? {sortColumn: undefined, isReversed: false}
        : {isReversed: true}
  return refreshed(withList(monitor, pane, change), pane)
}
