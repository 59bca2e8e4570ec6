/** Where chunks go: the few calls to a cluster that a follower makes. */
import {appendEntries, type ClusterClient, storeBlob} from '../../client/index.ts'
import type {BlobEntry, BlobId, NodeName, TagName} from '../../protocol/index.ts'

export interface ChunkTarget {
  /**
   * Stores a blob, unless it is there already. Resolves when enough copies are durable.
   *
   * @param open - its bytes, as often as they are needed
   * @returns whether it was there
   */
  store(entry: BlobEntry, open: () => AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<boolean>
  /** Adds an entry to a tag, unless the tag has one of that name. */
  append(tag: TagName, entry: BlobEntry, signal: AbortSignal): Promise<void>
}

export interface TargetOptions {
  readonly replicaCount?: number | undefined
  readonly minReplicas?: number | undefined
  readonly tagToken?: string | undefined
  readonly onWarning?: ((message: string) => void) | undefined
}

/** The target of `ddfs watch`. Calls throw as `storeBlob` and `appendEntries` do; both may be repeated with the same entry. */
export function clusterTarget(client: ClusterClient, options: TargetOptions): ChunkTarget {
  /** Where a blob was just put, until it is in its tag: the master may not have heard of it yet. */
  const holders = new Map<BlobId, readonly NodeName[]>()
  return {
    async store(entry, open, signal) {
      const source = {name: entry.name, bytes: entry.bytes, blob: entry.blob, isReplayable: true, open}
      const {wasKnown, nodes} = await storeBlob(client, source, {...options, signal})
      holders.set(entry.blob, nodes)
      return wasKnown
    },
    async append(tag, entry, signal) {
      const {replicaCount, tagToken} = options
      await appendEntries(client, tag, [entry], {unique: 'name', replicaCount, tagToken, signal, holders})
      holders.delete(entry.blob)
    },
  }
}
