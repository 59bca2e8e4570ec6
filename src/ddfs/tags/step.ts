/**
 * The tag coordinator: the part of the master that keeps tags. Events in, effects out; see README.md of the module.
 *
 * States of a tag's work: `idle`; `gather` (asking for heads) -> idle, or -> `commit` of a claim; `commit` (flights under
 * way) -> idle when all are committed or given up; `hold` (the queue waits for a sync), `forget`, `read` (a page between
 * changes) -> idle. A record is `owned` from a clean gather or a committed claim until an outcome becomes unknown.
 *
 * Invariants (check.ts holds those that can be seen from here, the simulator the others):
 * - a version is given out once, so equal versions mean equal contents on all nodes;
 * - what was answered as changed is on a majority of the tag's replicas, durably;
 * - nothing is read from or based on a state that is not on a majority;
 * - no copy is forgotten while a member may have an older one;
 * - every request is answered exactly once.
 *
 * Limits: limits.ts. Tried and dropped: answering unknown names from inventories alone (a master that was paused would
 * not notice); beginning a change again when every replica refused it (an order that arrives twice makes it two).
 */
import {unreachable} from '../../base/index.ts'
import type {TagReply} from '../../protocol/index.ts'
import {advance} from './advance.ts'
import {listNodes, notBegun, outcomeUnknown, refuse, refuseJob} from './calls.ts'
import {expireFlights, onCommitReply, onSyncedInCommit, resendFlights} from './commit.ts'
import {noteCopy, noteHead, recordOf, workOf} from './directory.ts'
import {goOnGathering, onHeadReply} from './gather.ts'
import {busyTickMs, clockHoldMs, clockJumpMs, idleTickMs, requestsMax, tagQueueMax} from './limits.ts'
import {listTags, sumTags} from './list.ts'
import {adoptMembers, changeMember, endInventory, joinMember, loseMember, takeInventory} from './members.ts'
import {onForgetReply, onSyncReply, pumpMending} from './mend.ts'
import type {TagEffect, TagError, TagEvent, TagQuery} from './messages.ts'
import {onConfirmReply, onPageReply} from './read.ts'
import type {Call, Context, TagsState, Work} from './state.ts'
import {disturbSweep, sweepOn} from './sweep.ts'
import {lookAgain} from './sync.ts'

/** The only way to change a coordinator. Same state and events, same effects. */
export function stepTags(state: TagsState, event: TagEvent): TagEffect[] {
  const context: Context = {state, effects: [], nowMs: event.nowMs, wallMs: event.wallMs}
  state.nowMs = event.nowMs
  state.clock++
  if (state.supersededBy !== undefined) {
    if (event.type === 'asked') context.effects.push({type: 'refuse', id: event.id, error: superseded(state)})
    return context.effects
  }
  watchClock(context)
  handle(context, event)
  advanceTouched(context)
  pumpMending(context, workOf)
  advanceTouched(context)
  wake(context)
  return context.effects
}

function handle(context: Context, event: TagEvent): void {
  const {state} = context
  switch (event.type) {
    case 'members-adopted':
      adoptMembers(context, event.members, event.floor)
      return
    case 'member-joined':
      failCallsTo(context, event.node)
      joinMember(context, event)
      for (const work of state.works.values()) resendFlights(context, work, event.node)
      return
    case 'member-changed':
      changeMember(context, event)
      return
    case 'member-lost':
    case 'member-removed':
      loseMember(context, event.node, event.type === 'member-removed')
      failCallsTo(context, event.node)
      return
    case 'inventory':
      takeInventory(context, event.node, event.heads)
      return
    case 'inventory-ended':
      endInventory(context, event.node)
      return
    case 'settings-changed':
      state.settings = event.settings
      disturbSweep(state, true)
      return
    case 'asked':
      ask(context, event.id, event.query, event.deadlineMs)
      return
    case 'replied':
      onReply(context, event.call, event.reply)
      return
    case 'call-failed':
      onReply(context, event.call, undefined)
      return
    case 'tick':
      tick(context)
      return
    default:
      unreachable(event)
      return
  }
}

function ask(context: Context, id: number, query: TagQuery, deadlineMs: number): void {
  const {state} = context
  state.requestCount++
  if (query.type === 'list' || query.type === 'stats') {
    state.requestCount--
    const result = query.type === 'list' ? listTags(state, query) : sumTags(state, query)
    context.effects.push({type: 'answer', id, result})
    return
  }
  const work = workOf(state, query.tag)
  if (state.requestCount > requestsMax || work.queue.length >= tagQueueMax) {
    const message = `too many requests wait${state.requestCount > requestsMax ? '' : ` for the tag "${query.tag}"`}`
    refuse(context, id, {code: 'OVERLOADED', message, retryable: true})
    return
  }
  if (query.type === 'change') work.queue.push({type: 'change', id, query, deadlineMs, arrived: state.clock})
  else {
    const job = {type: 'read', id, query, deadlineMs, arrived: state.clock, tries: 0} as const
    if (state.tags.get(query.tag)?.isOwned === true) work.nextReaders.push({...job})
    else work.queue.push({...job})
  }
}

