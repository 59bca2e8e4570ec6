/**
 * Keeping tags whole: laggards are synced, tags leave nodes that go and come to nodes that are there, tombstones age.
 *
 * A tag moves one node at a time, and a move needs a majority of the nodes before and of those after it: so of any two
 * sets that follow each other every two majorities meet. The node that comes copies the tag first; the one that goes
 * keeps its copy until no member can have an older one, because that copy is what tells a stale replica, years later,
 * that the tag has moved on. Copies that are no replicas are forgotten from the oldest on.
 */
import {compareVersions, isSameVersion, type NodeName, type TagReply, type Version} from '../../protocol/index.ts'
import {send} from './calls.ts'
import {launch} from './commit.ts'
import {copyVersion, dropCopy, dropRecord, isLive} from './directory.ts'
import {besideSyncMax, forgetAfterMs, mendParallelMax, settleMs, tombstoneWatchMs} from './limits.ts'
import {planMove} from './moves.ts'
import {hasAllInventories, isRemoved, isUp} from './quorum.ts'
import type {Context, Phase, TagRecord, TagsState, Work} from './state.ts'
import {startSync} from './sync.ts'

export type Need =
  | {readonly type: 'nothing'}
  | {readonly type: 'load'}
  | {readonly type: 'sync'; readonly nodes: readonly NodeName[]; readonly from: NodeName}
  | {readonly type: 'place'; readonly replicas: readonly NodeName[]}
  | {readonly type: 'purge'}
  | {readonly type: 'forget-copy'; readonly node: NodeName; readonly version: Version}
  | {readonly type: 'forget-tombstone'}

const nothing: Need = {type: 'nothing'}
const noNodes: ReadonlySet<NodeName> = new Set()

/** The next thing that a tag needs. `failed`: nodes that could not be synced just now. */
export function needOf(context: Context, record: TagRecord, failed: ReadonlySet<NodeName> = noNodes): Need {
  const {state} = context
  const {head} = record
  if (head === undefined) return nothing
  const isAt = (node: NodeName): boolean => compareVersions(copyVersion(record, node), head.version) >= 0
  const isQuiet = context.nowMs >= record.touchedMs + settleMs
  // On a new link no order of before it is carried out any more: what the node lacks, it lacks.
  const isSettled = (node: NodeName): boolean => isQuiet || record.touchedMs < state.members.get(node)!.joinedMs
  const from =
    head.replicas.find(node => isUp(state, node) && isAt(node)) ??
    record.copies.find(copy => isUp(state, copy.node) && isAt(copy.node))?.node
  const lagging = head.replicas.filter(node => isUp(state, node) && !isAt(node) && !failed.has(node) && isSettled(node))
  if (lagging.length > 0 && from !== undefined) {
    return record.isOwned ? {type: 'sync', nodes: lagging, from} : {type: 'load'}
  }
  const move = planMove(state, record.tag, head, failed)
  if (move !== undefined) {
    if (!record.isOwned) return {type: 'load'}
    const {added} = move
    if (added === undefined || isAt(added)) return {type: 'place', replicas: move.replicas}
    return from === undefined ? nothing : {type: 'sync', nodes: [added], from}
  }
  return agingOf(context, record)
}

function agingOf(context: Context, record: TagRecord): Need {
  const {state} = context
  const head = record.head!
  if (isLive(head) && record.copies.length === head.replicas.length) return nothing
  const aged = isDeadFor(context, record, state.settings.quarantineMs) && head.isPurged !== true
  if (aged) return record.isOwned ? {type: 'purge'} : {type: 'load'}
  const isWhole = head.replicas.every(node => isSameVersion(copyVersion(record, node), head.version))
  if (!isWhole || context.nowMs < record.touchedMs + forgetAfterMs || !hasAllInventories(state)) return nothing
  const stray = oldestStray(record)
  if (stray !== undefined) return record.isOwned ? {type: 'forget-copy', ...stray} : {type: 'load'}
  if (head.isPurged !== true || !isDeadFor(context, record, state.settings.tombstoneMs)) return nothing
  return record.isOwned ? {type: 'forget-tombstone'} : {type: 'load'}
}

function oldestStray(record: TagRecord): {readonly node: NodeName; readonly version: Version} | undefined {
  const strays = record.copies.filter(copy => !record.head!.replicas.includes(copy.node))
  strays.sort((left, right) => compareVersions(left.version, right.version) || (left.node < right.node ? -1 : 1))
  return strays[0]
}

/**
 * Is it deleted for so long? A tombstone of this master is timed by the steady clock. One that was found is believed by
 * its stamp, but not at first sight and not while the wall clock has just jumped.
 */
function isDeadFor(context: Context, record: TagRecord, ageMs: number): boolean {
  const tombstone = context.state.tombstones.get(record.tag)
  const deletedAtMs = record.head?.deletedAtMs
  if (tombstone === undefined || deletedAtMs === undefined || context.nowMs < context.state.holdPurgeUntilMs)
    return false
  const knownMs = context.nowMs - tombstone.sinceMs
  if (tombstone.isOwn) return knownMs >= ageMs
  return knownMs >= Math.min(ageMs, tombstoneWatchMs) && context.wallMs - deletedAtMs >= ageMs
}

