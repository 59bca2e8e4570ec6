/** Rules that daemons run, as people see them over HTTP. */

/** What a rule does now. `retrying`: it failed and is tried again; `failed`: it waits for its next time. */
export type RuleActivity = 'running' | 'waiting' | 'paused' | 'retrying' | 'failed'

/** GET rules: no folders when no daemon ever kept its state in the master's home folder. */
export interface RuleFolders {
  readonly folders: readonly RuleFolder[]
  readonly nowMs: number
}

/** One daemon's state. */
export interface RuleFolder {
  /** Name of its folder. */
  readonly folder: string
  /** A daemon works with it. */
  readonly isServed: boolean
  readonly rules: readonly RuleInfo[]
  /** Why nothing of it can be told. */
  readonly problem?: string
}

export interface RuleInfo {
  readonly rule: string
  readonly schedule: string
  readonly state: RuleActivity
  /** No success for longer than its maxAge. */
  readonly isStale: boolean
  readonly maxAgeMs?: number
  readonly lastSuccessMs?: number
  readonly lastEndMs?: number
  readonly nextDueMs?: number
  readonly retryCount: number
  /** Of the last failure; gone with a success. */
  readonly error?: string
  /** Why its file cannot be read; it goes on as it was. */
  readonly problem?: string
}
