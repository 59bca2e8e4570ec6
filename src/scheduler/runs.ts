/**
 * Attempts: ordered -> running -> done, failed, stopped or lost. Only a run that the scheduler knows as running can end; any
 * other answer is late, and its node is told to drop it, unless it names the very run whose result counts.
 */
import {homesOf, makeOutputSet, type Output, outputProblem} from '../pipeline/index.ts'
import {regainOutputs} from './availability.ts'
import {addCounters} from './counters.ts'
import type {Counters, Progress, RunId, SchedulerEvent} from './events.ts'
import {advance, feedNext} from './expand.ts'
import {failRun} from './failures.ts'
import {blame, praise} from './health.ts'
import {addNumber} from './histogram.ts'
import {failJob, finishIfDone} from './job-end.ts'
import {type Effects, persistTask, tell, titleOf} from './journal.ts'
import {outputsPerRunMax} from './limits.ts'
import {removeRun, requeue, stopRuns} from './run-book.ts'
import {hasAllInputs, isActive, type Node, type Run, type SchedulerState, setTaskState, type Task} from './state.ts'

export type RunEvent = Extract<SchedulerEvent, {run: RunId}>

/** A run went away with its node. */
export function loseRun(state: SchedulerState, effects: Effects, run: Run): void {
  const {task, node} = run
  removeRun(state, effects, run)
  task.stage.statistics.lostRuns++
  node.counts.lost++
  tell(state, effects, task.job, 'warning', `${titleOf(task)} was lost with ${node.name}`)
  if (task.runs.length === 0 && isActive(task.job)) requeue(state, task)
}

/** The run that an event is about, if it is running on that node. */
export function findRun(state: SchedulerState, event: RunEvent): Run | undefined {
  const run = state.runs.get(event.run)
  return run?.node.name === event.node ? run : undefined
}

/** A late answer: of a run that was stopped, lost or followed, or of one that has been accepted already. */
export function answerLate(state: SchedulerState, effects: Effects, event: RunEvent): void {
  const {node, job, task, run} = event
  const result = state.jobs.get(job)?.tasks[task]?.result
  const isKept = result?.run === run && result.node.name === node
  const isForgotten = state.jobs.get(job)?.state === 'done' && state.jobs.get(job)!.tasks.length === 0
  if (isForgotten) return
  effects.push({type: isKept ? 'accept-run' : 'stop-run', node, job, task, run})
}

/** What a run that is done says of itself. */
export interface RunResult {
  readonly outputs: readonly Output[]
  readonly progress: Progress
  readonly counters?: Counters
}

/** A run is done. Its result counts if it is the first of its task, and if it fits what others have taken of an earlier one. */
export function finishRun(state: SchedulerState, effects: Effects, run: Run, ended: RunResult): void {
  const {outputs} = ended
  const problem = problemOf(run, outputs)
  if (problem !== undefined) {
    failRun(state, effects, run, {class: 'error', message: problem})
    return
  }
  const {task, node} = run
  const {job, stage} = task
  const before = task.result
  if (before !== undefined && !hasSameLabels(before.set.outputs, outputs)) {
    const message = `${titleOf(task)} gave outputs with other labels when it ran again on ${node.name}: its results depend on more than its inputs`
    failJob(state, effects, job, {message, stage: stage.name, task: task.number, node: node.name})
    return
  }
  removeRun(state, effects, run)
  stopRuns(state, effects, task)
  if (run.isCopy) stage.statistics.copiesWon++
  const durationMs = state.nowMs - Math.min(run.readyMs, state.nowMs)
  keepResult(task, run, ended, durationMs)
  state.eager.set(node, stage)
  setTaskState(task, 'done')
  praiseAndBlame(state, effects, task, node)
  persistTask(task, effects)
  effects.push({type: 'accept-run', node: node.name, job: job.name, task: task.number, run: run.id})
  tell(
    state,
    effects,
    job,
    'task',
    `DONE: [${titleOf(task)}] Task finished in ${(durationMs / 1000).toFixed(3)} s`,
    node.name,
  )
  if (before === undefined) {
    countResult(task, durationMs)
    stage.onceDone++
    feedNext(state, task)
    if (stage.onceDone === stage.tasks.length) advance(state, effects, job)
  } else regainOutputs(state, effects, task)
  finishIfDone(state, effects, job)
}

function problemOf(run: Run, outputs: readonly Output[]): string | undefined {
  if (!hasAllInputs(run.task)) return 'the worker said that it was done before it had all its inputs'
  if (outputs.length > outputsPerRunMax) {
    return `a task may have ${outputsPerRunMax} outputs, this one has ${outputs.length}: use fewer labels`
  }
  for (const [number, output] of outputs.entries()) {
    const problem = outputProblem(output, `output ${number}`)
    if (problem !== undefined) return problem
  }
  return undefined
}

const hasSameLabels = (left: readonly Output[], right: readonly Output[]): boolean =>
  left.length === right.length && left.every((output, number) => output.label === right[number]!.label)

function keepResult(task: Task, run: Run, ended: RunResult, durationMs: number): void {
  const {outputs, progress, counters} = ended
  const before = task.result
  before?.node.results.get(task.job)?.delete(task)
  const homes = before?.set.homes ?? homesOf(outputs, task.key)
  const grouping = task.job.stages[task.stage.index + 1]?.grouping
  const set = makeOutputSet(outputs, homes, grouping)
  task.result = {
    run: run.id,
    node: run.node,
    set,
    progress,
    durationMs,
    ...(counters !== undefined && Object.keys(counters).length > 0 && {counters}),
    isLost: false,
    isGone: false,
    readFailures: 0,
  }
  bookResult(task)
}

/** Files are lost with their node; blobs and what lies outside are not. */
export function bookResult(task: Task): void {
  const {node, set} = task.result!
  if (!set.outputs.some(output => output.place.type === 'file')) return
  const tasks = node.results.get(task.job)
  if (tasks === undefined) node.results.set(task.job, new Set([task]))
  else tasks.add(task)
}

/** Adds the first result of a task to the figures of its stage. */
export function countResult(task: Task, durationMs: number): void {
  const {statistics} = task.stage
  const {set, progress, counters} = task.result!
  addNumber(statistics.durations, durationMs)
  for (const output of set.outputs) {
    statistics.outputRecords += output.records
    statistics.outputBytes += output.bytes
  }
  const {records, bytes, cpuMs} = progress
  statistics.records += records
  addNumber(statistics.inputBytes, bytes)
  statistics.bytes += bytes
  statistics.cpuMs += cpuMs
  if (counters !== undefined) addCounters(statistics.counters, counters)
}

/** Nodes on which a task failed that was done elsewhere are to blame, not the task. */
function praiseAndBlame(state: SchedulerState, effects: Effects, task: Task, node: Node): void {
  node.counts.done++
  praise(state, node)
  const {trouble, job} = task
  if (trouble === undefined) return
  for (const [text, {nodes}] of trouble.texts) {
    for (const name of nodes) {
      const other = state.nodes.get(name)
      if (other !== undefined && other !== node) blame(state, effects, other)
    }
    const seen = job.texts.get(text)
    seen?.tasks.delete(task)
    if (seen?.tasks.size === 0) job.texts.delete(text)
  }
  const {failures, message} = trouble
  if (failures > 0) task.past = {failures: failures + (task.past?.failures ?? 0), message}
  // How often its outputs were lost is remembered: a task whose outputs never last ends its job.
  const {losses} = trouble
  task.trouble =
    losses === 0 ? undefined : {failures: 0, losses, avoid: new Set(), texts: new Map(), message: '', retryMs: 0}
}
