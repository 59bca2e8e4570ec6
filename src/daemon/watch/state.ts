/**
 * What a folder follower knows.
 *
 * A file is in one of these: `unknown` (in the folder, to be looked at), `held` (a copy of a file that is still there),
 * `passed` (looked at, not followed as it is now), or in `files`. One in `files` is bound to an inode that is there, bound
 * and gone, or unbound: its inode holds something else, so only a copy can continue it.
 *
 * Invariants: `check.ts`.
 */
import type {LedgerFile, LedgerIntent} from '../../storage/index.ts'
import type {FileStat, Probe} from './events.ts'
import {rotationBase} from './identity.ts'

export interface WatchOptions {
  /** Text in a chunk, bytes. */
  readonly chunkBytes: number
  /** What is there this long is pushed, however little it is. Milliseconds. */
  readonly ageMs: number
  readonly isOnce: boolean
  /** What is there at the first start is taken for pushed. */
  readonly isFromEnd: boolean
  /** No watcher: list often. */
  readonly isPolling: boolean
  /** Whether a file that was never seen is followed. */
  isWanted(path: string): boolean
  /** @throws UserError BAD_NAME */
  tagOf(name: string, modifiedAtMs: number): string
}

export interface Tracked {
  row: LedgerFile
  /** Text that is there, as far as known. */
  textBytes: number
  /** As it was last seen; undefined before it was. */
  stat: FileStat | undefined
  changedAtMs: number
  /** Since when there is text behind the offset; undefined: there is none. */
  pendingSinceMs: number | undefined
  /** Old enough up to here: pushed without waiting. */
  drainTo: number
  /** A cut found no whole record in that much text. */
  emptyAt: number | undefined
  /** Cannot be used until it changes. */
  isStuck: boolean
}

export interface Unknown {
  readonly stat: FileStat
  readonly sinceMs: number
  /** Rows that it was compared with and is no copy of. */
  readonly differsFrom: Set<number>
  /** It was there at the first start, and what was there is not wanted. */
  readonly isSkipped: boolean
  /** Where it begins then. */
  startAt: number | undefined
}

export const newUnknown = (stat: FileStat, sinceMs: number, isSkipped: boolean): Unknown => ({
  stat,
  sinceMs,
  differsFrom: new Set(),
  isSkipped,
  startAt: undefined,
})

export type Busy =
  | {readonly type: 'list'}
  /** Is the file still what its row says? */
  | {readonly type: 'verify'; readonly file: number}
  | {readonly type: 'identify'; readonly path: string}
  /** Is what was found a copy of the file? */
  | {readonly type: 'compare'; readonly file: number; readonly path: string; readonly found: Probe}
  | {readonly type: 'cut'; readonly file: number; readonly isFinal: boolean; readonly textBytes: number}
  | {readonly type: 'push'}

export interface WatchState {
  readonly options: WatchOptions
  readonly files: Map<number, Tracked>
  readonly byIdentity: Map<string, number>
  /** Files by what rotation leaves of their first path. */
  readonly byBase: Map<string, Set<number>>
  readonly unknown: Map<string, Unknown>
  /** Copies: path to the file whose text they repeat. */
  readonly held: Map<string, {readonly stat: FileStat; readonly file: number}>
  /** Path to what it looked like. */
  readonly passed: Map<string, string>
  /** To be looked at again. */
  readonly doubted: Map<number, number>
  /** Text behind the offset. */
  readonly pending: Set<number>
  /** Not in the folder, with text that was not read; since when. */
  readonly missing: Map<number, number>
  ledgerId: string
  nextId: number
  /** The ledger is new, and what was there at the start is not all in it. */
  isFirstLook: boolean
  isListed: boolean
  needsListing: boolean
  listedAtMs: number
  isPolling: boolean
  busy: Busy | undefined
  intent: LedgerIntent | undefined
  failureCount: number
  retryAtMs: number
  /** First thing that --once could not push. */
  failure: string | undefined
  isFinished: boolean
}

/** Before the ledger has been read: the event `started` brings its rows. */
export function newState(options: WatchOptions): WatchState {
  return {
    options,
    files: new Map(),
    byIdentity: new Map(),
    byBase: new Map(),
    unknown: new Map(),
    held: new Map(),
    passed: new Map(),
    doubted: new Map(),
    pending: new Set(),
    missing: new Map(),
    ledgerId: '',
    nextId: 1,
    isFirstLook: false,
    isListed: false,
    needsListing: true,
    listedAtMs: Number.NEGATIVE_INFINITY,
    isPolling: options.isPolling,
    busy: undefined,
    intent: undefined,
    failureCount: 0,
    retryAtMs: 0,
    failure: undefined,
    isFinished: false,
  }
}

/** Takes a row into the state. */
export function track(state: WatchState, row: LedgerFile, nowMs: number): Tracked {
  const tracked: Tracked = {
    row,
    textBytes: row.offset,
    stat: undefined,
    changedAtMs: nowMs,
    pendingSinceMs: undefined,
    drainTo: 0,
    emptyAt: undefined,
    isStuck: false,
  }
  state.files.set(row.id, tracked)
  if (row.identity !== undefined) state.byIdentity.set(row.identity, row.id)
  const base = rotationBase(row.name)
  const relatives = state.byBase.get(base)
  if (relatives === undefined) state.byBase.set(base, new Set([row.id]))
  else relatives.add(row.id)
  return tracked
}

/** Takes a row out of the state again. Its row in the ledger is for the caller to drop, by `saveFiles`. */
export function forget(state: WatchState, id: number): void {
  const tracked = state.files.get(id)
  if (tracked === undefined) return
  state.files.delete(id)
  if (tracked.row.identity !== undefined) state.byIdentity.delete(tracked.row.identity)
  const base = rotationBase(tracked.row.name)
  const relatives = state.byBase.get(base)
  relatives?.delete(id)
  if (relatives?.size === 0) state.byBase.delete(base)
  state.doubted.delete(id)
  state.pending.delete(id)
  state.missing.delete(id)
}

/** What tells that a file has not been touched. */
export const looksOf = (stat: FileStat): string => `${stat.identity} ${stat.bytes} ${stat.modifiedAtMs}`
