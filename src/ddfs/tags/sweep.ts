/**
 * One look at every tag, in slices: what needs mending is queued. A sweep during which every member was there also
 * tells what no single tag can: the smallest number of copies, whether a wiped node has everything again, and whether
 * anything still names a removed one.
 */
import {compareVersions, type NodeName} from '../../protocol/index.ts'
import {copyVersion} from './directory.ts'
import {sweepPauseMs, sweepStepCount} from './limits.ts'
import {needOf} from './mend.ts'
import {hasAllInventories} from './quorum.ts'
import type {Context, Sweep, TagRecord, TagsState} from './state.ts'

/** Begins or goes on with the sweep when it is time. */
export function sweepOn(context: Context): void {
  const {state} = context
  if (state.sweep === undefined) {
    if (context.nowMs < state.nextSweepMs) return
    state.sweep = newSweep(state)
  }
  const {sweep} = state
  for (let count = 0; count < sweepStepCount; count++) {
    const next = sweep.names.next()
    if (next.done === true) {
      endSweep(context, sweep)
      return
    }
    const record = state.tags.get(next.value)
    if (record !== undefined) lookAt(context, sweep, record)
  }
}

/** Members came or went: what the sweep has seen so far says nothing about all tags, and tags may need mending now. */
export function disturbSweep(state: TagsState, isUrgent: boolean): void {
  if (state.sweep !== undefined) state.sweep.isWhole = false
  if (isUrgent) state.nextSweepMs = Math.min(state.nextSweepMs, state.nowMs)
}

function newSweep(state: TagsState): Sweep {
  return {
    names: state.tags.keys(),
    isWhole: hasAllInventories(state),
    smallest: Number.POSITIVE_INFINITY,
    behind: new Set(),
    named: new Set(),
  }
}

function lookAt(context: Context, sweep: Sweep, record: TagRecord): void {
  const {state} = context
  const {head} = record
  if (head === undefined) {
    if (record.issuedCounter > 0) sweep.isWhole = false
    return
  }
  if (!state.mending.has(record.tag) && needOf(context, record).type !== 'nothing') state.mendQueue.add(record.tag)
  sweep.smallest = Math.min(sweep.smallest, head.replicas.length)
  for (const node of head.replicas) {
    sweep.named.add(node)
    if (compareVersions(copyVersion(record, node), head.version) < 0) sweep.behind.add(node)
  }
}

function endSweep(context: Context, sweep: Sweep): void {
  const {state} = context
  state.sweep = undefined
  state.nextSweepMs = context.nowMs + sweepPauseMs
  if (!sweep.isWhole || !hasAllInventories(state) || state.members.size === 0) return
  raiseFloor(context, sweep)
  for (const member of [...state.members.values()]) {
    if (member.isWiped && !member.isRemoved && !sweep.behind.has(member.node)) restore(context, member.node)
    if (member.isRemoved && !sweep.named.has(member.node)) {
      state.members.delete(member.node)
      context.effects.push({type: 'node-gone', node: member.node})
    }
  }
}

function restore(context: Context, node: NodeName): void {
  context.state.members.get(node)!.isWiped = false
  context.effects.push({type: 'node-restored', node})
}

function raiseFloor(context: Context, sweep: Sweep): void {
  const {state} = context
  const staying = [...state.members.values()].filter(member => !member.isRemoved && !member.isDraining).length
  const floor = Math.min(sweep.smallest, state.settings.replicaCount, staying)
  if (floor <= state.floor) return
  state.floor = floor
  context.effects.push({type: 'remember-floor', floor})
}
