/**
 * A new master takes up where the last one was.
 *
 * Tasks and their numbers follow from the job, the done tasks and, in concurrent stages, the numbers that rows remember.
 * Runs that were ordered count as running on nodes that have not been heard yet; those nodes are lost when they do not
 * come within `awaitNodesMs`. Files are taken to be there until their node is lost or says otherwise.
 */
import {makeOutputSet} from '../pipeline/index.ts'
import {isNeeded, runAgain} from './availability.ts'
import type {JobName, SchedulerEffect} from './events.ts'
import {advance, expandStages, feedNext} from './expand.ts'
import {endJobQuietly, finishIfDone} from './job-end.ts'
import {addJob} from './jobs.ts'
import {addNode} from './nodes.ts'
import type {JobStateRow, JournalRows, RunRow, TaskRow, TroubleRow} from './rows.ts'
import {addRun} from './run-book.ts'
import {bookResult, countResult} from './runs.ts'
import type {SchedulerSettings} from './settings.ts'
import {
  isActive,
  isAvailable,
  type Job,
  makeSchedulerState,
  type SchedulerState,
  setTaskState,
  type Task,
} from './state.ts'
import {settle} from './step.ts'
import {addTimer} from './timers.ts'

/** Rows of one job. */
interface JobRows {
  readonly tasks: TaskRow[]
  readonly troubles: TroubleRow[]
  readonly runs: RunRow[]
}

/**
 * @param rows - as committed; in any order
 * @returns the state, and effects to be performed like those of a step
 */
export function restoreScheduler(
  rows: JournalRows,
  nowMs: number,
  settings: Partial<SchedulerSettings> = {},
): {readonly state: SchedulerState; readonly effects: readonly SchedulerEffect[]} {
  const state = makeSchedulerState(settings)
  const effects: SchedulerEffect[] = []
  state.nowMs = nowMs
  state.nextRun = Math.max(1, rows.nextRun)
  state.nextRunBlock = state.nextRun
  const byJob = sortRows(rows)
  const states = new Map(rows.jobStates.map(row => [row.job, row]))
  for (const row of [...rows.jobs].sort((left, right) => left.number - right.number)) {
    const job = addJob(state, row)
    const jobRows = byJob.get(row.job) ?? {tasks: [], troubles: [], runs: []}
    restoreJob(state, job, states.get(row.job), jobRows, rows.eventCounts.get(row.job) ?? 0)
  }
  state.admittedBefore = state.admittedJobs
  rememberPurged(state, rows)
  for (const node of state.nodes.values())
    addTimer(state.timers, nowMs + state.settings.awaitNodesMs, {type: 'awaited', node})
  for (const job of state.jobs.values()) if (isActive(job)) finishIfDone(state, effects, job)
  settle(state, effects)
  return {state, effects}
}

function sortRows(rows: JournalRows): Map<JobName, JobRows> {
  const byJob = new Map<JobName, JobRows>()
  for (const {job} of rows.jobs) byJob.set(job, {tasks: [], troubles: [], runs: []})
  for (const row of rows.tasks) byJob.get(row.job)?.tasks.push(row)
  for (const row of rows.troubles) byJob.get(row.job)?.troubles.push(row)
  for (const row of rows.runs) byJob.get(row.job)?.runs.push(row)
  return byJob
}

function restoreJob(
  state: SchedulerState,
  job: Job,
  row: JobStateRow | undefined,
  rows: JobRows,
  eventCount: number,
): void {
  if (row !== undefined) restoreJobState(state, job, row)
  if (job.isAdmitted || !isActive(job)) {
    const known = [...rows.tasks, ...rows.runs, ...rows.troubles]
    job.restored = {
      numbers: new Map(known.map(one => [`${one.stage} ${one.key}`, one.task])),
      taken: new Set(known.map(one => one.task)),
    }
    rebuild(state, job, rows)
  }
  // What was told while it was put together is known already.
  job.events = []
  job.eventCount = eventCount
  if (!isActive(job)) endJobQuietly(state, job)
}

