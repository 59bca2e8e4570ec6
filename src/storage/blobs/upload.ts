import {createHash} from 'node:crypto'
import {ClusterError} from '../../base/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import type {OpenFile} from '../files/file-system.ts'
import {spaceCheckBytes, writeBytesMin} from '../limits.ts'
import {abortable, ignoreUntilAwaited} from './abortable.ts'
import {BlockChecksums} from './checksums.ts'

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
  {bytesMax, checkSpace, signal}: WriteOptions,
): Promise<Written> {
  const hash = createHash('sha256')
  const checksums = new BlockChecksums()
  let bytes = 0
  let gathered: Uint8Array[] = []
  let gatheredBytes = 0
  let checkedBytes = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async (): Promise<void> => {
    const pieces = gathered
    gathered = []
    gatheredBytes = 0
    await writing
    writing = pieces.length === 0 ? writing : file.append(pieces)
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
      if (bytes - checkedBytes >= spaceCheckBytes) {
        checkedBytes = bytes
        await checkSpace()
      }
    }
    await flush()
  } finally {
    await writing
  }
  return {blob: hash.digest('hex'), bytes, checksums: checksums.finish()}
}
