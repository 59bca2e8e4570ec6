/** Jobs over HTTP: what a client sends and sees. Endpoints are in api.ts. */
import type {Grouping, Output} from '../pipeline/index.ts'
import type {NodeName} from './names.ts'

export type JobState = 'queued' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled' | 'purged'

/** POST submitJob: a job pack (bytes); answered 201 with this. The name is `PREFIX@STAMP`. */
export interface SubmitAnswer {
  readonly job: string
}

/** GET listJobs `?prefix=&state=&count=`: newest first. */
export interface JobList {
  readonly jobs: readonly JobSummary[]
}

export interface JobSummary {
  readonly job: string
  readonly owner: string
  readonly state: JobState
  readonly submittedAtMs: number
  readonly startedAtMs?: number
  readonly endedAtMs?: number
  /** Of all stages that are known so far. */
  readonly taskCount: number
  readonly doneCount: number
  readonly runningCount: number
  /** Failed attempts, not tasks. */
  readonly failedCount: number
  /** Why it failed: the error and where. */
  readonly error?: JobError
}

export interface JobError {
  readonly message: string
  readonly stage?: string
  readonly task?: number
  readonly node?: NodeName
  /** The record it failed on, shortened and safe to show. */
  readonly sample?: string
}

/** GET readJob. */
export interface JobInfo extends JobSummary {
  readonly priority: number
  readonly weight: number
  readonly slotsMax?: number
  readonly resultTag?: string
  readonly stages: readonly StageInfo[]
  readonly nowMs: number
}

export interface StageInfo {
  readonly name: string
  readonly grouping: Grouping
  readonly isConcurrent: boolean
  readonly state: 'waiting' | 'running' | 'done'
  readonly taskCount: number
  /** Runnable, and waiting for a slot. */
  readonly pendingCount: number
  /** Held back: by a pause, a limit, or a time to wait after a failure. */
  readonly heldCount: number
  readonly runningCount: number
  readonly doneCount: number
  readonly failedCount: number
  readonly records: number
  readonly bytes: number
  readonly cpuMs: number
  /** Milliseconds of finished runs: median, and the slowest tenth's begin; absent before the first. */
  readonly medianMs?: number
  readonly p90Ms?: number
  /** Largest task's input bytes over the median's. */
  readonly skew?: number
}

/** GET listTasks `?stage=&state=&after=&count=`. */
export interface TaskList {
  readonly tasks: readonly TaskInfo[]
  readonly next?: number
}

export interface TaskInfo {
  readonly task: number
  readonly stage: string
  readonly state: 'pending' | 'held' | 'running' | 'done' | 'failed'
  readonly node?: NodeName
  readonly attemptCount: number
  readonly startedAtMs?: number
  readonly durationMs?: number
  readonly records: number
  readonly bytes: number
  /** Of the last failed attempt. */
  readonly error?: string
}

/** GET jobEvents `?after=&count=&waitMs=`: waits that long for the first one. */
export interface JobEvents {
  readonly events: readonly JobEventInfo[]
  /** Ask on with `after`. */
  readonly next: number
  /** The job is over and no more will come. */
  readonly isEnd: boolean
}

export interface JobEventInfo {
  readonly number: number
  readonly atMs: number
  readonly kind: 'job' | 'stage' | 'task' | 'message' | 'warning' | 'error'
  readonly source: string
  readonly text: string
}

/** GET jobResults `?waitMs=&stage=`: waits so long for the end of the job. */
export interface JobResults {
  readonly state: JobState
  readonly error?: JobError
  /** In their order. Files are at `url`, with the cluster's token. */
  readonly outputs: readonly (Output & {readonly urls: readonly string[]})[]
  readonly resultTag?: string
}

/** Something that a task put out of band; GET listOob of a node: `{values}`, those of tasks that ran there. */
export interface OobInfo {
  readonly key: string
  readonly bytes: number
  readonly stageIndex: number
  readonly task: number
  readonly run: number
}
