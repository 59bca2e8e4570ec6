import {createHash} from 'node:crypto'
import type {OpenFile} from '../files/file-system.ts'
import {BlockChecksums, blockBytes} from './checksums.ts'
import type {Written} from './upload.ts'

/** Reads a whole file, block by block, and gives what an upload of it would have. */
export async function hashFile(file: OpenFile, signal: AbortSignal): Promise<Written> {
  const hash = createHash('sha256')
  const checksums = new BlockChecksums()
  const buffer = Buffer.allocUnsafe(blockBytes)
  let bytes = 0
  while (true) {
    signal.throwIfAborted()
    const filled = await file.read(buffer, bytes)
    const block = buffer.subarray(0, filled)
    hash.update(block)
    checksums.add(block)
    bytes += filled
    if (filled < buffer.length) return {blob: hash.digest('hex'), bytes, checksums: checksums.finish()}
  }
}
