import type {DiskRoom} from '../../protocol/index.ts'
import type {DiskSpace} from '../files/file-system.ts'
import type {Replicas} from './replicas.ts'
import {type BrokenVolume, roomOf} from './volumes.ts'

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

/** What `NodeStatus` says of blobs, and the same by volume. */
export interface BlobUsage {
  /** Of all disks, each once. */
  readonly freeBytes: number
  readonly usedBytes: number
  readonly blobCount: number
  readonly reserveBytes: number
  readonly isFull: boolean
  /** Replicas set aside that still lie there, and those found since the start. */
  readonly corruptCount: number
  /** Uploads and blobs open for reading. */
  readonly transferCount: number
  readonly disks: readonly DiskRoom[]
  readonly volumes: readonly VolumeUsage[]
  readonly broken: readonly BrokenVolume[]
}

/**
 * What blobs take and what is left, by volume and in all. A disk with two volumes counts once. @throws when a volume cannot be
 * looked at
 */
export async function usageOf(replicas: Replicas, transferCount: number): Promise<BlobUsage> {
  const totals = replicas.table.totals()
  const spaces = await replicas.volumes.spaces()
  const volumes = [...replicas.volumes.byId].map(([id, {path}]): VolumeUsage => {
    const {freeBytes, totalBytes} = spaces.get(id)!
    const {count, bytes} = totals.get(id) ?? {count: 0, bytes: 0}
    const isFull = roomOf(spaces, id) <= replicas.reserveBytes
    return {path, freeBytes, totalBytes, usedBytes: bytes, blobCount: count, isFull}
  })
  const disks = disksOf([...spaces.values()])
  const sum = (value: (volume: VolumeUsage) => number): number => volumes.reduce((all, each) => all + value(each), 0)
  return {
    freeBytes: disks.reduce((all, {freeBytes}) => all + freeBytes, 0),
    usedBytes: sum(each => each.usedBytes),
    blobCount: sum(each => each.blobCount),
    reserveBytes: replicas.reserveBytes,
    isFull: volumes.every(each => each.isFull),
    corruptCount: replicas.corruptCount,
    transferCount,
    disks,
    volumes,
    broken: replicas.volumes.broken,
  }
}

/** Each disk once, with the least that was seen free on it: volumes on it are looked at one after the other. */
function disksOf(spaces: readonly DiskSpace[]): DiskRoom[] {
  const freeBytes = new Map<string, number>()
  for (const space of spaces)
    freeBytes.set(space.disk, Math.min(space.freeBytes, freeBytes.get(space.disk) ?? Infinity))
  return [...freeBytes].map(([disk, free]) => ({disk, freeBytes: free}))
}
