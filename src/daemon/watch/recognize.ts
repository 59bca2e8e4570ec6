/**
 * Which file is this? Asked of every file with an inode that no row has, and of every file that may not be what it was.
 *
 * A copy (made by rotation, or compressed) of a file that is still there is held: its text comes from the original. Once
 * the original is gone or was cut to nothing, the copy goes on where the original had got to. So rotation by copying loses
 * nothing that is in the copy, and repeats nothing.
 */
import type {FileStat, Probe, ProbeResult, WatchEffect} from './events.ts'
import {digest, hasSameHead, isBeginOf, isSameText, rotationBase} from './identity.ts'
import {relativeCountMax} from './limits.ts'
import {looksOf, type Tracked, type Unknown, type WatchState} from './state.ts'
import {adopt, begin, continueIn, endText, placeOf, saveFiles} from './tracking.ts'

/** Rows that may be the same text under another name, newest first. */
function relativesOf(state: WatchState, path: string): Tracked[] {
  return [...(state.byBase.get(rotationBase(path)) ?? [])]
    .sort((a, b) => b - a)
    .slice(0, relativeCountMax)
    .flatMap(id => state.files.get(id) ?? [])
}

/** Positions whose bytes tell whether a file continues one of its relatives. */
export function windowsFor(state: WatchState, path: string): number[] {
  const startAt = state.unknown.get(path)?.startAt
  const offsets = relativesOf(state, path).map(({row}) => row.offset)
  return startAt === undefined ? offsets : [...offsets, startAt]
}

/** A file without a row was looked at. */
export function onIdentified(
  state: WatchState,
  path: string,
  result: ProbeResult,
  nowMs: number,
  effects: WatchEffect[],
): void {
  const unknown = state.unknown.get(path)
  if (unknown === undefined) return
  if (result.type !== 'probe') {
    state.unknown.delete(path)
    if (result.type === 'gone') state.needsListing = true
    else pass(state, unknown, result, effects)
    return
  }
  recognize(state, unknown, result.probe, nowMs, effects)
}

/** A relative that is still there was looked at, to see whether `found` is a copy of it. */
export function onCompared(
  state: WatchState,
  {file, found}: {readonly file: number; readonly found: Probe},
  result: ProbeResult,
  nowMs: number,
  effects: WatchEffect[],
): void {
  const original = state.files.get(file)
  const unknown = state.unknown.get(found.stat.path)
  if (unknown === undefined || original === undefined) return
  if (result.type === 'unreadable') {
    unknown.differsFrom.add(file)
    recognize(state, unknown, found, nowMs, effects)
    return
  }
  if (!isAtItsPlace(original, result)) {
    // Someone renames files just now: the next listing tells.
    state.needsListing = true
    return
  }
  if (result.type !== 'probe' || !isSameText(original.row, result.probe)) {
    endText(state, original, textOf(result), nowMs, effects)
    recognize(state, unknown, found, nowMs, effects)
    return
  }
  if (found.textBytes <= result.probe.textBytes && isBeginOf(found, result.probe)) {
    state.unknown.delete(found.stat.path)
    state.held.set(found.stat.path, {stat: unknown.stat, file})
    return
  }
  unknown.differsFrom.add(file)
  recognize(state, unknown, found, nowMs, effects)
}

/** A file with a row was looked at because it may hold another text. */
export function onVerified(
  state: WatchState,
  file: number,
  result: ProbeResult,
  nowMs: number,
  effects: WatchEffect[],
): void {
  const tracked = state.files.get(file)
  if (tracked === undefined) return
  const {row} = tracked
  state.doubted.delete(file)
  if (result.type === 'unreadable') stick(state, tracked, result.message, undefined, effects)
  else if (!isAtItsPlace(tracked, result)) {
    tracked.stat = undefined
    state.needsListing = true
  } else if (result.type !== 'probe' || !isSameText(row, result.probe)) {
    endText(state, tracked, textOf(result), nowMs, effects)
  } else {
    tracked.row = {...row, ...placeOf(result.probe)}
    adopt(state, tracked, result.probe, nowMs)
    if (row.codec !== 'plain') effects.push(saveFiles(state, [tracked.row]))
  }
}

type Look = Exclude<ProbeResult, {type: 'unreadable'}>
type There = Exclude<Look, {type: 'gone'}>

