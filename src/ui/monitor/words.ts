/** Words and colours of states, times and rates: the same on all screens and in plain lines. */
import {groupDigits} from '../../base/index.ts'
import {durationText, speedText} from '../progress-text.ts'
import type {Style} from './colours.ts'
import type {JobRate, TimeLeft} from './facts.ts'
import type {JobState, NodeInfo, StageInfo, TaskInfo} from './source.ts'
import {safeText} from './terminal-text.ts'

export const nodeStyles: Readonly<Record<NodeInfo['state'], Style | undefined>> = {
  up: 'green',
  suspect: 'yellow',
  lost: 'red',
  draining: 'yellow',
  removed: 'dim',
}

export const jobStyles: Readonly<Record<JobState, Style | undefined>> = {
  queued: 'cyan',
  running: 'green',
  paused: 'yellow',
  done: undefined,
  failed: 'red',
  cancelled: 'dim',
  purged: 'dim',
}

export const stageStyles: Readonly<Record<StageInfo['state'], Style | undefined>> = {
  waiting: 'dim',
  running: 'green',
  done: undefined,
}

export const taskStyles: Readonly<Record<TaskInfo['state'], Style | undefined>> = {
  pending: 'cyan',
  held: 'yellow',
  running: 'green',
  done: undefined,
  failed: 'red',
}

/** The state; of a draining node what is left to copy, blobs and tags together (`drain 1,204`), or `drained`. */
export function nodeStateText(node: NodeInfo): string {
  if (node.state !== 'draining') return node.state
  if (node.isSafeToRemove === true) return 'drained'
  return `drain ${groupDigits((node.drainBlobsLeft ?? 0) + (node.drainTagsLeft ?? 0))}`
}

/** `12/s`, `0.3/s`; nothing when unknown. */
export function tasksPerSecondText(rate: JobRate | undefined): string {
  const speed = rate?.tasksPerSecond
  if (speed === undefined) return ''
  return `${speed < 9.95 ? speed.toFixed(1) : groupDigits(Math.round(speed))}/s`
}

/** `12 MB/s`; nothing when unknown, or below a byte a second. */
export function bytesPerSecondText(rate: JobRate | undefined): string {
  return rate?.bytesPerSecond === undefined || rate.bytesPerSecond < 1 ? '' : speedText(rate.bytesPerSecond)
}

/** `3 m 05 s`; `>3 m 05 s` when it is at least that. Nothing when unknown. */
export function timeLeftText(left: TimeLeft | undefined): string {
  return left === undefined ? '' : `${left.isAtLeast ? '>' : ''}${durationText(left.ms)}`
}

/** `14:03:22` on the person's clock. */
export function clockText(atMs: number, zoneOffsetMinutes: number): string {
  return new Date(atMs - zoneOffsetMinutes * 60_000).toISOString().slice(11, 19)
}

/** Since when, by the same clock; never below zero, as two clocks may differ. */
export const agoText = (atMs: number, nowMs: number): string => durationText(Math.max(0, nowMs - atMs))

export const runningMs = ({state, startedAtMs, durationMs}: TaskInfo, nowMs: number): number | undefined =>
  state === 'running' && startedAtMs !== undefined ? Math.max(0, nowMs - startedAtMs) : durationMs

/** One line of text that somebody else wrote. */
export const oneLine = (text: string): string => safeText(text.replace(/\s+/g, ' ').trim())

/** `1 tag`, `1,204 tags`; for nouns whose plural ends in s. */
export function counted(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`
}
