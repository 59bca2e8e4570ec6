/**
 * The core of the rule daemon: what happens next, for each thing that happens. Pure; the shell (`drive.ts`) does it.
 *
 *     starting  state is loaded, rules are not read yet: nothing is started
 *     working   due rules are started, one run a rule, `concurrentMax` in all
 *     stopping  no new runs; over when the last one is
 *     over      nothing any more: finished, or another daemon took over
 *
 * A run is saved as running before its process is started, and as ended in the transaction that changes its rule's record. So a
 * daemon that is killed anywhere leaves a run that is open; the next one follows it: its process may live, or have left a report,
 * or be gone, and then the run was interrupted and the rule runs again. Invariants: `check.ts`.
 */
import {unreachable} from '../../base/index.ts'
import type {Order} from '../../storage/index.ts'
import type {DaemonEffect, DaemonEvent} from './events.ts'
import {endRun} from './outcome.ts'
import {takeReading} from './readings.ts'
import {planRuns} from './start.ts'
import {change, type DaemonState, type Effects, recordOf} from './state.ts'
import {tellUnsent} from './tell.ts'

/** The only way to change a state. Same state and events, same effects. */
export function step(state: DaemonState, event: DaemonEvent): DaemonEffect[] {
  if (state.phase === 'over') return []
  const effects: Effects = []
  take(state, event, effects)
  if (state.phase === 'working') planRuns(state, event.nowMs, effects)
  if (state.phase === 'stopping' && state.running.size === 0) {
    state.phase = 'over'
    effects.push({type: 'finished'})
  }
  const saved: Effects = [...state.changed].map(name => ({
    type: 'save-rule',
    record: recordOf(state, name, event.nowMs),
  }))
  state.changed.clear()
  return [...saved, ...effects]
}

function take(state: DaemonState, event: DaemonEvent, effects: Effects): void {
  switch (event.type) {
    case 'started':
      start(state, event, effects)
      break
    case 'rules-read':
      takeReading(state, event.modules, event.nowMs, effects)
      if (state.phase === 'starting') state.phase = 'working'
      tellUnsent(state, effects)
      for (const {run, outcome} of state.early.splice(0)) endRun(state, run, outcome, event.nowMs, effects)
      break
    case 'run-started':
      noteProcess(state, event, effects)
      break
    case 'run-ended':
      if (state.phase === 'starting') state.early.push(event)
      else endRun(state, event.run, event.outcome, event.nowMs, effects)
      break
    case 'ordered':
      obey(state, event.order, event.nowMs, effects)
      break
    case 'notified':
      effects.push({type: 'drop-notice', id: event.id})
      break
    case 'tick':
      break
    case 'shutdown':
      // Without rules nobody knows what the end of a run means: it stays open for the next daemon.
      if (state.phase === 'starting') state.running.clear()
      state.phase = 'stopping'
      effects.push({type: 'log', line: {level: 'info', msg: 'stopping', runs: state.running.size}})
      break
    case 'lease-lost':
      state.phase = 'over'
      effects.push(
        {type: 'log', line: {level: 'error', msg: 'another daemon took over the state folder'}},
        {type: 'finished'},
      )
      break
    default:
      unreachable(event)
  }
}

function noteProcess(
  state: DaemonState,
  {run: id, process}: Extract<DaemonEvent, {type: 'run-started'}>,
  effects: Effects,
): void {
  const run = [...state.running.values()].find(one => one.id === id)
  if (run === undefined) return
  const started = {...run, process}
  state.running.set(run.rule, started)
  effects.push({type: 'save-run', run: started})
}

function start(
  state: DaemonState,
  {contents, isPaused, nowMs}: Extract<DaemonEvent, {type: 'started'}>,
  effects: Effects,
): void {
  for (const record of contents.records) state.records.set(record.name, record)
  state.nextRun = contents.nextRun
  state.pausedMs = contents.pausedMs
  state.unsent.push(...contents.notices)
  state.nextNotice = (contents.notices.at(-1)?.id ?? 0) + 1
  if (isPaused && state.pausedMs === undefined) pauseAll(state, nowMs, effects)
  for (const run of contents.openRuns) {
    state.running.set(run.rule, run)
    effects.push({type: 'follow-run', run})
  }
}

function pauseAll(state: DaemonState, pausedMs: number | undefined, effects: Effects): void {
  state.pausedMs = pausedMs
  effects.push({type: 'save-paused', pausedMs})
}

function obey(state: DaemonState, {id, type, rule}: Order, nowMs: number, effects: Effects): void {
  effects.push({type: 'drop-order', id})
  effects.push({type: 'log', line: {level: 'info', msg: `told to ${type}`, ...(rule !== undefined && {rule})}})
  if (rule === undefined) {
    if (type === 'wake') return
    pauseAll(state, type === 'pause' ? (state.pausedMs ?? nowMs) : undefined, effects)
    if (type === 'resume') {
      for (const record of state.records.values()) {
        if (record.pausedMs !== undefined) change(state, record, {pausedMs: undefined})
      }
    }
    return
  }
  if (!state.rules.has(rule) && !state.records.has(rule)) return
  const record = recordOf(state, rule, nowMs)
  if (type === 'wake') change(state, record, {wanted: 'wake'})
  else change(state, record, {pausedMs: type === 'pause' ? (record.pausedMs ?? nowMs) : undefined})
}
