/** How each request to a node ends. */
import type {BlobId, BlobReply, Failed, NodeName, TagReply} from '../../protocol/index.ts'
import {assess} from './assess.ts'
import {endMove} from './balance-state.ts'
import {type Call, send} from './calls.ts'
import {hearDropped, hearIdle, hearUse} from './collect.ts'
import {findSlot, hasBit} from './directory.ts'
import type {BlobEffect} from './events.ts'
import {doubt, noteGone, noteHeld, noteSpace} from './holders.ts'
import {blobsPerCallMax, retryFirstMs} from './limits.ts'
import {hearNamed} from './name-blobs.ts'
import {hearGone} from './notices.ts'
import {type Copy, noteTrouble, releaseCopy} from './repair.ts'
import {hearScrubbed} from './scrub.ts'
import {hearRequested, type ScrubPage, type ScrubRequest} from './scrub-request.ts'
import type {BlobState, StorageNode} from './state.ts'
import {hearConfirmed, hearSurplusDropped, startTrim} from './trim.ts'

/** Ends a call; a reply to one that has ended already is late or came twice, and says nothing. */
export function endCall(state: BlobState, id: number, reply: BlobReply | TagReply, effects: BlobEffect[]): void {
  const call = state.calls.get(id)
  if (call === undefined) return
  state.calls.delete(id)
  const failed = reply.type === 'failed' ? reply : undefined
  if (failed?.code === 'STALE_EPOCH') {
    effects.push({type: 'deposed', epoch: failed.epoch ?? state.epoch + 1, node: call.node})
  }
  const {purpose} = call
  const node = state.nodes.get(call.node)
  switch (purpose.type) {
    case 'copy':
      endCopy(state, purpose.copy, reply, effects)
      break
    case 'name':
      hearNamed(
        state,
        purpose.naming,
        {node, asked: purpose.blobs},
        touchedOf(state, call, purpose.blobs, reply),
        effects,
      )
      break
    case 'confirm':
      hearConfirmed(state, purpose.trim, call.node, touchedOf(state, call, purpose.blobs, reply), effects)
      break
    case 'settle-doubts':
      settleDoubts(state, call, purpose, reply)
      break
    case 'drop-surplus':
      hearSurplusDropped(state, purpose, node, reply.type === 'dropped' ? reply.blobs : undefined)
      break
    case 'gc-list':
      hearIdle(state, purpose.round, node, reply.type === 'idle-blobs' ? reply : textOf(reply), effects)
      break
    case 'gc-find': {
      const used = reply.type === 'references' ? reply.blobs.map(({blob}) => blob) : undefined
      hearUse(state, purpose.round, node, used, effects)
      break
    }
    case 'gc-drop':
      hearDropped(state, purpose, node, reply.type === 'dropped' ? reply.blobs : undefined, effects)
      break
    case 'scrub':
      endScrubPage(state, {name: call.node, request: purpose.request}, reply, effects)
      break
    default:
      purpose satisfies never
  }
}

/** A call that will have no answer ends as if its node had said that it cannot be reached. */
export function failCall(state: BlobState, id: number, message: string, effects: BlobEffect[]): void {
  endCall(state, id, {type: 'failed', code: 'UNREACHABLE', message}, effects)
}

/** The node went or came: no answer on its old connection counts. */
export function failCallsTo(state: BlobState, name: NodeName, why: string, effects: BlobEffect[]): void {
  for (const call of [...state.calls.values()]) {
    if (call.node === name) failCall(state, call.id, `${name} did not answer: ${why}`, effects)
  }
}

/** @returns the earliest deadline that is left */
export function expireCalls(state: BlobState, effects: BlobEffect[]): number {
  if (state.nowMs < state.nextDeadlineMs) return state.nextDeadlineMs
  for (const call of [...state.calls.values()]) {
    if (call.deadlineMs <= state.nowMs) failCall(state, call.id, `${call.node} did not answer in time`, effects)
  }
  state.nextDeadlineMs = Infinity
  for (const call of state.calls.values()) state.nextDeadlineMs = Math.min(state.nextDeadlineMs, call.deadlineMs)
  return state.nextDeadlineMs
}

const textOf = (reply: BlobReply | TagReply): string =>
  reply.type === 'failed' ? reply.message : `unexpected answer ${reply.type}`

/** What was asked for and is not here is taken out of the directory. @returns undefined when there is no answer */
function touchedOf(
  state: BlobState,
  call: Call,
  asked: readonly BlobId[],
  reply: BlobReply | TagReply,
): readonly BlobId[] | undefined {
  const node = state.nodes.get(call.node)
  if (reply.type !== 'touched' || node === undefined) return undefined
  const here = new Set(reply.blobs)
  for (const blob of asked) if (!here.has(blob)) noteGone(state, node, blob)
  return reply.blobs
}

