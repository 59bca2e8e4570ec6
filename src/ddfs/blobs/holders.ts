/** The only places where a node's bit of a blob changes, so that sizes, flags and queues stay with it. */
import type {BlobId, BlobReport} from '../../protocol/index.ts'
import {replicaCountMax} from '../../protocol/index.ts'
import {assess} from './assess.ts'
import {addBlob, clearBit, findSlot, hasAnyHolder, hasBit, hasFlag, isBusy, removeBlob, setBit} from './directory.ts'
import {doubtsPerNodeMax} from './limits.ts'
import type {BlobState, StorageNode} from './state.ts'

/**
 * A node has this blob, by its own report.
 *
 * Wanted copies are kept by the holders, so each of them is told when it knows of fewer than another.
 *
 * @returns whether that is news
 */
export function noteHeld(state: BlobState, node: StorageNode, report: BlobReport): boolean {
  const directory = state.directory
  const wanted = wantedOf(report)
  const slot = knowBlob(state, report)
  if (wanted > directory.wanted[slot]!) {
    directory.wanted[slot] = wanted
    doubtHolders(state, slot, report.blob)
  } else if (wanted < directory.wanted[slot]!) doubt(node, report.blob)
  // Whatever stands after a node's first page or notice counts in its inventory too: it is at least as new.
  if (node.inventory === 'coming') setBit(directory, directory.seen, slot, node.index)
  const isNews = !hasBit(directory, directory.holders, slot, node.index)
  if (isNews) setBit(directory, directory.holders, slot, node.index)
  assess(state, slot)
  return isNews
}

const wantedOf = (report: BlobReport): number => Math.min(replicaCountMax, Math.max(1, report.replicaCount))

/** @returns the slot of a blob, which may be new to the directory */
export function knowBlob({directory}: BlobState, report: BlobReport): number {
  const slot = findSlot(directory, report.blob)
  return slot < 0 ? addBlob(directory, report.blob, report.bytes, wantedOf(report)) : slot
}

function doubtHolders(state: BlobState, slot: number, blob: BlobId): void {
  const {directory} = state
  for (const node of state.nodes.values()) {
    if (hasBit(directory, directory.holders, slot, node.index)) doubt(node, blob)
  }
}

/** A node has this blob no longer. A blob that somebody may use stays known without holders: it is missing. */
export function noteGone(state: BlobState, node: StorageNode, blob: BlobId): boolean {
  const directory = state.directory
  const slot = findSlot(directory, blob)
  if (slot < 0) return false
  const wasHeld = hasBit(directory, directory.holders, slot, node.index)
  clearBit(directory, directory.holders, slot, node.index)
  clearBit(directory, directory.seen, slot, node.index)
  if (wasHeld) state.settling.delete(slot)
  forgetOrAssess(state, slot)
  return wasHeld
}

/** After a holder has gone: a blob that nobody uses and nobody holds is forgotten, any other may need a copy. */
export function forgetOrAssess(state: BlobState, slot: number): void {
  const directory = state.directory
  const isForgotten =
    directory.suspectMs[slot] !== 0 && !hasAnyHolder(directory, slot) && !hasFlag(directory, slot, isBusy)
  if (isForgotten) forgetBlob(state, slot)
  else assess(state, slot)
}

/** The slot may be another blob's from now on. */
export function forgetBlob(state: BlobState, slot: number): void {
  removeBlob(state.directory, slot)
  state.settling.delete(slot)
  state.repair.troubles.delete(slot)
}

/** An inventory that was cut off says nothing. */
export function clearSeen(state: BlobState, node: StorageNode): void {
  const directory = state.directory
  if (node.inventory !== 'coming') return
  for (let slot = 0; slot < directory.slotEnd; slot++) clearBit(directory, directory.seen, slot, node.index)
}

/** Keeps the estimate of a node's space right between two statuses. */
export function noteSpace(node: StorageNode, addedBytes: number): void {
  node.usedBytes = Math.max(0, node.usedBytes + addedBytes)
  node.freeBytes = Math.max(0, node.freeBytes - addedBytes)
}

/** A blob is used by somebody, or about to be. */
export function clearSuspect(state: BlobState, blob: BlobId): void {
  state.collection.round?.batch.delete(blob)
  const slot = findSlot(state.directory, blob)
  if (slot < 0 || state.directory.suspectMs[slot] === 0) return
  state.directory.suspectMs[slot] = 0
  assess(state, slot)
}

/** It is not known whether a node has a blob, or how many copies it knows to be wanted: it will be asked. */
export function doubt(node: StorageNode, blob: BlobId): void {
  if (node.state === 'up' && node.doubts.size < doubtsPerNodeMax) node.doubts.add(blob)
}
