/** Bodies of the HTTP interface about blobs: where they go, where they are, and how they are put there. */
import type {BlobId, NodeName} from './names.ts'

/** POST placeBlob. */
export interface PlaceRequest {
  /** Absent: not known before the end; a node with a good deal of room is chosen. */
  readonly bytes?: number
  readonly blob?: BlobId
  readonly replicaCount?: number
  /** Nodes that failed already. */
  readonly exclude?: readonly NodeName[]
}

export interface PlaceAnswer {
  /** Copies wanted; fewer targets when there are too few nodes, and then `warning` says why. */
  readonly replicaCount: number
  readonly targets: readonly UploadTarget[]
  readonly warning?: string
}

export interface UploadTarget {
  readonly node: NodeName
  /** PUT the bytes here. Good for one blob of at most the size that was asked for, for a limited time. */
  readonly url: string
}

/** PUT upload answers 201 with this. */
export interface UploadAnswer {
  readonly blob: BlobId
  readonly bytes: number
  readonly node: NodeName
  /** It was there before. */
  readonly existed: boolean
}

/** POST keepBlobs: which of these are stored already? They will not be collected for the grace period. */
export interface KeepRequest {
  readonly blobs: readonly BlobId[]
  readonly replicaCount?: number
}

export interface KeepAnswer {
  readonly known: readonly {readonly blob: BlobId; readonly bytes: number}[]
}

/** POST locateBlobs. */
export interface LocateRequest {
  readonly blobs: readonly BlobId[]
  /** Lengths in bytes: which of them do stored blobs have? A file of another length is surely new. */
  readonly sizes?: readonly number[]
}

export interface LocateAnswer {
  readonly blobs: readonly BlobPlace[]
  /** All nodes are up and have told what they hold: a blob without replicas is nowhere. Absent from masters that do not tell. */
  readonly isCertain?: boolean
  /** Of the lengths asked for, those that a blob may have; absent from masters that do not know the question. */
  readonly sizes?: readonly number[]
}

export interface BlobPlace {
  readonly blob: BlobId
  readonly bytes: number
  /** Live ones first; empty: nobody who answers has it. */
  readonly replicas: readonly {readonly node: NodeName; readonly url: string; readonly isLive: boolean}[]
}

/** POST signBlobs. */
export interface SignRequest {
  readonly blobs: readonly BlobId[]
  /** How long the URLs are good, milliseconds; at most `signedUrlMsMax`. */
  readonly forMs: number
}

/** As `locateBlobs` tells them, with URLs that need no token. Whoever has one can read that blob until then. */
export interface SignAnswer extends Pick<LocateAnswer, 'blobs' | 'isCertain'> {
  /** By the cluster's clock. */
  readonly expiresAtMs: number
}
