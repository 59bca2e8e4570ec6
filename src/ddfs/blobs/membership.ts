/**
 * Nodes: awaited -> up -> lost -> up ..., removed at last; draining beside that.
 *
 * A node's bits in the directory outlive its loss: what it held is remembered until its next inventory or its removal.
 */
import type {NodeName} from '../../protocol/index.ts'
import {failCallsTo} from './calls-end.ts'
import {clearBit, hasBit, isKnown, widenHolders} from './directory.ts'
import {remakeDiskSharers} from './disk-sharers.ts'
import type {BlobEffect} from './events.ts'
import {clearSeen, forgetOrAssess} from './holders.ts'
import {remakeMasks} from './masks.ts'
import {makeScrub} from './scrub.ts'
import {unsettleHeld} from './settling.ts'
import type {BlobState, StorageNode} from './state.ts'
import {startSweep} from './sweep.ts'

/** A node that is known of: waited for until it joins. Does nothing to one that is there. */
export function addMember(state: BlobState, name: NodeName): StorageNode {
  const known = state.nodes.get(name)
  if (known !== undefined) return known
  const free = state.nodeByIndex.indexOf(undefined)
  const index = free < 0 ? state.nodeByIndex.length : free
  const node: StorageNode = {
    name,
    index,
    state: 'awaited',
    isDraining: false,
    link: 0,
    inventory: 'unknown',
    freeBytes: 0,
    usedBytes: 0,
    reserveBytes: 0,
    isFull: false,
    transferCount: 0,
    corruptCount: 0,
    disks: [],
    diskSharers: [],
    hasStatus: false,
    uploads: [],
    copiesIn: 0,
    copiesOut: 0,
    copiesInBytes: 0,
    doubts: new Set(),
    isBeingAsked: false,
    askAgainMs: 0,
    scrub: makeScrub(state),
    isScrubbing: false,
  }
  state.nodes.set(name, node)
  state.nodeByIndex[index] = node
  widenHolders(state.directory, state.nodeByIndex.length)
  remakeMasks(state)
  return node
}

/** A link of a node begins: it may have lost anything since the last, so its calls fail and it is asked for its inventory again. */
export function joinNode(
  state: BlobState,
  event: {readonly node: NodeName; readonly link: number; readonly isWiped?: boolean},
  effects: BlobEffect[],
): void {
  const node = addMember(state, event.node)
  // A join that was overtaken by a later one of the same node.
  if (event.link <= node.link) return
  failCallsTo(state, node.name, 'it connected again', effects)
  if (event.isWiped === true) clearNode(state, node)
  else clearSeen(state, node)
  node.state = 'up'
  node.link = event.link
  node.inventory = 'coming'
  node.hasStatus = false
  node.uploads = []
  node.doubts.clear()
  noteNodesChanged(state)
}

/** A node counts as gone: what it holds is copied elsewhere, and stays listed, because it may come back. */
export function loseNode(state: BlobState, name: NodeName, effects: BlobEffect[]): void {
  const node = state.nodes.get(name)
  if (node === undefined || node.state === 'lost') return
  clearSeen(state, node)
  unsettleHeld(state, node)
  node.state = 'lost'
  node.inventory = 'unknown'
  node.uploads = []
  node.doubts.clear()
  noteNodesChanged(state)
  failCallsTo(state, name, 'it is lost', effects)
  effects.push({type: 'log', level: 'warn', msg: 'repairing what a lost node held', node: name})
}

/** A person has said that a node will not come back: what it held is forgotten. */
export function removeNode(state: BlobState, name: NodeName, effects: BlobEffect[]): void {
  const node = state.nodes.get(name)
  if (node === undefined) return
  node.state = 'lost'
  noteNodesChanged(state)
  failCallsTo(state, name, 'it was removed', effects)
  clearNode(state, node)
  state.nodes.delete(name)
  state.nodeByIndex[node.index] = undefined
  remakeDiskSharers(state)
  noteNodesChanged(state)
}

/** A node that drains keeps and serves what it has, and its copies do not count. */
export function setDraining(state: BlobState, name: NodeName, isDraining: boolean): void {
  const node = addMember(state, name)
  if (node.isDraining === isDraining) return
  node.isDraining = isDraining
  noteNodesChanged(state)
}

/** What a wiped or removed node held is gone. */
function clearNode(state: BlobState, node: StorageNode): void {
  const directory = state.directory
  for (let slot = 0; slot < directory.slotEnd; slot++) {
    clearBit(directory, directory.seen, slot, node.index)
    if (!hasBit(directory, directory.holders, slot, node.index)) continue
    clearBit(directory, directory.holders, slot, node.index)
    state.settling.delete(slot)
    if (isKnown(directory, slot)) forgetOrAssess(state, slot)
  }
}

function noteNodesChanged(state: BlobState): void {
  state.nodesChangedMs = state.nowMs
  remakeMasks(state)
  startSweep(state)
}