function restoreJobState(state: SchedulerState, job: Job, row: JobStateRow): void {
  job.state = row.state
  job.priority = row.priority
  job.weight = row.weight
  job.slotsMax = row.slotsMax ?? Infinity
  job.startedMs = row.startedMs
  job.endedMs = row.endedMs
  job.failure = row.failure
  job.results = row.results
  if (job.state !== 'queued') state.queued.delete(job)
  job.isAdmitted = isActive(job) && row.startedMs !== undefined
  if (job.isAdmitted) state.admittedJobs++
}

/** Stage by stage: makes the tasks, then those done that were done. Nothing of this is ordered or journalled. */
function rebuild(state: SchedulerState, job: Job, rows: JobRows): void {
  const unheard: SchedulerEffect[] = []
  const doneByStage = new Map<number, TaskRow[]>()
  for (const row of [...rows.tasks].sort((left, right) => left.task - right.task)) {
    const ofStage = doneByStage.get(row.stage)
    if (ofStage === undefined) doneByStage.set(row.stage, [row])
    else ofStage.push(row)
  }
  for (const stage of job.stages) {
    advance(state, unheard, job)
    expandStages(state, unheard, Infinity)
    for (const row of doneByStage.get(stage.index) ?? []) restoreResult(state, job, row)
  }
  advance(state, unheard, job)
  expandStages(state, unheard, Infinity)
  for (const row of rows.troubles) restoreTrouble(job, row)
  if (!isActive(job)) return
  for (const stage of [...job.stages].reverse()) {
    for (const task of stage.tasks) {
      if (task.state === 'done' && !isAvailable(task) && isNeeded(task)) runAgain(state, unheard, task)
    }
  }
  for (const row of [...rows.runs].sort((left, right) => left.run - right.run)) restoreRun(state, job, row)
}

function restoreResult(state: SchedulerState, job: Job, row: TaskRow): void {
  const task = job.tasks[row.task]
  if (task === undefined) return
  const node = addNode(state, row.node)
  const set = makeOutputSet(row.outputs, row.homes, job.stages[row.stage + 1]?.grouping)
  const {run, progress, durationMs, counters, isLost, isGone} = row
  const counted = counters === undefined ? {} : {counters}
  task.result = {run, node, set, progress, durationMs, ...counted, isLost, isGone, readFailures: 0}
  setTaskState(task, 'done')
  if (isActive(job) && !isGone) bookResult(task)
  countResult(task, durationMs)
  task.stage.onceDone++
  feedNext(state, task)
}

function restoreTrouble(job: Job, row: TroubleRow): void {
  const task = job.tasks[row.task]
  if (task === undefined) return
  const {failures, message = ''} = row
  job.failures += failures
  task.stage.statistics.failedRuns += failures
  if (task.state === 'done') {
    if (failures > 0) task.past = {failures, message}
    return
  }
  task.trouble = {
    failures,
    losses: row.losses,
    avoid: new Set(row.avoid),
    texts: new Map(),
    message,
    retryMs: 0,
  }
}

/** It may still run there, or have ended meanwhile: its node will say. */
function restoreRun(state: SchedulerState, job: Job, row: RunRow): void {
  const task: Task | undefined = job.tasks[row.task]
  if (task === undefined || task.state === 'done') return
  const isCopy = task.runs.length > 0
  if (!isCopy) setTaskState(task, 'running')
  addRun(state, task, addNode(state, row.node), row.run, row.startedMs, isCopy)
}

function rememberPurged(state: SchedulerState, rows: JournalRows): void {
  for (const row of rows.jobStates) {
    if (row.state !== 'purged' || state.jobs.has(row.job)) continue
    const spec = {name: row.job, owner: '', pipeline: [], inputs: []}
    const job = addJob(state, {job: row.job, number: state.nextJob, submittedMs: 0, spec})
    job.state = 'purged'
    state.queued.delete(job)
    endJobQuietly(state, job)
  }
}
