/** What people and programs are told about repair, drains, collection, balance and scrub. One pass over the directory. */
import type {BlobId, NodeName} from '../../protocol/index.ts'
import {lacksCopy, requiredCount} from './assess.ts'
import {bytesToMove} from './balance.ts'
import {blockedText} from './collect.ts'
import type {Round, RoundCounts, RoundResult} from './collect-state.ts'
import {blobAt, countHolders, hasBit, isKnown} from './directory.ts'
import {namedInTextMax, roundStuckMs, summaryMaxAgeMs} from './limits.ts'
import {hasEnded} from './scrub.ts'
import type {ScrubRequest} from './scrub-request.ts'
import {type BlobState, isUp, type StorageNode} from './state.ts'

/** What needs a pass over the directory, and so may be `summaryMaxAgeMs` old; it is of one moment as a whole. */
export interface DirectoryStatus {
  readonly blobCount: number
  /** Of each blob once. */
  readonly blobBytes: number
  readonly repair: RepairStatus
  readonly drains: readonly DrainStatus[]
}

/** Of what somebody may have started a moment ago it tells the present. */
export interface BlobStatus extends DirectoryStatus {
  readonly collection: CollectionStatus
  readonly balance: BalanceStatus
  /** The nodes' own rounds. */
  readonly scrubs: readonly ScrubStatus[]
  /** The scrub that was asked for last. */
  readonly scrubRequest?: ScrubRequestStatus
  readonly corruptSeenCount: number
}

export interface RepairStatus {
  /** Without a copy on a node that is up. Those that are suspects of collection are not counted. */
  readonly missingCount: number
  readonly missing: readonly BlobId[]
  /** With fewer copies than wanted, or than there are nodes. */
  readonly underCount: number
  readonly inFlightCount: number
  readonly bytesLeft: number
  /** By the rate limit; undefined when nothing is left to copy. */
  readonly etaMs?: number
  readonly doneCount: number
  readonly doneBytes: number
}

export interface DrainStatus {
  readonly node: NodeName
  readonly blobCount: number
  readonly bytes: number
  /** Its blobs that lack copies elsewhere. */
  readonly leftCount: number
  readonly leftBytes: number
  readonly isSafe: boolean
  /** Why it is not safe yet. */
  readonly reason?: string
}

export interface CollectionStatus {
  readonly round?: {
    readonly number: number
    readonly isDryRun: boolean
    readonly phase: Round['phase']
    readonly node?: NodeName
    /** 0 to 1, by nodes and by where in the order of ids the page is. */
    readonly fraction: number
    readonly blobsPerSecond: number
    readonly etaMs?: number
    readonly isStuck: boolean
    readonly reason?: string
    /** For a round that cannot see everything: it ends without result then. */
    readonly givesUpInMs?: number
    readonly counts: RoundCounts
  }
  /** Rounds that begin when this one has ended. */
  readonly waitingCount: number
  readonly last?: RoundResult
}

export interface BalanceStatus {
  readonly state: 'idle' | 'running'
  /** Counts from 1 for each master; 0: never started. */
  readonly round: number
  readonly movedCount: number
  readonly movedBytes: number
  readonly inFlightCount: number
  /** Difference of used fractions between the fullest and the emptiest node that take part. */
  readonly difference: number
  /** About how much must move until it is within the threshold, with what is moving. */
  readonly leftBytes: number
  /** By the moves made so far; undefined when there are none. */
  readonly etaMs?: number
  /** What it waits for, or why it ended. */
  readonly reason?: string
}

export interface ScrubStatus {
  readonly node: NodeName
  readonly isReading: boolean
  readonly readCount: number
  readonly readBytes: number
  readonly corruptCount: number
  /** 0 to 1 of the round. */
  readonly fraction: number
  /** How long ago the last full round ended. */
  readonly lastEndedAgoMs?: number
}

export interface ScrubRequestStatus {
  readonly round: number
  readonly isRunning: boolean
  /** Of this request only. */
  readonly readCount: number
  readonly readBytes: number
  readonly corruptCount: number
  /** Nodes whose copies are not all read. */
  readonly leftOut: readonly {readonly node: NodeName; readonly reason: string}[]
}

/** What people see of the blobs. Looking at all of them takes time, so a sum is kept for a while. */
export function reportStatus(state: BlobState): BlobStatus {
  const {summary} = state
  const isFresh = summary !== undefined && state.nowMs - summary.madeMs < summaryMaxAgeMs
  const status = isFresh ? summary.status : lookAtDirectory(state)
  if (!isFresh) state.summary = {madeMs: state.nowMs, status}
  return {
    ...status,
    collection: collectionStatus(state),
    balance: balanceStatus(state),
    scrubs: [...state.nodes.values()].filter(isUp).map(node => scrubStatus(state, node)),
    ...(state.scrubRequest === undefined ? {} : {scrubRequest: scrubRequestStatus(state.scrubRequest)}),
    corruptSeenCount: state.corruptSeen.size,
  }
}

