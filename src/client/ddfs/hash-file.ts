import {createHash} from 'node:crypto'
import {freeBytes} from '../../base/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import {readPieces} from './files.ts'

/** SHA-256 and length of a file: what a push asks the cluster for before it sends anything. */
export async function hashFile(
  file: Parameters<typeof readPieces>[0],
  signal?: AbortSignal,
): Promise<{readonly blob: BlobId; readonly bytes: number}> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of readPieces(file, signal)) {
    hash.update(piece)
    bytes += piece.length
    freeBytes(piece)
  }
  return {blob: hash.digest('hex'), bytes}
}
