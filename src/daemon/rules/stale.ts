/** Rules whose newest success is too old (`maxAge`). */
import type {RuleRecord} from '../../storage/index.ts'
import {change, type DaemonState, type Effects, type RuleEntry} from './state.ts'
import {tell} from './tell.ts'

/** Says so once, until a success. Who pauses a rule knows that it does not run. */
export function tellStale(
  state: DaemonState,
  {definition}: RuleEntry,
  record: RuleRecord,
  nowMs: number,
  effects: Effects,
): void {
  const atMs = staleFrom(state, definition.maxAgeMs, record)
  if (atMs === undefined || nowMs <= atMs) return
  const {name, lastSuccessMs} = record
  change(state, record, {isToldStale: true})
  effects.push({type: 'log', line: {level: 'warn', msg: 'no success for too long', rule: name, lastSuccessMs}})
  tell(state, definition, {kind: 'stale', rule: name, lastSuccessMs, nowMs}, effects)
}

/** When to look again; infinity: not until something else happens. */
export function nextStaleMs(state: DaemonState, {definition}: RuleEntry, record: RuleRecord, nowMs: number): number {
  const atMs = staleFrom(state, definition.maxAgeMs, record)
  return atMs === undefined || nowMs > atMs ? Number.POSITIVE_INFINITY : atMs + 1
}

function staleFrom(state: DaemonState, maxAgeMs: number | undefined, record: RuleRecord): number | undefined {
  const isPaused = state.pausedMs !== undefined || record.pausedMs !== undefined
  if (maxAgeMs === undefined || isPaused || record.isToldStale) return undefined
  return (record.lastSuccessMs ?? record.firstSeenMs) + maxAgeMs
}