function lookAtDirectory(state: BlobState): DirectoryStatus {
  const {directory, masks} = state
  const drains = [...state.nodes.values()].filter(node => node.isDraining).map(node => makeDrain(node))
  const missing: BlobId[] = []
  let missingCount = 0
  let underCount = 0
  let bytesLeft = 0
  let blobBytes = 0
  for (let slot = 0; slot < directory.slotEnd; slot++) {
    if (!isKnown(directory, slot)) continue
    const bytes = directory.bytes[slot]!
    blobBytes += bytes
    const lackCount = requiredCount(state, slot) - countHolders(directory, slot, masks.counted)
    for (const drain of drains) addToDrain(state, drain, slot)
    if (directory.suspectMs[slot] !== 0) continue
    if (countHolders(directory, slot, masks.up) === 0) {
      missingCount++
      if (missing.length < namedInTextMax) missing.push(blobAt(directory, slot))
    } else if (lackCount > 0) {
      underCount++
      bytesLeft += lackCount * bytes
    }
  }
  const {copies, doneCount, doneBytes} = state.repair
  const eta = bytesLeft === 0 ? {} : {etaMs: Math.ceil((bytesLeft * 1000) / state.settings.repairBytesPerSecond)}
  return {
    blobCount: directory.count,
    blobBytes,
    repair: {missingCount, missing, underCount, inFlightCount: copies.size, bytesLeft, doneCount, doneBytes, ...eta},
    drains: drains.map(drain => endDrain(state, drain)),
  }
}

interface DrainSums {
  readonly node: StorageNode
  blobCount: number
  bytes: number
  leftCount: number
  leftBytes: number
}

const makeDrain = (node: StorageNode): DrainSums => ({node, blobCount: 0, bytes: 0, leftCount: 0, leftBytes: 0})

/** A suspect counts too: only what is really dropped needs no other place. */
function addToDrain(state: BlobState, drain: DrainSums, slot: number): void {
  const {directory, masks} = state
  if (!hasBit(directory, directory.holders, slot, drain.node.index)) return
  const bytes = directory.bytes[slot]!
  drain.blobCount++
  drain.bytes += bytes
  // The confirmed nodes leave this one out, since it drains.
  if (countHolders(directory, slot, masks.confirmed) >= Math.max(1, requiredCount(state, slot))) return
  drain.leftCount++
  drain.leftBytes += bytes
}

function endDrain(state: BlobState, {node, ...sums}: DrainSums): DrainStatus {
  const reason = reasonAgainstRemoval(state, node, sums.leftCount)
  return {node: node.name, ...sums, isSafe: reason === undefined, ...(reason === undefined ? {} : {reason})}
}

function reasonAgainstRemoval(state: BlobState, node: StorageNode, leftCount: number): string | undefined {
  if (node.inventory !== 'complete')
    return `it is not known what ${node.name} holds: it has not told since it connected last`
  if (node.doubts.size > 0 || node.isBeingAsked) return `${node.name} is being asked what it holds`
  for (const copy of state.repair.copies) if (copy.target === node) return `a copy is on its way to ${node.name}`
  if (leftCount === 0) return undefined
  const others = [...state.nodes.values()].filter(other => other !== node && isUp(other) && !other.isDraining)
  if (others.length === 0) return `${leftCount} blobs have no other node to go to`
  const full = others.filter(other => other.isFull).map(other => other.name)
  return `${leftCount} blobs lack copies elsewhere${full.length === 0 ? '' : `; full: ${full.join(', ')}`}`
}

function collectionStatus(state: BlobState): CollectionStatus {
  const {
    round,
    last,
    waiting: {length: waitingCount},
  } = state.collection
  const ended = last === undefined ? {waitingCount} : {waitingCount, last}
  if (round === undefined) return ended
  const elapsedMs = Math.max(1, state.nowMs - round.startedMs)
  const fraction = fractionOf(state, round)
  const etaMs = fraction > 0 ? {etaMs: Math.ceil((elapsedMs * (1 - fraction)) / fraction)} : {}
  const waitsFor = [...state.calls.values()]
    .filter(({purpose}) => purpose.type.startsWith('gc-'))
    .map(call => call.node)
  const waiting = waitsFor.length === 0 ? undefined : `waiting for ${waitsFor.join(', ')}`
  const reason = round.blocked === undefined ? waiting : blockedText(round.blocked.coverage)
  return {
    ...ended,
    round: {
      number: round.number,
      isDryRun: round.isDryRun,
      phase: round.phase,
      ...(round.node === undefined ? {} : {node: round.node}),
      fraction,
      blobsPerSecond: (round.counts.lookedCount * 1000) / elapsedMs,
      ...etaMs,
      isStuck: state.nowMs - round.progressMs > roundStuckMs,
      ...(reason === undefined ? {} : {reason}),
      ...(round.blocked === undefined ? {} : {givesUpInMs: givesUpInMs(state, round.blocked.sinceMs)}),
      counts: round.counts,
    },
  }
}

