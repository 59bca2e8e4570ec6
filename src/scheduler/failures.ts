/**
 * What happens when a run fails.
 *
 * `error`: counted against the task and its job; the task waits (1, 2, 4 … s, at most a minute, with a spread by its number)
 * and avoids the node. `fatal`: the job fails. `input-lost`: not the task's fault: outputs that are gone are made again, the
 * task waits for them. A job fails before its budgets are used up when the same text comes from several tasks or several
 * nodes: trying again does not help.
 */
import {weightOf} from '../pipeline/index.ts'
import {isIdle, loseOutputs, settleLost} from './availability.ts'
import type {Failure} from './events.ts'
import {blame} from './health.ts'
import {failJob} from './job-end.ts'
import {type Effects, persistTrouble, tell, titleOf} from './journal.ts'
import {failureKeyMax, failureTextMax, failureTextsMax} from './limits.ts'
import type {JobFailure} from './rows.ts'
import {removeRun, requeue} from './run-book.ts'
import {
  isActive,
  type Job,
  type Node,
  type Run,
  type SchedulerState,
  setTaskState,
  type Task,
  type Trouble,
} from './state.ts'
import {addTimer} from './timers.ts'

/** A run has failed, told by its node or found out here: its task is tried again, or its job ends. */
export function failRun(state: SchedulerState, effects: Effects, run: Run, failure: Failure): void {
  const {task, node} = run
  removeRun(state, effects, run)
  task.stage.statistics.failedRuns++
  node.counts.failed++
  const message = failure.message.slice(0, failureTextMax)
  const level = failure.class === 'fatal' ? 'error' : 'warning'
  const prefix = failure.class === 'fatal' ? 'FATAL' : 'WARNING'
  tell(state, effects, task.job, level, `${prefix}: [${titleOf(task)}] ${message}`, node.name)
  effects.push({type: 'stop-run', node: node.name, job: task.job.name, task: task.number, run: run.id})
  const described: JobFailure = {
    message,
    stage: task.stage.name,
    task: task.number,
    node: node.name,
    ...(failure.sample !== undefined && {sample: failure.sample}),
  }
  if (failure.class === 'fatal') failJob(state, effects, task.job, described)
  else if (failure.class === 'input-lost') loseInputs(state, effects, task, failure, described)
  else countFailure(state, effects, task, node, described)
}

function troubleOf(task: Task): Trouble {
  task.trouble ??= {failures: 0, losses: 0, avoid: new Set(), texts: new Map(), message: '', retryMs: 0}
  return task.trouble
}