/** Begins mending of tags that wait for it, as many as may run at once. */
export function pumpMending(context: Context, workOf: (state: TagsState, tag: string) => Work): void {
  const {state} = context
  for (const tag of state.mendQueue) {
    if (state.mending.size >= mendParallelMax) return
    if (state.mending.has(tag)) continue
    state.mendQueue.delete(tag)
    const record = state.tags.get(tag)
    const need = record === undefined ? nothing : needOf(context, record)
    if (need.type === 'nothing') continue
    state.mending.add(tag)
    const work = workOf(state, tag)
    if (need.type === 'sync' && work.syncCount < besideSyncMax) syncBeside(context, work, need, record!)
    else queueMend(work)
  }
}

/** Copies beside the running work; the tag's queue is not held. */
function syncBeside(context: Context, work: Work, need: Extract<Need, {type: 'sync'}>, record: TagRecord): void {
  work.syncCount++
  for (const node of need.nodes) startSync(context, work, node, need.from, record.head!.version)
}

function queueMend(work: Work): void {
  if (work.isMendQueued) return
  work.isMendQueued = true
  work.queue.push({type: 'mend'})
}

/** The queue belongs to mending: does the next thing. @returns false when there is nothing left to do */
export function mendNext(context: Context, work: Work, record: TagRecord): boolean {
  const need = needOf(context, record, work.failedSyncs)
  const head = record.head!
  switch (need.type) {
    case 'sync':
      work.phase = {type: 'hold'}
      for (const node of need.nodes) startSync(context, work, node, need.from, head.version)
      return true
    case 'place': {
      noteFloor(context, need.replicas.length)
      const change = {type: 'place', replicas: need.replicas, replicaCount: head.replicaCount} as const
      const quorums = [head.replicas, need.replicas]
      return launch(context, work, {kind: 'place', change, by: 'master', quorums, placement: head})
    }
    case 'purge':
      context.effects.push({type: 'log', level: 'info', msg: 'purging a tag whose quarantine is over', tag: work.tag})
      return launch(context, work, {
        kind: 'purge',
        change: {type: 'purge'},
        by: 'master',
        quorums: [head.replicas],
        placement: head,
      })
    case 'forget-copy':
      return forget(context, work, [need.node], need.version, false)
    case 'forget-tombstone':
      return forget(context, work, head.replicas, head.version, true)
    default:
      return false
  }
}

/** Nothing more is done for the copies of a tag in this sweep. */
export function endMend(context: Context, work: Work): void {
  work.isMendQueued = false
  work.failedSyncs.clear()
  work.syncCount = 0
  context.state.mending.delete(work.tag)
}

function forget(
  context: Context,
  work: Work,
  nodes: readonly NodeName[],
  upTo: Version,
  isTombstone: boolean,
): boolean {
  const pending = new Set(nodes.filter(node => !isRemoved(context.state, node)))
  work.phase = {type: 'forget', isTombstone, pending, hasFailed: false}
  for (const node of pending) {
    const request = {type: 'forget', epoch: context.state.epoch, tag: work.tag, upTo} as const
    send(context, node, request, {type: 'forget', tag: work.tag})
  }
  return true
}

/** What a replica says of its order to forget the tag; the last one of them decides whether the record goes. */
export function onForgetReply(context: Context, work: Work, node: NodeName, reply?: TagReply): void {
  const phase = work.phase as Extract<Phase, {type: 'forget'}>
  const record = context.state.tags.get(work.tag)
  if (phase.type !== 'forget' || !phase.pending.delete(node) || record === undefined) return
  if (reply?.type === 'forgotten') dropCopy(record, node)
  else phase.hasFailed = true
  if (phase.pending.size > 0) return
  work.phase = {type: 'idle'}
  if (phase.isTombstone && !phase.hasFailed) dropRecord(context.state, work.tag)
  // Who has what is not certain any more: look again before it is used.
  else if (phase.hasFailed) record.isOwned = false
}

/** What a replica says of its order to fetch the tag from another one. */
export function onSyncReply(context: Context, work: Work, node: NodeName, reply?: TagReply): void {
  work.syncs.delete(node)
  if (reply?.type !== 'synced') work.failedSyncs.add(node)
  if (work.syncs.size > 0) return
  if (work.phase.type === 'hold') work.phase = {type: 'idle'}
  if (!work.isMendQueued && context.state.mending.delete(work.tag)) {
    const isFailed = work.failedSyncs.size > 0
    work.failedSyncs.clear()
    // What failed waits for the next sweep; what went well may have more to do.
    if (!isFailed) context.state.mendQueue.add(work.tag)
  }
}

/** A tag is about to have fewer copies than any had before: the member list must know first. */
export function noteFloor(context: Context, replicaCount: number): void {
  if (replicaCount >= context.state.floor) return
  context.state.floor = replicaCount
  context.effects.push({type: 'remember-floor', floor: replicaCount})
}
