/** What listings and notices say about the folder. */
import type {FileStat, WatchEffect} from './events.ts'
import {forgetAfterMs, goneCountMax} from './limits.ts'
import {forget, type WatchState} from './state.ts'
import {loseSight, offer, saveFiles, see} from './tracking.ts'

/** Two names of one inode are one file: the shortest name counts, which is the one without what rotation adds. */
function byInode(files: readonly FileStat[]): Map<string, FileStat> {
  const present = new Map<string, FileStat>()
  const sorted = files.toSorted((a, b) => a.path.length - b.path.length || (a.path < b.path ? -1 : 1))
  for (const stat of sorted) if (!present.has(stat.identity)) present.set(stat.identity, stat)
  return present
}

/** @param files - all of the folder: a file that is not among them is gone */
export function onListed(state: WatchState, files: readonly FileStat[], nowMs: number, effects: WatchEffect[]): void {
  const present = byInode(files)
  const changed = new Set<number>()
  for (const tracked of state.files.values()) {
    const {id, identity} = tracked.row
    if (identity === undefined) continue
    const stat = present.get(identity)
    const isChanged = stat === undefined ? loseSight(state, tracked, nowMs) : see(state, tracked, stat, nowMs)
    if (isChanged) changed.add(id)
  }
  dropAbsent(state, files)
  for (const stat of present.values()) if (!state.byIdentity.has(stat.identity)) offer(state, stat, nowMs)
  const forgotten = forgetOld(state, nowMs)
  const rows = [...changed].flatMap(id => state.files.get(id)?.row ?? [])
  if (rows.length + forgotten.length > 0) effects.push(saveFiles(state, rows, forgotten))
}

/** @param stat - of the name that changed; undefined: nothing is there now */
export function onNoticed(state: WatchState, stat: FileStat | undefined, nowMs: number): void {
  const id = stat === undefined ? undefined : state.byIdentity.get(stat.identity)
  const tracked = id === undefined ? undefined : state.files.get(id)
  // A new name, a new inode, something that is gone: only all names together tell what has happened.
  if (stat === undefined || tracked?.row.path !== stat.path || tracked.row.goneAtMs !== undefined) {
    state.needsListing = true
  } else see(state, tracked, stat, nowMs)
}

function dropAbsent(state: WatchState, files: readonly FileStat[]): void {
  const paths = new Map(files.map(stat => [stat.path, stat.identity]))
  for (const map of [state.unknown, state.held, state.passed]) {
    for (const path of map.keys()) if (!paths.has(path)) map.delete(path)
  }
  // A name that holds a file we know now was taken from what was to be looked at there.
  for (const map of [state.unknown, state.held]) {
    for (const path of map.keys()) {
      const identity = paths.get(path)
      if (identity !== undefined && state.byIdentity.has(identity)) map.delete(path)
    }
  }
}

/** Files that are gone for so long that no copy of them will come. */
function forgetOld(state: WatchState, nowMs: number): number[] {
  const gone = [...state.files.values()]
    .map(({row}) => ({id: row.id, atMs: row.goneAtMs}))
    .filter((one): one is {id: number; atMs: number} => one.atMs !== undefined && one.id !== state.intent?.file)
    .sort((a, b) => b.atMs - a.atMs || b.id - a.id)
  const old = gone.filter(({atMs}, index) => index >= goneCountMax || atMs <= nowMs - forgetAfterMs)
  const ids = old.map(({id}) => id).filter(id => !state.missing.has(id))
  for (const id of ids) forget(state, id)
  return ids
}
