/** Which nodes write to one disk: several on one machine, for trying a cluster out or one a volume. */
import type {DiskRoom} from '../../protocol/index.ts'
import type {BlobState, StorageNode} from './state.ts'

/** @param disks - of the node's status; left out by older nodes */
export function noteDisks(state: BlobState, node: StorageNode, disks: readonly DiskRoom[] = []): void {
  const names = disks.map(({disk}) => disk).sort()
  if (names.join() === node.disks.join()) return
  node.disks = names
  remakeDiskSharers(state)
}

/** After nodes or their disks changed. */
export function remakeDiskSharers(state: BlobState): void {
  const byDisk = new Map<string, StorageNode[]>()
  for (const node of state.nodes.values()) {
    for (const disk of node.disks) byDisk.set(disk, [...(byDisk.get(disk) ?? []), node])
  }
  for (const node of state.nodes.values()) {
    const sharers = new Set(node.disks.flatMap(disk => byDisk.get(disk)!))
    sharers.delete(node)
    node.diskSharers = [...sharers]
  }
}
