/**
 * Dropping copies that are not needed. The one place that removes copies of blobs in use, so it is careful:
 *
 * confirming -> dropping -> ended. First every copy that is to stay is read again on its node: rot that nobody saw yet must
 * not leave only bad copies. Only when at least `wanted`
 * nodes that count have answered "here", and no node came or went meanwhile, the surplus copy is dropped. It stops being
 * counted when the order leaves, and a node that does not answer is asked later what it has. What a directory or an
 * inventory says is never enough.
 */
import type {BlobId, NodeName} from '../../protocol/index.ts'
import {assess, hasSurplus} from './assess.ts'
import {endMove} from './balance-state.ts'
import {send} from './calls.ts'
import {
  blobAt,
  clearBit,
  clearFlag,
  findSlot,
  hasBit,
  hasFlag,
  isBusy,
  isKnown,
  isSurplus,
  setFlag,
} from './directory.ts'
import type {BlobEffect} from './events.ts'
import {doubt, noteSpace} from './holders.ts'
import {copySlowestBytesPerSecond, trimBatchBytesMax, trimBatchMax, trimsMax} from './limits.ts'
import {hasCopyOnDisk} from './repair.ts'
import {type BlobState, isConfirmed, isCounted, nodesUp, type StorageNode, usedFractionOf} from './state.ts'

export interface SurplusBlob {
  readonly slot: number
  readonly sinceMs: number
}

export interface TrimItem {
  readonly slot: number
  readonly victim: StorageNode
}

export interface Trim {
  /** Where each blob is dropped, and which nodes said that they have it. */
  readonly items: Map<BlobId, {readonly victim: StorageNode; readonly confirmed: Set<NodeName>}>
  readonly startedMs: number
  callsLeft: number
  isDropping: boolean
}

/** @returns when the next surplus is due; Infinity: when something happens */
export function startTrims(state: BlobState, effects: BlobEffect[]): number {
  const {queue, trims} = state.surplus
  if (queue.length === 0 || trims.size >= trimsMax) return Infinity
  const quietMs = state.nodesChangedMs + state.settings.surplusAfterMs
  const dueMs = Math.max(quietMs, queue[0]!.sinceMs + state.settings.surplusAfterMs)
  if (state.nowMs < dueMs) return dueMs
  // Reading copies again takes from the same disks as repair does, and repair goes first.
  if (state.repair.tokens <= 0) return state.nowMs + 1000
  const due: SurplusBlob[] = []
  let bytes = 0
  for (const blob of queue) {
    const isDue = blob.sinceMs + state.settings.surplusAfterMs <= state.nowMs
    if (!isDue || due.length === trimBatchMax || bytes >= trimBatchBytesMax) break
    due.push(blob)
    bytes += state.directory.bytes[blob.slot]!
  }
  state.surplus.queue = queue.slice(due.length)
  const items: TrimItem[] = []
  for (const {slot} of due) {
    clearFlag(state.directory, slot, isSurplus)
    const victim = hasSurplus(state, slot) ? victimOf(state, slot) : undefined
    if (victim !== undefined) items.push({slot, victim})
  }
  startTrim(state, items, effects)
  return state.nowMs
}

/** Who gives its copy away: of copies on one disk one, else the fullest node its own. */
function victimOf(state: BlobState, slot: number): StorageNode | undefined {
  const {directory} = state
  const holders = nodesUp(state).filter(
    node => isConfirmed(node) && hasBit(directory, directory.holders, slot, node.index),
  )
  return holders.sort(
    (left, right) =>
      Number(hasCopyOnDisk(state, slot, right)) - Number(hasCopyOnDisk(state, slot, left)) ||
      usedFractionOf(right) - usedFractionOf(left) ||
      right.index - left.index,
  )[0]
}

