/**
 * Balancing: moves blobs from the fullest node to the emptiest until their used fractions differ by no more than the
 * threshold. A move is a copy and then a drop by `trim.ts`, which confirms all other copies first.
 *
 * idle -> running -> idle, with the reason. It waits while repairs wait or the node list changed lately. Nothing is kept
 * of it: after a restart of the master it is started again and goes on from how full the nodes are.
 */
import type {BlobId} from '../../protocol/index.ts'
import {blobAt, findSlot, hasBit, hasFlag, isBusy, isKnown} from './directory.ts'
import type {BlobEffect} from './events.ts'
import {sweepStepSlots} from './limits.ts'
import {sourcesFor, startCopy, targetsFor} from './repair.ts'
import {type BlobState, isConfirmed, type StorageNode, usedFractionOf} from './state.ts'

export interface Balance {
  state: 'idle' | 'running'
  movedCount: number
  movedBytes: number
  /** Next slot that is looked at. */
  cursor: number
  /** Slots looked at since the last move began; a full turn without one ends balancing. */
  lookedCount: number
  readonly moves: Map<BlobId, {readonly from: StorageNode; readonly bytes: number}>
  /** Why it ended. */
  reason: string | undefined
}

export function startBalance(state: BlobState): void {
  Object.assign(state.balance, {state: 'running', movedCount: 0, movedBytes: 0, lookedCount: 0, reason: undefined})
}

/** @returns when it wants to be called again; Infinity: when something happens */
export function stepBalance(state: BlobState, effects: BlobEffect[]): number {
  const {balance} = state
  if (balance.state === 'idle') return Infinity
  const quietMs = state.nodesChangedMs + state.settings.surplusAfterMs
  if (state.nowMs < quietMs) return quietMs
  if (state.repair.queue.count > 0) return Infinity
  while (balance.moves.size < state.settings.balanceMovesMax) {
    if (state.repair.tokens <= 0) return state.nowMs + 1000
    const pair = widestPair(state)
    if (pair === undefined) {
      if (balance.moves.size === 0) endBalance(state, 'the nodes are equally full within the threshold', effects)
      return Infinity
    }
    const {full, empty} = pair
    const max = state.settings.repairsPerNodeMax
    if (full.copiesOut >= max || empty.copiesIn >= max) return Infinity
    const slot = findMovable(state, pair)
    if (slot === 'later') return state.nowMs
    if (slot === undefined) {
      if (balance.moves.size === 0) endBalance(state, `no blob of ${full.name} can go to ${empty.name}`, effects)
      return Infinity
    }
    const sources = sourcesFor(state, slot, 0)
    if (sources.length === 0) return Infinity
    balance.moves.set(blobAt(state.directory, slot), {from: full, bytes: state.directory.bytes[slot]!})
    startCopy(state, {slot, sources, target: empty, moveFrom: full.name}, effects)
  }
  return Infinity
}

interface Pair {
  readonly full: StorageNode
  readonly empty: StorageNode
  /** Used fractions, what is moving counted where it will be. */
  readonly difference: number
}

/** The fullest and the emptiest node, if they differ by more than the threshold. */
function widestPair(state: BlobState): Pair | undefined {
  const leavingBytes = new Map<StorageNode, number>()
  for (const [blob, {from, bytes}] of state.balance.moves) {
    const slot = findSlot(state.directory, blob)
    // Once the order to drop has left, the node's space has it already.
    if (slot < 0 || !hasBit(state.directory, state.directory.holders, slot, from.index)) continue
    leavingBytes.set(from, (leavingBytes.get(from) ?? 0) + bytes)
  }
  const levels = [...state.nodes.values()]
    .filter(node => isConfirmed(node) && node.hasStatus && node.usedBytes + node.freeBytes > 0)
    .map(node => ({
      node,
      level: usedFractionOf(node) - (leavingBytes.get(node) ?? 0) / (node.usedBytes + node.freeBytes),
    }))
    .sort((left, right) => left.level - right.level || left.node.index - right.node.index)
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
  const bytes = directory.bytes[slot]!
  // What is left must be less than half of what it was, either way: moves back and forth would never end.
  const change = bytes / (full.usedBytes + full.freeBytes) + bytes / (empty.usedBytes + empty.freeBytes)
  return bytes > 0 && change < difference * 1.5 && targetsFor(state, slot, undefined).includes(empty)
}

function endBalance(state: BlobState, reason: string, effects: BlobEffect[]): void {
  state.balance.state = 'idle'
  state.balance.reason = reason
  effects.push({type: 'log', level: 'info', msg: 'balancing ended', detail: reason})
}
