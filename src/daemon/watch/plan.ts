/**
 * The core of `ddfs watch`: what to do next, for each thing that happens. Pure; the shell (`follow.ts`) does it.
 *
 * One thing is done at a time (`busy`), so what is in memory does not grow with the folder's files or their size: a
 * chunk being cut, and a row a file. A chunk passes through
 *
 *     cut and spooled -> intent in the ledger and row moved on, in one transaction -> pushed -> intent dropped
 *
 * and a process that is killed anywhere starts again with what the ledger says: without an intent the chunk is cut anew
 * (nothing of it was pushed), with one it is pushed again from the spool, under the same name, which the tag takes once.
 */
import {unreachable} from '../../base/index.ts'
import {hasGivenUp, nextCut, onCut, onPushed, retryLater, startCut} from './cutting.ts'
import type {WatchEffect, WatchEvent} from './events.ts'
import {onListed, onNoticed} from './folder.ts'
import {listEveryMs, listGapMs, lostAfterMs, pollEveryMs, settleMs} from './limits.ts'
import {onCompared, onIdentified, onVerified, windowsFor} from './recognize.ts'
import {track, type WatchState} from './state.ts'
import {saveFiles} from './tracking.ts'

/** The only way to change a state. Same state and events, same effects. @throws UserError BAD_NAME for a tag that cannot be */
export function step(state: WatchState, event: WatchEvent): WatchEffect[] {
  const effects: WatchEffect[] = []
  const {nowMs} = event
  take(state, event, effects)
  if (state.isFinished) return effects
  reportLost(state, nowMs, effects)
  if (state.busy === undefined) planNext(state, nowMs, effects)
  return effects
}

function take(state: WatchState, event: WatchEvent, effects: WatchEffect[]): void {
  const {nowMs} = event
  const {busy} = state
  switch (event.type) {
    case 'started':
      load(state, event)
      break
    case 'listed':
      state.busy = undefined
      state.listedAtMs = nowMs
      if (event.files === undefined) cannotList(state, event.message ?? '', effects)
      else {
        onListed(state, event.files, nowMs, effects)
        state.isListed = true
      }
      break
    case 'noticed':
      onNoticed(state, event.stat, nowMs)
      break
    case 'watcher-lost':
      if (!state.isPolling) {
        const message = `changes are looked for every second: ${event.message}`
        effects.push({type: 'report', report: {type: 'warning', message}})
      }
      state.isPolling = true
      break
    case 'probed':
      state.busy = undefined
      if (busy?.type === 'identify') onIdentified(state, busy.path, event.result, nowMs, effects)
      else if (busy?.type === 'compare') onCompared(state, busy, event.result, nowMs, effects)
      else if (busy?.type === 'verify') onVerified(state, busy.file, event.result, nowMs, effects)
      break
    case 'cut':
      state.busy = undefined
      if (busy?.type === 'cut') onCut(state, busy, event.result, nowMs, effects)
      break
    case 'pushed':
      state.busy = undefined
      onPushed(state, effects)
      break
    case 'push-failed':
      state.busy = undefined
      pushFailed(state, event.message, nowMs, effects)
      break
    case 'tick':
      break
    default:
      unreachable(event)
  }
}

function load(state: WatchState, {ledger, nowMs}: Extract<WatchEvent, {type: 'started'}>): void {
  for (const row of ledger.files) track(state, row, nowMs)
  state.intent = ledger.intent
  state.nextId = ledger.nextId
  state.ledgerId = ledger.ledgerId
  state.isFirstLook = ledger.isNew && state.options.isFromEnd
}

function cannotList(state: WatchState, message: string, effects: WatchEffect[]): void {
  state.needsListing = false
  if (state.options.isOnce) state.failure ??= message
  effects.push({type: 'report', report: {type: 'warning', message}})
}

function pushFailed(state: WatchState, message: string, nowMs: number, effects: WatchEffect[]): void {
  const file = state.files.get(state.intent?.file ?? 0)?.row.name ?? ''
  retryLater(state, {message, file, tag: state.intent?.tag ?? ''}, nowMs, effects)
}

/** Text that went away before it was read, and no copy has turned up. */
function reportLost(state: WatchState, nowMs: number, effects: WatchEffect[]): void {
  for (const [id, sinceMs] of state.missing) {
    if (nowMs - sinceMs < lostAfterMs) continue
    sayLost(state, id, effects)
  }
}