const givesUpInMs = (state: BlobState, sinceMs: number): number =>
  Math.max(0, sinceMs + state.settings.gcBlockedMs - state.nowMs)

function fractionOf(state: BlobState, round: Round): number {
  if (round.node === undefined) return round.slot / Math.max(1, state.directory.slotEnd)
  const doneCount = round.nodeCount - round.todo.length - 1
  return (doneCount + placeOfId(round.after)) / round.nodeCount
}

/** Ids are evenly spread: their first digits tell how far in the order they are. */
const placeOfId = (blob: BlobId): number => (blob === '' ? 0 : Number.parseInt(blob.slice(0, 8), 16) / 2 ** 32)

function balanceStatus(state: BlobState): BalanceStatus {
  const {state: running, round, movedCount, movedBytes, moves, reason, startedMs} = state.balance
  const levels = [...state.nodes.values()]
    .filter(node => isUp(node) && !node.isDraining && node.hasStatus)
    .map(node => node.usedBytes / Math.max(1, node.usedBytes + node.freeBytes))
  const difference = levels.length === 0 ? 0 : Math.max(...levels) - Math.min(...levels)
  const why = reason === undefined ? {} : {reason}
  let leftBytes = bytesToMove(state)
  for (const {bytes} of moves.values()) leftBytes += bytes
  const hasRate = running === 'running' && movedBytes > 0
  const eta = hasRate ? {etaMs: Math.ceil(((state.nowMs - startedMs) * leftBytes) / movedBytes)} : {}
  return {
    ...{state: running, round, movedCount, movedBytes, inFlightCount: moves.size, difference, leftBytes},
    ...eta,
    ...why,
  }
}

function scrubStatus(state: BlobState, node: StorageNode): ScrubStatus {
  const {scrub} = node
  const way = placeOfId(scrub.after) - placeOfId(scrub.start)
  const ago = scrub.endedMs === undefined ? {} : {lastEndedAgoMs: state.nowMs - scrub.endedMs}
  return {
    node: node.name,
    isReading: node.isScrubbing,
    readCount: scrub.readCount,
    readBytes: scrub.readBytes,
    corruptCount: scrub.corruptCount,
    fraction: hasEnded(scrub) ? 1 : way + (scrub.hasWrapped ? 1 : 0),
    ...ago,
  }
}

function scrubRequestStatus({number, endedMs, readings}: ScrubRequest): ScrubRequestStatus {
  const sums = {readCount: 0, readBytes: 0, corruptCount: 0}
  const leftOut: {node: NodeName; reason: string}[] = []
  for (const [node, reading] of readings) {
    sums.readCount += reading.readCount
    sums.readBytes += reading.readBytes
    sums.corruptCount += reading.corruptCount
    if (reading.reason !== undefined) leftOut.push({node, reason: reading.reason})
  }
  return {round: number, isRunning: endedMs === undefined, ...sums, leftOut}
}

/** Blobs without a live copy, page by page in no order: nothing is forgotten because a page is too small for it. */
export function listMissing(
  state: BlobState,
  from: number,
  countMax: number,
): {readonly blobs: readonly BlobId[]; readonly next?: number} {
  const {directory, masks} = state
  const blobs: BlobId[] = []
  for (let slot = from; slot < directory.slotEnd; slot++) {
    if (!isKnown(directory, slot) || directory.suspectMs[slot] !== 0) continue
    if (countHolders(directory, slot, masks.up) > 0) continue
    if (blobs.length === countMax) return {blobs, next: slot}
    blobs.push(blobAt(directory, slot))
  }
  return {blobs}
}

/** Is there nothing to do: all copies made, none in flight? For shells and tests that wait for it. */
export function isRepaired(state: BlobState): boolean {
  const {directory} = state
  if (state.repair.copies.size > 0) return false
  for (let slot = 0; slot < directory.slotEnd; slot++) if (lacksCopy(state, slot)) return false
  return true
}
