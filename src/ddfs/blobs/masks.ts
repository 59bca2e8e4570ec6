/** Sets of nodes as bits beside the directory's. */
import {assert} from '../../base/index.ts'
import {type BlobState, isConfirmed, isCounted, isUp, type StorageNode} from './state.ts'

/** Sets of nodes that are asked for with each blob, as words to compare. After every change of a node. */
export function remakeMasks(state: BlobState): void {
  const words = state.directory.words
  const maskOf = (isIn: (node: StorageNode) => boolean): Uint32Array => {
    const mask = new Uint32Array(words)
    for (const node of state.nodes.values()) if (isIn(node)) mask[node.index >>> 5]! |= 1 << (node.index & 31)
    return mask
  }
  let countedCount = 0
  for (const node of state.nodes.values()) if (isCounted(node)) countedCount++
  state.masks = {up: maskOf(isUp), counted: maskOf(isCounted), confirmed: maskOf(isConfirmed), countedCount}
  state.summary = undefined
  assert(state.nodeByIndex.length <= words * 32, 'each node has a bit')
}