function sayLost(state: WatchState, id: number, effects: WatchEffect[]): void {
  state.missing.delete(id)
  const tracked = state.files.get(id)
  if (tracked === undefined) return
  const {row, textBytes} = tracked
  if (textBytes > row.offset) {
    effects.push({type: 'report', report: {type: 'lost', file: row.path, bytes: textBytes - row.offset}})
  }
}

/** What is most urgent. Ends with something to do, or with when to look again. */
function planNext(state: WatchState, nowMs: number, effects: WatchEffect[]): void {
  const wakes: number[] = [...state.missing.values()].map(sinceMs => sinceMs + lostAfterMs)
  if (hasGivenUp(state)) {
    finish(state, effects)
    return
  }
  if (state.isFirstLook && state.isListed && ![...state.unknown.values()].some(one => one.isSkipped)) {
    endFirstLook(state, effects)
  }
  if (pushIntent(state, nowMs, effects, wakes)) return
  if (state.options.isOnce && isDrained(state, nowMs)) {
    finish(state, effects)
    return
  }
  const isStarted =
    list(state, nowMs, effects, wakes) || look(state, nowMs, effects, wakes) || cut(state, nowMs, effects, wakes)
  if (!isStarted) effects.push({type: 'wake', atMs: Math.min(...wakes)})
}

function pushIntent(state: WatchState, nowMs: number, effects: WatchEffect[], wakes: number[]): boolean {
  if (state.intent === undefined) return false
  if (nowMs < state.retryAtMs) {
    wakes.push(state.retryAtMs)
    return false
  }
  state.busy = {type: 'push'}
  effects.push({type: 'push', intent: state.intent})
  return true
}

function list(state: WatchState, nowMs: number, effects: WatchEffect[], wakes: number[]): boolean {
  const gapMs = state.needsListing ? listGapMs : state.isPolling ? pollEveryMs : listEveryMs
  const atMs = state.listedAtMs + (state.options.isOnce && state.needsListing ? 0 : gapMs)
  if (nowMs < atMs) {
    wakes.push(atMs)
    return false
  }
  state.needsListing = false
  state.busy = {type: 'list'}
  effects.push({type: 'list'})
  return true
}

function look(state: WatchState, nowMs: number, effects: WatchEffect[], wakes: number[]): boolean {
  // Names have changed: a look through old ones tells nothing.
  if (state.needsListing) return false
  for (const [file, atMs] of state.doubted) {
    const tracked = state.files.get(file)
    if (tracked === undefined) continue
    if (nowMs < atMs) {
      wakes.push(atMs)
      continue
    }
    state.busy = {type: 'verify', file}
    effects.push({type: 'probe', path: tracked.row.path, windows: [tracked.row.offset]})
    return true
  }
  for (const [path, {stat, sinceMs}] of state.unknown) {
    const mustSettle = !state.options.isOnce && /\.(gz|zst)$/.test(path) && stat.modifiedAtMs > nowMs - settleMs
    const atMs = mustSettle ? sinceMs + settleMs : sinceMs
    if (nowMs < atMs) {
      wakes.push(atMs)
      continue
    }
    state.busy = {type: 'identify', path}
    effects.push({type: 'probe', path, windows: windowsFor(state, path)})
    return true
  }
  return false
}

/** All that was there at the first start is known: in one transaction, so that a kill before it changes nothing. */
function endFirstLook(state: WatchState, effects: WatchEffect[]): void {
  state.isFirstLook = false
  effects.push(
    saveFiles(
      state,
      [...state.files.values()].map(({row}) => row),
    ),
  )
}

function cut(state: WatchState, nowMs: number, effects: WatchEffect[], wakes: number[]): boolean {
  if (state.intent !== undefined || state.isFirstLook) return false
  const next = nextCut(state, nowMs)
  if (typeof next === 'number') {
    wakes.push(next)
    return false
  }
  if (nowMs < state.retryAtMs) {
    wakes.push(state.retryAtMs)
    return false
  }
  startCut(state, next, nowMs, effects)
  return true
}

/** With --once: all that was there when the folder was listed is in the cluster, or cannot be. */
function isDrained(state: WatchState, nowMs: number): boolean {
  if (!state.isListed) return state.failure !== undefined
  const isIdle =
    state.intent === undefined && !state.needsListing && state.doubted.size === 0 && state.unknown.size === 0
  return isIdle && !state.isFirstLook && nextCut(state, nowMs) === Number.POSITIVE_INFINITY
}

function finish(state: WatchState, effects: WatchEffect[]): void {
  for (const id of [...state.missing.keys()]) sayLost(state, id, effects)
  state.isFinished = true
  effects.push({type: 'finished', failure: state.failure})
}
