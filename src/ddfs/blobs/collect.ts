/**
 * Garbage collection. Removes blobs that no tag names, and nothing else.
 *
 * idle (nobody touched it for `graceMs`) -> suspect (nobody uses it) -> still so in a later round, `confirmMs` on ->
 * dropped, if its node still finds it idle. Round: list a page of idle blobs of a node -> ask all nodes who uses them ->
 * judge -> drop, then the next page, then the next node; last come blobs without any copy. One page at a time.
 *
 * Invariants. A page is judged only when the nodes that answered cover every known tag with a replica that was up to date
 * when they were asked; otherwise the round waits, and ends without result when that lasts. A reference reported by any
 * replica, however old, counts. A change that names a blob makes it young on its holders first, so whatever happens
 * between the question and the drop, the node refuses. Not answering is never "not used" (Disco issue 586).
 */
import type {BlobId, BlobReport} from '../../protocol/index.ts'
import {send} from './calls.ts'
import type {Round, RoundCounts} from './collect-state.ts'
import {blobAt, findSlot, hasAnyHolder, hasBit, hasFlag, isBusy, isKnown} from './directory.ts'
import type {BlobEffect, CoverageAnswer, Deletion} from './events.ts'
import {clearSuspect, doubt, forgetBlob, noteGone, noteHeld, noteSpace} from './holders.ts'
import {blobsPerCallMax, roundRestMs, roundRetryMs, roundTriesMax, sweepStepSlots} from './limits.ts'
import {namesText} from './place.ts'
import {type BlobState, nodesUp, type StorageNode} from './state.ts'

const countsNone: RoundCounts = {
  lookedCount: 0,
  usedCount: 0,
  suspectCount: 0,
  suspectBytes: 0,
  droppedCount: 0,
  droppedBytes: 0,
  forgottenCount: 0,
}

/**
 * Starts a round, or has it follow the one that runs: a round that is under way says nothing to who asks in its middle, and
 * a dry run and a real one are never the same. Equal requests that wait are one.
 *
 * @returns the round's number
 */
export function askRound(state: BlobState, isDryRun: boolean, effects: BlobEffect[]): number {
  const {collection} = state
  const isFree = collection.round === undefined && collection.waiting.length === 0
  if (isFree && state.nowMs >= collection.restUntilMs) {
    return startRound(state, {number: ++collection.lastNumber, isDryRun}, effects)
  }
  const same = collection.waiting.find(one => one.isDryRun === isDryRun)
  if (same !== undefined) return same.number
  collection.waiting.push({number: ++collection.lastNumber, isDryRun})
  return collection.lastNumber
}

function startRound(
  state: BlobState,
  {number, isDryRun}: {readonly number: number; readonly isDryRun: boolean},
  effects: BlobEffect[],
): number {
  const todo = nodesUp(state).map(node => node.name)
  const round: Round = {
    number,
    isDryRun,
    startedMs: state.nowMs,
    phase: 'list',
    node: todo.shift(),
    todo,
    nodeCount: todo.length + 1,
    after: '',
    nextAfter: undefined,
    slot: 0,
    nextSlot: 0,
    batch: new Map(),
    answered: new Set(),
    used: new Set(),
    askedMs: 0,
    callsLeft: 0,
    tryCount: 0,
    retryMs: Infinity,
    progressMs: state.nowMs,
    blocked: undefined,
    skipped: [],
    counts: countsNone,
  }
  state.collection.round = round
  effects.push({type: 'log', level: 'info', msg: 'collection round started', detail: `${round.number}`})
  listPage(state, round, effects)
  return round.number
}

/** @returns when it wants to be called again */
export function stepCollection(state: BlobState, effects: BlobEffect[]): number {
  const {collection} = state
  const {round} = collection
  if (round === undefined) {
    const dueMs = nextRoundMs(state)
    if (state.nowMs < dueMs) return dueMs
    startRound(state, collection.waiting.shift() ?? {number: ++collection.lastNumber, isDryRun: false}, effects)
    // Without nodes it has ended already.
    return collection.round === undefined ? stepCollection(state, effects) : Infinity
  }
  if (round.phase !== 'wait') return Infinity
  if (state.nowMs < round.retryMs) return round.retryMs
  listPage(state, round, effects)
  return Infinity
}