/** Texts that differ only in numbers, paths and addresses are the same failure. */
const normaliseFailure = (message: string): string =>
  message
    .slice(0, failureKeyMax * 4)
    .replace(/[a-z]+:\/\/\S+|(?:\/[^\s/:"']+){2,}/gi, '<path>')
    .replace(/\b(?:0x)?[0-9a-f]{6,}\b|\d+/gi, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, failureKeyMax)

function countFailure(state: SchedulerState, effects: Effects, task: Task, node: Node, failure: JobFailure): void {
  const {job} = task
  const {settings} = state
  const trouble = troubleOf(task)
  trouble.failures++
  trouble.message = failure.message.slice(0, failureKeyMax)
  trouble.avoid.add(node.name)
  job.failures++
  const reason = isRepeated(state, effects, task, node, normaliseFailure(failure.message))
  const perTaskMax = job.spec.failuresPerTaskMax ?? settings.failuresPerTaskMax
  const perJobMax = job.spec.failuresPerJobMax ?? settings.failuresPerJobMax
  if (isIdle(task) && task.runs.length === 0) settleLost(state, effects, task)
  else if (reason !== undefined) giveUp(state, effects, job, failure, reason)
  else if (trouble.failures > perTaskMax) {
    const reasonOfTask = `Task ${titleOf(task)} failed ${trouble.failures} times. At most ${perTaskMax} failures are allowed.`
    giveUp(state, effects, job, failure, reasonOfTask)
  } else if (job.failures > perJobMax) {
    giveUp(
      state,
      effects,
      job,
      failure,
      `The job's tasks failed ${job.failures} times. At most ${perJobMax} failures are allowed.`,
    )
  } else {
    persistTrouble(task, effects)
    if (task.runs.length === 0) hold(state, effects, task, trouble.failures)
  }
}

function giveUp(state: SchedulerState, effects: Effects, job: Job, failure: JobFailure, reason: string): void {
  failJob(state, effects, job, {...failure, message: `${failure.message}\n${reason}`})
}

/** @returns why the job should fail at once, if it should */
function isRepeated(state: SchedulerState, effects: Effects, task: Task, node: Node, text: string): string | undefined {
  const {settings, usable} = state
  const {job} = task
  const ofTask = troubleOf(task).texts.get(text) ?? {runs: 0, nodes: new Set()}
  ofTask.runs++
  ofTask.nodes.add(node.name)
  if (troubleOf(task).texts.size < failureTextsMax) troubleOf(task).texts.set(text, ofTask)
  const ofJob = job.texts.get(text) ?? {tasks: new Set(), nodes: new Set()}
  ofJob.tasks.add(task)
  ofJob.nodes.add(node.name)
  if (job.texts.size < failureTextsMax) job.texts.set(text, ofJob)
  if (ofJob.nodes.size < 2) blame(state, effects, node)
  const nodesMin = Math.min(settings.sameFailureRunsMax, Math.max(1, usable.size))
  if (ofTask.runs >= settings.sameFailureRunsMax && ofTask.nodes.size >= nodesMin) {
    return `Task ${titleOf(task)} failed in the same way ${ofTask.runs} times, on ${[...ofTask.nodes].join(', ')}.`
  }
  if (ofJob.tasks.size >= settings.sameFailureTasksMax && ofJob.nodes.size >= nodesMin) {
    return `${ofJob.tasks.size} tasks failed in the same way, on ${[...ofJob.nodes].join(', ')}.`
  }
  return undefined
}

/** A pause before the next try; the spread is by the task, so that it is the same in every replay. */
function hold(state: SchedulerState, effects: Effects, task: Task, tries: number): void {
  const {backoffFirstMs, backoffLastMs} = state.settings
  const pauseMs = Math.min(backoffLastMs, backoffFirstMs * 2 ** Math.min(30, tries - 1))
  const spread = weightOf(task.job.name, `${task.number} ${tries}`) / 2 ** 32
  const trouble = troubleOf(task)
  trouble.retryMs = state.nowMs + Math.ceil(pauseMs * (1 + spread / 2))
  setTaskState(task, task.missing > 0 ? 'blocked' : 'held')
  addTimer(state.timers, trouble.retryMs, {type: 'retry', task})
  const seconds = ((trouble.retryMs - state.nowMs) / 1000).toFixed(1)
  tell(state, effects, task.job, 'warning', `Task ${titleOf(task)} is tried again in ${seconds} s (failure ${tries})`)
}

/** The pause is over. */
export function retryTask(state: SchedulerState, task: Task): void {
  if (isActive(task.job) && task.state === 'held' && task.trouble!.retryMs <= state.nowMs) requeue(state, task)
}

function loseInputs(
  state: SchedulerState,
  effects: Effects,
  task: Task,
  failure: Failure,
  described: JobFailure,
): void {
  const {job} = task
  let isOwnInput = failure.inputs === undefined || failure.inputs.length === 0
  for (const lost of failure.inputs ?? []) {
    const producer = lost.task < 0 ? undefined : job.tasks[lost.task]
    if (producer === undefined) isOwnInput = true
    else if (producer.result?.run === lost.run && !producer.result.isLost) {
      doubtOutputs(state, effects, producer, lost.isGone)
      if (job.state === 'failed') return
    }
  }
  // Inputs of the job cannot be made again: such a failure is like any other.
  if (isOwnInput) {
    const node = state.nodes.get(described.node!)!
    countFailure(state, effects, task, node, described)
    return
  }
  const trouble = troubleOf(task)
  trouble.losses++
  persistTrouble(task, effects)
  if (trouble.losses > state.settings.lossesPerTaskMax) {
    giveUp(state, effects, job, described, `Inputs of task ${titleOf(task)} were lost ${trouble.losses} times.`)
  } else if (task.runs.length === 0) {
    if (task.missing > 0) setTaskState(task, 'blocked')
    else hold(state, effects, task, Math.min(trouble.losses, 4))
  }
}

function doubtOutputs(state: SchedulerState, effects: Effects, producer: Task, isGone: boolean): void {
  const result = producer.result!
  result.readFailures++
  if (!isGone && result.readFailures < state.settings.readFailuresMax) return
  const trouble = troubleOf(producer)
  trouble.losses++
  trouble.avoid.add(result.node.name)
  if (trouble.losses > state.settings.lossesPerTaskMax) {
    const message = `the output of task ${titleOf(producer)} was made ${trouble.losses} times and could not be read`
    failJob(state, effects, producer.job, {message, stage: producer.stage.name, task: producer.number})
    return
  }
  persistTrouble(producer, effects)
  blame(state, effects, result.node)
  result.isGone = true
  result.node.results.get(producer.job)?.delete(producer)
  loseOutputs(state, effects, producer)
}
