/**
 * Balancing: moves blobs from the fullest node to the emptiest until their used fractions differ by no more than the
 * threshold. A move is a copy and then a drop by `trim.ts`, which confirms all other copies first.
 *
 * idle -> running -> idle, with the reason. It ends at once when no two nodes differ by the threshold. It waits while repairs
 * wait or nodes have not told what they hold, and says so; after `balanceStallMs` without a move it ends. It does not wait for
 * `surplusAfter`: who asks for it knows that nodes came or went, and a move whose nodes change meanwhile drops nothing.
 * Nothing is kept of it: after a restart of the master it is started again and goes on from how full the nodes are.
 *
 * Tried and dropped: waiting until no node has come or gone for `surplusAfter`, ten minutes of silence after a node is added.
 */
import {formatBytes} from '../../base/index.ts'
import {blobAt, findSlot, hasBit, hasFlag, isBusy, isKnown} from './directory.ts'
import type {BlobEffect} from './events.ts'
import {balanceFailuresMax, balanceStallMs, sweepStepSlots} from './limits.ts'
import {hasCopyOnDisk, holdUntil, sourcesFor, startCopy, targetsFor} from './repair.ts'
import {type BlobState, isConfirmed, type StorageNode, usedFractionOf} from './state.ts'

/** A request while it runs joins it: it goes on until the nodes are equally full. @returns the round's number */
export function startBalance(state: BlobState): number {
  const {balance, nowMs} = state
  if (balance.state === 'running') return balance.round
  Object.assign(balance, {state: 'running', movedCount: 0, movedBytes: 0, lookedCount: 0, reason: undefined})
  Object.assign(balance, {failureCount: 0, lastFailure: '', startedMs: nowMs, progressMs: nowMs})
  return ++balance.round
}

/** @returns when it wants to be called again; Infinity: when something happens */
export function stepBalance(state: BlobState, effects: BlobEffect[]): number {
  const {balance} = state
  if (balance.state === 'idle') return Infinity
  if (balance.moves.size === 0 && endsNow(state, effects)) return Infinity
  const waiting = waitingFor(state)
  balance.reason = waiting?.reason
  const stallMs = balance.progressMs + balanceStallMs
  if (waiting !== undefined) return Math.min(waiting.untilMs, stallMs)
  if (balance.failureCount >= balanceFailuresMax) return Infinity
  return Math.min(startMoves(state, effects), stallMs > state.nowMs ? stallMs : Infinity)
}

function endsNow(state: BlobState, effects: BlobEffect[]): boolean {
  const {balance, settings} = state
  const levels = levelsOf(state)
  if (widestPair(state) === undefined) {
    // Nodes that have not told yet do not take part: they may be the ones to fill or to empty.
    if (waitingFor(state)?.isForNodes === true && state.nowMs - balance.progressMs < balanceStallMs) return false
    const [first] = levels
    const why =
      first === undefined || levels.length === 1
        ? `${first === undefined ? 'no node' : `only ${first.node.name}`} can take part, two are needed`
        : `the nodes are equally full within ${percentOf(settings.balanceThreshold)}: ${levelsText(levels)}`
    endBalance(state, why, effects)
  } else if (balance.failureCount >= balanceFailuresMax) {
    const why = `${balance.failureCount} moves failed one after the other, the last one: ${balance.lastFailure}`
    endBalance(state, `${why}; ${levelsText(levels)}`, effects)
  } else if (state.nowMs - balance.progressMs >= balanceStallMs) {
    const why = balance.reason ?? 'the nodes and the repair rate are busy with other copies'
    endBalance(
      state,
      `nothing could be moved for ${balanceStallMs / 60_000} minutes: ${why}; ${levelsText(levels)}`,
      effects,
    )
  }
  return state.balance.state === 'idle'
}

interface Waiting {
  readonly untilMs: number
  readonly reason: string
  /** Rather than for repairs. */
  readonly isForNodes: boolean
}

/** Copies that are missing are more urgent than full nodes. */
function waitingFor(state: BlobState): Waiting | undefined {
  const untold = [...state.nodes.values()].find(
    node => node.state === 'up' && !node.isDraining && (node.inventory !== 'complete' || !node.hasStatus),
  )
  if (untold !== undefined) {
    return {untilMs: Infinity, reason: `${untold.name} has not told yet what it holds`, isForNodes: true}
  }
  const untilMs = holdUntil(state)
  if (state.nowMs < untilMs) return {untilMs, reason: 'members have not connected yet', isForNodes: true}
  const {queue, copies} = state.repair
  const count = queue.count + copies.size - state.balance.moves.size
  const isRepairing = queue.count > 0 || [...copies].some(copy => copy.moveFrom === undefined)
  if (!isRepairing) return undefined
  return {
    untilMs: Infinity,
    reason: `copies that are missing are made first (${Math.max(1, count)} blobs)`,
    isForNodes: false,
  }
}

