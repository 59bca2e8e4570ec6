/**
 * What a progress display shows, computed from snapshots. Pure: time enters as `elapsedMs`.
 */
import {etaAfterMs, speedAfterMs, speedWindowMs} from './limits.ts'

export type Phase = 'scan' | 'merge' | 'write'
export type ThreadState = 'idle' | 'busy' | 'done'

/** The state of a run at one moment. Numbers only grow, except when a phase begins. */
export interface ProgressSnapshot {
  readonly phase: Phase
  /** Since the run began. */
  readonly elapsedMs: number
  /** Bytes of input read, counted as `bytesTotal` counts them. */
  readonly bytesDone: number
  /** null when unknown: stdin, compressed input. */
  readonly bytesTotal: number | null
  readonly records: number
  readonly bad: number
  readonly threads: readonly {readonly bytesDone: number; readonly state: ThreadState}[]
}

export interface ThreadModel {
  readonly state: ThreadState
  readonly bytesDone: number
  /** Of its fair share when the total is known, else of the busiest thread's bytes; 0 to 1. */
  readonly fraction: number
}

export interface ProgressModel {
  readonly phase: Phase
  readonly elapsedMs: number
  readonly bytesDone: number
  readonly bytesTotal: number | null
  /** 0 to 1; null when the total is unknown. */
  readonly fraction: number | null
  readonly records: number
  readonly bad: number
  /** Smoothed over speedWindowMs; null before speedAfterMs, and before the first bytes. */
  readonly bytesPerSecond: number | null
  /** Of reading; null when unknown, too early to say, or when reading is over. */
  readonly etaMs: number | null
  readonly threads: readonly ThreadModel[]
}

/** The model after a snapshot. `previous` is the model before it, or undefined for the first one. */
export function progressAfter(previous: ProgressModel | undefined, snapshot: ProgressSnapshot): ProgressModel {
  const {phase, elapsedMs, bytesDone, bytesTotal, records, bad} = snapshot
  const bytesPerSecond = smoothedSpeed(previous, snapshot)
  return {
    phase,
    elapsedMs,
    bytesDone,
    bytesTotal,
    fraction: bytesTotal === null ? null : portion(bytesDone, bytesTotal),
    records,
    bad,
    bytesPerSecond,
    etaMs: etaOf(snapshot, bytesPerSecond),
    threads: threadsOf(snapshot),
  }
}

/** Exponential smoothing: a step of dt counts 1 - e^(-dt / window), so the result does not depend on how often we look. */
function smoothedSpeed(
  previous: ProgressModel | undefined,
  {elapsedMs, bytesDone, phase}: ProgressSnapshot,
): number | null {
  const known = previous?.bytesPerSecond ?? null
  if (phase !== 'scan' || elapsedMs < speedAfterMs) return known
  // The mean so far, and not the last step: a step can be the answer of minutes, a millisecond after the one before.
  if (known === null) return bytesDone <= 0 ? null : (bytesDone / elapsedMs) * 1000
  const stepMs = elapsedMs - (previous?.elapsedMs ?? 0)
  const stepBytes = bytesDone - (previous?.bytesDone ?? 0)
  if (stepMs <= 0 || stepBytes < 0) return known
  const speed = (stepBytes / stepMs) * 1000
  return known + (speed - known) * (1 - Math.exp(-stepMs / speedWindowMs))
}

function etaOf(
  {phase, elapsedMs, bytesDone, bytesTotal}: ProgressSnapshot,
  bytesPerSecond: number | null,
): number | null {
  if (phase !== 'scan' || bytesTotal === null || bytesPerSecond === null || bytesPerSecond <= 0) return null
  if (elapsedMs < etaAfterMs) return null
  return (Math.max(0, bytesTotal - bytesDone) / bytesPerSecond) * 1000
}

function threadsOf({threads, bytesTotal}: ProgressSnapshot): ThreadModel[] {
  const whole =
    bytesTotal === null ? Math.max(0, ...threads.map(thread => thread.bytesDone)) : bytesTotal / threads.length
  return threads.map(({state, bytesDone}) => ({
    state,
    bytesDone,
    fraction: state === 'done' ? 1 : portion(bytesDone, whole),
  }))
}

function portion(part: number, whole: number): number {
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole))
}