function settleDoubts(
  state: BlobState,
  call: Call,
  {blobs: asked, replicaCount}: {readonly blobs: readonly BlobId[]; readonly replicaCount: number},
  reply: BlobReply | TagReply,
): void {
  const node = state.nodes.get(call.node)
  if (node === undefined) return
  node.isBeingAsked = false
  const touched = touchedOf(state, call, asked, reply)
  if (touched === undefined) {
    // Asked again later, or told by its next inventory.
    node.askAgainMs = state.nowMs + retryFirstMs
    for (const blob of asked) doubt(node, blob)
    return
  }
  for (const blob of touched) {
    const slot = findSlot(state.directory, blob)
    if (slot < 0) continue
    const isNews = noteHeld(state, node, {blob, bytes: state.directory.bytes[slot]!, replicaCount, touchedAtMs: 0})
    if (isNews) noteSpace(node, state.directory.bytes[slot]!)
  }
}

/** Asks nodes about the blobs of which it is not known whether they have them. @returns when it wants to be called again */
export function askDoubts(state: BlobState, effects: BlobEffect[]): number {
  let wakeMs = Infinity
  for (const node of state.nodes.values()) {
    if (node.doubts.size === 0 || node.isBeingAsked || node.state !== 'up') continue
    if (state.nowMs < node.askAgainMs) {
      wakeMs = Math.min(wakeMs, node.askAgainMs)
      continue
    }
    const {blobs, replicaCount} = takeDoubts(state, node)
    node.isBeingAsked = true
    send(state, effects, node, {type: 'touch-blobs', blobs, replicaCount}, {type: 'settle-doubts', blobs, replicaCount})
  }
  return wakeMs
}

/** Blobs of which equally many copies are wanted: a request names one number. */
function takeDoubts(state: BlobState, node: StorageNode): {readonly blobs: BlobId[]; readonly replicaCount: number} {
  const wantedOf = (blob: BlobId): number => {
    const slot = findSlot(state.directory, blob)
    return slot < 0 ? 1 : state.directory.wanted[slot]!
  }
  const blobs: BlobId[] = []
  let replicaCount = 0
  for (const blob of node.doubts) {
    if (blobs.length === blobsPerCallMax) break
    if (replicaCount === 0) replicaCount = wantedOf(blob)
    if (wantedOf(blob) === replicaCount) blobs.push(blob)
  }
  for (const blob of blobs) node.doubts.delete(blob)
  return {blobs, replicaCount}
}

function endCopy(state: BlobState, copy: Copy, reply: BlobReply | TagReply, effects: BlobEffect[]): void {
  const slot = releaseCopy(state, copy)
  const isNodeUp = copy.target.state === 'up' && state.nodes.get(copy.target.name) === copy.target
  if (slot < 0) {
    endMove(state, copy.blob, 'the blob is gone')
  } else if (reply.type === 'stored' && isNodeUp && !copy.isDoubted) {
    finishCopy(state, copy, slot, effects)
  } else {
    endMove(state, copy.blob, textOf(reply))
    if (reply.type === 'failed') hearCopyFailure(state, copy, reply, effects)
    if (isNodeUp) doubt(copy.target, copy.blob)
    noteTrouble(state, slot, copy)
    assess(state, slot)
  }
}

function finishCopy(state: BlobState, copy: Copy, slot: number, effects: BlobEffect[]): void {
  const {repair, directory} = state
  repair.troubles.delete(slot)
  repair.doneCount++
  repair.doneBytes += copy.bytes
  const report = {blob: copy.blob, bytes: copy.bytes, replicaCount: directory.wanted[slot]!, touchedAtMs: 0}
  if (noteHeld(state, copy.target, report)) noteSpace(copy.target, copy.bytes)
  const victim = copy.moveFrom === undefined ? undefined : state.nodes.get(copy.moveFrom)
  const isToMove = victim !== undefined && hasBit(directory, directory.holders, slot, victim.index)
  if (isToMove) startTrim(state, [{slot, victim}], effects)
  else endMove(state, copy.blob, 'the fuller node has no copy any more')
}

function hearCopyFailure(state: BlobState, copy: Copy, failed: Failed, effects: BlobEffect[]): void {
  const detail = `from ${copy.source.name}: ${failed.code} ${failed.message}`
  effects.push({type: 'log', level: 'warn', msg: 'a copy failed', node: copy.target.name, blob: copy.blob, detail})
  // Until its next status says otherwise.
  if (failed.code === 'DISK_FULL') copy.target.isFull = true
  if (failed.code !== 'NOT_FOUND' && failed.code !== 'CORRUPT') return
  const slot = findSlot(state.directory, copy.blob)
  for (const node of state.nodes.values()) {
    const isSource =
      node !== copy.target && node.state === 'up' && hasBit(state.directory, state.directory.holders, slot, node.index)
    if (isSource) doubt(node, copy.blob)
  }
}

function endScrubPage(
  state: BlobState,
  {name, request}: {readonly name: NodeName; readonly request: ScrubRequest | undefined},
  reply: BlobReply | TagReply,
  effects: BlobEffect[],
): void {
  const node = state.nodes.get(name)
  if (node === undefined) return
  node.isScrubbing = false
  const corrupt = reply.type === 'scrubbed' ? reply.corrupt : []
  const page: ScrubPage | string = reply.type === 'scrubbed' ? {...reply, corruptCount: corrupt.length} : textOf(reply)
  if (request === undefined) hearScrubbed(state, node, page)
  else hearRequested(state, request, node, page)
  // The node tells it too, as a notice; whichever comes first counts.
  for (const blob of corrupt) hearGone(state, node, blob, 'corrupt', effects)
}
