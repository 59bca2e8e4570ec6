import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import type {BlobId} from '../../protocol/index.ts'
import {readBytes} from './text.ts'

/** SHA-256 and length of a file: what a push asks the cluster for before it sends anything. */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
): Promise<{readonly blob: BlobId; readonly bytes: number}> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path, {highWaterMark: readBytes}) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted()
    hash.update(piece)
    bytes += piece.length
  }
  return {blob: hash.digest('hex'), bytes}
}
