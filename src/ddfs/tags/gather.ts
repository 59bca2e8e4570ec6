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
export function startGather(context: Context, work: Work): void {
  const {state} = context
  const phase: Gather = {
    type: 'gather',
    started: state.clock,
    startedMs: context.nowMs,
    replies: new Map(),
    pending: new Set(),
    silent: new Set(),
  }
  work.phase = phase
  work.missingSince = undefined
  const head = state.tags.get(work.tag)?.head
  ask(context, work, phase, head?.replicas ?? [...state.members.keys()])
  goOnGathering(context, work, phase)
}

/** A reply, or undefined for none. */
export function onHeadReply(context: Context, work: Work, phase: Gather, node: NodeName, reply?: TagReply): void {
  if (!phase.pending.delete(node) || work.phase !== phase) return
  if (reply?.type === 'head') {
    phase.replies.set(node, reply.head)
    const record = context.state.tags.get(work.tag)
    if (reply.head !== undefined) noteCopy(context.state, recordOf(context.state, work.tag), node, reply.head.version)
    else if (record !== undefined) dropCopy(record, node)
  } else phase.silent.add(node)
  goOnGathering(context, work, phase)
}

/** Called when an answer came, and when time passed. */
export function goOnGathering(context: Context, work: Work, phase: Gather): void {
  const best = highestHead(phase)
  if (best === undefined) goOnMissing(context, work, phase)
  else goOnFound(context, work, phase, best)
}

function goOnFound(context: Context, work: Work, phase: Gather, best: TagHead): void {
  const {state} = context
  ask(context, work, phase, best.replicas)
  const left = best.replicas.filter(node => !isRemoved(state, node))
  const answered = left.filter(node => phase.replies.has(node))
  // A wiped node that has nothing may have had it before.
  const votes = answered.filter(node => phase.replies.get(node) !== undefined || !state.members.get(node)!.isWiped)
  const isEnough = votes.length >= neededOf(state, best.replicas) || answered.length === left.length
  const isWaiting = left.some(node => phase.pending.has(node))
  if (!isEnough) {
    if (!isWaiting)
      failGather(
        context,
        work,
        left.filter(node => !answered.includes(node)),
      )
    return
  }
  if (isWaiting && context.nowMs < phase.startedMs + gatherGraceMs) return
  const holder = [...phase.replies].find(([, head]) => isSameVersion(head?.version, best.version))![0]
  if (!best.replicas.some(node => isSameVersion(phase.replies.get(node)?.version, best.version))) {
    copyFirst(context, work, best, holder)
    return
  }
  const isUnanimous = left.every(node => isSameVersion(phase.replies.get(node)?.version, best.version))
  finishFound(context, work, best, isUnanimous)
}

/**
 * None of the replicas has the highest version: it was moved by a master that got no further, and only the node that
 * leaves knows. A claim needs one of them to be there, so they copy it, and then they are asked again.
 */
function copyFirst(context: Context, work: Work, best: TagHead, from: NodeName): void {
  const targets = best.replicas.filter(node => isUp(context.state, node) && !work.failedSyncs.has(node))
  work.failedSyncs.clear()
  if (targets.length === 0) {
    failGather(context, work, best.replicas)
    return
  }
  work.phase = {type: 'hold'}
  for (const node of targets) startSync(context, work, node, from, best.version)
}

function finishFound(context: Context, work: Work, best: TagHead, isUnanimous: boolean): void {
  const record = recordOf(context.state, work.tag)
  setHead(context.state, record, best, false)
  work.phase = {type: 'idle'}
  // An order of this master whose outcome is unknown may still be under way: only a claim shuts it out.
  if (isUnanimous && record.issuedCounter === 0) record.isOwned = true
  else startClaim(context, work, record, best)
}

function goOnMissing(context: Context, work: Work, phase: Gather): void {
  const {state} = context
  ask(context, work, phase, [...state.members.keys()])
  const unheard = unheardMembers(state, member => phase.replies.has(member.node))
  if (canHideTag(state, unheard.length)) {
    if (phase.pending.size === 0) failGather(context, work, unheard)
    return
  }
  const record = state.tags.get(work.tag)
  if (record !== undefined) setHead(state, record, undefined, false)
  work.phase = {type: 'idle'}
  work.missingSince = phase.started
}

function failGather(context: Context, work: Work, missing: readonly NodeName[]): void {
  const message = `too few nodes of the tag "${work.tag}" answer: waiting for ${listNodes(missing)}`
  work.phase = {type: 'idle'}
  for (const job of work.queue.splice(0)) refuseJob(context, job, unavailable(message))
}

function ask(context: Context, work: Work, phase: Gather, nodes: readonly NodeName[]): void {
  const {state} = context
  for (const node of nodes) {
    if (phase.pending.has(node) || phase.replies.has(node) || phase.silent.has(node) || !isUp(state, node)) continue
    phase.pending.add(node)
    const request = {type: 'read-head', epoch: state.epoch, tag: work.tag} as const
    send(context, node, request, {type: 'gather', tag: work.tag, phase})
  }
}

function highestHead(phase: Gather): TagHead | undefined {
  let best: TagHead | undefined
  for (const head of phase.replies.values()) if (compareVersions(head?.version, best?.version) > 0) best = head
  return best
}
