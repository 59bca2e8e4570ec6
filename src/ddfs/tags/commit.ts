/**
 * Getting changes to a majority.
 *
 * A flight is one commit on its way. Flights of one tag form a chain, each based on the one before, so a replica that
 * has one has all before it. They are committed and answered in order. A replica that is not at the base of a flight is
 * `behind`: it copies the tag from one that has the flight, and has it then, too.
 *
 * When a flight can no longer get its majority its outcome is unknown (some replica may have it, or get it late). It and
 * all after it are answered so, the tag is no longer owned, and before it is used again it is gathered and claimed with
 * a counter that was never given out: what was under way has a lower version and an old base then.
 */
import {
  type Commit,
  compareVersions,
  isSameVersion,
  type NodeName,
  type TagChange,
  type TagHead,
  type TagReply,
  type Version,
} from '../../protocol/index.ts'
import {answer, listNodes, outcomeUnknown, refuse, refuseJob, send, unavailable} from './calls.ts'
import {copyVersion, isLive, noteCopy, recordOf, setHead} from './directory.ts'
import {syncTriesMax} from './limits.ts'
import type {TagError} from './messages.ts'
import {isRemoved, isUp, neededOf, upOf} from './quorum.ts'
import type {ChangeJob, Context, Flight, Phase, TagRecord, Work} from './state.ts'
import {startSync} from './sync.ts'

type CommitPhase = Extract<Phase, {type: 'commit'}>

export interface Launch {
  readonly kind: CommitPhase['kind']
  readonly change: TagChange
  readonly by: string
  readonly job?: ChangeJob
  readonly quorums: readonly (readonly NodeName[])[]
  /** For a tag that is made: where it is to lie. */
  readonly placement: Commit['placement']
  /** Of a tag that is made. */
  readonly ownerToken?: string | undefined
  /** Instead of the next counter. */
  readonly counter?: number
}

/**
 * Sends a change to the replicas.
 *
 * @returns false when too few of them are up: nothing was sent, and the job was refused
 */
export function launch(context: Context, work: Work, launched: Launch): boolean {
  const {state} = context
  const lacking = launched.quorums.find(quorum => upOf(state, quorum).length < neededOf(state, quorum))
  if (lacking !== undefined) {
    const down = lacking.filter(node => !isUp(state, node))
    const message = `too few nodes of the tag "${work.tag}" are up: waiting for ${listNodes(down)}`
    if (launched.job !== undefined) refuseJob(context, launched.job, unavailable(message))
    return false
  }
  const record = recordOf(state, work.tag)
  const phase = commitPhase(work, launched.kind)
  const flight = newFlight(context, record, phase, launched)
  phase.flights.push(flight)
  work.missingSince = undefined
  for (const node of new Set(launched.quorums.flat())) sendFlight(context, flight, node, false)
  return true
}

/** Makes a tag that was read this master's own. */
export function startClaim(context: Context, work: Work, record: TagRecord, head: TagHead): void {
  const isFirst = record.issuedCounter === 0 && head.version.epoch < context.state.epoch
  const placement = {replicas: head.replicas, replicaCount: head.replicaCount}
  launch(context, work, {
    kind: 'claim',
    change: {type: 'claim'},
    by: 'master',
    quorums: [head.replicas],
    placement,
    ...(isFirst ? {counter: head.version.counter} : {}),
  })
  if (work.phase.type === 'idle') failQueue(context, work, head)
}

/** What one replica says of a change; undefined: it did not answer, and may have made it. */
export function onCommitReply(
  context: Context,
  work: Work,
  call: {readonly node: NodeName; readonly version: Version; readonly isRepeat: boolean},
  reply?: TagReply,
): void {
  const record = recordOf(context.state, work.tag)
  if (reply?.type === 'applied') noteCopy(context.state, record, call.node, reply.applied.head.version)
  if (reply?.type === 'mismatch' && reply.head !== undefined)
    noteCopy(context.state, record, call.node, reply.head.version)
  const {phase} = work
  const flight =
    phase.type === 'commit' ? phase.flights.find(each => isSameVersion(each.commit.next, call.version)) : undefined
  if (phase.type !== 'commit' || flight === undefined) {
    if (reply?.type !== 'applied') context.state.mendQueue.add(work.tag)
    return
  }
  noteStatus(context, flight, call, reply)
  settleFlights(context, work, phase)
}

