/** The books of runs: which is where, for which task. */
import type {RunId} from './events.ts'
import {orderStart} from './inputs.ts'
import {type Effects, runRowOf, tell, titleOf} from './journal.ts'
import {runBlock} from './limits.ts'
import {enqueue} from './queue.ts'
import {makeLinks} from './run-table.ts'
import {refreshNode, usedSlots} from './slots.ts'
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

export interface StartOptions {
  /** Its input is on the node. */
  readonly isLocal: boolean
  /** The node has no free slot for it yet. */
  readonly isAhead?: boolean
}

/** Gives a task to a node. Numbers of runs are set aside on the disk in blocks, so that none is ever given twice. */
export function startRun(
  state: SchedulerState,
  effects: Effects,
  task: Task,
  node: Node,
  {isLocal, isAhead = false}: StartOptions,
): void {
  if (state.nextRun >= state.nextRunBlock) {
    state.nextRunBlock = state.nextRun + runBlock
    effects.push({type: 'persist-next-run', nextRun: state.nextRunBlock})
  }
  const {stage, job} = task
  const isCopy = task.runs.length > 0
  const run = addRun(state, task, node, state.nextRun++, state.nowMs, isCopy)
  if (isAhead) putAhead(state, run)
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
    isAhead: false,
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

/** A node that connects says which of its runs wait for a slot: after a restart nobody else knows. */
export function noteTurn(state: SchedulerState, run: Run, isAhead: boolean): void {
  if (isAhead && !run.isAhead) putAhead(state, run)
  if (!isAhead && run.isAhead) begin(state, run)
  beginAhead(state, run.node)
  refreshNode(state, run.node)
}

/** It waits at its node for a slot. */
function putAhead(state: SchedulerState, run: Run): void {
  run.isAhead = true
  run.readyMs = Infinity
  run.node.ahead.add(run)
  run.task.stage.aheadCount++
  refreshNode(state, run.node)
}

/** A run that was ordered ahead has its turn, or is no more. */
function leaveAhead(run: Run): void {
  if (!run.isAhead) return
  run.isAhead = false
  run.node.ahead.delete(run)
  run.task.stage.aheadCount--
}

/** The node has begun as many of those that waited there as it has slots, the oldest order first. */
export function beginAhead(state: SchedulerState, node: Node): void {
  for (const run of node.ahead) {
    if (usedSlots(node) >= node.slots) return
    begin(state, run)
  }
}

function begin(state: SchedulerState, run: Run): void {
  leaveAhead(run)
  run.startedMs = state.nowMs
  run.readyMs = state.nowMs
  const {job} = run.task
  // The guard against deadlock may let more consumers start now.
  if (job.state === 'running') state.hungry.add(job)
}

/** Takes a run out of the books. What becomes of its task is the caller's business. */
export function removeRun(state: SchedulerState, effects: Effects, run: Run): void {
  const {task, node} = run
  state.runs.delete(run)
  node.runs.delete(run)
  leaveAhead(run)
  task.runs = task.runs.length === 1 ? noRuns : task.runs.filter(other => other !== run)
  task.stage.runs.delete(run)
  task.job.running--
  effects.push({type: 'forget-run', job: task.job.name, run: run.id})
  if (task.job.state === 'running') state.hungry.add(task.job)
  beginAhead(state, node)
  refreshNode(state, node)
}

/** Ends a run whose result nobody needs. */
export function stopRun(state: SchedulerState, effects: Effects, run: Run): void {
  const {task, node, id} = run
  removeRun(state, effects, run)
  effects.push({type: 'stop-run', node: node.name, job: task.job.name, task: task.number, run: id})
}

/** The same for all runs of a task. */
export function stopRuns(state: SchedulerState, effects: Effects, task: Task): void {
  for (const run of task.runs) stopRun(state, effects, run)
}

/** A task without runs waits for its turn again: nobody's fault. */
export function requeue(state: SchedulerState, task: Task): void {
  if (task.missing > 0) setTaskState(task, 'blocked')
  else enqueue(state, task)
}
