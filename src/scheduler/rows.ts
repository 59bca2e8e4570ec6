/**
 * What the journal keeps. A row replaces the one with the same key: job (`JobRow`, `JobStateRow`), job and task (`TaskRow`,
 * `TroubleRow`), run (`RunRow`). Rows of an ended job stay until it is purged; of a purged one only its state stays.
 */
import type {Homes, Output} from '../pipeline/index.ts'
import type {NodeName} from '../protocol/index.ts'
import type {Counters, JobName, JobSpec, JobState, Progress, RunId, TaskNumber} from './events.ts'

/** Written once. */
export interface JobRow {
  readonly job: JobName
  /** Order of submission. */
  readonly number: number
  readonly submittedMs: number
  readonly spec: JobSpec
}

export interface JobFailure {
  readonly message: string
  readonly stage?: string
  readonly task?: TaskNumber
  readonly node?: NodeName
  readonly sample?: string
}

export interface JobStateRow {
  readonly job: JobName
  readonly state: JobState
  readonly priority: number
  readonly weight: number
  /** Left out: no limit. */
  readonly slotsMax?: number
  readonly startedMs?: number
  readonly endedMs?: number
  readonly failure?: JobFailure
  /** Of a done job. */
  readonly results?: readonly Output[]
}

/** A task that has been done, also when its files were lost since. */
export interface TaskRow {
  readonly job: JobName
  readonly task: TaskNumber
  readonly stage: number
  readonly key: string
  readonly run: RunId
  readonly node: NodeName
  readonly outputs: readonly Output[]
  /** Where its outputs belonged when it was done first: its groups stay the same when it is done again elsewhere. */
  readonly homes: Homes
  readonly isLost: boolean
  /** Lost for good: its node came back without them, or is gone. */
  readonly isGone: boolean
  readonly progress: Progress
  readonly durationMs: number
  /** Left out: none. */
  readonly counters?: Counters
}

/** What went wrong with a task that is not done. */
export interface TroubleRow {
  readonly job: JobName
  readonly task: TaskNumber
  readonly stage: number
  readonly key: string
  readonly failures: number
  readonly losses: number
  readonly avoid: readonly NodeName[]
  /** Of the last failure; left out: nobody failed. */
  readonly message?: string
}

/** A run that was ordered and has not ended. */
export interface RunRow {
  readonly job: JobName
  readonly task: TaskNumber
  readonly stage: number
  readonly key: string
  readonly run: RunId
  readonly node: NodeName
  readonly startedMs: number
}

export interface JournalRows {
  readonly nextRun: RunId
  readonly jobs: readonly JobRow[]
  readonly jobStates: readonly JobStateRow[]
  readonly tasks: readonly TaskRow[]
  readonly troubles: readonly TroubleRow[]
  readonly runs: readonly RunRow[]
  /** Events written of each job. */
  readonly eventCounts: ReadonlyMap<JobName, number>
}
