/** JSON that Disco's clients get. */

export type JobStatus = 'initializing' | 'active' | 'ready' | 'dead'

/** One set of equal copies. */
export type ReplicaSet = readonly string[]

/** GET /ddfs/tag/TAG. */
export interface LegacyTag {
  readonly version: 1
  readonly id: string
  /** `YYYY/MM/DD HH:MM:SS`, in the master's zone; as all times here. */
  readonly 'last-modified': string
  readonly urls: readonly ReplicaSet[]
  readonly 'user-data': Readonly<Record<string, string>>
}

/** Results: a list of replica sets; of a saved job one tag, not nested. */
export type LegacyResults = readonly (ReplicaSet | string)[]

/** POST /disco/ctrl/get_results, one for each job. */
export type JobAnswer = readonly [job: string, answer: readonly [status: JobStatus | 'unknown job', LegacyResults]]

/** GET /disco/ctrl/joblist: seconds since 1970, newest first. */
export type JobRow = readonly [submitted: number, status: JobStatus, job: string]

export type StageRow = readonly [
  stage: string,
  pending: number,
  waiting: number,
  running: number,
  done: number,
  failed: number,
]

/** GET /disco/ctrl/jobinfo. */
export interface LegacyJobInfo {
  readonly timestamp: string
  readonly active: JobStatus
  readonly pipeline: readonly StageRow[]
  readonly results: readonly string[]
  readonly inputs: readonly string[]
  readonly worker: string
  /** One for each running task. */
  readonly hosts: readonly string[]
  readonly owner: string
}

/** GET /disco/ctrl/nodeinfo, by host. Disk figures in KiB. */
export interface LegacyNode {
  readonly tasks?: readonly string[]
  readonly job_ok: number
  readonly data_error: number
  readonly error: number
  readonly max_workers: number
  readonly connected: boolean
  readonly blacklisted: boolean
  readonly diskfree?: number
  readonly diskused?: number
}

/** GET /ddfs/ctrl/gc_stats; pairs of files and bytes. */
export interface LegacyGcStats {
  readonly timestamp: string
  readonly stats: Readonly<
    Record<'Tags kept' | 'Tags deleted' | 'Blobs kept' | 'Blobs deleted', readonly [number, number]>
  >
}

/** One line of a job's events: time, host or `master`, text. */
export type EventRow = readonly [time: string, host: string, text: string]