/** A node has copied the tag: it has every flight up to that version. */
export function onSyncedInCommit(context: Context, work: Work, node: NodeName, version: Version | undefined): void {
  const {phase} = work
  if (phase.type !== 'commit') return
  for (const flight of phase.flights) {
    if (version === undefined || !hasReached(context, version, flight)) continue
    if (flight.statuses.has(node)) flight.statuses.set(node, 'acked')
  }
  settleFlights(context, work, phase)
}

/** A node is back: it gets what it did not answer. */
export function resendFlights(context: Context, work: Work, node: NodeName): void {
  if (work.phase.type !== 'commit') return
  for (const flight of work.phase.flights) {
    if (flight.statuses.get(node) === 'silent') sendFlight(context, flight, node, true)
  }
}

/** Time has passed: tells clients whose deadline is over (the flights go on), and gives up what nobody is left for. */
export function expireFlights(context: Context, work: Work): void {
  if (work.phase.type !== 'commit') return
  for (const flight of work.phase.flights) {
    if (flight.job === undefined || flight.isAnswered || context.nowMs < flight.job.deadlineMs) continue
    refuse(context, flight.job.id, outcomeUnknown(work.tag, `no majority answered in time (${waitingFor(flight)})`))
    flight.isAnswered = true
  }
  settleFlights(context, work, work.phase)
}

function commitPhase(work: Work, kind: CommitPhase['kind']): CommitPhase {
  if (work.phase.type === 'commit') return work.phase
  const phase: CommitPhase = {type: 'commit', kind, flights: [], syncTries: new Map()}
  work.phase = phase
  return phase
}

function newFlight(context: Context, record: TagRecord, phase: CommitPhase, launched: Launch): Flight {
  const base = phase.flights.at(-1)?.commit.next ?? record.head?.version
  const counter =
    launched.counter ?? Math.max(record.issuedCounter, base?.counter ?? context.state.forgottenCounter) + 1
  record.issuedCounter = counter
  record.touchedMs = context.nowMs
  const commit: Commit = {
    tag: record.tag,
    ...(base === undefined ? {} : {base}),
    next: {epoch: context.state.epoch, counter},
    change: launched.change,
    placement: launched.placement,
    ...(launched.ownerToken === undefined ? {} : {ownerToken: launched.ownerToken}),
    atMs: context.wallMs,
    by: launched.by,
  }
  return {
    commit,
    job: launched.job,
    isAnswered: false,
    quorums: launched.quorums,
    statuses: new Map(),
    refusals: [],
    result: undefined,
    existed: phase.flights.length > 0 || isLive(record.head),
  }
}

function sendFlight(context: Context, flight: Flight, node: NodeName, isRepeat: boolean): void {
  const {state} = context
  if (isRemoved(state, node)) return
  flight.statuses.set(node, isUp(state, node) ? 'pending' : 'silent')
  if (!isUp(state, node)) return
  const {commit} = flight
  const request = {type: 'commit', epoch: state.epoch, commit} as const
  send(context, node, request, {type: 'commit', tag: commit.tag, version: commit.next, isRepeat})
}

function noteStatus(
  context: Context,
  flight: Flight,
  {node, isRepeat}: {readonly node: NodeName; readonly isRepeat: boolean},
  reply: TagReply | undefined,
): void {
  if (flight.statuses.get(node) === 'acked') return
  if (reply?.type === 'applied') {
    flight.statuses.set(node, 'acked')
    flight.result ??= reply.applied
  } else if (reply?.type === 'mismatch') {
    const isPast = reply.head !== undefined && hasReached(context, reply.head.version, flight)
    flight.statuses.set(node, isPast ? 'acked' : 'behind')
  } else if (reply?.type === 'failed') {
    flight.statuses.set(node, 'refused')
    flight.refusals.push(reply)
  } else if (isRepeat || !isUp(context.state, node)) flight.statuses.set(node, 'silent')
  else sendFlight(context, flight, node, true)
}

/** Versions of this epoch from the flight's on are the flight itself and those based on it. */
const hasReached = (context: Context, version: Version, flight: Flight): boolean =>
  version.epoch === context.state.epoch && compareVersions(version, flight.commit.next) >= 0

