/**
 * Nodes: joining (tells which runs it has) -> up -> offline (its runs go on) -> joining, or lost. A lost node keeps its
 * record of files: when it comes back they count again.
 */
import {loseResultsOf, regainResultsOf} from './availability.ts'
import type {NodeJoined, NodeStatus, SchedulerEvent} from './events.ts'
import {failRun} from './failures.ts'
import {pushAgain} from './inputs.ts'
import {finishIfDone} from './job-end.ts'
import type {Effects} from './journal.ts'
import {beginAhead, noteTurn, requeue, stopRun} from './run-book.ts'
import {answerLate, findRun, finishRun, loseRun} from './runs.ts'
import {refreshNode} from './slots.ts'
import {isActive, type Node, type Run, type SchedulerState} from './state.ts'

type EventOf<Type extends SchedulerEvent['type']> = Extract<SchedulerEvent, {type: Type}>

/** A node that is known of: waited for until it joins. Does nothing to one that is there. */
export function addNode(state: SchedulerState, name: string): Node {
  const known = state.nodes.get(name)
  if (known !== undefined) return known
  const node: Node = {
    name,
    state: 'awaited',
    link: 0,
    slots: 0,
    isDraining: false,
    isDiskFull: false,
    isMemoryFull: false,
    freeBytes: undefined,
    score: 0,
    scoreMs: 0,
    isBad: false,
    runs: new Set(),
    ahead: new Set(),
    results: new Map(),
    waiting: new Set(),
    free: 0,
    counts: {done: 0, failed: 0, lost: 0},
  }
  state.nodes.set(name, node)
  return node
}

/** A link of a node begins. Between this and `readyNode` it tells which runs it has. */
export function joinNode(state: SchedulerState, effects: Effects, event: NodeJoined): void {
  const node = addNode(state, event.node)
  // An older one, or the same again: it has told what it has, and will not do so twice.
  if (event.link <= node.link) return
  if (event.isWiped === true) loseNode(state, effects, node, true)
  node.state = 'joining'
  node.link = event.link
  node.slots = event.slots
  if (event.isDraining !== undefined) node.isDraining = event.isDraining
  for (const run of node.runs) run.isReported = false
  beginAhead(state, node)
  refreshNode(state, node)
  for (const name of event.jobs ?? []) {
    const job = state.jobs.get(name)
    if (job === undefined || isActive(job)) continue
    const isPurged = job.state === 'purged'
    const keepsStages = !isPurged && (job.spec.keepsStages ?? false)
    effects.push({type: 'end-job', job: name, node: node.name, isPurged, keepsStages})
  }
}

/** A run that a node has, told while it joins. One that was given up meanwhile is ended there. */
export function reportRun(state: SchedulerState, effects: Effects, event: EventOf<'run-reported'>): void {
  const node = state.nodes.get(event.node)
  if (node === undefined || node.link !== event.link || node.state !== 'joining') return
  const run = findRun(state, event)
  if (run === undefined) answerLate(state, effects, event)
  else if (event.report.state === 'done') finishRun(state, effects, run, event.report)
  else if (event.report.state === 'failed') failRun(state, effects, run, event.report.failure)
  else {
    run.isReported = true
    noteTurn(state, run, event.report.isAhead === true)
    if (event.report.hasAllInputs) return
    if (run.task.missing === 0) pushAgain(run, effects)
    else dropRun(state, effects, run)
  }
}

/** What it lacks is lost: it cannot be told what it gets. */
function dropRun(state: SchedulerState, effects: Effects, run: Run): void {
  stopRun(state, effects, run)
  if (run.task.runs.length === 0) requeue(state, run.task)
}

/** It has told everything: what it did not tell is not there. */
export function readyNode(state: SchedulerState, effects: Effects, event: EventOf<'node-ready'>): void {
  const node = state.nodes.get(event.node)
  if (node === undefined || node.link !== event.link || node.state !== 'joining') return
  node.state = 'up'
  for (const run of [...node.runs]) if (!run.isReported) loseRun(state, effects, run)
  regainResultsOf(state, effects, node)
  for (const job of [...node.results.keys()]) finishIfDone(state, effects, job)
  refreshNode(state, node)
}

/** A node's link has ended: its runs may go on, so nothing is done about them yet. */
export function offlineNode(state: SchedulerState, event: EventOf<'node-offline'>): void {
  const node = state.nodes.get(event.node)
  if (node === undefined || node.link !== event.link || (node.state !== 'up' && node.state !== 'joining')) return
  node.state = 'offline'
  refreshNode(state, node)
}

/**
 * A node counts as gone: its runs are run elsewhere, its outputs made again when they are needed. @param isForGood - it will not
 * bring them back
 */
export function loseNode(state: SchedulerState, effects: Effects, node: Node, isForGood: boolean): void {
  node.state = 'lost'
  refreshNode(state, node)
  for (const run of [...node.runs].sort((left, right) => left.id - right.id)) loseRun(state, effects, run)
  loseResultsOf(state, effects, node, isForGood)
}

/** A person has said that a node will not come back. */
export function removeNode(state: SchedulerState, effects: Effects, name: string): void {
  const node = state.nodes.get(name)
  if (node === undefined) return
  loseNode(state, effects, node, true)
  if (node.isBad) state.badCount--
  for (const stage of node.waiting) stage.local.delete(node)
  state.nodes.delete(name)
}

/** A node that drains gets no more tasks; its runs go on. */
export function drainNode(state: SchedulerState, name: string, isDraining: boolean): void {
  const node = state.nodes.get(name)
  if (node === undefined) return
  node.isDraining = isDraining
  refreshNode(state, node)
}

/** Watermarks have two ends, so that a node at the edge does not come and go with every status. */
export function noteStatus(state: SchedulerState, event: NodeStatus): void {
  const node = state.nodes.get(event.node)
  if (node === undefined) return
  const {diskFreeMin, diskFreeAgain, memoryFreeMin, memoryFreeAgain} = state.settings
  if (event.slots !== undefined) node.slots = event.slots
  if (event.freeBytes !== undefined) node.freeBytes = event.freeBytes
  node.isDiskFull = isShort(
    event.freeBytes,
    event.totalBytes,
    node.isDiskFull ? diskFreeAgain : diskFreeMin,
    node.isDiskFull,
  )
  node.isMemoryFull = isShort(
    event.freeMemoryBytes,
    event.totalMemoryBytes,
    node.isMemoryFull ? memoryFreeAgain : memoryFreeMin,
    node.isMemoryFull,
  )
  beginAhead(state, node)
  refreshNode(state, node)
}

function isShort(free: number | undefined, total: number | undefined, shareMin: number, before: boolean): boolean {
  return free === undefined || total === undefined || total <= 0 ? before : free / total < shareMin
}
