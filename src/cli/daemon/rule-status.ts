/** What `inferno status` says of each rule. */
import {formatBytes, groupDigits, printable} from '../../base/index.ts'
import {holderOf} from '../../daemon/index.ts'
import type {Order, RuleRecord, RuleState, RunRow} from '../../storage/index.ts'
import {durationText} from '../../ui/index.ts'
import {aligned, timeText} from '../ddfs/text.ts'

export interface DaemonStatus {
  /** Undefined: none works now. */
  readonly daemon: {readonly pid: number; readonly since: string} | undefined
  /** Since when all rules are paused. */
  readonly pausedSince: string | undefined
  readonly rules: readonly RuleStatus[]
}

/** Times are ISO texts in UTC. */
export interface RuleStatus {
  readonly rule: string
  readonly file: string
  readonly schedule: string
  /** What it does now. */
  readonly state: 'running' | 'waiting' | 'paused' | 'retrying' | 'failed'
  readonly lastRun: number | undefined
  readonly lastState: RuleRecord['lastState']
  readonly lastEnd: string | undefined
  readonly lastSuccess: string | undefined
  readonly nextDue: string | undefined
  readonly retryCount: number
  readonly retryAt: string | undefined
  readonly lastError: string | undefined
  /** Newest success older than the rule's maxAge. */
  readonly isStale: boolean
  /** As its last run found it. */
  readonly backlog: {readonly blobs: number; readonly bytes: number; readonly oldestAt?: string | undefined} | undefined
  /** Why its file cannot be read. */
  readonly problem: string | undefined
}

/** Reads the state folder only: no daemon need work. Rules count as paused as soon as that is ordered. */
export function daemonStatus(state: RuleState, nowMs: number): DaemonStatus {
  const lease = holderOf(state, nowMs)
  const {pausedMs, openRuns} = state.load()
  const orders = state.orders()
  const records = new Map(state.records().map(record => [record.name, record]))
  const isAllPaused = pausedAfter(orders, undefined, pausedMs !== undefined)
  const rules = state.known().map((known): RuleStatus => {
    const record = records.get(known.name)
    const isPaused = isAllPaused || pausedAfter(orders, known.name, record?.pausedMs !== undefined)
    const {retryAtMs, lastRun} = record ?? {}
    const staleFromMs = (record?.lastSuccessMs ?? record?.firstSeenMs ?? nowMs) + (known.maxAgeMs ?? Infinity)
    return {
      rule: known.name,
      file: known.line === undefined ? known.file : `${known.file}:${known.line}`,
      schedule: known.schedule,
      state: stateOf(
        record,
        isPaused,
        openRuns.some(run => run.rule === known.name),
      ),
      lastRun,
      lastState: record?.lastState,
      lastEnd: isoOf(record?.lastEndMs),
      lastSuccess: isoOf(record?.lastSuccessMs),
      nextDue: isPaused ? undefined : isoOf(record?.dueMs),
      retryCount: record?.retryCount ?? 0,
      retryAt: isoOf(retryAtMs),
      lastError: record?.lastError,
      isStale: nowMs > staleFromMs,
      backlog: backlogOf(lastRun === undefined ? undefined : state.run(lastRun)),
      problem: known.problem,
    }
  })
  return {
    daemon: lease === undefined ? undefined : {pid: lease.holder.pid, since: new Date(lease.takenAtMs).toISOString()},
    pausedSince: isoOf(pausedMs),
    rules,
  }
}

/** Orders that nobody has taken yet are what the next daemon does first. */
function pausedAfter(orders: readonly Order[], rule: string | undefined, wasPaused: boolean): boolean {
  let isPaused = wasPaused
  for (const order of orders) {
    const isMeant = order.rule === rule || (order.rule === undefined && order.type === 'resume')
    if (isMeant && order.type !== 'wake') isPaused = order.type === 'pause'
  }
  return isPaused
}

function stateOf(record: RuleRecord | undefined, isPaused: boolean, isRunning: boolean): RuleStatus['state'] {
  if (isRunning) return 'running'
  if (isPaused) return 'paused'
  if (record?.retryAtMs !== undefined) return 'retrying'
  return record?.lastState === 'failed' ? 'failed' : 'waiting'
}

const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString()

function backlogOf(run: RunRow | undefined): RuleStatus['backlog'] {
  if (run?.report === undefined) return undefined
  const {backlog} = JSON.parse(run.report) as {
    backlog?: {readonly blobs: number; readonly bytes: number; readonly oldestAtMs?: number}
  }
  if (backlog === undefined) return undefined
  return {blobs: backlog.blobs, bytes: backlog.bytes, oldestAt: isoOf(backlog.oldestAtMs)}
}

const head = ['rule', 'state', 'last run', 'result', 'next', 'backlog', 'retries']

/** Three parts: the daemon, a table of rules, and what is wrong with some of them. */
export function statusText(status: DaemonStatus, nowMs: number): string {
  const {daemon, pausedSince, rules} = status
  const first =
    daemon === undefined
      ? 'no daemon works; start one with: inferno daemon'
      : `daemon: process ${daemon.pid}, since ${timeText(Date.parse(daemon.since))}`
  const paused = pausedSince === undefined ? '' : `, all rules paused since ${timeText(Date.parse(pausedSince))}`
  const rows = rules.map(rule => [
    printable(rule.rule),
    rule.state,
    rule.lastEnd === undefined ? '-' : `${durationText(Math.max(0, nowMs - Date.parse(rule.lastEnd)))} ago`,
    rule.lastState ?? '-',
    nextText(rule, nowMs),
    backlogText(rule.backlog, nowMs),
    rule.retryCount === 0 ? '-' : String(rule.retryCount),
  ])
  const table =
    rules.length === 0
      ? 'no automatic rules; all rules, and what is wrong with them: inferno rules\n'
      : aligned([head, ...rows])
  const notes = rules.flatMap(rule => [
    ...(rule.problem === undefined
      ? []
      : [`${rule.rule}: runs as it was; its file is broken: ${firstLine(rule.problem)}`]),
    ...(rule.lastError === undefined ? [] : [`${rule.rule}: ${firstLine(rule.lastError)}`]),
    ...(rule.isStale ? [`${rule.rule}: no success for longer than its maxAge`] : []),
  ])
  return `${first}${paused}\n${table}${notes.map(note => `${printable(note)}\n`).join('')}`
}

function nextText({nextDue, state}: RuleStatus, nowMs: number): string {
  if (state === 'running') return 'now'
  if (nextDue === undefined) return '-'
  const waitMs = Date.parse(nextDue) - nowMs
  return waitMs <= 0 ? 'due' : `in ${durationText(waitMs)}`
}

function backlogText(backlog: RuleStatus['backlog'], nowMs: number): string {
  if (backlog === undefined) return '-'
  if (backlog.blobs === 0) return '0'
  const age =
    backlog.oldestAt === undefined ? '' : `, ${durationText(Math.max(0, nowMs - Date.parse(backlog.oldestAt)))} old`
  return `${groupDigits(backlog.blobs)} (${formatBytes(backlog.bytes)}${age})`
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
