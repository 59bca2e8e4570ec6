/**
 * Reading a tag that is owned. A majority of its replicas must still obey this master, asked after the request came:
 * then no newer master has taken it over, and the committed head that is known here is the latest. Readers that come
 * while a round is under way share the next one. Entries come from one replica that is at that head.
 *
 * A replica without a copy cannot say whom it obeys: its node was wiped, and is being given everything back. When it
 * takes such nodes to make a majority, they copy this tag before others, and the readers wait for that.
 */
import {assert} from '../../base/index.ts'
import {compareVersions, isSameVersion, type NodeName, type TagHead, type TagReply} from '../../protocol/index.ts'
import {answer, listNodes, notFound, refuse, send, unavailable, versionChanged} from './calls.ts'
import {copyVersion} from './directory.ts'
import {readTriesMax} from './limits.ts'
import {isRemoved, isUp, neededOf, upOf} from './quorum.ts'
import type {ChangeJob, Context, ReadJob, ReadRound, Work} from './state.ts'
import {startSync} from './sync.ts'

/** Starts a round for the readers that wait, when none is under way. */
export function startRound(context: Context, work: Work): void {
  const {state} = context
  const record = state.tags.get(work.tag)
  if (work.round !== undefined || work.nextReaders.length === 0 || record?.head === undefined) return
  const {replicas} = record.head
  const up = upOf(state, replicas)
  const readers = work.nextReaders
  work.nextReaders = []
  if (up.length < neededOf(state, replicas)) {
    failReaders(context, work, readers, replicas)
    return
  }
  const round: ReadRound = {readers, replicas, confirmed: new Set(), empty: new Set(), pending: new Set(up)}
  work.round = round
  for (const node of up) {
    const request = {type: 'read-head', epoch: state.epoch, tag: work.tag} as const
    send(context, node, request, {type: 'confirm', tag: work.tag, round})
  }
}

/** What a replica says of the head that readers are to see: enough of them, and it is certain that there is no newer one. */
export function onConfirmReply(context: Context, work: Work, round: ReadRound, node: NodeName, reply?: TagReply): void {
  round.pending.delete(node)
  if (work.round !== round) return
  if (reply?.type === 'head') (reply.head === undefined ? round.empty : round.confirmed).add(node)
  const needed = neededOf(context.state, round.replicas)
  if (round.confirmed.size >= needed) {
    work.round = undefined
    for (const job of round.readers) serve(context, work, job, false)
    return
  }
  const couldConfirm = round.confirmed.size + round.pending.size
  const mayBeRefilled = couldConfirm + round.empty.size >= needed
  if (couldConfirm < needed && (round.pending.size === 0 || !mayBeRefilled)) {
    work.round = undefined
    if (refill(context, work, round)) return
    const missing = round.replicas.filter(each => !round.confirmed.has(each))
    failReaders(context, work, round.readers, missing)
  }
}

/**
 * Lets the empty replicas copy the tag, if they make a majority then, and its readers wait.
 *
 * @returns false when that cannot help, or has just failed
 */
function refill(context: Context, work: Work, round: ReadRound): boolean {
  const {state} = context
  const record = state.tags.get(work.tag)
  const targets = [...round.empty].filter(node => isUp(state, node) && !work.failedSyncs.has(node))
  work.failedSyncs.clear()
  if (record?.isOwned !== true || record.head === undefined) return false
  const {version} = record.head
  const from = [...round.confirmed].find(
    node => isUp(state, node) && compareVersions(copyVersion(record, node), version) >= 0,
  )
  const isEnough = round.confirmed.size + targets.length >= neededOf(state, round.replicas)
  if (targets.length === 0 || !isEnough || from === undefined) return false
  // What else is under way looks after its replicas itself; the readers have their turn behind it.
  if (work.phase.type === 'idle') {
    work.phase = {type: 'hold'}
    for (const node of targets) startSync(context, work, node, from, version)
  }
  work.queue.unshift(...round.readers)
  return true
}

