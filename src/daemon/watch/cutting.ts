/** Which file is cut next, and the way of a chunk into the cluster: spooled, intended, pushed, finished. */
import {assert} from '../../base/index.ts'
import {blobNameOf} from '../../protocol/index.ts'
import type {LedgerIntent} from '../../storage/index.ts'
import type {CutChunk, CutResult, WatchEffect} from './events.ts'
import {digest, headOf} from './identity.ts'
import {onceTryCountMax, retryFirstMs, retryMaxMs} from './limits.ts'
import {stick} from './recognize.ts'
import type {Tracked, WatchState} from './state.ts'
import {setText} from './tracking.ts'

/** Letters of a file's name in the names of its chunks: with the rest they must fit in a blob's name. */
const nameCharsMax = 160

/**
 * A file that is not written any more: it is compressed, or rotation has renamed it and nothing came since. Its last record
 * is taken without its end. Infinity: it may go on.
 */
function closedAtMs(state: WatchState, {row, changedAtMs}: Tracked): number {
  if (state.options.isOnce || row.codec !== 'plain') return Number.NEGATIVE_INFINITY
  return row.path === row.name ? Number.POSITIVE_INFINITY : changedAtMs + state.options.ageMs
}

/** When there is something to cut from a file. */
function dueAtMs(state: WatchState, tracked: Tracked): number {
  const {row, textBytes, drainTo, emptyAt, pendingSinceMs} = tracked
  const {chunkBytes, ageMs} = state.options
  const closed = closedAtMs(state, tracked)
  if (emptyAt === textBytes) return closed
  const isFull = textBytes - row.offset >= chunkBytes || row.offset < drainTo
  return isFull ? Number.NEGATIVE_INFINITY : Math.min(closed, (pendingSinceMs ?? 0) + ageMs)
}

/** The file to cut, if one is due; otherwise when the next one will be. Files that are looked at again have to wait. */
export function nextCut(state: WatchState, nowMs: number): Tracked | number {
  let next = Number.POSITIVE_INFINITY
  for (const id of state.pending) {
    const tracked = state.files.get(id)
    if (tracked === undefined || tracked.isStuck || state.doubted.has(id)) continue
    const dueMs = dueAtMs(state, tracked)
    if (dueMs <= nowMs) return tracked
    next = Math.min(next, dueMs)
  }
  return next
}

/** Makes the core busy with one chunk of a file that `nextCut` gave. */
export function startCut(state: WatchState, tracked: Tracked, nowMs: number, effects: WatchEffect[]): void {
  const {row, textBytes, pendingSinceMs} = tracked
  const {id} = row
  // What is old enough now goes without waiting again, in as many chunks as it takes.
  if ((pendingSinceMs ?? nowMs) + state.options.ageMs <= nowMs) tracked.drainTo = textBytes
  const isFinal = closedAtMs(state, tracked) <= nowMs
  state.busy = {type: 'cut', file: id, isFinal, textBytes}
  // Others have their turn after it.
  state.pending.delete(id)
  state.pending.add(id)
  const fileName = row.name.slice(row.name.lastIndexOf('/') + 1).replace(/\.(gz|zst)$/, '')
  const base = blobNameOf(fileName).slice(-nameCharsMax)
  const key = digest(Buffer.from(`${state.ledgerId} ${id}`)).slice(0, 16)
  effects.push({type: 'cut', order: {row, textBytes, isFinal, entryName: `${base}-${key}`}})
}

/** @param order - what was asked: by now the file may be longer, or not be there any more */
export function onCut(
  state: WatchState,
  order: {readonly file: number; readonly isFinal: boolean; readonly textBytes: number},
  result: CutResult,
  nowMs: number,
  effects: WatchEffect[],
): void {
  const tracked = state.files.get(order.file)
  assert(tracked !== undefined, `file ${order.file} is known while it is cut`)
  switch (result.type) {
    case 'chunk':
      intend(state, tracked, result, nowMs, effects)
      break
    case 'nothing':
      tracked.emptyAt = order.textBytes
      tracked.pendingSinceMs = nowMs
      if (order.isFinal) state.pending.delete(order.file)
      break
    case 'changed':
      tracked.stat = undefined
      state.doubted.set(order.file, nowMs)
      state.needsListing = true
      break
    case 'unusable':
      stick(state, tracked, result.message, result.hint, effects)
      break
    case 'failed':
      retryLater(state, {message: result.message, file: tracked.row.path, tag: ''}, nowMs, effects)
  }
}

/** From here on the chunk does not need the file any more. */
function intend(state: WatchState, tracked: Tracked, chunk: CutChunk, nowMs: number, effects: WatchEffect[]): void {
  const {row, stat, textBytes} = tracked
  const {entry, to, modifiedAtMs} = chunk
  assert(to > row.offset, `a chunk of ${row.path} ends behind its begin`)
  const tag = state.options.tagOf(row.name, modifiedAtMs)
  const intent: LedgerIntent = {file: row.id, from: row.offset, to, tag, entry}
  const isPlain = row.codec === 'plain' && stat !== undefined
  tracked.row = {
    ...row,
    ...headOf(chunk.head),
    tailHash: chunk.tailHash,
    offset: to,
    header: chunk.header ?? row.header,
    ...(isPlain ? {diskBytes: stat.bytes, modifiedAtMs: stat.modifiedAtMs, textBytes: stat.bytes} : {}),
  }
  tracked.pendingSinceMs = nowMs
  setText(state, tracked, Math.max(textBytes, to), nowMs)
  state.intent = intent
  effects.push({type: 'save-intent', intent, file: tracked.row, nextId: state.nextId})
}

/** The chunk of the intent is in its tag. Ends the pauses after failures, and says so once. */
export function onPushed(state: WatchState, effects: WatchEffect[]): void {
  const {intent} = state
  assert(intent !== undefined, 'what was pushed was intended')
  const {from, to, entry, tag} = intent
  const file = state.files.get(intent.file)?.row.name ?? ''
  state.intent = undefined
  effects.push({type: 'finish-intent', blob: entry.blob})
  if (state.failureCount > 0) effects.push({type: 'report', report: {type: 'back'}})
  state.failureCount = 0
  effects.push({type: 'report', report: {type: 'pushed', tag, entry, file, from, to}})
}

/** The cluster or the spool's disk does not take it now. Said once; nothing is kept in memory meanwhile. */
export function retryLater(
  state: WatchState,
  failure: {readonly message: string; readonly file: string; readonly tag: string},
  nowMs: number,
  effects: WatchEffect[],
): void {
  state.failureCount++
  state.retryAtMs = nowMs + Math.min(retryMaxMs, retryFirstMs * 2 ** (state.failureCount - 1))
  if (state.failureCount === 1) effects.push({type: 'report', report: {type: 'away', ...failure}})
  if (hasGivenUp(state)) state.failure = failure.message
}

/** With --once: it is no use to go on trying. */
export const hasGivenUp = (state: WatchState): boolean => state.options.isOnce && state.failureCount >= onceTryCountMax
