/** The node that an output belongs to, where a grouping looks at nodes. */
import type {Output} from './types.ts'

/** One for all outputs, or one each. */
export type Homes = string | readonly string[]

/**
 * Chooses the node of an output: where its file is, or one of the nodes that hold it by rendezvous hashing (Disco draws
 * one at random), or none.
 *
 * @param key - the producing task's key
 * @param number - the output's number in that task
 */
export function homeOf(output: Output, key: string, number: number): string {
  if (output.place.type === 'file') return output.place.node
  const nodes = output.nodes ?? []
  if (nodes.length < 2) return nodes[0] ?? ''
  const name = `${key}/${number}`
  let best = nodes[0]!
  let bestWeight = weightOf(best, name)
  for (const node of nodes) {
    const weight = weightOf(node, name)
    if (weight > bestWeight || (weight === bestWeight && node < best)) {
      best = node
      bestWeight = weight
    }
  }
  return best
}

/** @returns one name when all outputs have the same home, as those of a task that wrote files do */
export function homesOf(outputs: readonly Output[], key: string): Homes {
  const homes = outputs.map((output, number) => homeOf(output, key, number))
  const first = homes[0] ?? ''
  return homes.every(home => home === first) ? first : homes
}

/** 32 bits of FNV-1a over both names, mixed: the same on every machine. */
export function weightOf(node: string, name: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < node.length; index++) hash = Math.imul(hash ^ node.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash, 0x01000193)
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
