/** A pass over the whole directory, in steps: after the nodes changed, and now and then so that nothing stays overlooked. */
import {assess} from './assess.ts'
import {isKnown} from './directory.ts'
import {sweepEveryMs, sweepStepSlots} from './limits.ts'
import type {BlobState} from './state.ts'

/** Begins a pass, or has one follow the pass that is under way. */
export function startSweep(state: BlobState): void {
  if (state.sweep.cursor < 0) state.sweep.cursor = 0
  else if (state.sweep.cursor > 0) state.sweep.isWantedAgain = true
}

/** @returns when it wants to be called again */
export function stepSweep(state: BlobState): number {
  const {sweep, directory} = state
  if (sweep.cursor < 0 && state.nowMs >= sweep.nextMs) sweep.cursor = 0
  if (sweep.cursor < 0) return sweep.nextMs
  const end = Math.min(directory.slotEnd, sweep.cursor + sweepStepSlots)
  for (let slot = sweep.cursor; slot < end; slot++) if (isKnown(directory, slot)) assess(state, slot)
  sweep.cursor = end
  if (end < directory.slotEnd) return state.nowMs
  sweep.cursor = sweep.isWantedAgain ? 0 : -1
  sweep.isWantedAgain = false
  sweep.nextMs = state.nowMs + sweepEveryMs
  return sweep.cursor < 0 ? sweep.nextMs : state.nowMs
}
