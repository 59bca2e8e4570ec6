/** The bytes of an input as they are stored: from this machine's disk where the blob is here, else from whoever answers. */
import {createHash} from 'node:crypto'
import {closeSync, openSync, readSync} from 'node:fs'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {crc32} from 'node:zlib'
import {inputBytes, openAddress} from '../jobs/inputs/open-input.ts'
import {InputLostError} from '../jobs/shuffle/index.ts'
import type {TaskInput} from '../jobs/task/types.ts'
import {packedChunkBytes, readChunkBytes} from '../limits.ts'
import {fileStamp} from './file-stamp.ts'
import {blobBlockBytes} from './limits.ts'
import type {LocalBlob, RuleStage, VerifiedFile} from './types.ts'

export interface SourceOptions {
  /** Sent with requests for inputs. */
  readonly headers: Readonly<Record<string, string>>
  /** Where pieces of this disk go, when each is done with before the one after the next is asked for; undefined: each stays as it is. */
  readonly blocks: ReadBlocks | undefined
  /** All blocks of a file of this disk were compared with their checksums. */
  readonly onVerified?: ((file: VerifiedFile) => void) | undefined
}

/** Used in turn, and again and again: memory that is touched for the first time costs as much as what is read into it. */
export type ReadBlocks = readonly [Uint8Array, Uint8Array]

export const readBlocks = (): ReadBlocks => [
  Buffer.allocUnsafeSlow(blobBlockBytes),
  Buffer.allocUnsafeSlow(blobBlockBytes),
]

/**
 * Gives chunks in order; goes on at another address where one breaks off. Blocks from this disk are compared with their checksums, unless
 * all of this very file were a short time ago; what comes over the network is hashed as a whole.
 *
 * @throws InputLostError, naming the input, when nobody gives all of it
 */
export async function* inputSource(
  stage: Extract<RuleStage, {type: 'scan'}>,
  input: TaskInput,
  options: SourceOptions,
): AsyncGenerator<Uint8Array> {
  const {headers} = options
  const {blob, localBlobs} = stage
  const {name} = stage.input
  const openInput = (of: TaskInput, replica: string, from: number): AsyncIterable<Uint8Array> => {
    const local = localBlobs[replica]
    return local === undefined ? openAddress(of, replica, from, {headers}) : localBytes(local, from, options)
  }
  const isLocal = input.replicas[0] !== undefined && localBlobs[input.replicas[0]] !== undefined
  const hash = blob === null || isLocal ? undefined : createHash('sha256')
  let position = 0
  if (input.replicas.length === 0) throw lost('no node that is known has it', name, 0, input.number)
  try {
    for await (const chunk of inputBytes(input, {openInput})) {
      hash?.update(chunk)
      position += chunk.length
      yield chunk
    }
  } catch (error) {
    throw error instanceof InputLostError ? withName(error, name) : error
  }
  if (hash !== undefined && hash.digest('hex') !== blob)
    throw lost(`what came is not blob ${blob}`, name, position, input.number)
}

/** What reads addresses does not know how the input is called. */
function withName(error: InputLostError, name: string): InputLostError {
  error.message = `${name}: ${error.message}`
  return error
}

function lost(what: string, name: string, position: number, input: number): InputLostError {
  const error = new InputLostError(what, name, position)
  error.input = input
  return error
}

async function* localBytes(
  {path, bytes, checksums, verified}: LocalBlob,
  from: number,
  {blocks, onVerified}: SourceOptions,
): AsyncGenerator<Uint8Array> {
  const expected = Buffer.from(checksums, 'base64')
  // Open until the end: the blob may be dropped meanwhile. Read in this thread, which could only wait for another that does it.
  const file = openSync(path, 'r')
  try {
    const stamp = fileStamp(file)
    const isVerified = stamp === verified
    // Of another address, pieces may still be in use.
    let isReused = from === 0
    // A block is compared as a whole; what need not be is read in pieces that stay in the second-level cache.
    let pieceBytes = isVerified ? packedChunkBytes : blobBlockBytes
    let start = isVerified ? from : from - (from % blobBlockBytes)
    for (let count = 0; start < bytes; count++) {
      const wanted = Math.min(pieceBytes, bytes - start)
      const place = isReused ? blocks?.[count % 2] : undefined
      let piece = place?.subarray(0, wanted) ?? Buffer.allocUnsafeSlow(wanted)
      const index = Math.floor(start / blobBlockBytes)
      if (readSync(file, piece, 0, wanted, start) < wanted) throw new Error(`it ends in block ${index}`)
      if (!isVerified && crc32(piece) !== expected.readUInt32LE(4 * index))
        throw new Error(`block ${index} is not what was stored`)
      if (start === 0) {
        if (isVerified && !isPacked(piece)) pieceBytes = readChunkBytes
        if (mayBeHeld(piece)) {
          isReused = false
          piece = Buffer.from(piece)
        }
      }
      for (let at = Math.max(0, from - start); at < wanted; at += readChunkBytes)
        yield piece.subarray(at, at + readChunkBytes)
      start += wanted
      // Lets timers in: progress is told by one.
      if (Math.floor(start / blobBlockBytes) > index) await nextTurn()
    }
    // Written to meanwhile it has another stamp, and a stamp of before the first block is of no use.
    if (!isVerified && from === 0) onVerified?.({path, stamp})
  } finally {
    closeSync(file)
  }
}

/** The first bytes of gzip and zstd. */
const isPacked = (head: Uint8Array): boolean => head[0] === 0x1f || head[0] === 0x28

/** Streams of Disco, perhaps: their pieces are held until a block is whole. */
const mayBeHeld = (head: Uint8Array): boolean => ((head[0] ?? 0) & 0xf0) === 0x50
