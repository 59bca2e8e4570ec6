/** The queue of a tag: begins what can begin. Called for every tag that an event touched. */
import {makesTag, type TagHead} from '../../protocol/index.ts'
import {notBegun, notFound, refuse, refuseJob} from './calls.ts'
import {launch} from './commit.ts'
import {isLive} from './directory.ts'
import {startGather} from './gather.ts'
import {commitWindow} from './limits.ts'
import {endMend, mendNext, noteFloor} from './mend.ts'
import {placeNewTag} from './moves.ts'
import {answerDecided, serve, startRound} from './read.ts'
import type {ChangeJob, Context, Phase, TagRecord, Work} from './state.ts'
import {entriesOf} from './state.ts'
import {problemOf} from './validate.ts'

/** Begins what can be begun for a tag: one change at a time, reads together. To be called whenever something of it has ended. */
export function advance(context: Context, work: Work): void {
  while (work.queue.length > 0 && beginNext(context, work));
  const {state} = context
  if (state.tags.get(work.tag)?.isOwned === true) startRound(context, work)
  else if (work.round === undefined && work.nextReaders.length > 0) {
    work.queue.push(...work.nextReaders.splice(0))
    if (work.phase.type === 'idle') {
      advance(context, work)
      return
    }
  }
  if (work.isMendQueued && !work.queue.some(job => job.type === 'mend')) endMend(context, work)
  if (isIdle(work)) state.works.delete(work.tag)
}

function isIdle(work: Work): boolean {
  const isQuiet = work.phase.type === 'idle' && work.queue.length === 0 && work.syncs.size === 0
  return isQuiet && work.round === undefined && work.nextReaders.length === 0 && work.pageReads === 0
}

/** @returns false when the head of the queue must wait */
function beginNext(context: Context, work: Work): boolean {
  const job = work.queue[0]!
  if (job.type !== 'mend' && context.nowMs >= job.deadlineMs) {
    work.queue.shift()
    refuse(context, job.id, notBegun(work))
    return true
  }
  const record = context.state.tags.get(work.tag)
  if (work.phase.type === 'commit') return record?.isOwned === true && pipeline(context, work, work.phase, record)
  if (work.phase.type !== 'idle') return false
  if (record?.isOwned === true && record.head !== undefined) return beginOwned(context, work, record, record.head)
  return beginUnowned(context, work)
}

function beginOwned(context: Context, work: Work, record: TagRecord, head: TagHead): boolean {
  const job = work.queue[0]!
  switch (job.type) {
    case 'mend':
      if (mendNext(context, work, record)) return false
      work.queue.shift()
      endMend(context, work)
      return true
    case 'read':
      work.queue.shift()
      if (job.tries > 0) serve(context, work, job, true)
      else work.nextReaders.push(job)
      return true
    default:
      work.queue.shift()
      beginChange(context, work, job, head)
      return true
  }
}

/** The tag is not known to be there: either that was found out just now, or it is to be found out. */
function beginUnowned(context: Context, work: Work): boolean {
  const job = work.queue[0]!
  if (job.type === 'mend' && context.state.tags.get(work.tag)?.head === undefined) {
    work.queue.shift()
    endMend(context, work)
    return true
  }
  const isMissing = work.missingSince !== undefined && (job.type !== 'read' || job.arrived <= work.missingSince)
  if (!isMissing) {
    startGather(context, work)
    return work.phase.type === 'idle' && work.queue.length > 0 && work.missingSince !== undefined
  }
  work.queue.shift()
  if (job.type === 'read') refuseJob(context, job, notFound(work.tag))
  else if (job.type === 'change') beginChange(context, work, job, undefined)
  return true
}

/** What needs no change is an answer like a read's: another master may have changed the tag since. */
function beginChange(context: Context, work: Work, job: ChangeJob, head: TagHead | undefined): void {
  const {query} = job
  const problem = problemOf(query, head, 0)
  const isNothing = query.change.type === 'delete' && !isLive(head)
  if (problem === undefined && !isNothing) {
    launchChange(context, work, job, head)
    return
  }
  job.decided =
    problem === undefined
      ? {result: {type: 'changed', addedCount: 0, removedCount: 0, existed: false}}
      : {error: problem}
  if (head !== undefined) work.nextReaders.push(job)
  else if (work.missingSince !== undefined && job.arrived <= work.missingSince) answerDecided(context, job)
  else {
    // Nobody had it, but that was asked before this came.
    work.missingSince = undefined
    work.queue.unshift(job)
  }
}

function launchChange(context: Context, work: Work, job: ChangeJob, head: TagHead | undefined): void {
  const {state} = context
  const {change, by, replicaCount} = job.query
  const wanted = replicaCount ?? state.settings.replicaCount
  const replicas = head?.replicas ?? placeNewTag(state, work.tag, wanted)
  const isMade = makesTag(change) && !isLive(head)
  if (head === undefined) noteFloor(context, replicas.length)
  launch(context, work, {
    kind: 'change',
    // Only mending moves tags: a client says how many copies, not where.
    change: change.type === 'place' ? {...change, replicas} : change,
    by,
    job,
    quorums: [replicas],
    placement: {replicas, replicaCount: isMade || head === undefined ? wanted : head.replicaCount},
    ownerToken: isMade ? job.query.ownerToken : undefined,
  })
  if (change.type === 'place') state.mendQueue.add(work.tag)
}

/** Appends do not depend on each other's outcome: up to a window of them goes out before the first is answered. */
function pipeline(context: Context, work: Work, phase: Extract<Phase, {type: 'commit'}>, record: TagRecord): boolean {
  const job = work.queue[0]!
  if (phase.kind !== 'change' || phase.flights.length >= commitWindow || !isLive(record.head)) return false
  if (job.type !== 'change' || !isPlainAppend(job)) return false
  let waiting = 0
  for (const flight of phase.flights) {
    if (flight.job === undefined || !isPlainAppend(flight.job)) return false
    waiting += entriesOf(flight.job.query).length
  }
  work.queue.shift()
  const error = problemOf(job.query, record.head, waiting)
  if (error === undefined) launchChange(context, work, job, record.head)
  else {
    job.decided = {error}
    work.nextReaders.push(job)
  }
  return true
}

function isPlainAppend({query}: ChangeJob): boolean {
  const isFree = query.ifVersion === undefined && query.ifExists !== true && query.ifMissing !== true
  return query.change.type === 'append' && isFree
}
