/** What the daemon of rules remembers. Times are milliseconds since 1970. */

/** Which process, so that another one with its number is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to its start; empty where the system does not tell. */
  readonly startedTicks: string
  /** Boot of the machine and space of process ids; only within one can it be said that a process is gone. */
  readonly boot: string
}

export interface Lease {
  readonly holder: ProcessIdentity
  /** Random: names this hold of it. */
  readonly token: string
  readonly takenAtMs: number
  /** Without renewal it is over then. */
  readonly deadlineMs: number
}

export type RunState = 'running' | 'done' | 'skipped' | 'failed' | 'interrupted'
export type RunTrigger = 'schedule' | 'retry' | 'wake' | 'again'

/** What is known of a rule from its runs. */
export interface RuleRecord {
  readonly name: string
  readonly firstSeenMs: number
  /** Last start that was not a retry: what the schedule counts from. */
  readonly anchorMs: number | undefined
  readonly lastSuccessMs: number | undefined
  /** Its last run that is over. */
  readonly lastRun: number | undefined
  readonly lastState: RunState | undefined
  readonly lastEndMs: number | undefined
  /** Of the last failure; gone with a success. */
  readonly lastError: string | undefined
  /** Retries since the last run by schedule. */
  readonly retryCount: number
  readonly retryAtMs: number | undefined
  /** Since when there are no retries left; gone with a success. */
  readonly gaveUpMs: number | undefined
  /** Runs in a row that ended without a word. */
  readonly interruptedCount: number
  readonly pausedMs: number | undefined
  /** Run as soon as there is room, whatever the schedule says: asked for by a person, or because a run was interrupted. */
  readonly wanted: 'wake' | 'again' | undefined
  /** What people were told last. */
  readonly told: 'fine' | 'failed' | 'gave-up'
  readonly isToldStale: boolean
  /** When it is due next; undefined: never. */
  readonly dueMs: number | undefined
}

/** What there is to know of a rule before it runs. */
export interface KnownRule {
  readonly name: string
  readonly file: string
  readonly line: number | undefined
  readonly description: string | undefined
  readonly schedule: string
  readonly maxAgeMs: number | undefined
  /** Why its file cannot be read any more; the rule goes on as it was. */
  readonly problem: string | undefined
}

export interface RunRow {
  /** Counts from 1, never used again. */
  readonly id: number
  readonly rule: string
  readonly trigger: RunTrigger
  readonly state: RunState
  readonly startedMs: number
  readonly endedMs: number | undefined
  /** Undefined until it is started. */
  readonly process: ProcessIdentity | undefined
  readonly error: string | undefined
  /** The run's report as JSON, if it left one. */
  readonly report: string | undefined
}

export interface Order {
  readonly id: number
  readonly type: 'pause' | 'resume' | 'wake'
  /** Undefined: all rules. */
  readonly rule: string | undefined
}

export interface RuleStateContents {
  readonly records: readonly RuleRecord[]
  readonly openRuns: readonly RunRow[]
  readonly nextRun: number
  /** Since when all rules are paused. */
  readonly pausedMs: number | undefined
  /** What people were to be told when the daemon ended. */
  readonly notices: readonly SavedNotice[]
}

export interface SavedNotice {
  readonly id: number
  readonly rule: string
  /** JSON. */
  readonly notice: string
}

export type RuleStateWrite =
  | {readonly type: 'save-rule'; readonly record: RuleRecord}
  | {readonly type: 'save-run'; readonly run: RunRow}
  | {readonly type: 'save-known'; readonly rules: readonly KnownRule[]}
  | {readonly type: 'save-paused'; readonly pausedMs: number | undefined}
  | {readonly type: 'save-notice'; readonly notice: SavedNotice}
  | {readonly type: 'drop-notice'; readonly id: number}
  | {readonly type: 'drop-order'; readonly id: number}

/** Older or more runs than this are forgotten. */
export interface HistoryBounds {
  readonly ageMs: number
  readonly runsOfRuleMax: number
}
