/**
 * Finding out what a tag is: its replicas are asked for their heads. Asking fences older masters at every node that
 * answers, so what a majority says stays true until this master changes it.
 *
 * The highest head that answered names the replicas that must have answered; it may name others than those asked first
 * (the tag has moved), and then those are asked as well. A move adds or takes away one node and needs a majority before
 * and after it, so from any head that is still about a majority of its replicas knows of something newer, if there is.
 *
 * When nobody has the tag, so many members must say so that the rest cannot hide it.
 */
import {compareVersions, isSameVersion, type NodeName, type TagHead, type TagReply} from '../../protocol/index.ts'
import {listNodes, refuseJob, send, unavailable} from './calls.ts'
import {startClaim} from './commit.ts'
import {dropCopy, noteCopy, recordOf, setHead} from './directory.ts'
import {gatherGraceMs} from './limits.ts'
import {canHideTag, isRemoved, isUp, neededOf, unheardMembers} from './quorum.ts'
import type {Context, Phase, Work} from './state.ts'
import {startSync} from './sync.ts'

type Gather = Extract<Phase, {type: 'gather'}>

/** Asks everybody who may have the tag for its head. Until the newest certain one is known nothing is answered. */
export function startGather(ctx: Context, work: Work): void {
  const {state} = ctx
  const phase: Gather = {
    type: 'gather',
    started: state.clock,
    startedMs: ctx.nowMs,
    replies: new Map(),
    pending: new Set(),
    silent: new Set(),
  }
  work.phase = phase
  work.missingSince = undefined
  const head = state.tags.get(work.tag)?.head
  ask(ctx, work, phase, head?.replicas ?? [...state.members.keys()])
  goOnGathering(ctx, work, phase)
}

/** A reply, or undefined for none. */
export function onHeadReply(ctx: Context, work: Work, phase: Gather, node: NodeName, reply?: TagReply): void {
  if (!phase.pending.delete(node) || work.phase !== phase) return
  if (reply?.type === 'head') {
    phase.replies.set(node, reply.head)
    const record = ctx.state.tags.get(work.tag)
    if (reply.head !== undefined) noteCopy(ctx.state, recordOf(ctx.state, work.tag), node, reply.head.version)
    else if (record !== undefined) dropCopy(record, node)
  } else phase.silent.add(node)
  goOnGathering(ctx, work, phase)
}

/** Called when an answer came, and when time passed. */
export function goOnGathering(ctx: Context, work: Work, phase: Gather): void {
  const best = highestHead(phase)
  if (best === undefined) goOnMissing(ctx, work, phase)
  else goOnFound(ctx, work, phase, best)
}

function goOnFound(ctx: Context, work: Work, phase: Gather, best: TagHead): void {
  const {state} = ctx
  ask(ctx, work, phase, best.replicas)
  const left = best.replicas.filter(node => !isRemoved(state, node))
  const answered = left.filter(node => phase.replies.has(node))
  // A wiped node that has nothing may have had it before.
  const votes = answered.filter(node => phase.replies.get(node) !== undefined || !state.members.get(node)!.isWiped)
  const isEnough = votes.length >= neededOf(state, best.replicas) || answered.length === left.length
  const isWaiting = left.some(node => phase.pending.has(node))
  if (!isEnough) {
    if (!isWaiting)
      failGather(
        ctx,
        work,
        left.filter(node => !answered.includes(node)),
      )
    return
  }
  if (isWaiting && ctx.nowMs < phase.startedMs + gatherGraceMs) return
  const holder = [...phase.replies].find(([, head]) => isSameVersion(head?.version, best.version))![0]
  if (!best.replicas.some(node => isSameVersion(phase.replies.get(node)?.version, best.version))) {
    copyFirst(ctx, work, best, holder)
    return
  }
  const isUnanimous = left.every(node => isSameVersion(phase.replies.get(node)?.version, best.version))
  finishFound(ctx, work, best, isUnanimous)
}

/**
 * None of the replicas has the highest version: it was moved by a master that got no further, and only the node that
 * leaves knows. A claim needs one of them to be there, so they copy it, and then they are asked again.
 */
function copyFirst(ctx: Context, work: Work, best: TagHead, from: NodeName): void {
  const targets = best.replicas.filter(node => isUp(ctx.state, node) && !work.failedSyncs.has(node))
  work.failedSyncs.clear()
  if (targets.length === 0) {
    failGather(ctx, work, best.replicas)
    return
  }
  work.phase = {type: 'hold'}
  for (const node of targets) startSync(ctx, work, node, from, best.version)
}

function finishFound(ctx: Context, work: Work, best: TagHead, isUnanimous: boolean): void {
  const record = recordOf(ctx.state, work.tag)
  setHead(ctx.state, record, best, false)
  work.phase = {type: 'idle'}
  // An order of this master whose outcome is unknown may still be under way: only a claim shuts it out.
  if (isUnanimous && record.issuedCounter === 0) record.isOwned = true
  else startClaim(ctx, work, record, best)
}

function goOnMissing(ctx: Context, work: Work, phase: Gather): void {
  const {state} = ctx
  ask(ctx, work, phase, [...state.members.keys()])
  const unheard = unheardMembers(state, member => phase.replies.has(member.node))
  if (canHideTag(state, unheard.length)) {
    if (phase.pending.size === 0) failGather(ctx, work, unheard)
    return
  }
  const record = state.tags.get(work.tag)
  if (record !== undefined) setHead(state, record, undefined, false)
  work.phase = {type: 'idle'}
  work.missingSince = phase.started
}

function failGather(ctx: Context, work: Work, missing: readonly NodeName[]): void {
  const message = `too few nodes of the tag "${work.tag}" answer: waiting for ${listNodes(missing)}`
  work.phase = {type: 'idle'}
  for (const job of work.queue.splice(0)) refuseJob(ctx, job, unavailable(message))
}

function ask(ctx: Context, work: Work, phase: Gather, nodes: readonly NodeName[]): void {
  const {state} = ctx
  for (const node of nodes) {
    if (phase.pending.has(node) || phase.replies.has(node) || phase.silent.has(node) || !isUp(state, node)) continue
    phase.pending.add(node)
    const request = {type: 'read-head', epoch: state.epoch, tag: work.tag} as const
    send(ctx, node, request, {type: 'gather', tag: work.tag, phase})
  }
}

function highestHead(phase: Gather): TagHead | undefined {
  let best: TagHead | undefined
  for (const head of phase.replies.values()) if (compareVersions(head?.version, best?.version) > 0) best = head
  return best
}