/** A change that is none: what was decided about it was still true when the round began. */
export function answerDecided(context: Context, {id, decided}: ChangeJob): void {
  assert(decided !== undefined, 'a change among the readers is decided')
  if ('error' in decided) refuse(context, id, decided.error)
  else answer(context, id, decided.result)
}

/**
 * Answers a reader from what is known, or asks a replica for the page.
 *
 * @param isHeld - no change is under way, and none begins before the page is here
 */
export function serve(context: Context, work: Work, job: ReadJob | ChangeJob, isHeld: boolean): void {
  if (job.type === 'change') {
    answerDecided(context, job)
    return
  }
  const {query} = job
  const head = context.state.tags.get(work.tag)?.head
  if (head === undefined) {
    refuse(context, job.id, notFound(work.tag))
    return
  }
  const isHidden = head.deletedAtMs !== undefined && query.type !== 'log' && !query.includeDeleted
  if (isHidden) {
    refuse(context, job.id, notFound(work.tag, ': it is deleted'))
    return
  }
  if (query.type === 'head') {
    answer(context, job.id, {type: 'head', head})
    return
  }
  if (query.type === 'entries' && query.at !== undefined && !isSameVersion(query.at, head.version)) {
    const message = `the tag "${work.tag}" has changed since the first page; read it again from the beginning`
    refuse(context, job.id, versionChanged(message, head.version))
    return
  }
  if (job.tries >= readTriesMax && !isHeld) work.queue.unshift(job)
  else askForPage(context, work, job, head, isHeld)
}

function askForPage(context: Context, work: Work, job: ReadJob, head: TagHead, isHeld: boolean): void {
  const {state} = context
  const record = state.tags.get(work.tag)!
  const current = head.replicas.filter(
    node => isUp(state, node) && compareVersions(copyVersion(record, node), head.version) >= 0,
  )
  if (current.length === 0) {
    failReaders(context, work, [job], head.replicas)
    return
  }
  // Another one each time, so that one bad replica is passed by; spread over tags and readers.
  const node = current[(job.tries + job.id) % current.length]!
  const {epoch} = state
  const {query} = job
  job.tries++
  work.pageReads++
  if (isHeld) work.phase = {type: 'read'}
  const details = {type: 'page', tag: work.tag, job, head, isHeld} as const
  if (query.type === 'entries') {
    const {after, count} = query
    send(context, node, {type: 'read-entries', epoch, tag: work.tag, at: head.version, after, count}, details)
  } else if (query.type === 'log')
    send(context, node, {type: 'read-log', epoch, tag: work.tag, count: query.count}, details)
}

/** A page of entries from the replica that was asked for it; any other answer: another replica is asked. */
export function onPageReply(
  context: Context,
  work: Work,
  call: {readonly job: ReadJob; readonly head: TagHead; readonly isHeld: boolean; readonly node: NodeName},
  reply?: TagReply,
): void {
  const {job, head} = call
  work.pageReads--
  if (call.isHeld && work.phase.type === 'read') work.phase = {type: 'idle'}
  if (reply?.type === 'entries') {
    answer(context, job.id, {type: 'entries', head, entries: reply.entries, hasMore: reply.hasMore})
  } else if (reply?.type === 'log') answer(context, job.id, {type: 'log', lines: reply.lines})
  else if (context.nowMs >= job.deadlineMs || (call.isHeld && job.tries > 2 * readTriesMax)) {
    failReaders(context, work, [job], [call.node])
  } else work.nextReaders.push(job)
}

function failReaders(
  context: Context,
  work: Work,
  readers: readonly (ReadJob | ChangeJob)[],
  nodes: readonly NodeName[],
): void {
  const waiting = nodes.filter(node => !isRemoved(context.state, node))
  const message = `too few nodes of the tag "${work.tag}" answer: waiting for ${listNodes(waiting)}`
  for (const job of readers) refuse(context, job.id, unavailable(message))
}
