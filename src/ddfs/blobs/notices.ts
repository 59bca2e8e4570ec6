/**
 * What agents tell unasked.
 *
 * An inventory comes in pages after joining. Each page counts at once (the node has these); at its end it replaces what
 * was known: what was neither in a page nor stored since the node joined is not there. What is reported gone in between
 * is taken out of both. So nothing that is stored while pages come is lost, whatever the order of files in the pages.
 */
import type {AgentNotice, BlobId, BlobReport, NodeName} from '../../protocol/index.ts'
import {clearBit, findSlot, hasBit, isKnown} from './directory.ts'
import {noteDisks} from './disk-sharers.ts'
import type {BlobEffect} from './events.ts'
import {clearSeen, clearSuspect, forgetOrAssess, knowBlob, noteGone, noteHeld, noteSpace} from './holders.ts'
import {corruptSeenMax} from './limits.ts'
import {remakeMasks} from './masks.ts'
import {doubtCopiesTo} from './repair.ts'
import {settle} from './settling.ts'
import type {BlobState, StorageNode} from './state.ts'
import {startSweep} from './sweep.ts'

/** What a node tells by itself. Of a link that is not its present one nothing counts. */
export function hearNotice(
  state: BlobState,
  event: {readonly node: NodeName; readonly link: number; readonly notice: AgentNotice},
  effects: BlobEffect[],
): void {
  const node = state.nodes.get(event.node)
  if (node === undefined || node.state !== 'up' || node.link !== event.link) return
  const notice = event.notice
  switch (notice.type) {
    case 'inventory-begin':
      // The first one of a connection, or one that replaces the last.
      clearSeen(state, node)
      node.inventory = 'coming'
      remakeMasks(state)
      break
    case 'inventory-blobs':
      if (node.inventory === 'coming') for (const report of notice.blobs) noteHeld(state, node, report)
      break
    case 'inventory-end':
      if (node.inventory === 'coming') endInventory(state, node, effects)
      break
    case 'blobs-stored':
      for (const report of notice.blobs) hearStored(state, node, report)
      break
    case 'uploads-ended':
      for (const target of notice.targets) endUpload(node, target)
      break
    case 'blobs-gone':
      for (const blob of notice.blobs) hearGone(state, node, blob, notice.reason, effects)
      break
    case 'status':
      hearStatus(state, node, notice.status)
      break
    case 'inventory-tags': // The tag side's.
      break
    default:
      notice satisfies never
  }
}

function hearStored(state: BlobState, node: StorageNode, report: BlobReport): void {
  const {directory} = state
  const slot = findSlot(directory, report.blob)
  // A copy that repair made is no upload: others of it are not on their way.
  const isUpload = slot < 0 || directory.wanted[slot]! < report.replicaCount || state.settling.has(slot)
  if (isUpload) settle(state, slot < 0 ? knowBlob(state, report) : slot)
  clearSuspect(state, report.blob)
  if (noteHeld(state, node, report)) noteSpace(node, report.bytes)
}

function endUpload(node: StorageNode, target: string): void {
  const index = node.uploads.findIndex(upload => upload.target === target)
  if (index >= 0) node.uploads.splice(index, 1)
}

function endInventory(state: BlobState, node: StorageNode, effects: BlobEffect[]): void {
  const directory = state.directory
  node.inventory = 'complete'
  remakeMasks(state)
  let goneCount = 0
  for (let slot = 0; slot < directory.slotEnd; slot++) {
    const isSeen = hasBit(directory, directory.seen, slot, node.index)
    if (isSeen) clearBit(directory, directory.seen, slot, node.index)
    if (isSeen || !hasBit(directory, directory.holders, slot, node.index)) continue
    goneCount++
    clearBit(directory, directory.holders, slot, node.index)
    if (isKnown(directory, slot)) forgetOrAssess(state, slot)
  }
  startSweep(state)
  const detail = goneCount === 0 ? {} : {detail: `${goneCount} blobs that it held before are gone`}
  effects.push({
    type: 'log',
    level: goneCount === 0 ? 'info' : 'warn',
    msg: 'inventory complete',
    node: node.name,
    ...detail,
  })
}

/** A node does not have a copy any more. One that it was told to drop gives its room free; any other is told to people. */
export function hearGone(
  state: BlobState,
  node: StorageNode,
  blob: BlobId,
  reason: 'dropped' | 'corrupt' | 'missing',
  effects: BlobEffect[],
): void {
  doubtCopiesTo(state, node.name, blob)
  const slotBytes = noteGoneBytes(state, node, blob)
  if (reason === 'dropped') {
    noteSpace(node, -slotBytes)
    return
  }
  // Who has just heard that a scrub is over must not be told the counts from before what it found.
  state.summary = undefined
  if (reason === 'corrupt') noteCorrupt(state, node, blob)
  effects.push({type: 'log', level: 'warn', msg: `a copy is ${reason}`, node: node.name, blob})
}

/** @returns the blob's bytes if the node was known to hold it, else 0 */
function noteGoneBytes(state: BlobState, node: StorageNode, blob: BlobId): number {
  const slot = findSlot(state.directory, blob)
  const bytes = slot < 0 ? 0 : state.directory.bytes[slot]!
  return noteGone(state, node, blob) ? bytes : 0
}

function noteCorrupt(state: BlobState, node: StorageNode, blob: BlobId): void {
  state.corruptSeen.delete(blob)
  state.corruptSeen.set(blob, node.name)
  if (state.corruptSeen.size <= corruptSeenMax) return
  const oldest = state.corruptSeen.keys().next()
  if (!oldest.done) state.corruptSeen.delete(oldest.value)
}

function hearStatus(
  state: BlobState,
  node: StorageNode,
  status: Extract<AgentNotice, {type: 'status'}>['status'],
): void {
  const hadRoom = node.hasStatus && !node.isFull
  node.freeBytes = status.freeBytes
  node.usedBytes = status.usedBytes
  node.reserveBytes = status.reserveBytes
  node.isFull = status.isFull
  node.transferCount = status.transferCount
  node.corruptCount = status.corruptCount
  noteDisks(state, node, status.disks)
  node.hasStatus = true
  // Blobs that had nowhere to go can go here now.
  if (!hadRoom && !node.isFull) startSweep(state)
}
