/** How jobs end, and what is left of them. */
import {makeOutputSet, type Output} from '../pipeline/index.ts'
import {clearFifo} from './fifo.ts'
import {type Effects, persistJobState, tell} from './journal.ts'
import {endedJobsMax, endedTasksMax, saveRetryMs, saveTriesMax} from './limits.ts'
import {leaveQueues} from './queue.ts'
import type {JobFailure} from './rows.ts'
import {stopRun, stopRuns} from './run-book.ts'
import {isActive, type Job, type SchedulerState, setTaskState, tasksByKeys} from './state.ts'
import {addTimer} from './timers.ts'

/** Outputs of a stage, by the keys of its tasks and their own numbers. */
export function outputsOfStage(job: Job, index: number): readonly Output[] {
  if (index < 0) return job.input.result!.set.outputs
  return tasksByKeys(job.stages[index]!).flatMap(task => task.result?.set.outputs ?? [])
}

/** Ends the job when all tasks of its last stage are done; first its result tag is written, if it has one. */
export function finishIfDone(state: SchedulerState, effects: Effects, job: Job): void {
  if (!isAllDone(job) || job.saving !== undefined) return
  if (job.spec.resultTag === undefined) endDone(state, effects, job)
  else {
    job.saving = {save: job.saves++, tries: 0}
    saveResults(effects, job)
  }
}

function isAllDone(job: Job): boolean {
  if (!job.isAdmitted || !isActive(job)) return false
  const last = job.stages.at(-1)
  return last === undefined || (last.isComplete && last.counts.done === last.tasks.length)
}

/** One try more to name the results by the tag that the job asked for. */
export function saveResults(effects: Effects, job: Job): void {
  if (job.saving === undefined) return
  job.saving.tries++
  const results = outputsOfStage(job, job.stages.length - 1)
  effects.push({type: 'save-results', job: job.name, save: job.saving.save, tag: job.spec.resultTag!, results})
}

/** The tag names the results. An output that was lost meanwhile is made again first. */
export function onResultsSaved(state: SchedulerState, effects: Effects, job: Job): void {
  if (isAllDone(job)) endDone(state, effects, job)
}

/** The tag does not name the results: tried again later, a limited number of times. @param isFinal - it would fail again */
export function onResultsNotSaved(
  state: SchedulerState,
  effects: Effects,
  job: Job,
  message: string,
  isFinal: boolean,
): void {
  if (job.saving === undefined) return
  const text = `the results cannot be named by the tag ${job.spec.resultTag}: ${message}`
  if (isFinal || job.saving.tries >= saveTriesMax) failJob(state, effects, job, {message: text})
  else {
    tell(state, effects, job, 'warning', `WARNING: ${text}; trying again`)
    addTimer(state.timers, state.nowMs + saveRetryMs, {type: 'save', job})
  }
}

function endDone(state: SchedulerState, effects: Effects, job: Job): void {
  job.results = outputsOfStage(job, job.stages.length - 1)
  settleTasks(state, effects, job)
  const ms = state.nowMs - (job.startedMs ?? state.nowMs)
  tell(state, effects, job, 'job', `READY: Job done in ${(ms / 1000).toFixed(3)} s`)
  endJob(state, effects, job, 'done')
}

/** What was being made again, and is not needed after all, counts as done. */
function settleTasks(state: SchedulerState, effects: Effects, job: Job): void {
  for (const stage of job.stages) {
    if (stage.counts.done === stage.tasks.length) continue
    for (const task of stage.tasks) {
      stopRuns(state, effects, task)
      setTaskState(task, 'done')
    }
  }
}

/** Ends a job for good, and says why. One that has ended stays as it is. */
export function failJob(state: SchedulerState, effects: Effects, job: Job, failure: JobFailure): void {
  if (!isActive(job)) return
  job.failure = failure
  const at = failure.task === undefined ? '' : `[${failure.stage}:${failure.task}] `
  const sample = failure.sample === undefined ? '' : `\nrecord: ${failure.sample}`
  tell(state, effects, job, 'error', `ERROR: ${at}${failure.message}${sample}`)
  endJob(state, effects, job, 'failed')
}

/** Ends a job: its tasks leave the queues, and the nodes remove what is not a result. */
export function endJob(state: SchedulerState, effects: Effects, job: Job, as: 'done' | 'failed' | 'cancelled'): void {
  job.state = as
  job.endedMs = state.nowMs
  job.saving = undefined
  leaveSchedule(state, effects, job)
  persistJobState(job, effects)
  effects.push({type: 'end-job', job: job.name, isPurged: false, keepsStages: job.spec.keepsStages ?? false})
  endJobQuietly(state, job)
}

/** Takes an ended job off the counts of those that are not over. */
export function endJobQuietly(state: SchedulerState, job: Job): void {
  if (job.isAdmitted) state.admittedJobs--
  job.isAdmitted = false
  state.activeJobs--
  state.activeTasks -= job.taskCount + job.inputCount
  state.queued.delete(job)
  job.restored = undefined
  for (const stage of job.stages) state.expanding.delete(stage)
  state.hungry.delete(job)
  if (job.state === 'purged') return
  state.ended.add(job)
  state.endedTasks += job.tasks.length
  for (const oldest of state.ended) {
    if (state.endedTasks <= endedTasksMax || oldest === job) break
    forgetTasks(state, oldest)
  }
  dropOldJobs(state)
}

/** Stops its runs and takes it out of everything that could give it a slot. */
function leaveSchedule(state: SchedulerState, effects: Effects, job: Job): void {
  for (const stage of job.stages) {
    for (const run of stage.runs) stopRun(state, effects, run)
    leaveQueues(stage)
    clearFifo(stage.any)
    clearFifo(stage.waiting)
    stage.feed = []
    stage.fedCount = 0
    stage.gathered = new Map()
    stage.byKey.clear()
    state.expanding.delete(stage)
  }
  for (const node of state.nodes.values()) node.results.delete(job)
  state.hungry.delete(job)
  state.choosy.delete(job)
}

/** Keeps what people ask for most: the job, its stages' figures and its results. */
export function forgetTasks(state: SchedulerState, job: Job): void {
  if (!state.ended.delete(job)) return
  state.endedTasks -= job.tasks.length
  job.tasks = []
  job.spec = {...job.spec, inputs: []}
  job.input.result = {...job.input.result!, set: makeOutputSet([], '', undefined)}
  for (const stage of job.stages) stage.tasks.length = 0
}

/** Purged jobs are remembered by name so that nodes that were away hear of it; not for ever. */
export function dropOldJobs(state: SchedulerState): void {
  if (state.jobs.size <= endedJobsMax + state.activeJobs) return
  for (const [name, job] of state.jobs) {
    if (job.state !== 'purged') continue
    state.jobs.delete(name)
    return
  }
}