/** A reply, or undefined when there is none and none will be listened to. */
function onReply(context: Context, id: number, reply: TagReply | undefined): void {
  const {state} = context
  const call = state.calls.get(id)
  if (call === undefined) return
  if (reply?.type === 'failed' && reply.code === 'STALE_EPOCH' && (reply.epoch ?? 0) > state.epoch) {
    stop(context, reply.epoch ?? 0)
    return
  }
  state.calls.delete(id)
  if (reply?.type === 'failed' && reply.code !== 'NOT_FOUND') {
    const {node, tag} = call
    context.effects.push({type: 'log', level: 'warn', msg: 'a node refused an order', node, tag, code: reply.code})
  }
  dispatch(context, workOf(state, call.tag), call, reply)
}

function dispatch(context: Context, work: Work, call: Call, reply: TagReply | undefined): void {
  switch (call.type) {
    case 'gather':
      if (call.phase.type === 'gather') onHeadReply(context, work, call.phase, call.node, reply)
      return
    case 'confirm':
      onConfirmReply(context, work, call.round, call.node, reply)
      return
    case 'commit':
      onCommitReply(context, work, call, reply)
      return
    case 'sync': {
      const version = reply?.type === 'synced' ? reply.head.version : undefined
      if (version !== undefined) noteCopy(context.state, recordOf(context.state, work.tag), call.node, version)
      if (reply === undefined) lookAgain(context, work, call.node)
      onSyncReply(context, work, call.node, reply)
      onSyncedInCommit(context, work, call.node, version)
      return
    }
    case 'look':
      if (reply?.type !== 'head') lookAgain(context, work, call.node)
      else if (reply.head !== undefined) noteHead(context.state, call.node, reply.head)
      return
    case 'forget':
      onForgetReply(context, work, call.node, reply)
      return
    case 'page':
      onPageReply(context, work, call, reply)
      return
    default:
      unreachable(call)
      return
  }
}

function failCallsTo(context: Context, node: string): void {
  for (const [id, call] of [...context.state.calls]) if (call.node === node) onReply(context, id, undefined)
}

function tick(context: Context): void {
  const {state} = context
  state.wakeAtMs = undefined
  for (const [id, call] of [...state.calls]) if (context.nowMs >= call.deadlineMs) onReply(context, id, undefined)
  for (const work of state.works.values()) {
    state.touched.add(work.tag)
    expireFlights(context, work)
    expireQueue(context, work)
    if (work.phase.type === 'gather') goOnGathering(context, work, work.phase)
  }
  sweepOn(context)
}

function expireQueue(context: Context, work: Work): void {
  const isOver = work.queue.some(job => job.type !== 'mend' && context.nowMs >= job.deadlineMs)
  if (!isOver) return
  for (const job of work.queue.splice(0)) {
    if (job.type === 'mend' || context.nowMs < job.deadlineMs) work.queue.push(job)
    else refuse(context, job.id, notBegun(work))
  }
}

function advanceTouched(context: Context): void {
  const {state} = context
  for (const tag of state.touched) {
    state.touched.delete(tag)
    const work = state.works.get(tag)
    if (work !== undefined) advance(context, work)
  }
}

function wake(context: Context): void {
  const {state} = context
  const isBusy = state.works.size > 0 || state.sweep !== undefined || state.mendQueue.size > 0
  const atMs = context.nowMs + (isBusy ? busyTickMs : idleTickMs)
  if (state.wakeAtMs !== undefined && state.wakeAtMs <= atMs) return
  state.wakeAtMs = atMs
  context.effects.push({type: 'wake', atMs})
}

/** The wall clock should move as the steady one does. When it does not, ages by it are not to be believed. */
function watchClock(context: Context): void {
  const {state} = context
  const offsetMs = context.wallMs - context.nowMs
  const known = state.wallOffsetMs
  state.wallOffsetMs = offsetMs
  if (known === undefined || Math.abs(offsetMs - known) < clockJumpMs) return
  state.holdPurgeUntilMs = context.nowMs + clockHoldMs
  context.effects.push({type: 'log', level: 'warn', msg: 'the clock jumped; nothing is purged for a day'})
}

/** Another master is obeyed: everything that waits is answered, nothing more is done. */
function stop(context: Context, epoch: number): void {
  const {state} = context
  state.supersededBy = epoch
  const error = superseded(state)
  for (const work of state.works.values()) {
    for (const job of [...work.queue.splice(0), ...work.nextReaders.splice(0)]) refuseJob(context, job, error)
    for (const job of work.round?.readers ?? []) refuseJob(context, job, error)
    if (work.phase.type !== 'commit') continue
    for (const flight of work.phase.flights) {
      if (flight.job === undefined || flight.isAnswered) continue
      refuse(context, flight.job.id, outcomeUnknown(work.tag, `another master took over (${waiting(flight.statuses)})`))
    }
  }
  for (const call of state.calls.values()) if (call.type === 'page') refuseJob(context, call.job, error)
  state.works.clear()
  state.calls.clear()
  state.touched.clear()
  state.mending.clear()
  state.mendQueue.clear()
  context.effects.push({type: 'superseded', epoch})
}

const waiting = (statuses: ReadonlyMap<string, string>): string =>
  `acknowledged by ${listNodes([...statuses].filter(([, status]) => status === 'acked').map(([node]) => node))}`

function superseded(state: TagsState): TagError {
  const message = `another master took over (epoch ${state.supersededBy}); this one (epoch ${state.epoch}) has stopped`
  return {code: 'STALE_EPOCH', message, retryable: true}
}
