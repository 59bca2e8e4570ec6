import type {RuleRecord, RunRow, SavedNotice} from '../../storage/index.ts'
import type {RuleDefinition} from './definition.ts'
import type {DaemonEffect, DaemonEvent} from './events.ts'

/** A rule that the folder holds, or held when its file was last whole. */
export interface RuleEntry {
  readonly definition: RuleDefinition
  /** Why its file cannot be read any more. */
  readonly problem: string | undefined
  /** The schedule's answer, and the anchor that it is for; asked again once it has passed. */
  due: {readonly anchorMs: number | undefined; readonly dueMs: number | undefined} | undefined
}

export type RunEnded = Extract<DaemonEvent, {type: 'run-ended'}>

/** Owned by `step`: nobody else keeps a reference. */
export interface DaemonState {
  readonly concurrentMax: number
  /** By name; in the order in which the folder was read. */
  readonly rules: Map<string, RuleEntry>
  readonly records: Map<string, RuleRecord>
  /** By rule: one run at a time. */
  readonly running: Map<string, RunRow>
  /** Records that changed in this step. */
  readonly changed: Set<string>
  nextRun: number
  nextNotice: number
  /** Of an earlier daemon, not sent yet: whom to tell is known when the rules are read. */
  readonly unsent: SavedNotice[]
  /** Ends of an earlier daemon's runs: what they mean is known when the rules are read. */
  readonly early: RunEnded[]
  pausedMs: number | undefined
  phase: 'starting' | 'working' | 'stopping' | 'over'
  /** The list of rules as it was saved last. */
  knownKey: string
}

/** Before the saved state and the rules have been read. @param concurrentMax - runs at a time */
export function newState(concurrentMax: number): DaemonState {
  return {
    concurrentMax,
    rules: new Map(),
    records: new Map(),
    running: new Map(),
    changed: new Set(),
    nextRun: 1,
    nextNotice: 1,
    unsent: [],
    early: [],
    pausedMs: undefined,
    phase: 'starting',
    knownKey: '',
  }
}

/** Of a rule that never ran. @param nowMs - due times before it are nobody's */
export function newRecord(name: string, nowMs: number): RuleRecord {
  return {
    name,
    firstSeenMs: nowMs,
    anchorMs: undefined,
    lastSuccessMs: undefined,
    lastRun: undefined,
    lastState: undefined,
    lastEndMs: undefined,
    lastError: undefined,
    retryCount: 0,
    retryAtMs: undefined,
    gaveUpMs: undefined,
    interruptedCount: 0,
    pausedMs: undefined,
    wanted: undefined,
    told: 'fine',
    isToldStale: false,
    dueMs: undefined,
  }
}

/** The record of a rule that is known or was. */
export function recordOf(state: DaemonState, name: string, nowMs: number): RuleRecord {
  return state.records.get(name) ?? newRecord(name, nowMs)
}

/** Changes a record; it is saved at the end of the step. */
export function change(state: DaemonState, record: RuleRecord, changes: Partial<RuleRecord>): RuleRecord {
  const next = {...record, ...changes}
  state.records.set(record.name, next)
  state.changed.add(record.name)
  return next
}

export type Effects = DaemonEffect[]
