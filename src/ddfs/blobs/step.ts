/**
 * The master's core for blobs: who holds what, and what is to be copied, dropped, collected and read again.
 *
 * A blob: unknown -> held by nodes (live, lost or doubted copies) -> missing (no live copy; stays listed) -> held again,
 * or forgotten once nobody uses it. A copy of it: absent -> in flight -> held -> gone. At most one operation (a copy, a
 * drop of surplus) is under way for a blob. Everything is soft state: a new master learns it from inventories.
 *
 * Invariants (tested by `check.ts` and the simulator):
 * - Nothing in use is dropped below its wanted copies: see `trim.ts`. Nothing is collected because something could not be
 *   seen: see `collect.ts`.
 * - A directory entry is a hint. Before a copy is dropped or named by a tag, the nodes concerned have confirmed it.
 * - A reply counts once, from the connection it was asked on; a notice only from the node's present connection.
 * - Requests, copies, bytes, memory and steps have limits, in `limits.ts` and `settings.ts`.
 */
import {unreachable} from '../../base/index.ts'
import {startBalance, stepBalance} from './balance.ts'
import {askDoubts, endCall, expireCalls, failCall} from './calls-end.ts'
import {askRound, endRound, stepCollection} from './collect.ts'
import type {BlobAnswer, BlobClientRequest, BlobEffect, BlobEvent} from './events.ts'
import {findSizes, locateBlobs} from './locate.ts'
import {addMember, joinNode, loseNode, removeNode, setDraining} from './membership.ts'
import {nameBlobs} from './name-blobs.ts'
import {hearNotice} from './notices.ts'
import {placeUpload} from './place.ts'
import {startRepairs} from './repair.ts'
import {reportStatus} from './report.ts'
import {stepScrubs} from './scrub.ts'
import {requestScrub, stepScrubRequest} from './scrub-request.ts'
import {stepSettling} from './settling.ts'
import type {BlobState} from './state.ts'
import {stepSweep} from './sweep.ts'
import {startTrims} from './trim.ts'

/** The only way to change a blob state. Same state and events, same effects. */
export function stepBlobs(state: BlobState, event: BlobEvent): BlobEffect[] {
  const effects: BlobEffect[] = []
  // A clock that went back is one that stands still.
  state.nowMs = Math.max(state.nowMs, event.nowMs)
  state.startedMs ??= state.nowMs
  if (state.nowMs >= state.wakeMs) state.wakeMs = Infinity
  handle(state, event, effects)
  const deadlineMs = expireCalls(state, effects)
  const dueMs = [
    deadlineMs,
    stepSweep(state),
    stepSettling(state),
    askDoubts(state, effects),
    startRepairs(state, effects),
    startTrims(state, effects),
    stepBalance(state, effects),
    stepCollection(state, effects),
    stepScrubRequest(state, effects),
    stepScrubs(state, effects),
  ]
  wake(state, Math.max(state.nowMs + 1, Math.min(state.nextDeadlineMs, ...dueMs)), effects)
  return effects
}

function wake(state: BlobState, atMs: number, effects: BlobEffect[]): void {
  if (atMs >= state.wakeMs) return
  state.wakeMs = atMs
  effects.push({type: 'wake', atMs})
}

function handle(state: BlobState, event: BlobEvent, effects: BlobEffect[]): void {
  switch (event.type) {
    case 'tick':
      break
    case 'master-started':
      state.epoch = event.epoch
      for (const name of event.members) addMember(state, name)
      break
    case 'settings-changed':
      state.settings = {...state.settings, ...event.settings}
      break
    case 'node-joined':
      joinNode(state, event, effects)
      break
    case 'node-lost':
      loseNode(state, event.node, effects)
      break
    case 'node-removed':
      removeNode(state, event.node, effects)
      break
    case 'node-draining':
      setDraining(state, event.node, true)
      break
    case 'node-undraining':
      setDraining(state, event.node, false)
      break
    case 'notice':
      hearNotice(state, event, effects)
      break
    case 'reply':
      endCall(state, event.call, event.reply, effects)
      break
    case 'call-failed':
      failCall(state, event.call, event.message, effects)
      break
    case 'request':
      handleRequest(state, event.id, event.request, effects)
      break
    default:
      unreachable(event)
  }
}

function handleRequest(state: BlobState, id: number, request: BlobClientRequest, effects: BlobEffect[]): void {
  if (request.type === 'name') nameBlobs(state, id, request, effects)
  else effects.push({type: 'answer', id, answer: answerTo(state, request, effects)})
}

function answerTo(
  state: BlobState,
  request: Exclude<BlobClientRequest, {type: 'name'}>,
  effects: BlobEffect[],
): BlobAnswer {
  switch (request.type) {
    case 'place':
      return placeUpload(state, request)
    case 'locate':
      return locateBlobs(state, request.blobs, request.near)
    case 'find-sizes':
      return findSizes(state, request.sizes)
    case 'status':
      return {type: 'status', status: reportStatus(state)}
    case 'gc-start':
      return {type: 'gc-started', round: askRound(state, request.isDryRun, effects)}
    case 'gc-abort':
      if (state.collection.round === undefined) return notRunning('no collection round is running')
      endRound(state, 'aborted', 'somebody asked for it', effects)
      return {type: 'gc-aborted'}
    case 'balance-start':
      return {type: 'balance-started', round: startBalance(state)}
    case 'scrub-start':
      return {type: 'scrub-started', ...requestScrub(state)}
    default:
      return unreachable(request)
  }
}

const notRunning = (message: string): BlobAnswer => ({type: 'refused', code: 'NOT_RUNNING', message})
