/** What the lists need beside their rows, computed once a snapshot: rates, what nodes do, the master's time. */
import {rateMin, rateWindowMs} from './limits.ts'
import type {ClusterInfo, JobInfo, MonitorJob, Snapshot, StageInfo} from './source.ts'

export interface JobRate {
  /** By the master's clock. */
  readonly atMs: number
  readonly doneCount: number
  readonly bytes: number
  /** Smoothed over rateWindowMs; undefined before the second look. */
  readonly tasksPerSecond?: number
  readonly bytesPerSecond?: number
}

export interface Facts {
  /** By the master's clock, at the last snapshot: what was seen does not age while nobody answers. */
  readonly nowMs: number
  /** Minutes to take from UTC for the person's time of day. */
  readonly zoneOffsetMinutes: number
  readonly rates: ReadonlyMap<string, JobRate>
  /** Running tasks by node. */
  readonly busyByNode: ReadonlyMap<string, number>
  /** The median run of each stage of the job that is looked at, to tell what is slow. Milliseconds. */
  readonly medianMsByStage: ReadonlyMap<string, number>
}

export const noFacts = (zoneOffsetMinutes: number): Facts => ({
  nowMs: 0,
  zoneOffsetMinutes,
  rates: new Map(),
  busyByNode: new Map(),
  medianMsByStage: new Map(),
})

/** What of a snapshot the facts are made of: who waits for one job looks at no more. */
export type FactSource = Pick<Snapshot, 'jobs' | 'running' | 'job'> & {readonly cluster: Pick<ClusterInfo, 'nowMs'>}

/** @param previous - of the snapshot before: rates are smoothed from it, and those of jobs that are over are dropped */
export function factsAfter(previous: Facts, snapshot: FactSource): Facts {
  const {nowMs} = snapshot.cluster
  const rates = new Map<string, JobRate>()
  for (const job of snapshot.jobs) {
    if (isOver(job)) continue
    const detail = snapshot.job?.info.job === job.job ? snapshot.job.info : undefined
    rates.set(job.job, rateAfter(previous.rates.get(job.job), detail ?? job, nowMs))
  }
  const busyByNode = new Map<string, number>()
  for (const {task} of snapshot.running) {
    if (task.node !== undefined) busyByNode.set(task.node, (busyByNode.get(task.node) ?? 0) + 1)
  }
  const medianMsByStage = new Map<string, number>()
  for (const {name, medianMs} of snapshot.job?.info.stages ?? []) {
    if (medianMs !== undefined) medianMsByStage.set(name, medianMs)
  }
  return {nowMs, zoneOffsetMinutes: previous.zoneOffsetMinutes, rates, busyByNode, medianMsByStage}
}

/** Exponential smoothing by time, so that it does not depend on how often we look. */
function rateAfter(previous: JobRate | undefined, job: MonitorJob | JobInfo, nowMs: number): JobRate {
  const bytes = (job.stages ?? []).reduce((sum, stage) => sum + stage.bytes, 0)
  const now = {atMs: nowMs, doneCount: job.doneCount, bytes}
  if (previous === undefined) return now
  const stepMs = nowMs - previous.atMs
  if (stepMs <= 0) return previous
  const weight = 1 - Math.exp(-stepMs / rateWindowMs)
  const smooth = (known: number | undefined, step: number): number => {
    const speed = (Math.max(0, step) * 1000) / stepMs
    return known === undefined ? speed : known + (speed - known) * weight
  }
  return {
    ...now,
    tasksPerSecond: smooth(previous.tasksPerSecond, job.doneCount - previous.doneCount),
    bytesPerSecond: smooth(previous.bytesPerSecond, bytes - previous.bytes),
  }
}

export const isOver = ({state}: MonitorJob | JobInfo): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled' || state === 'purged'

export interface TimeLeft {
  readonly ms: number
  /** Stages whose tasks are not known yet are still to come: it takes longer than that. */
  readonly isAtLeast: boolean
}

/** Until all known tasks are done; undefined when that cannot be said. */
export function timeLeft(job: MonitorJob | JobInfo, rate: JobRate | undefined): TimeLeft | undefined {
  if (job.state !== 'running' || rate?.tasksPerSecond === undefined || rate.tasksPerSecond < rateMin) return undefined
  const isAtLeast = (job.stages ?? []).some(isToCome)
  return {ms: (Math.max(0, job.taskCount - job.doneCount) / rate.tasksPerSecond) * 1000, isAtLeast}
}

const isToCome = ({state, taskCount}: StageInfo): boolean => state === 'waiting' && taskCount === 0

/** 0 to 1; of no tasks, 1 only when it is over. */
export function doneFraction({taskCount, doneCount}: {taskCount: number; doneCount: number}, isDone: boolean): number {
  return taskCount === 0 ? (isDone ? 1 : 0) : Math.min(1, doneCount / taskCount)
}