function startMoves(state: BlobState, effects: BlobEffect[]): number {
  const {balance} = state
  while (balance.moves.size < state.settings.balanceMovesMax) {
    if (state.repair.tokens <= 0) return state.nowMs + 1000
    const pair = widestPair(state)
    if (pair === undefined) return Infinity
    const {full, empty} = pair
    const max = state.settings.repairsPerNodeMax
    if (full.copiesOut >= max || empty.copiesIn >= max) return Infinity
    const slot = findMovable(state, pair)
    if (slot === 'later') return state.nowMs
    if (slot === undefined) {
      if (balance.moves.size > 0) return Infinity
      endBalance(state, `no blob of ${full.name} can go to ${empty.name}: ${levelsText(levelsOf(state))}`, effects)
      return Infinity
    }
    const sources = sourcesFor(state, slot, 0)
    if (sources.length === 0) return Infinity
    balance.moves.set(blobAt(state.directory, slot), {from: full, bytes: state.directory.bytes[slot]!})
    startCopy(state, {slot, sources, target: empty, moveFrom: full.name}, effects)
  }
  return Infinity
}

interface Level {
  readonly node: StorageNode
  /** Used fraction, what is moving counted where it will be. */
  readonly level: number
}

/** Nodes that take part, the emptiest first. */
function levelsOf(state: BlobState): Level[] {
  const leavingBytes = new Map<StorageNode, number>()
  for (const [blob, {from, bytes}] of state.balance.moves) {
    const slot = findSlot(state.directory, blob)
    // Once the order to drop has left, the node's space has it already.
    if (slot < 0 || !hasBit(state.directory, state.directory.holders, slot, from.index)) continue
    leavingBytes.set(from, (leavingBytes.get(from) ?? 0) + bytes)
  }
  return [...state.nodes.values()]
    .filter(node => isConfirmed(node) && node.hasStatus && spaceOf(node) > 0)
    .map(node => ({node, level: usedFractionOf(node) - (leavingBytes.get(node) ?? 0) / spaceOf(node)}))
    .sort((left, right) => left.level - right.level || left.node.index - right.node.index)
}

const spaceOf = (node: StorageNode): number => node.usedBytes + node.freeBytes

const percentOf = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`

function levelsText(levels: readonly Level[]): string {
  const [empty, full] = [levels[0], levels.at(-1)]
  if (empty === undefined || full === undefined) return 'no node takes part'
  return `${full.node.name} is ${percentOf(full.level)} full, ${empty.node.name} ${percentOf(empty.level)}`
}

/** About how many bytes must move until the nodes are equal within the threshold. */
export function bytesToMove(state: BlobState): number {
  if (widestPair(state) === undefined) return 0
  const levels = levelsOf(state)
  let usedBytes = 0
  let spaceBytes = 0
  for (const {node, level} of levels) {
    usedBytes += level * spaceOf(node)
    spaceBytes += spaceOf(node)
  }
  const mean = usedBytes / spaceBytes
  const margin = state.settings.balanceThreshold / 2
  let overBytes = 0
  let underBytes = 0
  for (const {node, level} of levels) {
    overBytes += Math.max(0, level - mean - margin) * spaceOf(node)
    underBytes += Math.max(0, mean - level - margin) * spaceOf(node)
  }
  return Math.round(Math.max(overBytes, underBytes))
}

interface Pair {
  readonly full: StorageNode
  readonly empty: StorageNode
  /** Used fractions, what is moving counted where it will be. */
  readonly difference: number
}

/** The fullest and the emptiest node, if they differ by more than the threshold. */
function widestPair(state: BlobState): Pair | undefined {
  const levels = levelsOf(state)
  const [empty, full] = [levels[0], levels.at(-1)]
  if (empty === undefined || full === undefined) return undefined
  const difference = full.level - empty.level
  return difference > state.settings.balanceThreshold ? {full: full.node, empty: empty.node, difference} : undefined
}

function findMovable(state: BlobState, pair: Pair): number | 'later' | undefined {
  const {balance, directory} = state
  for (let look = 0; look < sweepStepSlots; look++) {
    if (balance.lookedCount >= directory.slotEnd) {
      balance.lookedCount = 0
      return undefined
    }
    balance.lookedCount++
    balance.cursor = balance.cursor >= directory.slotEnd - 1 ? 0 : balance.cursor + 1
    if (!isMovable(state, balance.cursor, pair)) continue
    balance.lookedCount = 0
    return balance.cursor
  }
  return 'later'
}

function isMovable(state: BlobState, slot: number, {full, empty, difference}: Pair): boolean {
  const {directory} = state
  if (!isKnown(directory, slot) || hasFlag(directory, slot, isBusy) || directory.suspectMs[slot] !== 0) return false
  if (!hasBit(directory, directory.holders, slot, full.index)) return false
  if (hasCopyOnDisk(state, slot, empty, full)) return false
  const bytes = directory.bytes[slot]!
  // What is left must be less than half of what it was, either way: moves back and forth would never end.
  const change = bytes / (full.usedBytes + full.freeBytes) + bytes / (empty.usedBytes + empty.freeBytes)
  return bytes > 0 && change < difference * 1.5 && targetsFor(state, slot, undefined).includes(empty)
}

function endBalance(state: BlobState, reason: string, effects: BlobEffect[]): void {
  const {balance} = state
  const leftBytes = bytesToMove(state)
  balance.state = 'idle'
  balance.reason = leftBytes === 0 ? reason : `${reason}; about ${formatBytes(leftBytes)} should still move`
  effects.push({type: 'log', level: 'info', msg: 'balancing ended', detail: balance.reason})
}
