/**
 * Blobs that were stored or named a moment ago. The nodes that take the copies of one upload tell it one after the other: a
 * blob that seems to lack a copy in between needs none. Repair leaves it alone for `settleMs` after the last such word, but
 * not when a copy goes: a lost holder, or one that says that the copy is gone, ends the waiting.
 */
import {assess} from './assess.ts'
import {hasBit, isKnown} from './directory.ts'
import {settleTimesMax, settlingMax} from './limits.ts'
import type {BlobState, StorageNode} from './state.ts'

export interface Settling {
  readonly sinceMs: number
  readonly untilMs: number
}

/** Repair leaves a blob alone for a while from now on; one that is heard of again and again not for ever. */
export function settle(state: BlobState, slot: number): void {
  const {settling, nowMs} = state
  const {settleMs} = state.settings
  const sinceMs = settling.get(slot)?.sinceMs ?? nowMs
  const untilMs = Math.min(nowMs + settleMs, sinceMs + settleMs * settleTimesMax)
  if (untilMs <= nowMs) return
  // At the end, so that the first ones are the oldest.
  settling.delete(slot)
  settling.set(slot, {sinceMs, untilMs})
}

/** @returns when it wants to be called again */
export function stepSettling(state: BlobState): number {
  for (const [slot, {untilMs}] of state.settling) {
    if (untilMs > state.nowMs && state.settling.size <= settlingMax) return untilMs
    state.settling.delete(slot)
    if (isKnown(state.directory, slot)) assess(state, slot)
  }
  return Infinity
}

/** What a lost node held lacks that copy now. The sweep after the loss assesses it. */
export function unsettleHeld(state: BlobState, node: StorageNode): void {
  const {directory, settling} = state
  for (const slot of settling.keys()) {
    if (hasBit(directory, directory.holders, slot, node.index)) settling.delete(slot)
  }
}
