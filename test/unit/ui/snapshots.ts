import type {ProgressModel, ProgressSnapshot} from '../../../src/ui/index.ts'
import {progressAfter} from '../../../src/ui/index.ts'

export function snapshotOf(parts: Partial<ProgressSnapshot>): ProgressSnapshot {
  return {phase: 'scan', elapsedMs: 0, bytesDone: 0, bytesTotal: 1e9, records: 0, bad: 0, threads: [], ...parts}
}

/** The model after a run at a constant speed, looked at every `everyMs`. */
export function modelAfter(elapsedMs: number, bytesPerMs: number, everyMs = 100): ProgressModel {
  let model = progressAfter(undefined, snapshotOf({}))
  for (let at = everyMs; at <= elapsedMs; at += everyMs) {
    model = progressAfter(model, snapshotOf({elapsedMs: at, bytesDone: at * bytesPerMs, records: at}))
  }
  return model
}