function nextRoundMs({collection, settings, startedMs}: BlobState): number {
  if (collection.waiting.length > 0) return collection.restUntilMs
  if (settings.gcEveryMs === 0 || startedMs === undefined) return Infinity
  return Math.max(collection.nextMs, startedMs + settings.gcEveryMs, collection.restUntilMs)
}

/** The end of a round, whatever the reason: its counts are told, and the next one is planned. */
export function endRound(
  state: BlobState,
  outcome: 'complete' | 'incomplete' | 'aborted',
  reason: string | undefined,
  effects: BlobEffect[],
): void {
  const {collection} = state
  const {round} = collection
  if (round === undefined) return
  const {number, isDryRun, startedMs, counts} = round
  const why = reason === undefined ? {} : {reason}
  collection.last = {number, isDryRun, startedMs, endedMs: state.nowMs, outcome, counts, ...why}
  collection.round = undefined
  collection.restUntilMs = state.nowMs + roundRestMs
  // A dry run collects nothing: it does not put off the next round.
  if (!isDryRun) collection.nextMs = state.nowMs + state.settings.gcEveryMs
  const detail = `${number}: ${outcome}, ${counts.droppedCount} files of ${counts.droppedBytes} bytes dropped`
  const text = reason === undefined ? detail : `${detail}; ${reason}`
  const level = outcome === 'incomplete' ? 'warn' : 'info'
  effects.push({type: 'gc-ended', round: number}, {type: 'log', level, msg: 'collection round ended', detail: text})
}

/** A page that was begun and given up is listed again as a whole: its blobs may have been used since. */
function listPage(state: BlobState, round: Round, effects: BlobEffect[]): void {
  round.phase = 'list'
  round.batch.clear()
  if (round.node === undefined) {
    listMissing(state, round, effects)
    return
  }
  const node = state.nodes.get(round.node)
  if (node === undefined || node.state !== 'up') {
    skipNode(state, round, 'it is not connected', effects)
    return
  }
  const {graceMs, gcPageCount} = state.settings
  const count = Math.min(gcPageCount, blobsPerCallMax)
  const order = {type: 'list-idle-blobs' as const, idleMs: graceMs, after: round.after, count}
  send(state, effects, node, order, {type: 'gc-list', round})
}

/** @param page - or the reason why there is none */
export function hearIdle(
  state: BlobState,
  round: Round,
  node: StorageNode | undefined,
  page: {readonly blobs: readonly BlobReport[]; readonly after?: BlobId} | string,
  effects: BlobEffect[],
): void {
  if (state.collection.round !== round || round.phase !== 'list') return
  if (typeof page === 'string' || node === undefined) {
    round.tryCount++
    if (round.tryCount < roundTriesMax && node !== undefined) waitAndRetry(state, round)
    else skipNode(state, round, typeof page === 'string' ? page : 'it was removed', effects)
    return
  }
  for (const report of page.blobs) {
    noteHeld(state, node, report)
    const slot = findSlot(state.directory, report.blob)
    if (state.directory.checkedRound[slot] !== markOf(round)) round.batch.set(report.blob, report.bytes)
  }
  round.nextAfter = page.after
  askUse(state, round, effects)
}

function listMissing(state: BlobState, round: Round, effects: BlobEffect[]): void {
  const {directory} = state
  const end = Math.min(directory.slotEnd, round.slot + sweepStepSlots)
  let slot = round.slot
  for (; slot < end && round.batch.size < blobsPerCallMax; slot++) {
    const isMissing = isKnown(directory, slot) && !hasFlag(directory, slot, isBusy) && !hasAnyHolder(directory, slot)
    if (isMissing) round.batch.set(blobAt(directory, slot), directory.bytes[slot]!)
  }
  round.nextSlot = slot
  askUse(state, round, effects)
}

