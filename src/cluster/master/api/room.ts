/** What is free in the cluster as a whole, where nodes may share disks. */
import type {NodeInfo, NodeName} from '../../../protocol/index.ts'

type Node = Pick<NodeInfo, 'name' | 'state' | 'status'>

/**
 * Room for new data in bytes: not that of nodes that do not answer, or take none. A disk that several nodes write to counts
 * once, with the least that any of them saw free: they look one after the other.
 */
export function roomOf(nodes: readonly Pick<Node, 'state' | 'status'>[]): number {
  let room = 0
  const byDisk = new Map<string, number>()
  for (const {state, status} of nodes) {
    if (state !== 'up' || status === undefined || status.isFull) continue
    if (status.disks === undefined) room += status.freeBytes
    for (const {disk, freeBytes} of status.disks ?? []) {
      byDisk.set(disk, Math.min(freeBytes, byDisk.get(disk) ?? Infinity))
    }
  }
  for (const freeBytes of byDisk.values()) room += freeBytes
  return room
}

/** Nodes that write to one disk, together; nothing of nodes that have theirs for themselves. */
export function diskSharersOf(nodes: readonly Node[]): NodeName[][] {
  const byDisk = new Map<string, NodeName[]>()
  for (const {name, status} of nodes) {
    for (const {disk} of status?.disks ?? []) byDisk.set(disk, [...(byDisk.get(disk) ?? []), name])
  }
  // Two nodes may share several disks.
  const groups = new Map([...byDisk.values()].map(group => [group.join(), group]))
  return [...groups.values()].filter(({length}) => length > 1)
}
