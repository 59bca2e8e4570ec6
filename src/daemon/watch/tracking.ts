/** Changes of one file in the state, and what has to be written down for them. */
import type {LedgerFile} from '../../storage/index.ts'
import type {FileStat, Probe, WatchEffect} from './events.ts'
import {headOf, rotationBase} from './identity.ts'
import {settleMs} from './limits.ts'
import {looksOf, newUnknown, type Tracked, track, type WatchState} from './state.ts'

/** Says how much text there is. */
export function setText(state: WatchState, tracked: Tracked, textBytes: number, nowMs: number): void {
  tracked.textBytes = textBytes
  if (textBytes > tracked.row.offset) {
    state.pending.add(tracked.row.id)
    tracked.pendingSinceMs ??= nowMs
  } else {
    state.pending.delete(tracked.row.id)
    tracked.pendingSinceMs = undefined
  }
}

/** The effect that writes rows down and drops others, in one transaction. @param forgotten - ids */
export function saveFiles(
  state: WatchState,
  rows: readonly LedgerFile[],
  forgotten: readonly number[] = [],
): WatchEffect {
  return {type: 'save-files', files: rows, forgotten, nextId: state.nextId}
}

/** A file whose inode is known lies there. @returns whether its row changed and must be saved */
export function see(state: WatchState, tracked: Tracked, stat: FileStat, nowMs: number): boolean {
  const {row, stat: before} = tracked
  const isElsewhere = row.path !== stat.path || row.goneAtMs !== undefined
  tracked.stat = stat
  if (isElsewhere) {
    // An inode is used again, with luck for a file of that name.
    state.doubted.set(row.id, nowMs)
    tracked.row = {...row, path: stat.path, goneAtMs: undefined}
    tracked.changedAtMs = nowMs
    releaseCopies(state, row.id, nowMs)
  }
  if (before === undefined && row.diskBytes === stat.bytes && row.modifiedAtMs === stat.modifiedAtMs) {
    setText(state, tracked, row.textBytes, nowMs)
  } else if (before === undefined || looksOf(before) !== looksOf({...stat, path: before.path})) {
    noteChange(state, tracked, stat, before, nowMs)
  }
  return isElsewhere
}

function noteChange(
  state: WatchState,
  tracked: Tracked,
  stat: FileStat,
  before: FileStat | undefined,
  nowMs: number,
): void {
  const {row} = tracked
  tracked.changedAtMs = nowMs
  tracked.isStuck = false
  const isShorter = stat.bytes <= row.offset || (before !== undefined && stat.bytes < before.bytes)
  if (row.codec !== 'plain') state.doubted.set(row.id, nowMs + (state.options.isOnce ? 0 : settleMs))
  else if (isShorter) state.doubted.set(row.id, nowMs)
  else setText(state, tracked, stat.bytes, nowMs)
}

/** A file is not in the folder any more, under no name. */
export function loseSight(state: WatchState, tracked: Tracked, nowMs: number): boolean {
  if (tracked.row.goneAtMs !== undefined) return false
  const {id} = tracked.row
  tracked.row = {...tracked.row, goneAtMs: nowMs}
  tracked.stat = undefined
  if (state.pending.delete(id)) state.missing.set(id, nowMs)
  tracked.pendingSinceMs = undefined
  state.doubted.delete(id)
  releaseCopies(state, id, nowMs)
  return true
}

/** The inode of a file holds another text. What was not read can only come from a copy. */
export function endText(
  state: WatchState,
  tracked: Tracked,
  now: {readonly stat: FileStat; readonly textBytes: number},
  nowMs: number,
  effects: WatchEffect[],
): void {
  const {row} = tracked
  if (row.identity !== undefined) state.byIdentity.delete(row.identity)
  // A file that has grown past what was seen of it does not say how much that was.
  if (state.pending.delete(row.id) && now.textBytes < tracked.textBytes) state.missing.set(row.id, nowMs)
  tracked.row = {...row, identity: undefined, goneAtMs: nowMs}
  tracked.stat = undefined
  tracked.pendingSinceMs = undefined
  state.doubted.delete(row.id)
  effects.push(saveFiles(state, [tracked.row]))
  // Under another name it is a new file on an old inode.
  if (row.path === row.name) effects.push({type: 'report', report: {type: 'truncated', file: row.path}})
  releaseCopies(state, row.id, nowMs)
  offer(state, now.stat, nowMs)
}

/** What was found is the rest of a file that is gone. */
export function continueIn(state: WatchState, tracked: Tracked, probe: Probe, nowMs: number): LedgerFile {
  const {row} = tracked
  if (row.identity !== undefined) state.byIdentity.delete(row.identity)
  state.byIdentity.set(probe.stat.identity, row.id)
  tracked.row = {
    ...row,
    ...placeOf(probe),
    identity: probe.stat.identity,
    path: probe.stat.path,
    codec: probe.codec,
    goneAtMs: undefined,
  }
  adopt(state, tracked, probe, nowMs)
  return tracked.row
}

/** A file that was never seen. */
export function begin(
  state: WatchState,
  probe: Probe,
  start: Pick<LedgerFile, 'offset' | 'tailHash'>,
  nowMs: number,
): Tracked {
  const {stat, codec} = probe
  const row: LedgerFile = {
    ...start,
    ...headOf(probe.head),
    ...placeOf(probe),
    id: state.nextId++,
    name: stat.path,
    path: stat.path,
    identity: stat.identity,
    codec,
    header: undefined,
    goneAtMs: undefined,
  }
  const tracked = track(state, row, nowMs)
  adopt(state, tracked, probe, nowMs)
  return tracked
}

/** Takes what a look has told. */
export function adopt(state: WatchState, tracked: Tracked, probe: Probe, nowMs: number): void {
  state.missing.delete(tracked.row.id)
  tracked.stat = probe.stat
  tracked.isStuck = false
  tracked.emptyAt = undefined
  setText(state, tracked, probe.textBytes, nowMs)
}

/** What a row says of the file on the disk: sizes and time as the probe found them. */
export function placeOf(probe: Probe): Pick<LedgerFile, 'diskBytes' | 'modifiedAtMs' | 'textBytes'> {
  return {diskBytes: probe.stat.bytes, modifiedAtMs: probe.stat.modifiedAtMs, textBytes: probe.textBytes}
}

/** A file with an inode that no row has: to be looked at, unless it was and is as it was. */
export function offer(state: WatchState, stat: FileStat, nowMs: number): void {
  const {path} = stat
  const looks = looksOf(stat)
  const queued = state.unknown.get(path)
  if (queued !== undefined && looksOf(queued.stat) === looks) return
  const held = state.held.get(path)
  if (held !== undefined && looksOf(held.stat) === looks) return
  state.held.delete(path)
  if (stat.bytes === 0 || state.passed.get(path) === looks || !isOfInterest(state, path)) {
    state.unknown.delete(path)
    return
  }
  const isSkipped = state.options.isFromEnd && state.isFirstLook && (!state.isListed || queued?.isSkipped === true)
  state.unknown.set(path, newUnknown(stat, nowMs, isSkipped))
}

/** A copy of a file that is followed matters under any name that rotation gives it. */
function isOfInterest(state: WatchState, path: string): boolean {
  return state.options.isWanted(path) || state.byBase.has(rotationBase(path))
}

/** Copies of a file are looked at again: it may be one of them that goes on. */
function releaseCopies(state: WatchState, file: number, nowMs: number): void {
  for (const [path, held] of state.held) {
    if (held.file !== file) continue
    state.held.delete(path)
    state.unknown.set(path, newUnknown(held.stat, nowMs - settleMs, false))
  }
}
