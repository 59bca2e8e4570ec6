/**
 * What the end of a run means for its rule.
 *
 * A success clears retries and marks. Skipped is neither success nor failure. A failure is retried while the rule has retries left,
 * counted from its last run by schedule; then it has given up until it succeeds. An interrupted run is run again.
 *
 * People are told of the first failure, of giving up and of the first success after either, not of each failure between.
 */
import type {RuleRecord, RunRow, RunState} from '../../storage/index.ts'
import type {RuleDefinition} from './definition.ts'
import type {RunOutcome} from './events.ts'
import {errorCharsMax, interruptedCountMax} from './limits.ts'
import {change, type DaemonState, type Effects, recordOf} from './state.ts'
import {tell} from './tell.ts'

interface Ending {
  readonly state: DaemonState
  readonly run: RunRow
  readonly record: RuleRecord
  /** Undefined: the rule was removed while it ran. */
  readonly definition: RuleDefinition | undefined
  readonly nowMs: number
  readonly effects: Effects
}

/** Answers for a run that is not the rule's open one come late, and change nothing. */
export function endRun(state: DaemonState, id: number, outcome: RunOutcome, nowMs: number, effects: Effects): void {
  const run = [...state.running.values()].find(one => one.id === id)
  if (run === undefined) return
  state.running.delete(run.rule)
  const definition = state.rules.get(run.rule)?.definition
  const record = recordOf(state, run.rule, nowMs)
  const ending: Ending = {state, run, record, definition, nowMs, effects}
  switch (outcome.type) {
    case 'report':
      if (outcome.state === 'done') succeed(ending, outcome)
      else if (outcome.state === 'skipped') skip(ending, outcome)
      else fail(ending, outcome.message ?? 'it failed without saying why', outcome.json)
      break
    case 'failed':
      fail(ending, outcome.message, undefined)
      break
    case 'gone':
      interrupt(ending)
      break
  }
}

type Reported = Extract<RunOutcome, {type: 'report'}>

function succeed(ending: Ending, {json, rowCount, seconds}: Reported): void {
  const {state, run, record, definition, nowMs, effects} = ending
  close(ending, 'done', undefined, json)
  const wasTold = record.told !== 'fine' || record.isToldStale
  change(state, recordOf(state, run.rule, nowMs), {
    lastSuccessMs: nowMs,
    lastError: undefined,
    retryCount: 0,
    retryAtMs: undefined,
    gaveUpMs: undefined,
    told: 'fine',
    isToldStale: false,
  })
  effects.push({
    type: 'log',
    line: {level: 'info', msg: 'run done', rule: run.rule, run: run.id, rows: rowCount, ms: Math.round(seconds * 1000)},
  })
  if (definition === undefined) return
  const facts = {rule: run.rule, run: run.id, rowCount, seconds, nowMs}
  if (wasTold) tell(state, definition, {kind: 'recovered', ...facts}, effects)
  else if (definition.notify.isOnSuccess) tell(state, definition, {kind: 'succeeded', ...facts}, effects)
}

function skip(ending: Ending, {json, message}: Reported): void {
  const {run, effects} = ending
  close(ending, 'skipped', message, json)
  effects.push({type: 'log', line: {level: 'info', msg: 'run skipped', rule: run.rule, run: run.id, reason: message}})
}

function fail(ending: Ending, message: string, json: string | undefined): void {
  const {state, run, record, definition, nowMs, effects} = ending
  const error = message.length <= errorCharsMax ? message : `${message.slice(0, errorCharsMax)}…`
  close(ending, 'failed', error, json)
  const retry = definition?.retry
  const isRetried = retry !== undefined && record.retryCount < retry.countMax
  const retryAtMs = isRetried ? nowMs + retry.delayMs : undefined
  const hasGivenUp = retry !== undefined && !isRetried
  const told = hasGivenUp ? 'gave-up' : record.told === 'fine' ? 'failed' : record.told
  change(state, recordOf(state, run.rule, nowMs), {
    lastError: error,
    retryAtMs,
    retryCount: record.retryCount + (isRetried ? 1 : 0),
    ...(hasGivenUp && {gaveUpMs: record.gaveUpMs ?? nowMs}),
    told,
  })
  effects.push({
    type: 'log',
    line: {
      level: 'error',
      msg: hasGivenUp ? 'run failed, no retry is left' : 'run failed',
      rule: run.rule,
      run: run.id,
      error,
      retryAtMs,
    },
  })
  if (definition === undefined || told === record.told) return
  tell(state, definition, {kind: told, rule: run.rule, run: run.id, error, retryAtMs, nowMs}, effects)
}

function interrupt(ending: Ending): void {
  const {state, run, record, nowMs, effects} = ending
  const interruptedCount = record.interruptedCount + 1
  if (interruptedCount > interruptedCountMax) {
    fail(ending, `it ended without a word ${interruptedCount} times in a row; its log may say why`, undefined)
    return
  }
  close(ending, 'interrupted', undefined, undefined)
  // A wish that came while it ran stays one.
  change(state, recordOf(state, run.rule, nowMs), {interruptedCount, wanted: record.wanted ?? 'again'})
  effects.push({type: 'log', line: {level: 'warn', msg: 'run was interrupted', rule: run.rule, run: run.id}})
}

function close(
  {state, run, record, nowMs, effects}: Ending,
  end: Exclude<RunState, 'running'>,
  error: string | undefined,
  report: string | undefined,
): void {
  effects.push({type: 'save-run', run: {...run, state: end, endedMs: nowMs, error, report}})
  change(state, record, {lastRun: run.id, lastState: end, lastEndMs: nowMs, interruptedCount: 0})
}