function askUse(state: BlobState, round: Round, effects: BlobEffect[]): void {
  if (round.batch.size === 0) {
    nextPage(state, round, effects)
    return
  }
  round.phase = 'find'
  round.askedMs = state.nowMs
  round.answered.clear()
  round.used.clear()
  const blobs = [...round.batch.keys()]
  const nodes = nodesUp(state)
  round.callsLeft = nodes.length
  for (const node of nodes) send(state, effects, node, {type: 'find-references', blobs}, {type: 'gc-find', round})
  if (nodes.length === 0) judge(state, round, effects)
}

/** @param used - undefined: the node did not answer */
export function hearUse(
  state: BlobState,
  round: Round,
  node: StorageNode | undefined,
  used: readonly BlobId[] | undefined,
  effects: BlobEffect[],
): void {
  if (state.collection.round !== round || round.phase !== 'find') return
  if (used !== undefined && node !== undefined) {
    round.answered.add(node.name)
    for (const blob of used) round.used.add(blob)
  }
  round.callsLeft--
  if (round.callsLeft === 0) judge(state, round, effects)
}

function judge(state: BlobState, round: Round, effects: BlobEffect[]): void {
  const coverage = coverageOf(state, round)
  if (!coverage.isComplete) {
    block(state, round, coverage, effects)
    return
  }
  round.blocked = undefined
  const drops: BlobId[] = []
  const wouldDrop: Deletion[] = []
  const counts = {...round.counts}
  for (const [blob, bytes] of round.batch) {
    const slot = findSlot(state.directory, blob)
    if (slot < 0) continue
    state.directory.checkedRound[slot] = markOf(round)
    counts.lookedCount++
    if (round.used.has(blob)) {
      counts.usedCount++
      clearSuspect(state, blob)
      continue
    }
    const suspectMs = state.directory.suspectMs[slot]!
    const isConfirmed = suspectMs !== 0 && state.nowMs - suspectMs >= state.settings.confirmMs
    if (round.isDryRun) {
      for (const node of holdersUp(state, slot)) wouldDrop.push({blob, bytes, node: node.name, isConfirmed})
    } else if (isConfirmed) {
      drops.push(blob)
      continue
    } else if (suspectMs === 0) state.directory.suspectMs[slot] = Math.max(1, state.nowMs)
    counts.suspectCount++
    counts.suspectBytes += bytes
  }
  counts.droppedCount += wouldDrop.length
  for (const {bytes} of wouldDrop) counts.droppedBytes += bytes
  round.counts = counts
  if (wouldDrop.length > 0) {
    effects.push({type: 'gc-deletions', round: round.number, isDryRun: true, deletions: wouldDrop})
  }
  dropAll(state, round, drops, effects)
}

/** The tag side's word; besides, a member that was never heard may have tags that nobody knows of. */
function coverageOf(state: BlobState, round: Round): CoverageAnswer {
  const unheard = [...state.nodes.values()].filter(node => node.state === 'awaited').map(node => node.name)
  if (round.answered.size === 0 || unheard.length > 0) {
    const silent = nodesUp(state).filter(node => !round.answered.has(node.name))
    return {isComplete: false, uncoveredTags: [], missingNodes: [...unheard, ...silent.map(node => node.name)]}
  }
  return state.coverage(round.answered, round.askedMs)
}

function block(state: BlobState, round: Round, coverage: CoverageAnswer, effects: BlobEffect[]): void {
  const sinceMs = round.blocked?.sinceMs ?? state.nowMs
  round.blocked = {sinceMs, coverage}
  if (state.nowMs - sinceMs >= state.settings.gcBlockedMs) endRound(state, 'incomplete', blockedText(coverage), effects)
  else waitAndRetry(state, round)
}

/** Why a round may not remove anything: a tag that nobody can read may name any blob. */
export function blockedText(coverage: CoverageAnswer): string {
  const tags = coverage.uncoveredTags.length === 0 ? '' : ` tags ${namesText(coverage.uncoveredTags)}`
  const nodes = coverage.missingNodes.length === 0 ? '' : `, not answering: ${namesText(coverage.missingNodes)}`
  return `nothing is removed while it is not known what uses the blobs:${tags === '' ? ' tags' : tags} cannot be read${nodes}`
}

function waitAndRetry(state: BlobState, round: Round): void {
  round.phase = 'wait'
  round.retryMs = state.nowMs + roundRetryMs
}

