/**
 * Everything that the monitor's screen depends on. Changed only by `monitorAfter`, which returns a new one.
 *
 * Screens are a stack: the overview below, a job or a node on it, a text (help, one row in full) on top. Each list keeps
 * its cursor by the key of its row, so that the cursor stays on a row that moves.
 */
import type {Facts} from './facts.ts'
import {noFacts} from './facts.ts'
import type {JobDetail, JobEventInfo, JobOrder, Snapshot} from './source.ts'

export const paneNames = ['nodes', 'jobs', 'stages', 'tasks', 'events', 'runs'] as const
export type PaneName = (typeof paneNames)[number]

export const taskViews = ['all', 'running', 'failed', 'slowest', 'waiting', 'done'] as const
/** `slowest` is all of them, longest first; `failed` is every task that failed at least once. */
export type TaskView = (typeof taskViews)[number]

export type Screen =
  | {readonly type: 'overview'; readonly pane: PaneName}
  | {readonly type: 'job'; readonly job: string; readonly pane: PaneName}
  | {readonly type: 'node'; readonly node: string; readonly pane: PaneName}
  | TextScreen

export interface TextScreen {
  readonly type: 'text'
  readonly title: string
  readonly lines: readonly string[]
  /** Index of the first line on the screen. */
  readonly top: number
}

/** What stands on top when nothing else was opened. */
export const panesOf = {
  overview: ['nodes', 'jobs'],
  job: ['stages', 'tasks', 'events'],
  node: ['runs'],
} as const satisfies Record<Exclude<Screen['type'], 'text'>, readonly PaneName[]>

export interface ListState {
  /** Rows that pass the filter, in order. */
  readonly rows: readonly unknown[]
  /** Rows before filtering. */
  readonly totalCount: number
  readonly filter: string
  /** Index into the pane's columns; undefined: the pane's own order. */
  readonly sortColumn?: number | undefined
  readonly isReversed: boolean
  /** Of the row under the cursor. */
  readonly selectedKey?: string | undefined
  readonly index: number
  /** Index of the first row on the screen. */
  readonly top: number
}

export type Connection =
  | {readonly state: 'up'}
  | {
      readonly state: 'lost'
      readonly sinceMs: number
      readonly retryAtMs: number
      readonly failureCount: number
      readonly reason: string
    }

export interface Note {
  readonly text: string
  readonly isBad: boolean
  readonly untilMs: number
}

/** What the person wants done; the shell does it and answers with an event. */
export interface Order {
  readonly order: JobOrder
  readonly job: string
}

export interface MonitorModel {
  readonly columns: number
  readonly rows: number
  readonly isColor: boolean
  /** By this machine's clock. */
  readonly nowMs: number
  readonly snapshot?: Snapshot
  readonly facts: Facts
  readonly connection: Connection
  readonly screens: readonly Screen[]
  readonly lists: Readonly<Record<PaneName, ListState>>
  /** The job that was looked at last, as it was seen last. */
  readonly detail?: JobDetail | undefined
  /** Of that job, oldest first. */
  readonly events: readonly JobEventInfo[]
  readonly isFollowing: boolean
  readonly taskView: TaskView
  /** Tasks of this stage only. */
  readonly taskStage?: string | undefined
  /** A filter is being typed into this pane. */
  readonly typingIn?: PaneName | undefined
  readonly question?: Order | undefined
  readonly order?: Order | undefined
  readonly note?: Note | undefined
  /** The shell looks at once: something else is wanted now. */
  readonly isPollWanted: boolean
  readonly isQuitting: boolean
}

export interface StartOptions {
  readonly columns: number
  readonly rows: number
  readonly isColor: boolean
  readonly nowMs: number
  readonly zoneOffsetMinutes: number
  /** Opens this job first. */
  readonly job?: string | undefined
}

/** Before the first snapshot: the connection counts as up until a poll fails. */
export function startModel({job, zoneOffsetMinutes, ...rest}: StartOptions): MonitorModel {
  const list: ListState = {rows: [], totalCount: 0, filter: '', isReversed: false, index: 0, top: 0}
  const overview: Screen = {type: 'overview', pane: 'jobs'}
  return {
    ...rest,
    facts: noFacts(zoneOffsetMinutes),
    connection: {state: 'up'},
    screens: job === undefined ? [overview] : [overview, {type: 'job', job, pane: 'tasks'}],
    lists: {nodes: list, jobs: list, stages: list, tasks: list, events: list, runs: list},
    events: [],
    isFollowing: true,
    taskView: 'all',
    isPollWanted: false,
    isQuitting: false,
  }
}

export const screenOf = (model: MonitorModel): Screen => model.screens.at(-1)!

/** The pane that keys go to; undefined on a text. */
export function focusOf(model: MonitorModel): PaneName | undefined {
  const screen = screenOf(model)
  return screen.type === 'text' ? undefined : screen.pane
}

/** The job that is open, also below a text. */
export function openJob({screens}: MonitorModel): string | undefined {
  const screen = screens.findLast(({type}) => type !== 'text')
  return screen?.type === 'job' ? screen.job : undefined
}

/** The model with one list changed. */
export function withList(model: MonitorModel, pane: PaneName, change: Partial<ListState>): MonitorModel {
  return {...model, lists: {...model.lists, [pane]: {...model.lists[pane], ...change}}}
}
