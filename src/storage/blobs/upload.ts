import {createHash} from 'node:crypto'
import {ClusterError, freeBytes} from '../../base/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import type {OpenFile} from '../files/file-system.ts'
import {spaceCheckBytes, writeBytesMin} from '../limits.ts'
import {abortable, ignoreUntilAwaited} from './abortable.ts'
import {BlockChecksums} from './checksums.ts'

/**
 * The disk is told to begin after so many bytes, and again each time: what is left for the end is little. Without it the
 * system waits for seconds before it writes, and the sync at the end for all of it. Bytes.
 */
const syncEveryBytes = 64 << 20

/** More pieces than this are not gathered for one call. */
const gatheredPieceCountMax = 256

export interface Written {
  readonly blob: BlobId
  readonly bytes: number
  /** Of its blocks, packed. */
  readonly checksums: Buffer
}

export interface WriteOptions {
  readonly bytesMax: number
  /** Looks at the room on the volume; called every so often. Throws when it is too little. */
  readonly checkSpace: () => Promise<void>
  readonly signal: AbortSignal
  /** The pieces are ours: their memory is freed as soon as they are on their way to the disk. */
  readonly isGivenAway: boolean
}

/**
 * Writes a stream into a file and hashes it on the way. The disk works on one piece while the next is hashed. The
 * stream's buffers must not change after it gave them.
 *
 * @throws ClusterError CORRUPT when the stream is longer than `bytesMax`
 */
export async function writeBlob(
  source: AsyncIterable<Uint8Array>,
  file: OpenFile,
  {bytesMax, checkSpace, signal, isGivenAway}: WriteOptions,
): Promise<Written> {
  const hash = createHash('sha256')
  const checksums = new BlockChecksums()
  let bytes = 0
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0
  let checkedBytes = 0
  let syncedBytes = 0
  let syncing: Promise<void> = Promise.resolve()
  let writing: Promise<void> = Promise.resolve()
  const append = async (pieces: readonly Uint8Array[]): Promise<void> => {
    await file.append(pieces)
    if (isGivenAway) pieces.forEach(freeBytes)
  }
  const flush = async (): Promise<void> => {
    const pieces = gathered
    gathered = []
    gatheredBytes = 0
    await writing
    if (pieces.length > 0) writing = append(pieces)
    // Awaited by the next flush; until then a failure must not be taken for one that nobody waits for.
    writing.catch(ignoreUntilAwaited)
  }
  try {
    for await (const chunk of abortable(source, signal)) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new ClusterError('CORRUPT', `a blob of ${bytesMax} bytes has more than that`)
      hash.update(chunk)
      checksums.add(chunk)
      gathered.push(chunk)
      gatheredBytes += chunk.length
      if (gatheredBytes >= writeBytesMin || gathered.length >= gatheredPieceCountMax) await flush()
      if (bytes - syncedBytes >= syncEveryBytes) {
        syncedBytes = bytes
        await syncing
        syncing = file.sync()
        syncing.catch(ignoreUntilAwaited)
      }
      if (bytes - checkedBytes >= spaceCheckBytes) {
        checkedBytes = bytes
        await checkSpace()
      }
    }
    await flush()
  } finally {
    // The file is closed next: nothing may be under way. A disk that failed is why a stream broke off, so it is told first.
    await Promise.allSettled([writing, syncing])
    await writing
    await syncing
  }
  return {blob: hash.digest('hex'), bytes, checksums: checksums.finish()}
}