function dropAll(state: BlobState, round: Round, blobs: readonly BlobId[], effects: BlobEffect[]): void {
  const {directory} = state
  round.phase = 'drop'
  round.callsLeft = 0
  const drops = new Map<StorageNode, BlobId[]>()
  let forgottenCount = 0
  for (const blob of blobs) {
    const slot = findSlot(directory, blob)
    if (hasFlag(directory, slot, isBusy)) continue
    if (!hasAnyHolder(directory, slot)) {
      forgetBlob(state, slot)
      forgottenCount++
      continue
    }
    for (const node of holdersUp(state, slot)) drops.set(node, [...(drops.get(node) ?? []), blob])
  }
  round.counts = {...round.counts, forgottenCount: round.counts.forgottenCount + forgottenCount}
  for (const [node, dropped] of drops) {
    round.callsLeft++
    const order = {type: 'drop-blobs' as const, blobs: dropped, idleMs: state.settings.graceMs}
    send(state, effects, node, order, {type: 'gc-drop', round, blobs: dropped})
  }
  if (round.callsLeft === 0) nextPage(state, round, effects)
}

/** @param dropped - undefined: not known. Counts also when the round was aborted meanwhile. */
export function hearDropped(
  state: BlobState,
  call: {readonly round: Round; readonly blobs: readonly BlobId[]},
  node: StorageNode | undefined,
  dropped: readonly BlobId[] | undefined,
  effects: BlobEffect[],
): void {
  const {round} = call
  const done = new Set(dropped)
  const deletions: Deletion[] = []
  for (const blob of call.blobs) {
    if (node === undefined) continue
    const slot = findSlot(state.directory, blob)
    if (!done.has(blob)) {
      doubt(node, blob)
    } else {
      // The node's own notice may have come first, and then the blob may be forgotten already.
      const bytes = slot < 0 ? (round.batch.get(blob) ?? 0) : state.directory.bytes[slot]!
      if (noteGone(state, node, blob)) noteSpace(node, -bytes)
      deletions.push({blob, bytes, node: node.name, isConfirmed: true})
    }
  }
  let droppedBytes = round.counts.droppedBytes
  for (const {bytes} of deletions) droppedBytes += bytes
  round.counts = {...round.counts, droppedCount: round.counts.droppedCount + deletions.length, droppedBytes}
  if (deletions.length > 0) effects.push({type: 'gc-deletions', round: round.number, isDryRun: false, deletions})
  if (state.collection.round !== round) return
  round.callsLeft--
  if (round.callsLeft === 0) nextPage(state, round, effects)
}

function nextPage(state: BlobState, round: Round, effects: BlobEffect[]): void {
  round.progressMs = state.nowMs
  round.tryCount = 0
  if (round.node === undefined) {
    round.slot = round.nextSlot
    if (round.slot < state.directory.slotEnd) listPage(state, round, effects)
    else finish(state, round, effects)
  } else if (round.nextAfter === undefined) {
    nextNode(state, round, effects)
  } else {
    round.after = round.nextAfter
    listPage(state, round, effects)
  }
}

function nextNode(state: BlobState, round: Round, effects: BlobEffect[]): void {
  round.node = round.todo.shift()
  round.after = ''
  round.nextAfter = undefined
  round.tryCount = 0
  listPage(state, round, effects)
}

function skipNode(state: BlobState, round: Round, reason: string, effects: BlobEffect[]): void {
  round.skipped.push({node: round.node!, reason})
  nextNode(state, round, effects)
}

function finish(state: BlobState, round: Round, effects: BlobEffect[]): void {
  const skipped = round.skipped.map(({node, reason}) => `${node} (${reason})`)
  if (skipped.length === 0) endRound(state, 'complete', undefined, effects)
  else endRound(state, 'incomplete', `not looked at: ${namesText(skipped)}`, effects)
}

const holdersUp = (state: BlobState, slot: number): StorageNode[] =>
  nodesUp(state).filter(node => hasBit(state.directory, state.directory.holders, slot, node.index))

/** Rounds are told apart by 16 bits; 0 is "never looked at". */
const markOf = (round: Round): number => (round.number % 0xffff) + 1
