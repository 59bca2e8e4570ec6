import type {BlobId} from '../../protocol/index.ts'
import type {BlobRow} from './blob-table.ts'
import {lossOf, storageError} from './failures.ts'
import {hashFile} from './hash-file.ts'
import type {Loss, Replicas} from './replicas.ts'

export interface ScrubResult {
  readonly blobCount: number
  readonly bytes: number
  /** Also those that could not be read. */
  readonly corrupt: readonly BlobId[]
  /** Go on from here; absent: that were all. */
  readonly after?: BlobId
}

/** Reads blobs whole and compares their SHA-256; see `BlobStore.scrub`. */
export async function scrub(
  replicas: Replicas,
  after: BlobId | '',
  bytesMax: number,
  signal: AbortSignal,
): Promise<ScrubResult> {
  const corrupt: BlobId[] = []
  let blobCount = 0
  let bytes = 0
  let last = after
  while (bytes < bytesMax) {
    const row = replicas.table.list(last, 1)[0]
    if (row === undefined) return {blobCount, bytes, corrupt}
    const loss = await lossBySha256(replicas, row, signal)
    if (loss !== undefined) await replicas.lose(row, loss)
    if (loss === 'corrupt' || loss === 'unreadable') corrupt.push(row.blob)
    last = row.blob
    blobCount++
    bytes += row.bytes
  }
  return {blobCount, bytes, corrupt, ...(last !== '' && {after: last})}
}

/** Reads one blob whole; what is not as it was stored is set aside. @returns whether it is here and whole */
export async function scrubOne(replicas: Replicas, blob: BlobId, signal: AbortSignal): Promise<boolean> {
  const row = replicas.table.find(blob)
  if (row === undefined) return false
  const loss = await lossBySha256(replicas, row, signal)
  if (loss !== undefined) await replicas.lose(row, loss)
  return loss === undefined && replicas.table.find(blob) !== undefined
}

/** What is wrong with a replica; undefined when it is whole, or was dropped while it was read. */
async function lossBySha256(replicas: Replicas, row: BlobRow, signal: AbortSignal): Promise<Loss | undefined> {
  const volume = replicas.volumes.get(row.volumeId)
  try {
    const file = await volume.open(row.blob)
    try {
      const {blob, checksums} = await hashFile(file, signal)
      if (blob === row.blob && checksums.equals(replicas.table.checksums(row.blob))) return undefined
      return replicas.table.find(row.blob)?.replica === row.replica ? 'corrupt' : undefined
    } finally {
      await file.close()
    }
  } catch (error) {
    const loss = signal.aborted ? undefined : lossOf(error)
    if (loss === undefined) throw storageError(error, replicas.node, volume.path)
    return replicas.table.find(row.blob)?.replica === row.replica ? loss : undefined
  }
}
