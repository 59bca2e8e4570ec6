/** What the scheduler hears and what it orders. Everything here is plain data. */
import type {Group, Grouping, Output, Pipeline} from '../pipeline/index.ts'
import type {NodeName} from '../protocol/index.ts'
import type {JobRow, JobStateRow, RunRow, TaskRow, TroubleRow} from './rows.ts'
import type {SchedulerSettings} from './settings.ts'

export type JobName = string
/** Number of a task in its job, from 0 through all stages. */
export type TaskNumber = number
/** Number of one attempt, never given out twice in the life of a cluster. */
export type RunId = number

export type JobState = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled' | 'purged'

/** What a job is and may do. The scheduler knows nothing of the work itself. */
export interface JobSpec {
  /** Unique; the shell gives it (`PREFIX@STAMP`). */
  readonly name: JobName
  readonly owner: string
  readonly pipeline: Pipeline
  readonly inputs: readonly Output[]
  /** Served strictly before jobs of lower ones. */
  readonly priority?: number
  /** Share of slots against jobs of the same priority. Above 0. */
  readonly weight?: number
  readonly slotsMax?: number
  readonly failuresPerTaskMax?: number
  readonly failuresPerJobMax?: number
  /** A run that takes longer is stopped and counts as failed. A concurrent task's time begins when its inputs are complete. */
  readonly taskTimeMaxMs?: number
  readonly isSpeculative?: boolean
  /** The job is done when its results are named by this tag. */
  readonly resultTag?: string
  /** What its stages gave stays until it is purged, not only what the last one gave: clients of Disco read it then. */
  readonly keepsStages?: boolean
}

/** Milliseconds since 1970 by a clock that never goes back while the master runs. */
interface Timed {
  readonly nowMs: number
}

/** What a run has done so far, or in all. */
export interface Progress {
  readonly records: number
  readonly bytes: number
  readonly cpuMs: number
}

/** What the author's functions counted in a run: finite numbers by name. */
export type Counters = Readonly<Record<string, number>>

export interface LostInput {
  /** As they came with the input. */
  readonly task: TaskNumber
  readonly run: RunId
  /** The node answered that it does not have it, or that it is broken: trying again is useless. */
  readonly isGone: boolean
}

export interface Failure {
  /** `error` is tried again, `fatal` ends the job, `input-lost`: outputs of other tasks could not be read from any place. */
  readonly class: 'error' | 'fatal' | 'input-lost'
  readonly message: string
  /** The record it failed on, shortened, safe to show. */
  readonly sample?: string
  readonly inputs?: readonly LostInput[]
}

export type RunReport =
  /** Of a run that still runs, or was ordered ahead and waits for a slot. */
  | {readonly state: 'running'; readonly hasAllInputs: boolean; readonly isAhead?: boolean}
  | {
      readonly state: 'done'
      readonly outputs: readonly Output[]
      readonly progress: Progress
      readonly counters?: Counters
    }
  | {readonly state: 'failed'; readonly failure: Failure}

interface OfRun {
  readonly node: NodeName
  readonly job: JobName
  readonly task: TaskNumber
  readonly run: RunId
}

/**
 * `link` numbers the connections of a node, growing. A node that connects says `node-joined`, then `run-reported` for each
 * run that it has and whose end was not accepted, then `node-ready`: what it did not report it does not have.
 */
export type SchedulerEvent = Timed &
  (
    | {readonly type: 'tick'}
    | {readonly type: 'settings-changed'; readonly settings: Partial<SchedulerSettings>}
    | {readonly type: 'request'; readonly id: number; readonly request: JobRequest}
    | NodeJoined
    | (OfRun & {readonly type: 'run-reported'; readonly link: number; readonly report: RunReport})
    | {readonly type: 'node-ready'; readonly node: NodeName; readonly link: number}
    /** The connection broke; its runs go on. */
    | {readonly type: 'node-offline'; readonly node: NodeName; readonly link: number}
    /** Declared lost by the membership, or taken out: its runs and files are gone until it says otherwise. */
    | {readonly type: 'node-lost'; readonly node: NodeName}
    | {readonly type: 'node-removed'; readonly node: NodeName}
    | {readonly type: 'node-draining'; readonly node: NodeName; readonly isDraining: boolean}
    | NodeStatus
    | (OfRun & {readonly type: 'run-started'})
    | (OfRun & {readonly type: 'run-progress'; readonly progress: Progress})
    | (OfRun & {readonly type: 'run-message'; readonly text: string})
    | (OfRun & {
        readonly type: 'run-done'
        readonly outputs: readonly Output[]
        readonly progress: Progress
        readonly counters?: Counters
      })
    | (OfRun & {readonly type: 'run-failed'; readonly failure: Failure})
    /** Answer to `save-results`. */
    | {readonly type: 'results-saved'; readonly job: JobName; readonly save: number}
    | {
        readonly type: 'results-not-saved'
        readonly job: JobName
        readonly save: number
        readonly message: string
        readonly isFinal: boolean
      }
  )

