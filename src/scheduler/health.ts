/**
 * A node's record.
 *
 * A failure counts against its node unless the same text came from another node of that job (then it is the job's doing),
 * and once more when the task is then done on another node. The record fades by half in each `healthHalfLifeMs`, and with
 * every task that is done. From `healthBad` on the node gets no tasks until it has faded to `healthGood`; this happens to
 * less than half of the nodes at a time.
 */
import type {Effects} from './journal.ts'
import {refreshNode} from './slots.ts'
import type {Node, SchedulerState} from './state.ts'

/** What a done task leaves of its node's record. */
const doneFactor = 0.9

/** So that a node that was bad for a day is forgiven as soon as one that was bad for an hour. */
const scoreMax = 24

/** A node's record as it is now, faded since it last changed. */
export function scoreOf(state: SchedulerState, node: Node): number {
  if (node.score === 0) return 0
  return node.score * 0.5 ** ((state.nowMs - node.scoreMs) / state.settings.healthHalfLifeMs)
}

/** One failure more on a node's record. Past a limit it gets no tasks, unless that were half of the nodes. */
export function blame(state: SchedulerState, effects: Effects, node: Node): void {
  node.score = Math.min(scoreMax, scoreOf(state, node) + 1)
  node.scoreMs = state.nowMs
  if (node.isBad || node.score < state.settings.healthBad) return
  let connected = 0
  for (const other of state.nodes.values()) if (other.state === 'up' && other.slots > 0) connected++
  if ((state.badCount + 1) * 2 > connected) return
  node.isBad = true
  state.badCount++
  effects.push({type: 'log', level: 'warn', msg: 'node avoided because of its failures', node: node.name})
  refreshNode(state, node)
}

/** A task was done on the node: its record fades a little. */
export function praise(state: SchedulerState, node: Node): void {
  if (node.score === 0) return
  const score = scoreOf(state, node) * doneFactor
  node.score = score < 0.01 ? 0 : score
  node.scoreMs = state.nowMs
}

/** Nodes whose record has faded get tasks again. */
export function forgive(state: SchedulerState, effects: Effects): void {
  if (state.badCount === 0) return
  for (const node of state.nodes.values()) {
    if (!node.isBad || scoreOf(state, node) > state.settings.healthGood) continue
    node.isBad = false
    state.badCount--
    effects.push({type: 'log', level: 'info', msg: 'node gets tasks again', node: node.name})
    refreshNode(state, node)
  }
}
