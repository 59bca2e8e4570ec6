/** Which rules are started now, and when to look again. */
import type {RuleRecord, RunRow, RunTrigger} from '../../storage/index.ts'
import {clockBackMs, startGapMs} from './limits.ts'
import {nextStaleMs, tellStale} from './stale.ts'
import {change, type DaemonState, type Effects, type RuleEntry, recordOf} from './state.ts'

interface Ready {
  readonly name: string
  readonly entry: RuleEntry
  readonly trigger: RunTrigger
  readonly sinceMs: number
}

/** Starts what is due as far as there is room, longest waiting first, and orders the next look. */
export function planRuns(state: DaemonState, nowMs: number, effects: Effects): void {
  const ready: Ready[] = []
  let wakeMs = Number.POSITIVE_INFINITY
  for (const [name, entry] of state.rules) {
    const record = beforeNow(state, recordOf(state, name, nowMs), nowMs)
    tellStale(state, entry, record, nowMs, effects)
    wakeMs = Math.min(wakeMs, nextStaleMs(state, entry, recordOf(state, name, nowMs), nowMs))
    if (state.running.has(name)) continue
    const due = dueOf(state, entry, record, nowMs)
    if (due.trigger !== undefined) ready.push({name, entry, trigger: due.trigger, sinceMs: due.atMs ?? nowMs})
    // Strict: due when now is later.
    else if (due.atMs !== undefined) wakeMs = Math.min(wakeMs, due.atMs + 1)
    if (record.dueMs !== due.atMs) change(state, recordOf(state, name, nowMs), {dueMs: due.atMs})
  }
  ready.sort((a, b) => a.sinceMs - b.sinceMs || (a.name < b.name ? -1 : 1))
  for (const one of ready) {
    if (state.running.size >= state.concurrentMax) break
    startRun(state, one, nowMs, effects)
  }
  effects.push({type: 'wake', atMs: Number.isFinite(wakeMs) ? wakeMs : undefined})
}

interface Due {
  /** Set when it is due. */
  readonly trigger: RunTrigger | undefined
  /** Since when, or from when on; undefined: not as things are. */
  readonly atMs: number | undefined
}

function dueOf(state: DaemonState, entry: RuleEntry, record: RuleRecord, nowMs: number): Due {
  // A person's wish counts also for a rule that is paused; nothing else does.
  if (record.wanted === 'wake') return {trigger: 'wake', atMs: nowMs}
  if (state.pausedMs !== undefined || record.pausedMs !== undefined) return {trigger: undefined, atMs: undefined}
  if (record.wanted === 'again') return {trigger: 'again', atMs: nowMs}
  const scheduledMs = scheduledFor(entry, record, nowMs)
  if (scheduledMs !== undefined && nowMs > scheduledMs) return {trigger: 'schedule', atMs: scheduledMs}
  const {retryAtMs} = record
  if (retryAtMs !== undefined && nowMs > retryAtMs) return {trigger: 'retry', atMs: retryAtMs}
  const times = [scheduledMs, retryAtMs].filter(atMs => atMs !== undefined)
  return {trigger: undefined, atMs: times.length === 0 ? undefined : Math.min(...times)}
}

function scheduledFor(entry: RuleEntry, {anchorMs, firstSeenMs}: RuleRecord, nowMs: number): number | undefined {
  const known = entry.due
  const isFresh = known?.anchorMs === anchorMs && (known?.dueMs === undefined || nowMs <= known.dueMs)
  if (known === undefined || !isFresh) {
    entry.due = {anchorMs, dueMs: entry.definition.schedule.dueAfter({startedAtMs: anchorMs, firstSeenMs}, nowMs)}
  }
  const dueMs = entry.due?.dueMs
  if (dueMs === undefined) return undefined
  return anchorMs === undefined ? dueMs : Math.max(dueMs, anchorMs + startGapMs)
}

/** A clock that was set back must not stop a rule until it has caught up. */
function beforeNow(state: DaemonState, record: RuleRecord, nowMs: number): RuleRecord {
  const {anchorMs = nowMs, firstSeenMs} = record
  if (anchorMs <= nowMs + clockBackMs && firstSeenMs <= nowMs + clockBackMs) return record
  const changes = record.anchorMs === undefined ? {} : {anchorMs: Math.min(anchorMs, nowMs)}
  return change(state, record, {...changes, firstSeenMs: Math.min(firstSeenMs, nowMs)})
}

function startRun(state: DaemonState, {name, entry, trigger}: Ready, nowMs: number, effects: Effects): void {
  const record = recordOf(state, name, nowMs)
  const run: RunRow = {
    id: state.nextRun++,
    rule: name,
    trigger,
    state: 'running',
    startedMs: nowMs,
    endedMs: undefined,
    process: undefined,
    error: undefined,
    report: undefined,
  }
  state.running.set(name, run)
  // What a retry counts towards ends when a run comes by schedule, or because a person wants it.
  const isFresh = trigger === 'schedule' || trigger === 'wake'
  change(state, record, {
    wanted: undefined,
    retryAtMs: undefined,
    ...(trigger !== 'retry' && {anchorMs: nowMs}),
    ...(isFresh && {retryCount: 0}),
  })
  effects.push(
    {type: 'save-run', run},
    {type: 'log', line: {level: 'info', msg: 'run started', rule: name, run: run.id, trigger}},
    {type: 'start-run', run, definition: entry.definition, isFromCopy: entry.problem !== undefined},
  )
}