export interface NodeJoined {
  readonly type: 'node-joined'
  readonly node: NodeName
  readonly link: number
  readonly slots: number
  readonly isDraining?: boolean
  /** With another folder than before: its files are gone. */
  readonly isWiped?: boolean
  /** Jobs that it has files of, to be told which of them are over. */
  readonly jobs?: readonly JobName[]
}

export interface NodeStatus {
  readonly type: 'node-status'
  readonly node: NodeName
  readonly slots?: number
  readonly freeBytes?: number
  readonly totalBytes?: number
  readonly freeMemoryBytes?: number
  readonly totalMemoryBytes?: number
}

export type JobRequest =
  | {readonly type: 'submit'; readonly spec: JobSpec}
  | {readonly type: 'pause' | 'resume' | 'cancel' | 'purge'; readonly job: JobName}
  | {
      readonly type: 'set-priority'
      readonly job: JobName
      readonly priority?: number
      readonly weight?: number
      readonly slotsMax?: number
    }

export type JobAnswer =
  | {readonly type: 'accepted'; readonly job: JobName; readonly state: JobState}
  | {
      readonly type: 'refused'
      /** `BAD_JOB`: `problems` says what. `WRONG_STATE`: the job is over, or not over yet. `OVERLOADED`: come back later. */
      readonly code: 'BAD_JOB' | 'JOB_NOT_FOUND' | 'WRONG_STATE' | 'OVERLOADED'
      readonly message: string
      readonly problems?: readonly string[]
    }

/** One input of a run. In order: by `key`, then by `number`. The same `task` and `number` again replaces the place. */
export interface RunInput {
  /** Number of the producing task; -1: an input of the job. */
  readonly task: TaskNumber
  readonly number: number
  readonly key: string
  /** The run that made it; 0: an input of the job. */
  readonly run: RunId
  readonly output: Output
}

export interface StartRun extends OfRun {
  readonly type: 'start-run'
  readonly stage: string
  readonly stageIndex: number
  readonly grouping: Grouping
  readonly group: Group
  readonly inputs: readonly RunInput[]
  /** False: more come by `push-inputs`, the last with `isEnd`. The run must not end before. */
  readonly hasAllInputs: boolean
  readonly isLastStage: boolean
  /** It begins when a slot of the node is free, after those that came so before it. */
  readonly isAhead: boolean
}

export interface JobEvent {
  readonly job: JobName
  /** From 0, without gaps. */
  readonly number: number
  readonly nowMs: number
  readonly kind: 'job' | 'stage' | 'task' | 'message' | 'warning' | 'error'
  /** Whose doing: a node or `master`. */
  readonly source: string
  readonly text: string
}

export type SchedulerEffect =
  | {readonly type: 'answer'; readonly id: number; readonly answer: JobAnswer}
  | {readonly type: 'wake'; readonly atMs: number}
  | StartRun
  | (OfRun & {readonly type: 'push-inputs'; readonly inputs: readonly RunInput[]; readonly isEnd: boolean})
  /** Kill it if it runs, delete what it made, forget it. */
  | (OfRun & {readonly type: 'stop-run'})
  /** Its result counts: keep its files, report it no more. */
  | (OfRun & {readonly type: 'accept-run'})
  /** To one node or, without, to all. `isPurged`: delete everything of it; else all but the files that stay. */
  | {
      readonly type: 'end-job'
      readonly job: JobName
      readonly node?: NodeName
      readonly isPurged: boolean
      /** The files of all stages stay, not only those of results. */
      readonly keepsStages: boolean
    }
  /** Answered by `results-saved` or `results-not-saved` with the same `save`; may come again after a restart. */
  | {
      readonly type: 'save-results'
      readonly job: JobName
      readonly save: number
      readonly tag: string
      readonly results: readonly Output[]
    }
  | {readonly type: 'job-event'; readonly event: JobEvent}
  | {readonly type: 'persist-job'; readonly row: JobRow}
  | {readonly type: 'persist-job-state'; readonly row: JobStateRow}
  | {readonly type: 'persist-task'; readonly row: TaskRow}
  | {readonly type: 'persist-trouble'; readonly row: TroubleRow}
  | {readonly type: 'persist-run'; readonly row: RunRow}
  | {readonly type: 'forget-run'; readonly job: JobName; readonly run: RunId}
  /** No run number below it may be used by a later master. */
  | {readonly type: 'persist-next-run'; readonly nextRun: RunId}
  /** All rows of the job but its state; its events go, too. */
  | {readonly type: 'forget-job'; readonly job: JobName}
  | {
      readonly type: 'log'
      readonly level: 'info' | 'warn' | 'error'
      readonly msg: string
      readonly job?: JobName
      readonly node?: NodeName
      readonly detail?: string
    }
