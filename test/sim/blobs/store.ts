/** One node's blobs and its replicas of tags, as an agent keeps them, in memory. */
import type {BlobId, BlobReport, NodeName, TagName} from '../../../src/protocol/index.ts'

export interface StoredBlob {
  readonly bytes: number
  replicaCount: number
  /** On the node's own account of time, which stands still while the node is down. */
  touchedMs: number
  isGood: boolean
}

export interface SimStore {
  readonly name: NodeName
  readonly blobs: Map<BlobId, StoredBlob>
  /** What it believes that tags name. Behind the truth when it is not up to date. */
  readonly tags: Map<TagName, Set<BlobId>>
  capacityBytes: number
  isRunning: boolean
  /** 0: not connected. */
  link: number
  epoch: number
  /** Account of running time: what was counted before `sinceMs`. */
  ranMs: number
  sinceMs: number
  /** Time of day is off by so much. Reports carry it; nothing may depend on it. */
  skewMs: number
  isWiped: boolean
}

export const makeStore = (name: NodeName, capacityBytes: number): SimStore => ({
  name,
  blobs: new Map(),
  tags: new Map(),
  capacityBytes,
  isRunning: true,
  link: 0,
  epoch: 0,
  ranMs: 0,
  sinceMs: 0,
  skewMs: 0,
  isWiped: false,
})

export const accountOf = (store: SimStore, nowMs: number): number => store.ranMs + nowMs - store.sinceMs

export function usedBytesOf(store: SimStore): number {
  let bytes = 0
  for (const blob of store.blobs.values()) bytes += blob.bytes
  return bytes
}

export function reportOf(store: SimStore, blob: BlobId, nowMs: number): BlobReport {
  const {bytes, replicaCount} = store.blobs.get(blob)!
  return {blob, bytes, replicaCount, touchedAtMs: nowMs + store.skewMs}
}

/** @returns false when it does not fit */
export function storeBlob(store: SimStore, blob: BlobId, bytes: number, replicaCount: number, nowMs: number): boolean {
  const known = store.blobs.get(blob)
  const touchedMs = accountOf(store, nowMs)
  if (known?.isGood) {
    known.touchedMs = touchedMs
    known.replicaCount = Math.max(known.replicaCount, replicaCount)
    return true
  }
  if (usedBytesOf(store) + bytes > store.capacityBytes) return false
  store.blobs.set(blob, {bytes, replicaCount, touchedMs, isGood: true})
  return true
}