function settleFlights(context: Context, work: Work, phase: CommitPhase): void {
  while (phase.flights.length > 0 && isCommitted(context, phase.flights[0]!)) {
    const flight = phase.flights[0]!
    // It is there, but what it did was in replies that are lost: read the tag again.
    if (flight.result === undefined) {
      failFlights(context, work, phase, 'its answers were lost')
      return
    }
    phase.flights.shift()
    finishFlight(context, work, phase, flight)
  }
  if (phase.flights.length === 0) {
    work.phase = {type: 'idle'}
    return
  }
  syncBehind(context, work, phase)
  if (isHopeless(context, work, phase, phase.flights[0]!)) {
    failFlights(context, work, phase, waitingFor(phase.flights[0]!))
  }
}

function isCommitted(context: Context, flight: Flight): boolean {
  return flight.quorums.every(quorum => {
    const acked = quorum.filter(node => flight.statuses.get(node) === 'acked').length
    return acked >= neededOf(context.state, quorum)
  })
}

function isHopeless(context: Context, work: Work, phase: CommitPhase, flight: Flight): boolean {
  const hasSource = [...flight.statuses.values()].some(status => status === 'acked' || status === 'pending')
  const isPossible = (node: NodeName): boolean => {
    const status = flight.statuses.get(node)
    if (status === 'acked' || status === 'pending') return true
    if (status !== 'behind' || !hasSource || !isUp(context.state, node)) return false
    return work.syncs.has(node) || (phase.syncTries.get(node) ?? 0) < syncTriesMax
  }
  return flight.quorums.some(quorum => quorum.filter(isPossible).length < neededOf(context.state, quorum))
}

function syncBehind(context: Context, work: Work, phase: CommitPhase): void {
  for (const flight of phase.flights) {
    const from = [...flight.statuses].find(([, status]) => status === 'acked')?.[0]
    if (from === undefined) return
    for (const [node, status] of flight.statuses) {
      const tries = phase.syncTries.get(node) ?? 0
      if (status !== 'behind' || work.syncs.has(node) || tries >= syncTriesMax || !isUp(context.state, node)) continue
      phase.syncTries.set(node, tries + 1)
      startSync(context, work, node, from, flight.commit.next)
    }
  }
}

function finishFlight(context: Context, work: Work, phase: CommitPhase, flight: Flight): void {
  const {state} = context
  const record = recordOf(state, work.tag)
  const {head, addedCount, removedCount} = flight.result!
  setHead(state, record, head, phase.kind === 'change')
  record.isOwned = true
  if (flight.job !== undefined && !flight.isAnswered) {
    answer(context, flight.job.id, {type: 'changed', head, addedCount, removedCount, existed: flight.existed})
  }
  const isBehind = head.replicas.some(node => compareVersions(copyVersion(record, node), head.version) < 0)
  if (phase.kind === 'claim' && isBehind) state.mendQueue.add(work.tag)
  if (phase.kind === 'place') state.mendQueue.add(work.tag)
}

function failFlights(context: Context, work: Work, phase: CommitPhase, why: string): void {
  const record = recordOf(context.state, work.tag)
  record.isOwned = false
  work.phase = {type: 'idle'}
  for (const flight of phase.flights.splice(0)) {
    if (flight.job === undefined || flight.isAnswered) continue
    refuse(context, flight.job.id, errorOf(flight, why))
  }
  context.state.mendQueue.add(work.tag)
  if (phase.kind !== 'claim') return
  const error = unavailable(`the tag "${work.tag}" could not be taken over: ${why}`)
  for (const job of work.queue.splice(0)) refuseJob(context, job, error)
}

/** A full disk is worth its own code when no replica has the change. Some may have got it and be silent all the same. */
function errorOf(flight: Flight, why: string): TagError {
  const unknown = outcomeUnknown(flight.commit.tag, why)
  const code = flight.refusals[0]?.code
  const isAcked = [...flight.statuses.values()].includes('acked')
  return isAcked || (code !== 'DISK_FULL' && code !== 'STORAGE_BROKEN') ? unknown : {...unknown, code}
}

function failQueue(context: Context, work: Work, head: TagHead): void {
  const down = head.replicas.filter(node => !isUp(context.state, node))
  const error = unavailable(`too few nodes of the tag "${work.tag}" are up: waiting for ${listNodes(down)}`)
  for (const job of work.queue.splice(0)) refuseJob(context, job, error)
}

function waitingFor(flight: Flight): string {
  const texts = {pending: 'did not answer yet', silent: 'does not answer', behind: 'is behind', refused: 'refuses it'}
  const parts: string[] = []
  for (const [node, status] of flight.statuses) if (status !== 'acked') parts.push(`${node} ${texts[status]}`)
  const refusals = flight.refusals.map(each => each.message)
  return [...parts, ...refusals].join('; ')
}
