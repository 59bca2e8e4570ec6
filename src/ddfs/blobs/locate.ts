/** Which nodes have these blobs? */
import type {BlobId, NodeName} from '../../protocol/index.ts'
import {findSlot, hasAnyHolder, hasBit} from './directory.ts'
import type {BlobAnswer, LocatedBlob} from './events.ts'
import {locateCountMax} from './limits.ts'
import type {BlobState, StorageNode} from './state.ts'

/** @param near - a node whose copy comes first if it has one */
export function locateBlobs(state: BlobState, blobs: readonly BlobId[], near: NodeName | undefined): BlobAnswer {
  if (blobs.length > locateCountMax) {
    const message = `${blobs.length} blobs are asked for at once, ${locateCountMax} are allowed`
    return {type: 'refused', code: 'PROTOCOL', message}
  }
  // Equally busy nodes share the readers: the order is drawn anew for each answer.
  const order = [...state.nodes.values()]
    .map(node => ({node, tie: state.random.next()}))
    .sort(
      (left, right) =>
        Number(right.node.name === near) - Number(left.node.name === near) ||
        Number(left.node.isDraining) - Number(right.node.isDraining) ||
        left.node.transferCount - right.node.transferCount ||
        left.tie - right.tie,
    )
    .map(({node}) => node)
  const located: LocatedBlob[] = []
  const unknown: BlobId[] = []
  for (const blob of blobs) {
    const slot = findSlot(state.directory, blob)
    if (slot < 0) unknown.push(blob)
    else located.push(locate(state, blob, slot, order))
  }
  const isCertain = order.length > 0 && order.every(node => node.state === 'up' && node.inventory === 'complete')
  return {type: 'located', blobs: located, unknown, isCertain}
}

/** Which of these lengths may a known blob have? Also one that a blob had that is gone: whoever asks looks closer then. */
export function findSizes({directory}: BlobState, sizes: readonly number[]): BlobAnswer {
  const used = directory.bytes.subarray(0, directory.slotEnd)
  return {type: 'sizes-found', sizes: sizes.filter(bytes => used.includes(bytes))}
}

function locate(state: BlobState, blob: BlobId, slot: number, order: readonly StorageNode[]): LocatedBlob {
  const {directory} = state
  const nodes: NodeName[] = []
  const lostNodes: NodeName[] = []
  if (hasAnyHolder(directory, slot)) {
    for (const node of order) {
      if (hasBit(directory, directory.holders, slot, node.index))
        (node.state === 'up' ? nodes : lostNodes).push(node.name)
    }
  }
  return {blob, bytes: directory.bytes[slot]!, replicaCount: directory.wanted[slot]!, nodes, lostNodes}
}
