/**
 * Before a tag names blobs: they are touched on every node that may have them. That proves that they are there, keeps
 * collection away from them for the grace period, and raises the copies that are wanted.
 */
import {type BlobId, commitEntryCountMax, type NodeName} from '../../protocol/index.ts'
import {assess} from './assess.ts'
import {send} from './calls.ts'
import {findSlot, hasBit} from './directory.ts'
import type {BlobAnswer, BlobEffect, NameRequest} from './events.ts'
import {clearSuspect, doubt, knowBlob, noteHeld} from './holders.ts'
import {blobsPerCallMax, namingsMax} from './limits.ts'
import {namesText} from './place.ts'
import {settle} from './settling.ts'
import {type BlobState, type Naming, nodesUp, type StorageNode} from './state.ts'

/**
 * Begins to make sure that blobs that a tag is to name are there and will not be collected meanwhile. Answers later, or at once when
 * it cannot.
 */
export function nameBlobs(state: BlobState, id: number, request: NameRequest, effects: BlobEffect[]): void {
  const refused = refusalOf(state, request)
  if (refused !== undefined) {
    effects.push({type: 'answer', id, answer: refused})
    return
  }
  const up = nodesUp(state)
  const bytes = new Map(request.blobs.map(named => [named.blob, named.bytes]))
  const naming: Naming = {
    id,
    bytes,
    replicaCount: request.replicaCount,
    replicaCountMin: Math.max(1, Math.min(request.replicaCountMin, up.length)),
    confirmed: new Map([...bytes.keys()].map(blob => [blob, 0])),
    lacking: new Set(bytes.keys()),
    silent: new Set(),
    callsLeft: 0,
    isAnswered: false,
  }
  state.namings.add(naming)
  for (const named of request.blobs) raiseWanted(state, named.blob, request.replicaCount)
  const asked = new Map<StorageNode, BlobId[]>(up.map(node => [node, []]))
  for (const named of request.blobs) for (const node of nodesToAsk(state, named, up)) asked.get(node)!.push(named.blob)
  for (const [node, blobs] of asked) {
    for (let at = 0; at < blobs.length; at += blobsPerCallMax) {
      naming.callsLeft++
      const page = blobs.slice(at, at + blobsPerCallMax)
      const order = {type: 'touch-blobs' as const, blobs: page, replicaCount: request.replicaCount}
      send(state, effects, node, order, {type: 'name', naming, blobs: page})
    }
  }
  if (naming.callsLeft === 0) endNaming(state, naming, effects)
}

function refusalOf(state: BlobState, request: NameRequest): BlobAnswer | undefined {
  if (request.blobs.length > commitEntryCountMax) {
    const message = `${request.blobs.length} blobs are named at once, ${commitEntryCountMax} are allowed`
    return {type: 'refused', code: 'PROTOCOL', message}
  }
  if (state.namings.size >= namingsMax) {
    return {type: 'refused', code: 'OVERLOADED', message: `${namingsMax} changes wait for nodes already`}
  }
  for (const {blob, bytes} of request.blobs) {
    const slot = findSlot(state.directory, blob)
    if (slot < 0 || state.directory.bytes[slot] === bytes) continue
    const message = `blob ${blob} has ${state.directory.bytes[slot]} bytes, not ${bytes}`
    return {type: 'refused', code: 'PROTOCOL', message, hint: 'push the file again'}
  }
  return undefined
}

/** Its live holders and where the client put it; when none of these is up, every node. */
function nodesToAsk(
  state: BlobState,
  named: {readonly blob: BlobId; readonly nodes?: readonly NodeName[]},
  up: readonly StorageNode[],
): readonly StorageNode[] {
  const {directory} = state
  const slot = findSlot(directory, named.blob)
  const likely = up.filter(
    node =>
      (slot >= 0 && hasBit(directory, directory.holders, slot, node.index)) ||
      named.nodes?.includes(node.name) === true,
  )
  return likely.length > 0 ? likely : up
}

function raiseWanted(state: BlobState, blob: BlobId, replicaCount: number): void {
  clearSuspect(state, blob)
  const slot = findSlot(state.directory, blob)
  if (slot < 0 || state.directory.wanted[slot]! >= replicaCount) return
  state.directory.wanted[slot] = replicaCount
  settle(state, slot)
  assess(state, slot)
}

/** @param touched - undefined: the node did not answer */
export function hearNamed(
  state: BlobState,
  naming: Naming,
  {node, asked}: {readonly node: StorageNode | undefined; readonly asked: readonly BlobId[]},
  touched: readonly BlobId[] | undefined,
  effects: BlobEffect[],
): void {
  if (node !== undefined) for (const blob of new Set(touched)) confirm(state, naming, node, blob)
  // It may hold them still, and must hear how many copies are wanted.
  if (node !== undefined && touched === undefined) {
    for (const blob of asked) doubt(node, blob)
    naming.silent.add(node.name)
  }
  naming.callsLeft--
  if (naming.lacking.size === 0 || naming.callsLeft === 0) endNaming(state, naming, effects)
}

function confirm(state: BlobState, naming: Naming, node: StorageNode, blob: BlobId): void {
  const bytes = naming.bytes.get(blob)
  if (bytes === undefined) return
  const report = {blob, bytes, replicaCount: naming.replicaCount, touchedAtMs: 0}
  // Named before its nodes' notices have come.
  if (findSlot(state.directory, blob) < 0) settle(state, knowBlob(state, report))
  noteHeld(state, node, report)
  // It may have become suspect while the touch was on its way.
  clearSuspect(state, blob)
  const count = naming.confirmed.get(blob)! + 1
  naming.confirmed.set(blob, count)
  if (count >= naming.replicaCountMin) naming.lacking.delete(blob)
}

function endNaming(state: BlobState, naming: Naming, effects: BlobEffect[]): void {
  if (naming.callsLeft === 0) state.namings.delete(naming)
  if (naming.isAnswered) return
  naming.isAnswered = true
  effects.push({type: 'answer', id: naming.id, answer: answerOf(state, naming)})
}

function answerOf(state: BlobState, naming: Naming): BlobAnswer {
  if (naming.lacking.size === 0) return {type: 'named', replicaCountMin: Math.min(...naming.confirmed.values())}
  const lacking = [...naming.lacking]
  const nowhere = lacking.filter(blob => findSlot(state.directory, blob) < 0)
  if (
    nowhere.length > 0 &&
    naming.silent.size === 0 &&
    [...state.nodes.values()].every(node => node.state === 'up' && node.inventory === 'complete')
  ) {
    const hint = 'push the file again'
    return {type: 'refused', code: 'BLOB_NOT_FOUND', message: `no node has blob ${namesText(nowhere)}`, hint}
  }
  const away = [...state.nodes.values()].filter(node => node.state !== 'up').map(node => node.name)
  const silent = [...naming.silent].filter(name => !away.includes(name))
  const why =
    (away.length === 0 ? '' : `; not connected: ${namesText(away)}`) +
    (silent.length === 0 ? '' : `; without an answer: ${namesText(silent)}`)
  const message = `fewer than ${naming.replicaCountMin} copies are confirmed of blob ${namesText(lacking)}${why}`
  return {
    type: 'refused',
    code: 'UNAVAILABLE',
    message,
    hint: 'try again when all nodes are up, or push the file again',
  }
}
