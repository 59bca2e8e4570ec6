/** Is a blob as it should be? What is not goes into the queue of repairs or of surplus copies. */
import {countHolders, hasFlag, isBusy, isKnown, isSurplus, setFlag} from './directory.ts'
import {surplusQueueMax} from './limits.ts'
import {enqueue} from './repair-queue.ts'
import type {BlobState} from './state.ts'

/** Copies that a blob should have now: no more than there are nodes to take them. */
export const requiredCount = (state: BlobState, slot: number): number =>
  Math.min(state.directory.wanted[slot]!, state.masks.countedCount)

/** Used by somebody (as far as known), under its count, and not being worked on. What has no live copy cannot be copied. */
export function lacksCopy(state: BlobState, slot: number): boolean {
  const {directory, masks} = state
  if (!isKnown(directory, slot) || hasFlag(directory, slot, isBusy) || directory.suspectMs[slot] !== 0) return false
  return (
    countHolders(directory, slot, masks.counted) < requiredCount(state, slot) &&
    countHolders(directory, slot, masks.up) > 0
  )
}

/** Lacks a copy that is not on its way by itself. */
export const needsCopy = (state: BlobState, slot: number): boolean =>
  !state.settling.has(slot) && lacksCopy(state, slot)

/** More confirmed live copies than anybody wants. */
export function hasSurplus(state: BlobState, slot: number): boolean {
  const {directory, masks} = state
  if (!isKnown(directory, slot) || hasFlag(directory, slot, isBusy)) return false
  return countHolders(directory, slot, masks.confirmed) > directory.wanted[slot]!
}

/** Looks at one blob again: into the queue for copies, into the one for surplus, or neither. May be called at any time, and twice. */
export function assess(state: BlobState, slot: number): void {
  const directory = state.directory
  if (needsCopy(state, slot)) {
    const isPaused = (state.repair.troubles.get(slot)?.notBeforeMs ?? 0) > state.nowMs
    if (!isPaused) enqueue(state.repair.queue, directory, slot, countHolders(directory, slot, state.masks.up))
  } else if (hasSurplus(state, slot) && !hasFlag(directory, slot, isSurplus)) {
    if (state.surplus.queue.length >= surplusQueueMax) return
    setFlag(directory, slot, isSurplus)
    state.surplus.queue.push({slot, sinceMs: state.nowMs})
  }
}
