import type {OpenFile} from '../files/file-system.ts'
import {blockBytes, isBlockWhole} from './checksums.ts'

/** The bytes of a block are not those that were stored, or the disk does not give them. */
export class BrokenBlock extends Error {
  readonly index: number

  constructor(index: number, cause?: unknown) {
    super(`block ${index} is not what was stored`, {cause})
    this.index = index
  }
}

/** What is read of a blob: bytes from `start` to before `end`, of `bytes`. */
export interface BlockRange {
  readonly bytes: number
  readonly start: number
  readonly end: number
}

/**
 * Reads a range block by block; each block is compared with its checksum before any of it is given. While one is used,
 * the next is read.
 *
 * @throws BrokenBlock
 */
export async function* readBlocks(
  file: OpenFile,
  checksums: Buffer,
  {bytes, start, end}: BlockRange,
): AsyncGenerator<Buffer> {
  if (start >= end) return
  const last = Math.floor((end - 1) / blockBytes)
  let index = Math.floor(start / blockBytes)
  let reading = readBlock(file, checksums, index, bytes)
  try {
    while (true) {
      const block = await reading
      const from = Math.max(0, start - index * blockBytes)
      const to = Math.min(block.length, end - index * blockBytes)
      if (index < last) reading = readBlock(file, checksums, index + 1, bytes)
      // The next one may fail while this one is in use: it is awaited then, so it is no failure that nobody sees.
      reading.catch(() => undefined)
      yield from === 0 && to === block.length ? block : block.subarray(from, to)
      if (index === last) return
      index++
    }
  } finally {
    // The file may be closed after this, so nothing may be reading it.
    await reading.catch(() => undefined)
  }
}

async function readBlock(file: OpenFile, checksums: Buffer, index: number, bytes: number): Promise<Buffer> {
  const position = index * blockBytes
  const block = Buffer.allocUnsafe(Math.min(blockBytes, bytes - position))
  let filled: number
  try {
    filled = await file.read(block, position)
  } catch (cause) {
    throw new BrokenBlock(index, cause)
  }
  if (filled < block.length || !isBlockWhole(block, checksums, index)) throw new BrokenBlock(index)
  return block
}
