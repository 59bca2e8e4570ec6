/** The books of runs: which is where, for which task. */
import type {RunId} from './events.ts'
import {orderStart} from './inputs.ts'
import {type Effects, runRowOf, tell, titleOf} from './journal.ts'
import {runBlock} from './limits.ts'
import {enqueue} from './queue.ts'
import {makeLinks} from './run-table.ts'
import {refreshNode} from './slots.ts'
import {
  hasAllInputs,
  type Node,
  noProgress,
  noRuns,
  type Run,
  type SchedulerState,
  setTaskState,
  type Task,
} from './state.ts'
import {addTimer} from './timers.ts'

export function startRun(state: SchedulerState, effects: Effects, task: Task, node: Node, isLocal: boolean): void {
  if (state.nextRun >= state.nextRunBlock) {
    state.nextRunBlock = state.nextRun + runBlock
    effects.push({type: 'persist-next-run', nextRun: state.nextRunBlock})
  }
  const {stage, job} = task
  const isCopy = task.runs.length > 0
  const run = addRun(state, task, node, state.nextRun++, state.nowMs, isCopy)
  if (!isCopy) setTaskState(task, 'running')
  else {
    stage.statistics.copies++
    // The guard against deadlock may let more consumers start now.
    state.hungry.add(job)
  }
  if (isLocal) stage.statistics.localRuns++
  effects.push({type: 'persist-run', row: runRowOf(run)})
  orderStart(run, effects)
  tell(state, effects, job, 'task', `${titleOf(task)} assigned to ${node.name}${isCopy ? ', a second copy' : ''}`)
}

/** Books a run; also one that was running before a restart. */
export function addRun(
  state: SchedulerState,
  task: Task,
  node: Node,
  id: RunId,
  startedMs: number,
  isCopy: boolean,
): Run {
  const readyMs = hasAllInputs(task) ? startedMs : Infinity
  const run: Run = {
    id,
    task,
    node,
    startedMs,
    readyMs,
    isCopy,
    progress: noProgress,
    isReported: false,
    links: makeLinks(),
  }
  state.runs.add(run)
  node.runs.add(run)
  task.runs = [...task.runs, run]
  task.stage.runs.add(run)
  task.job.running++
  const limitMs = task.job.spec.taskTimeMaxMs
  if (limitMs !== undefined) addTimer(state.timers, startedMs + limitMs, {type: 'limit', run})
  refreshNode(state, node)
  return run
}

/** Takes a run out of the books. What becomes of its task is the caller's business. */
export function removeRun(state: SchedulerState, effects: Effects, run: Run): void {
  const {task, node} = run
  state.runs.delete(run)
  node.runs.delete(run)
  task.runs = task.runs.length === 1 ? noRuns : task.runs.filter(other => other !== run)
  task.stage.runs.delete(run)
  task.job.running--
  effects.push({type: 'forget-run', job: task.job.name, run: run.id})
  if (task.job.state === 'running') state.hungry.add(task.job)
  refreshNode(state, node)
}

export function stopRun(state: SchedulerState, effects: Effects, run: Run): void {
  const {task, node, id} = run
  removeRun(state, effects, run)
  effects.push({type: 'stop-run', node: node.name, job: task.job.name, task: task.number, run: id})
}

export function stopRuns(state: SchedulerState, effects: Effects, task: Task): void {
  for (const run of task.runs) stopRun(state, effects, run)
}

/** A task without runs waits for its turn again: nobody's fault. */
export function requeue(state: SchedulerState, task: Task): void {
  if (task.missing > 0) setTaskState(task, 'blocked')
  else enqueue(state, task)
}