/** Whether the inode was found under the name where it was looked for. */
function isAtItsPlace(tracked: Tracked, result: Look): result is There {
  if (result.type === 'gone') return false
  const stat = result.type === 'probe' ? result.probe.stat : result.stat
  return stat.identity === tracked.row.identity
}

/** What an incomplete file holds cannot be told; when it is complete it may turn out to be what it was. */
const textOf = (result: There): {readonly stat: FileStat; readonly textBytes: number} =>
  result.type === 'probe' ? result.probe : {stat: result.stat, textBytes: 0}

/** The file cannot be used as it is: said once, until it changes. */
export function stick(
  state: WatchState,
  tracked: Tracked,
  message: string,
  hint: string | undefined,
  effects: WatchEffect[],
): void {
  const {id, path} = tracked.row
  tracked.isStuck = true
  state.pending.delete(id)
  tracked.pendingSinceMs = undefined
  state.failure ??= `${path}: ${message}`
  effects.push({
    type: 'report',
    report: {type: 'unreadable', file: path, message, ...(hint === undefined ? {} : {hint})},
  })
}

function pass(
  state: WatchState,
  {stat}: Unknown,
  result: Exclude<ProbeResult, {type: 'probe' | 'gone'}>,
  effects: WatchEffect[],
): void {
  state.passed.set(stat.path, looksOf(stat))
  if (!state.options.isWanted(stat.path)) return
  if (result.type === 'incomplete') effects.push({type: 'report', report: {type: 'incomplete', file: stat.path}})
  else {
    state.failure ??= `${stat.path}: ${result.message}`
    effects.push({type: 'report', report: {type: 'unreadable', file: stat.path, message: result.message}})
  }
}

function recognize(state: WatchState, unknown: Unknown, found: Probe, nowMs: number, effects: WatchEffect[]): void {
  const {path} = unknown.stat
  if (state.byIdentity.has(found.stat.identity)) {
    // It was renamed to here since the listing.
    state.unknown.delete(path)
    state.needsListing = true
    return
  }
  const relatives = relativesOf(state, path)
  const gone = relatives.find(({row}) => row.goneAtMs !== undefined && row.offset > 0 && isSameText(row, found))
  if (gone !== undefined) {
    state.unknown.delete(path)
    effects.push(saveFiles(state, [continueIn(state, gone, found, nowMs)]))
    return
  }
  const candidate = relatives.find(
    ({row}) => row.goneAtMs === undefined && !unknown.differsFrom.has(row.id) && mayBeCopy(row.headBytes, found, row),
  )
  if (candidate !== undefined) {
    state.busy = {type: 'compare', file: candidate.row.id, path, found}
    const windows = [candidate.row.offset, found.textBytes]
    effects.push({type: 'probe', path: candidate.row.path, windows})
    return
  }
  if (state.options.isWanted(path) && found.textBytes > 0) {
    follow(state, unknown, found, nowMs)
    return
  }
  state.unknown.delete(path)
  state.passed.set(path, looksOf(unknown.stat))
}

/** A copy that is still shorter than the head is told by its bytes, not by their hash. */
const mayBeCopy = (headBytes: number, found: Probe, row: Tracked['row']): boolean =>
  found.head.length < headBytes || hasSameHead(row, found)

function follow(state: WatchState, unknown: Unknown, found: Probe, nowMs: number): void {
  const {path} = unknown.stat
  // A tag that cannot be is an error now, and not when there is something to push.
  state.options.tagOf(path, unknown.stat.modifiedAtMs)
  if ((unknown.startAt ?? 0) > found.textBytes) unknown.startAt = undefined
  unknown.startAt ??= unknown.isSkipped ? lastLineEnd(found) : 0
  const offset = unknown.startAt
  const window = offset === 0 ? new Uint8Array() : offset === found.textBytes ? found.end : found.windows.get(offset)
  // Without the bytes before its start it is looked at once more, with them.
  if (window === undefined) return
  state.unknown.delete(path)
  begin(state, found, {offset, tailHash: digest(window)}, nowMs)
}

/** Behind the last line end, if it is near: the rest of that line will come. */
function lastLineEnd(found: Probe): number {
  const at = found.end.lastIndexOf(0x0a) + 1
  return at === 0 ? found.textBytes : found.textBytes - found.end.length + at
}
