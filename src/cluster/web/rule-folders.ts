/** Rules and their freshness, as `GET rules` tells them. */
import type {RuleActivity, RuleFolder, RuleFolders, RuleInfo} from '../../protocol/index.ts'
import type {KnownRule, RuleRecord, RuleState} from '../../storage/index.ts'
import type {Handler} from '../http/index.ts'
import {readRuleStates} from './rule-states.ts'

/** Rules of one folder that are told: more than a person looks through. */
const ruleCountMax = 1000

/** Of the text of an error: what happened is said at its beginning. Characters. */
const textMax = 500

/**
 * Reads the states below `rules/` of the home folder anew for each request. A folder that cannot be read is told with its
 * `problem`, beside the others.
 */
export function rulesHandler(home: string): Handler {
  return async () => ({body: await ruleFolders(home, Date.now())})
}

/** What all daemons that share this home know of their rules. A folder that cannot be read is there with its problem. */
export async function ruleFolders(home: string, nowMs: number): Promise<RuleFolders> {
  const found = await readRuleStates(home, state => folderOf(state, nowMs))
  const folders = found.map((one): RuleFolder => {
    if ('value' in one) return {folder: one.folder, ...one.value}
    return {folder: one.folder, isServed: false, rules: [], problem: one.problem.slice(0, textMax)}
  })
  return {folders, nowMs}
}

function folderOf(state: RuleState, nowMs: number): Omit<RuleFolder, 'folder'> {
  const {records, openRuns, pausedMs} = state.load()
  const byName = new Map(records.map(record => [record.name, record]))
  const running = new Set(openRuns.map(run => run.rule))
  const rules = state
    .known()
    .slice(0, ruleCountMax)
    .map(known => {
      const record = byName.get(known.name)
      const isPaused = pausedMs !== undefined || record?.pausedMs !== undefined
      return ruleInfo(known, record, {isRunning: running.has(known.name), isPaused, nowMs})
    })
  return {isServed: (state.lease()?.deadlineMs ?? 0) > nowMs, rules}
}

interface Now {
  readonly isRunning: boolean
  readonly isPaused: boolean
  readonly nowMs: number
}

/** @param record - undefined: it never ran */
export function ruleInfo(known: KnownRule, record: RuleRecord | undefined, now: Now): RuleInfo {
  const {maxAgeMs, problem} = known
  const {lastSuccessMs, firstSeenMs, lastEndMs, dueMs, lastError} = record ?? {}
  const staleFromMs = (lastSuccessMs ?? firstSeenMs ?? now.nowMs) + (maxAgeMs ?? Infinity)
  return {
    rule: known.name,
    schedule: known.schedule,
    state: activityOf(record, now),
    isStale: now.nowMs > staleFromMs,
    ...(maxAgeMs !== undefined && {maxAgeMs}),
    ...(lastSuccessMs !== undefined && {lastSuccessMs}),
    ...(lastEndMs !== undefined && {lastEndMs}),
    ...(dueMs !== undefined && !now.isPaused && {nextDueMs: dueMs}),
    retryCount: record?.retryCount ?? 0,
    ...(lastError !== undefined && {error: lastError.slice(0, textMax)}),
    ...(problem !== undefined && {problem: problem.slice(0, textMax)}),
  }
}

function activityOf(record: RuleRecord | undefined, {isRunning, isPaused}: Now): RuleActivity {
  if (isRunning) return 'running'
  if (isPaused) return 'paused'
  if (record?.retryAtMs !== undefined) return 'retrying'
  return record?.lastState === 'failed' ? 'failed' : 'waiting'
}
