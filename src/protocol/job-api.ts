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
/** What the author's functions counted (`context.counter`): sums over done tasks, each task once. By name. */
export type JobCounters = Readonly<Record<string, number>>

export interface JobInfo extends JobSummary {
  readonly priority: number
  readonly weight: number
  readonly slotsMax?: number
  readonly resultTag?: string
  /** What its stages gave stays until it is purged. */
  readonly keepsStages?: boolean
  readonly stages: readonly StageInfo[]
  /** Of all stages; absent from an older master, as in stages. */
  readonly counters?: JobCounters
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
  /** Of the slowest one, and of all of them together. */
  readonly maxMs?: number
  readonly wallMs?: number
  readonly startedAtMs?: number
  readonly endedAtMs?: number
  /** Written by done tasks. */
  readonly outputRecords?: number
  readonly outputBytes?: number
  /** Runs that were lost with their node; tasks that were done again because their outputs were lost; second copies of slow tasks. */
  readonly lostCount?: number
  readonly againCount?: number
  readonly copyCount?: number
  readonly counters?: JobCounters
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
  /** Of a done task. */
  readonly cpuMs?: number
  /** Of the last failed attempt. */
  readonly error?: string
}

/**
 * GET jobEvents `?after=&count=&waitMs=&kind=&task=`: waits that long for the first one. `kind` and `task` (its number) choose
 * among them; an answer may then hold none and yet tell by `next` how far was looked.
 */
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

/** What a message of a task begins with: whose it is, and its text. Undefined: of no task. */
export function eventTitle(
  text: string,
): {readonly stage: string; readonly task: number; readonly text: string} | undefined {
  const match = /^MSG: \[(.+?):(\d+)\] /.exec(text)
  return match === null ? undefined : {stage: match[1]!, task: Number(match[2]), text: text.slice(match[0].length)}
}

/** GET jobResults `?waitMs=&stage=`: waits so long for the end of the job. */
export interface JobResults {
  readonly state: JobState
  readonly error?: JobError
  /** In their order. Files are at `url`, with the cluster's token. */
  readonly outputs: readonly (Output & {readonly urls: readonly string[]})[]
  /** `bytes`: what a worker of another language wrote, in any form. Absent from an older master: pairs. */
  readonly format?: 'pairs' | 'bytes'
  readonly resultTag?: string
  readonly counters?: JobCounters
}

/** POST findPartials of a node: which of these it keeps. */
export interface PartialsRequest {
  readonly names: readonly string[]
}

export interface PartialsAnswer {
  readonly kept: readonly string[]
}

/** Something that a task put out of band; GET listOob of a node: `{values}`, those of tasks that ran there. */
export interface OobInfo {
  readonly key: string
  readonly bytes: number
  readonly stageIndex: number
  readonly task: number
  readonly run: number
}
