/**
 * Tasks that take moments are ordered ahead: a node that has just ended one gets some more than it has slots for, and begins
 * them one after the other without asking. What a slot does between two words of the master is then not one task but several.
 *
 * Only what a slot will do at once anyway: tasks of a stage whose median is a fraction of `aheadMs` (of somewhat longer ones a
 * single task a slot, while no other node would have to do without), that have all their inputs, of the job whose turn it is,
 * and no more than the node's share of what is left. The node begins them in the order of
 * the orders, so the master knows which has its turn: the oldest, whenever a run there ends. Those that wait count as running
 * for shares and limits of jobs, and do not for time limits and slow runs. When something in front takes long after all they
 * are taken back.
 */
import {dropHead, headOf} from './fifo.ts'
import {quantileOf} from './histogram.ts'
import type {Effects} from './journal.ts'
import {aheadPauseMs, aheadPerSlotMax, aheadResultsMin, aheadWaitMs, oneAheadRatio} from './limits.ts'
import {nextJob} from './place.ts'
import {mayRunOn} from './queue.ts'
import {requeue, startRun, stopRun} from './run-book.ts'
import {isUsable} from './slots.ts'
import {hasAllInputs, hasAllSlots, type Node, type SchedulerState, type StageState, type Task} from './state.ts'

/** Gives nodes that ended a run in this step more of the same stage. After free slots have been filled. */
export function orderAhead(state: SchedulerState, effects: Effects): void {
  for (const [node, stage] of state.eager) fill(state, effects, node, stage)
  state.eager.clear()
}

function fill(state: SchedulerState, effects: Effects, node: Node, stage: StageState): void {
  const {job, counts} = stage
  if (counts.pending === 0 || node.free > 0 || !isUsable(node) || job.state !== 'running') return
  if (!stage.isClosed && stage.grouping !== 'split') return
  const perSlot = aheadPerSlot(state, node, stage)
  const room = perSlot * node.slots - node.ahead.size
  // Some at once rather than one by one: they share a message.
  if (2 * room < perSlot * node.slots || !doesOneOf(node, stage)) return
  const share = Math.ceil(counts.pending / state.usable.size)
  for (let left = Math.min(room, share); left > 0; left--) {
    const turn = nextJob(state)
    if ((turn !== undefined && turn !== job) || hasAllSlots(state, job)) return
    const found = nextFor(state, stage, node)
    if (found === undefined) return
    startRun(state, effects, found.task, node, {isLocal: found.isLocal, isAhead: true})
  }
}

/** How many tasks of the stage a slot does within `aheadMs`; one of those that take a few times as long. */
function aheadPerSlot(state: SchedulerState, node: Node, {statistics, aheadAfterMs, counts}: StageState): number {
  const {durations} = statistics
  const {aheadMs} = state.settings
  if (durations.count < aheadResultsMin || state.nowMs < aheadAfterMs) return 0
  const medianMs = Math.max(1, quantileOf(durations, 0.5))
  if (medianMs <= aheadMs) return Math.min(aheadPerSlotMax, Math.floor(aheadMs / medianMs))
  if (medianMs > aheadMs * oneAheadRatio) return 0
  // Near the end of a stage such a task is better begun by whoever is free first.
  const isEnough = state.usable.size === 1 || counts.pending > node.slots * state.usable.size
  return isEnough ? 1 : 0
}

/** Behind tasks that take long, or wait for others, nothing should wait. */
function doesOneOf(node: Node, stage: StageState): boolean {
  for (const run of node.runs) if (!run.isAhead && run.task.stage === stage) return true
  return false
}

/**
 * A task that the node would begin if it had a slot. Not one that another node is the first choice for, as `findLocal` does:
 * what waits here would not be there when that node comes to it.
 */
function nextFor(
  state: SchedulerState,
  stage: StageState,
  node: Node,
): {readonly task: Task; readonly isLocal: boolean} | undefined {
  const local = stage.local.get(node)
  if (local !== undefined) {
    for (let task = headOf(local.own); task !== undefined; task = headOf(local.own)) {
      if (mayStart(state, task, node)) return {task, isLocal: true}
      dropHead(local.own)
    }
  }
  const any = headOf(stage.any)
  if (any !== undefined && mayStart(state, any, node)) return {task: any, isLocal: false}
  const waiting = headOf(stage.waiting)
  const hasWaited = waiting !== undefined && state.nowMs - waiting.queuedMs >= state.settings.localityWaitMs
  return hasWaited && mayStart(state, waiting, node) ? {task: waiting, isLocal: false} : undefined
}

const mayStart = (state: SchedulerState, task: Task, node: Node): boolean =>
  hasAllInputs(task) && mayRunOn(state, task, node)

/** Runs that have waited at their node for too long go back to the queues; so do all behind them. */
export function takeBack(state: SchedulerState, effects: Effects): void {
  for (const node of state.nodes.values()) {
    const [first] = node.ahead
    if (first === undefined || state.nowMs - first.startedMs < aheadWaitMs) continue
    for (const run of [...node.ahead]) {
      run.task.stage.aheadAfterMs = state.nowMs + aheadPauseMs
      stopRun(state, effects, run)
      if (run.task.runs.length === 0) requeue(state, run.task)
    }
  }
}
