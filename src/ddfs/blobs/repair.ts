/**
 * Copies: what has too few live ones gets one more, the most endangered first.
 *
 * queued -> in flight -> stored | failed (pause, then another source or target). One copy of a blob at a time; each node
 * receives and sends at most `repairsPerNodeMax`; started bytes come out of a token bucket for the whole cluster.
 */
import type {BlobId, NodeName} from '../../protocol/index.ts'
import {assess, needsCopy} from './assess.ts'
import {send} from './calls.ts'
import {blobAt, clearFlag, countHolders, findSlot, hasBit, isBusy, setFlag} from './directory.ts'
import type {BlobEffect} from './events.ts'
import {
  copyBaseMs,
  copySlowestBytesPerSecond,
  repairLooksMax,
  retryFirstMs,
  retryLastMs,
  troublesMax,
} from './limits.ts'
import {dequeue, enqueue, putBack} from './repair-queue.ts'
import {type BlobState, isConfirmed, nodesUp, roomOf, type StorageNode, usedFractionOf} from './state.ts'

export interface Copy {
  readonly blob: BlobId
  readonly bytes: number
  readonly source: StorageNode
  readonly target: StorageNode
  /** Balancing: dropped there after the copy is stored. */
  readonly moveFrom: NodeName | undefined
  readonly startedMs: number
  /** The target said that the blob is gone there: a late "stored" proves nothing. */
  isDoubted: boolean
}

/** Failed copies of a blob. */
export interface Trouble {
  failureCount: number
  notBeforeMs: number
  /** Where it failed; forgotten when nothing else is left. */
  readonly avoid: Set<NodeName>
}

/** @returns when copies can be started again; Infinity: when something happens */
export function startRepairs(state: BlobState, effects: BlobEffect[]): number {
  const heldUntilMs = holdUntil(state)
  if (state.nowMs < heldUntilMs) return heldUntilMs
  const retryMs = retryTroubles(state)
  refill(state)
  const {queue} = state.repair
  const busy: {slot: number; line: number}[] = []
  let tokensMs = Infinity
  for (let look = 0; look < repairLooksMax && queue.count > 0 && hasFreeNode(state); look++) {
    if (state.repair.tokens <= 0) {
      tokensMs = state.nowMs + Math.ceil((-state.repair.tokens * 1000) / state.settings.repairBytesPerSecond) + 1
      break
    }
    const taken = dequeue(queue, state.directory)
    if (taken === undefined) break
    if (!needsCopy(state, taken.slot)) continue
    const liveCount = countHolders(state.directory, taken.slot, state.masks.up)
    if (liveCount < taken.line) {
      enqueue(queue, state.directory, taken.slot, liveCount)
      continue
    }
    const outcome = startRepair(state, taken.slot, effects)
    if (outcome === 'busy') busy.push(taken)
    // 'nowhere': no node may take it. The next sweep finds it again; a node that gets room starts one.
  }
  putBack(queue, state.directory, busy)
  return Math.min(retryMs, tokensMs)
}

/** At the start of a master the nodes tell what they hold one after the other: what is not told yet is not missing. */
export function holdUntil(state: BlobState): number {
  const startedMs = state.startedMs ?? state.nowMs
  const isAllTold = [...state.nodes.values()].every(node => node.state === 'lost' || node.inventory === 'complete')
  return isAllTold ? 0 : startedMs + state.settings.startGraceMs
}

function hasFreeNode(state: BlobState): boolean {
  for (const node of state.nodes.values()) {
    if (isConfirmed(node) && node.copiesIn < state.settings.repairsPerNodeMax) return true
  }
  return false
}

function refill(state: BlobState): void {
  const {repair} = state
  const rate = state.settings.repairBytesPerSecond
  repair.tokens = Math.min(rate, repair.tokens + ((state.nowMs - repair.refilledMs) * rate) / 1000)
  repair.refilledMs = state.nowMs
}

function startRepair(state: BlobState, slot: number, effects: BlobEffect[]): 'started' | 'busy' | 'nowhere' {
  const trouble = state.repair.troubles.get(slot)
  let targets = targetsFor(state, slot, trouble?.avoid)
  if (targets.length === 0 && trouble !== undefined) {
    trouble.avoid.clear()
    targets = targetsFor(state, slot, undefined)
  }
  if (targets.length === 0) return 'nowhere'
  const target = targets.find(node => node.copiesIn < state.settings.repairsPerNodeMax)
  const sources = sourcesFor(state, slot, trouble?.failureCount ?? 0)
  if (target === undefined || sources[0] === undefined) return 'busy'
  startCopy(state, {slot, sources, target, moveFrom: undefined}, effects)
  return 'started'
}