/** Asks all other holders of each blob whether they have it. */
export function startTrim(state: BlobState, items: readonly TrimItem[], effects: BlobEffect[]): void {
  const {directory} = state
  const trim: Trim = {items: new Map(), startedMs: state.nowMs, callsLeft: 0, isDropping: false}
  const asked = new Map<StorageNode, BlobId[]>()
  for (const {slot, victim} of items) {
    if (!isKnown(directory, slot) || hasFlag(directory, slot, isBusy)) continue
    const blob = blobAt(directory, slot)
    setFlag(directory, slot, isBusy)
    trim.items.set(blob, {victim, confirmed: new Set()})
    for (const node of nodesUp(state)) {
      const isKeeper = node !== victim && isConfirmed(node) && hasBit(directory, directory.holders, slot, node.index)
      if (isKeeper) asked.set(node, [...(asked.get(node) ?? []), blob])
    }
  }
  if (trim.items.size === 0) return
  state.surplus.trims.add(trim)
  for (const [node, blobs] of asked) {
    const bytes = bytesOf(state, blobs)
    state.repair.tokens -= bytes
    trim.callsLeft++
    const order = {type: 'touch-blobs' as const, blobs, replicaCount: 1, isDeep: true}
    // Short, since the first answer must still be true when the last one comes.
    const allowanceMs = state.settings.callMs + Math.ceil((bytes * 1000) / copySlowestBytesPerSecond)
    send(state, effects, node, order, {type: 'confirm', trim, blobs}, allowanceMs)
  }
  if (trim.callsLeft === 0) endTrim(state, trim)
}

const bytesOf = (state: BlobState, blobs: readonly BlobId[]): number => {
  let bytes = 0
  for (const blob of blobs) bytes += state.directory.bytes[findSlot(state.directory, blob)]!
  return bytes
}

/** @param touched - undefined: the node did not answer */
export function hearConfirmed(
  state: BlobState,
  trim: Trim,
  node: NodeName,
  touched: readonly BlobId[] | undefined,
  effects: BlobEffect[],
): void {
  for (const blob of touched ?? []) trim.items.get(blob)?.confirmed.add(node)
  trim.callsLeft--
  if (trim.callsLeft > 0) return
  const drops = new Map<StorageNode, BlobId[]>()
  for (const [blob, item] of trim.items) {
    if (mayDrop(state, trim, blob)) drops.set(item.victim, [...(drops.get(item.victim) ?? []), blob])
  }
  trim.isDropping = true
  for (const [victim, blobs] of drops) sendDrop(state, trim, victim, blobs, effects)
  if (trim.callsLeft === 0) endTrim(state, trim)
}

function mayDrop(state: BlobState, trim: Trim, blob: BlobId): boolean {
  const item = trim.items.get(blob)!
  const slot = findSlot(state.directory, blob)
  if (slot < 0 || state.nodesChangedMs >= trim.startedMs || item.victim.state !== 'up') return false
  let count = 0
  for (const name of item.confirmed) {
    const node = state.nodes.get(name)
    // It may have told since that the copy is gone.
    const isStill =
      node !== undefined && isCounted(node) && hasBit(state.directory, state.directory.holders, slot, node.index)
    if (isStill) count++
  }
  return count >= state.directory.wanted[slot]!
}

function sendDrop(
  state: BlobState,
  trim: Trim,
  victim: StorageNode,
  blobs: readonly BlobId[],
  effects: BlobEffect[],
): void {
  const {directory} = state
  for (const blob of blobs) {
    const slot = findSlot(directory, blob)
    if (hasBit(directory, directory.holders, slot, victim.index)) noteSpace(victim, -directory.bytes[slot]!)
    clearBit(directory, directory.holders, slot, victim.index)
    clearBit(directory, directory.seen, slot, victim.index)
  }
  trim.callsLeft++
  send(state, effects, victim, {type: 'drop-blobs', blobs, idleMs: 0}, {type: 'drop-surplus', trim, blobs})
}

/** @param dropped - undefined: not known */
export function hearSurplusDropped(
  state: BlobState,
  call: {readonly trim: Trim; readonly blobs: readonly BlobId[]},
  node: StorageNode | undefined,
  dropped: readonly BlobId[] | undefined,
): void {
  const done = new Set(dropped)
  for (const blob of done) endMove(state, blob, undefined)
  for (const blob of call.blobs) if (!done.has(blob) && node !== undefined) doubt(node, blob)
  call.trim.callsLeft--
  if (call.trim.callsLeft === 0) endTrim(state, call.trim)
}

function endTrim(state: BlobState, trim: Trim): void {
  state.surplus.trims.delete(trim)
  for (const blob of trim.items.keys()) {
    endMove(state, blob, 'its other copies could not be confirmed')
    const slot = findSlot(state.directory, blob)
    if (slot < 0) continue
    clearFlag(state.directory, slot, isBusy)
    assess(state, slot)
  }
}
