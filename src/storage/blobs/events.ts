import type {BlobId, BlobReport} from '../../protocol/index.ts'

/** What a store tells its agent unasked. */
export interface BlobStoreEvents {
  /** Replicas are not here any more without having been dropped. */
  onGone(blobs: readonly BlobId[], reason: 'corrupt' | 'missing'): void
  /** A file without a row was found to be whole: it counts as stored now. */
  onAdopted(blob: BlobReport): void
  /** A replica has its name: every byte of this file was hashed on its way here. */
  onWritten(path: string): void
}
