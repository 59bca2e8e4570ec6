/**
 * The scheduler: which task runs where, when it is tried again or copied, when a job is done or failed.
 *
 * A job: queued -> running <-> paused -> done, failed or cancelled -> purged. A stage: not open -> open (gets tasks) ->
 * closed (has all tasks and all their inputs) -> complete (each was done once). A task: blocked -> pending -> running ->
 * done, held after a failure; done -> blocked or pending again when its outputs are lost and needed. A run: ordered ->
 * ended (done, failed, stopped, lost).
 *
 * Invariants (`check.ts`, after every step in tests):
 * - A task's result is that of one run; answers of any other run change nothing. A task is counted once.
 * - A task runs only when all its producers' outputs can be had. What is lost and needed is being made again.
 * - Nodes get no more runs than they have slots, but for some of tiny tasks that wait there for their turn; no free slot stays free while a task may take it.
 * - Inputs, results and (but in concurrent stages) task numbers do not depend on when anything happened.
 * - What must survive leaves as a row before any order that relies on it.
 */
import {unreachable} from '../base/index.ts'
import {orderAhead} from './ahead.ts'
import type {SchedulerEffect, SchedulerEvent} from './events.ts'
import {expandStages} from './expand.ts'
import {failRun, retryTask} from './failures.ts'
import {finishIfDone, onResultsNotSaved, onResultsSaved, saveResults} from './job-end.ts'
import {admit, answerRequest} from './jobs.ts'
import {type Effects, tell, titleOf} from './journal.ts'
import {sweepEveryMs} from './limits.ts'
import {drainNode, joinNode, loseNode, noteStatus, offlineNode, readyNode, removeNode, reportRun} from './nodes.ts'
import {startRuns} from './place.ts'
import {answerLate, findRun, finishRun, type RunEvent} from './runs.ts'
import type {Run, SchedulerState} from './state.ts'
import {sweep} from './sweep.ts'
import {addTimer, nextTimerMs, type TimerTarget, takeTimer} from './timers.ts'

/** The only way to change a scheduler. Same state and events, same effects. */
export function stepScheduler(state: SchedulerState, event: SchedulerEvent): SchedulerEffect[] {
  const effects: SchedulerEffect[] = []
  // A clock that went back is one that stands still.
  state.nowMs = Math.max(state.nowMs, event.nowMs)
  if (state.nowMs >= state.wakeMs) state.wakeMs = Infinity
  handle(state, event, effects)
  settle(state, effects)
  return effects
}

/** What follows from any change: due timers, new tasks, ended jobs, new runs, the next wake. */
export function settle(state: SchedulerState, effects: Effects): void {
  for (let target = takeTimer(state.timers, state.nowMs); target; target = takeTimer(state.timers, state.nowMs)) {
    onTimer(state, effects, target)
  }
  if (state.nowMs >= state.sweepMs) sweep(state, effects)
  else if (state.activeJobs > 0 && state.sweepMs === Infinity) state.sweepMs = state.nowMs + sweepEveryMs
  const isUnfinished = expandAll(state, effects)
  if (state.queued.size > 0 && state.admittedJobs < state.settings.jobsRunningMax) {
    admit(state, effects)
    expandAll(state, effects)
  }
  const hasMore = startRuns(state, effects)
  orderAhead(state, effects)
  const atMs = isUnfinished || hasMore ? state.nowMs : Math.min(nextTimerMs(state.timers), state.sweepMs)
  if (atMs >= state.wakeMs) return
  state.wakeMs = atMs
  effects.push({type: 'wake', atMs})
}

function expandAll(state: SchedulerState, effects: Effects): boolean {
  if (state.expanding.size === 0) return false
  const jobs = new Set([...state.expanding].map(stage => stage.job))
  const isUnfinished = expandStages(state, effects)
  // A stage may turn out to have no tasks.
  for (const job of jobs) finishIfDone(state, effects, job)
  return isUnfinished
}

function handle(state: SchedulerState, event: SchedulerEvent, effects: Effects): void {
  switch (event.type) {
    case 'tick':
      break
    case 'settings-changed':
      state.settings = {...state.settings, ...event.settings}
      state.admittedBefore = state.admittedJobs
      for (const job of state.jobs.values()) if (job.state === 'running') state.hungry.add(job)
      break
    case 'request':
      effects.push({type: 'answer', id: event.id, answer: answerRequest(state, effects, event.request)})
      break
    case 'node-joined':
      joinNode(state, effects, event)
      break
    case 'run-reported':
      reportRun(state, effects, event)
      break
    case 'node-ready':
      readyNode(state, effects, event)
      break
    case 'node-offline':
      offlineNode(state, event)
      break
    case 'node-lost': {
      const node = state.nodes.get(event.node)
      if (node !== undefined && node.state !== 'lost') loseNode(state, effects, node, false)
      break
    }
    case 'node-removed':
      removeNode(state, effects, event.node)
      break
    case 'node-draining':
      drainNode(state, event.node, event.isDraining)
      break
    case 'node-status':
      noteStatus(state, event)
      break
    case 'run-started':
    case 'run-progress':
    case 'run-message':
    case 'run-done':
    case 'run-failed':
      handleRun(state, event, effects)
      break
    case 'results-saved':
    case 'results-not-saved': {
      const job = state.jobs.get(event.job)
      // Of results that were lost and made again since.
      if (job?.saving?.save !== event.save) break
      if (event.type === 'results-saved') onResultsSaved(state, effects, job)
      else onResultsNotSaved(state, effects, job, event.message, event.isFinal)
      break
    }
    default:
      unreachable(event)
  }
}

function handleRun(state: SchedulerState, event: Exclude<RunEvent, {type: 'run-reported'}>, effects: Effects): void {
  const run = findRun(state, event)
  if (run === undefined) {
    answerLate(state, effects, event)
    return
  }
  switch (event.type) {
    case 'run-started':
      break
    case 'run-progress':
      run.progress = event.progress
      break
    case 'run-message':
      tell(state, effects, run.task.job, 'message', `MSG: [${titleOf(run.task)}] ${event.text}`, event.node)
      break
    case 'run-done':
      finishRun(state, effects, run, event)
      break
    case 'run-failed':
      failRun(state, effects, run, event.failure)
      break
    default:
      unreachable(event)
  }
}

function onTimer(state: SchedulerState, effects: Effects, target: TimerTarget): void {
  switch (target.type) {
    case 'retry':
      retryTask(state, target.task)
      break
    case 'limit':
      limitRun(state, effects, target.run)
      break
    case 'steal':
      if (target.job.state === 'running') state.hungry.add(target.job)
      break
    case 'awaited':
      if (target.node.state === 'awaited') loseNode(state, effects, target.node, false)
      break
    case 'save':
      saveResults(effects, target.job)
      break
    default:
      unreachable(target)
  }
}

function limitRun(state: SchedulerState, effects: Effects, run: Run): void {
  const limitMs = run.task.job.spec.taskTimeMaxMs
  if (limitMs === undefined || state.runs.get(run.id) !== run) return
  const endMs = Math.min(run.readyMs, state.nowMs) + limitMs
  if (endMs > state.nowMs) addTimer(state.timers, endMs, {type: 'limit', run})
  else
    failRun(state, effects, run, {class: 'error', message: `the run took longer than its limit of ${limitMs / 1000} s`})
}
