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
  const ctx: Context = {state, effects: [], nowMs: event.nowMs, wallMs: event.wallMs}
  state.nowMs = event.nowMs
  state.clock++
  if (state.supersededBy !== undefined) {
    if (event.type === 'asked') ctx.effects.push({type: 'refuse', id: event.id, error: superseded(state)})
    return ctx.effects
  }
  watchClock(ctx)
  handle(ctx, event)
  advanceTouched(ctx)
  pumpMending(ctx, workOf)
  advanceTouched(ctx)
  wake(ctx)
  return ctx.effects
}

function handle(ctx: Context, event: TagEvent): void {
  const {state} = ctx
  switch (event.type) {
    case 'members-adopted':
      adoptMembers(ctx, event.members, event.floor)
      return
    case 'member-joined':
      failCallsTo(ctx, event.node)
      joinMember(ctx, event)
      for (const work of state.works.values()) resendFlights(ctx, work, event.node)
      return
    case 'member-changed':
      changeMember(ctx, event)
      return
    case 'member-lost':
    case 'member-removed':
      loseMember(ctx, event.node, event.type === 'member-removed')
      failCallsTo(ctx, event.node)
      return
    case 'inventory':
      takeInventory(ctx, event.node, event.heads)
      return
    case 'inventory-ended':
      endInventory(ctx, event.node)
      return
    case 'settings-changed':
      state.settings = event.settings
      disturbSweep(state, true)
      return
    case 'asked':
      ask(ctx, event.id, event.query, event.deadlineMs)
      return
    case 'replied':
      onReply(ctx, event.call, event.reply)
      return
    case 'call-failed':
      onReply(ctx, event.call, undefined)
      return
    case 'tick':
      tick(ctx)
      return
    default:
      unreachable(event)
      return
  }
}

