/**
 * Which nodes hold a tag: rendezvous hashing (highest random weight).
 *
 * Every node gets a weight from the pair (node, name): FNV-1a over both in UTF-16 code units with a zero between them,
 * then the finalizer of MurmurHash3, 32 bits. The nodes with the highest weights hold the name; equal weights go by the
 * node's name. A node that comes or goes moves only the names that it gets or had.
 */
import type {NodeName} from '../protocol/index.ts'

/** All of `nodes`, best first. The order of `nodes` does not matter. */
export function rankNodes(name: string, nodes: readonly NodeName[]): NodeName[] {
  return nodes
    .map(node => ({node, weight: weightOf(node, name)}))
    .sort((left, right) => right.weight - left.weight || (left.node < right.node ? -1 : 1))
    .map(({node}) => node)
}

/** How `node` weighs for `name`: 0 to 2^32 - 1, the same on every machine. */
export function weightOf(node: NodeName, name: string): number {
  let hash = addText(0x811c9dc5, node)
  hash = Math.imul(hash, 0x01000193)
  return finish(addText(hash, name))
}

function addText(start: number, text: string): number {
  let hash = start
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}

function finish(hash: number): number {
  let mixed = hash
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
