import type {Replicas} from './replicas.ts'
import type {BrokenVolume} from './volumes.ts'

export interface VolumeUsage {
  readonly path: string
  readonly freeBytes: number
  readonly totalBytes: number
  /** Bytes of blobs. */
  readonly usedBytes: number
  readonly blobCount: number
  /** Takes no new blobs. */
  readonly isFull: boolean
}

/** What `NodeStatus` says of blobs, and the same by volume. Volumes on one disk count its free space each. */
export interface BlobUsage {
  readonly freeBytes: number
  readonly usedBytes: number
  readonly blobCount: number
  readonly reserveBytes: number
  readonly isFull: boolean
  /** Replicas set aside that still lie there, and those found since the start. */
  readonly corruptCount: number
  /** Uploads and blobs open for reading. */
  readonly transferCount: number
  readonly volumes: readonly VolumeUsage[]
  readonly broken: readonly BrokenVolume[]
}

export async function usageOf(replicas: Replicas, transferCount: number): Promise<BlobUsage> {
  const totals = replicas.table.totals()
  const volumes = await Promise.all(
    [...replicas.volumes.byId].map(async ([id, volume]): Promise<VolumeUsage> => {
      const space = await replicas.volumes.spaceOf(volume)
      const {count, bytes} = totals.get(id) ?? {count: 0, bytes: 0}
      const isFull = space.freeBytes - volume.expectedBytes <= replicas.reserveBytes
      return {path: volume.path, ...space, usedBytes: bytes, blobCount: count, isFull}
    }),
  )
  const sum = (value: (volume: VolumeUsage) => number): number => volumes.reduce((all, each) => all + value(each), 0)
  return {
    freeBytes: sum(each => each.freeBytes),
    usedBytes: sum(each => each.usedBytes),
    blobCount: sum(each => each.blobCount),
    reserveBytes: replicas.reserveBytes,
    isFull: volumes.every(each => each.isFull),
    corruptCount: replicas.corruptCount,
    transferCount,
    volumes,
    broken: replicas.volumes.broken,
  }
}