function ask(ctx: Context, id: number, query: TagQuery, deadlineMs: number): void {
  const {state} = ctx
  state.requestCount++
  if (query.type === 'list' || query.type === 'stats') {
    state.requestCount--
    const result = query.type === 'list' ? listTags(state, query) : sumTags(state, query)
    ctx.effects.push({type: 'answer', id, result})
    return
  }
  const work = workOf(state, query.tag)
  if (state.requestCount > requestsMax || work.queue.length >= tagQueueMax) {
    const message = `too many requests wait${state.requestCount > requestsMax ? '' : ` for the tag "${query.tag}"`}`
    refuse(ctx, id, {code: 'OVERLOADED', message, retryable: true})
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
function onReply(ctx: Context, id: number, reply: TagReply | undefined): void {
  const {state} = ctx
  const call = state.calls.get(id)
  if (call === undefined) return
  if (reply?.type === 'failed' && reply.code === 'STALE_EPOCH' && (reply.epoch ?? 0) > state.epoch) {
    stop(ctx, reply.epoch ?? 0)
    return
  }
  state.calls.delete(id)
  if (reply?.type === 'failed' && reply.code !== 'NOT_FOUND') {
    const {node, tag} = call
    ctx.effects.push({type: 'log', level: 'warn', msg: 'a node refused an order', node, tag, code: reply.code})
  }
  dispatch(ctx, workOf(state, call.tag), call, reply)
}

function dispatch(ctx: Context, work: Work, call: Call, reply: TagReply | undefined): void {
  switch (call.type) {
    case 'gather':
      if (call.phase.type === 'gather') onHeadReply(ctx, work, call.phase, call.node, reply)
      return
    case 'confirm':
      onConfirmReply(ctx, work, call.round, call.node, reply)
      return
    case 'commit':
      onCommitReply(ctx, work, call, reply)
      return
    case 'sync': {
      const version = reply?.type === 'synced' ? reply.head.version : undefined
      if (version !== undefined) noteCopy(ctx.state, recordOf(ctx.state, work.tag), call.node, version)
      if (reply === undefined) lookAgain(ctx, work, call.node)
      onSyncReply(ctx, work, call.node, reply)
      onSyncedInCommit(ctx, work, call.node, version)
      return
    }
    case 'look':
      if (reply?.type !== 'head') lookAgain(ctx, work, call.node)
      else if (reply.head !== undefined) noteHead(ctx.state, call.node, reply.head)
      return
    case 'forget':
      onForgetReply(ctx, work, call.node, reply)
      return
    case 'page':
      onPageReply(ctx, work, call, reply)
      return
    default:
      unreachable(call)
      return
  }
}

function failCallsTo(ctx: Context, node: string): void {
  for (const [id, call] of [...ctx.state.calls]) if (call.node === node) onReply(ctx, id, undefined)
}

function tick(ctx: Context): void {
  const {state} = ctx
  state.wakeAtMs = undefined
  for (const [id, call] of [...state.calls]) if (ctx.nowMs >= call.deadlineMs) onReply(ctx, id, undefined)
  for (const work of state.works.values()) {
    state.touched.add(work.tag)
    expireFlights(ctx, work)
    expireQueue(ctx, work)
    if (work.phase.type === 'gather') goOnGathering(ctx, work, work.phase)
  }
  sweepOn(ctx)
}

function expireQueue(ctx: Context, work: Work): void {
  const isOver = work.queue.some(job => job.type !== 'mend' && ctx.nowMs >= job.deadlineMs)
  if (!isOver) return
  for (const job of work.queue.splice(0)) {
    if (job.type === 'mend' || ctx.nowMs < job.deadlineMs) work.queue.push(job)
    else refuse(ctx, job.id, notBegun(work))
  }
}

function advanceTouched(ctx: Context): void {
  const {state} = ctx
  for (const tag of state.touched) {
    state.touched.delete(tag)
    const work = state.works.get(tag)
    if (work !== undefined) advance(ctx, work)
  }
}

function wake(ctx: Context): void {
  const {state} = ctx
  const isBusy = state.works.size > 0 || state.sweep !== undefined || state.mendQueue.size > 0
  const atMs = ctx.nowMs + (isBusy ? busyTickMs : idleTickMs)
  if (state.wakeAtMs !== undefined && state.wakeAtMs <= atMs) return
  state.wakeAtMs = atMs
  ctx.effects.push({type: 'wake', atMs})
}

/** The wall clock should move as the steady one does. When it does not, ages by it are not to be believed. */
function watchClock(ctx: Context): void {
  const {state} = ctx
  const offsetMs = ctx.wallMs - ctx.nowMs
  const known = state.wallOffsetMs
  state.wallOffsetMs = offsetMs
  if (known === undefined || Math.abs(offsetMs - known) < clockJumpMs) return
  state.holdPurgeUntilMs = ctx.nowMs + clockHoldMs
  ctx.effects.push({type: 'log', level: 'warn', msg: 'the clock jumped; nothing is purged for a day'})
}

/** Another master is obeyed: everything that waits is answered, nothing more is done. */
function stop(ctx: Context, epoch: number): void {
  const {state} = ctx
  state.supersededBy = epoch
  const error = superseded(state)
  for (const work of state.works.values()) {
    for (const job of [...work.queue.splice(0), ...work.nextReaders.splice(0)]) refuseJob(ctx, job, error)
    for (const job of work.round?.readers ?? []) refuseJob(ctx, job, error)
    if (work.phase.type !== 'commit') continue
    for (const flight of work.phase.flights) {
      if (flight.job === undefined || flight.isAnswered) continue
      refuse(ctx, flight.job.id, outcomeUnknown(work.tag, `another master took over (${waiting(flight.statuses)})`))
    }
  }
  for (const call of state.calls.values()) if (call.type === 'page') refuseJob(ctx, call.job, error)
  state.works.clear()
  state.calls.clear()
  state.touched.clear()
  state.mending.clear()
  state.mendQueue.clear()
  ctx.effects.push({type: 'superseded', epoch})
}

const waiting = (statuses: ReadonlyMap<string, string>): string =>
  `acknowledged by ${listNodes([...statuses].filter(([, status]) => status === 'acked').map(([node]) => node))}`

function superseded(state: TagsState): TagError {
  const message = `another master took over (epoch ${state.supersededBy}); this one (epoch ${state.epoch}) has stopped`
  return {code: 'STALE_EPOCH', message, retryable: true}
}
