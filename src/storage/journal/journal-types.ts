/**
 * What the journal takes and gives back. Rows are kept as they come: only what a row is found by is looked at here, the rest
 * belongs to the scheduler, whose `persist-*` effects fit these types.
 */

interface OfJob {
  readonly job: string
}

/** One write. All writes of one commit happen, or none. */
export type JournalWrite =
  /** Written once. */
  | {readonly type: 'persist-job'; readonly row: OfJob & {readonly number: number}}
  | {readonly type: 'persist-job-state'; readonly row: OfJob}
  | {readonly type: 'persist-task'; readonly row: OfJob & {readonly task: number}}
  | {readonly type: 'persist-trouble'; readonly row: OfJob & {readonly task: number}}
  | {readonly type: 'persist-run'; readonly row: OfJob & {readonly run: number}}
  | {readonly type: 'forget-run'; readonly job: string; readonly run: number}
  | {readonly type: 'persist-next-run'; readonly nextRun: number}
  /** All of the job but its state; its pack, too, when no other job has the same one. */
  | {readonly type: 'forget-job'; readonly job: string}
  | {readonly type: 'job-event'; readonly event: JournalEvent}
  /** Which pack the job was submitted with. */
  | {readonly type: 'persist-pack'; readonly job: string; readonly hash: string; readonly bytes: number}

export interface JournalEvent {
  readonly job: string
  /** From 0, without gaps. */
  readonly number: number
  readonly nowMs: number
  readonly kind: string
  readonly source: string
  readonly text: string
}

/** All but events and packs, as they were given. */
export interface JournalContents {
  readonly nextRun: number
  readonly jobs: readonly unknown[]
  readonly jobStates: readonly unknown[]
  readonly tasks: readonly unknown[]
  readonly troubles: readonly unknown[]
  readonly runs: readonly unknown[]
  /** Events written of each job, also those that were dropped since. */
  readonly eventCounts: ReadonlyMap<string, number>
}

export interface PackRow {
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly hash: string
  readonly bytes: number
}