/** Nodes that may take a copy of the blob: those on a disk that has none first, then the emptiest. */
export function targetsFor(state: BlobState, slot: number, avoid: ReadonlySet<NodeName> | undefined): StorageNode[] {
  const {directory} = state
  const bytes = directory.bytes[slot]!
  return nodesUp(state)
    .filter(
      node =>
        isConfirmed(node) &&
        node.hasStatus &&
        !node.isFull &&
        roomOf(node) >= bytes &&
        !hasBit(directory, directory.holders, slot, node.index) &&
        avoid?.has(node.name) !== true,
    )
    .sort(
      (left, right) =>
        Number(hasCopyOnDisk(state, slot, left)) - Number(hasCopyOnDisk(state, slot, right)) ||
        usedFractionOf(left) - usedFractionOf(right) ||
        left.index - right.index,
    )
}

/** Another node on the same disk holds the blob: the disk takes both copies with it. @param except - whose copy will go */
export const hasCopyOnDisk = ({directory}: BlobState, slot: number, node: StorageNode, except?: StorageNode): boolean =>
  node.diskSharers.some(
    other => other !== except && other.state === 'up' && hasBit(directory, directory.holders, slot, other.index),
  )

/** Live holders, the least busy first, then the others; empty when all send as much as they may. `skip` turns the list. */
export function sourcesFor(state: BlobState, slot: number, skip: number): StorageNode[] {
  const {directory} = state
  const holders = nodesUp(state)
    .filter(node => hasBit(directory, directory.holders, slot, node.index))
    .sort((left, right) => left.copiesOut - right.copiesOut || left.index - right.index)
  const turned =
    holders.length === 0 ? [] : [...holders.slice(skip % holders.length), ...holders.slice(0, skip % holders.length)]
  const first = turned.find(node => node.copiesOut < state.settings.repairsPerNodeMax)
  return first === undefined ? [] : [first, ...turned.filter(node => node !== first)]
}

export interface CopyPlan {
  readonly slot: number
  /** Not empty. */
  readonly sources: readonly StorageNode[]
  readonly target: StorageNode
  readonly moveFrom: NodeName | undefined
}

/** Orders one copy, and counts it against the limits of both sides until it ends. */
export function startCopy(state: BlobState, plan: CopyPlan, effects: BlobEffect[]): Copy {
  const {slot, sources, target} = plan
  const {directory, repair} = state
  const source = sources[0]!
  const copy: Copy = {
    blob: blobAt(directory, slot),
    bytes: directory.bytes[slot]!,
    source,
    target,
    moveFrom: plan.moveFrom,
    startedMs: state.nowMs,
    isDoubted: false,
  }
  setFlag(directory, slot, isBusy)
  repair.copies.add(copy)
  repair.tokens -= copy.bytes
  source.copiesOut++
  target.copiesIn++
  target.copiesInBytes += copy.bytes
  const order = {
    type: 'fetch-blob' as const,
    blob: copy.blob,
    bytes: copy.bytes,
    replicaCount: directory.wanted[slot]!,
    from: sources.map(node => node.name),
  }
  const allowanceMs = copyBaseMs + Math.ceil((copy.bytes * 1000) / copySlowestBytesPerSecond)
  send(state, effects, target, order, {type: 'copy', copy}, allowanceMs)
  return copy
}

/** Frees what a copy took, however it ended. @returns the blob's slot, or -1 */
export function releaseCopy(state: BlobState, copy: Copy): number {
  state.repair.copies.delete(copy)
  copy.source.copiesOut--
  copy.target.copiesIn--
  copy.target.copiesInBytes -= copy.bytes
  const slot = findSlot(state.directory, copy.blob)
  if (slot >= 0) clearFlag(state.directory, slot, isBusy)
  return slot
}

/** After a failure the blob waits, longer each time, and then goes elsewhere. */
export function noteTrouble(state: BlobState, slot: number, copy: Copy): void {
  const {troubles} = state.repair
  const trouble = troubles.get(slot) ?? {failureCount: 0, notBeforeMs: 0, avoid: new Set<NodeName>()}
  trouble.failureCount++
  trouble.avoid.add(copy.target.name)
  trouble.notBeforeMs = state.nowMs + Math.min(retryLastMs, retryFirstMs * 2 ** (trouble.failureCount - 1))
  if (troubles.size < troublesMax) troubles.set(slot, trouble)
  state.repair.nextRetryMs = Math.min(state.repair.nextRetryMs, trouble.notBeforeMs)
}

function retryTroubles(state: BlobState): number {
  const {repair} = state
  if (state.nowMs < repair.nextRetryMs) return repair.nextRetryMs
  repair.nextRetryMs = Infinity
  for (const [slot, trouble] of repair.troubles) {
    if (trouble.notBeforeMs > state.nowMs) {
      repair.nextRetryMs = Math.min(repair.nextRetryMs, trouble.notBeforeMs)
    } else if (needsCopy(state, slot)) {
      assess(state, slot)
    } else if (state.nowMs - trouble.notBeforeMs > retryLastMs) {
      repair.troubles.delete(slot)
    }
  }
  return repair.nextRetryMs
}

/** What is on its way to a node of which something else has just been heard: its end proves nothing. */
export function doubtCopiesTo(state: BlobState, node: NodeName, blob: BlobId): void {
  for (const copy of state.repair.copies) if (copy.target.name === node && copy.blob === blob) copy.isDoubted = true
}
