/** Streams of bytes, decompressed: how they are packed is told by their first bytes. */
import {errorCodeOf, printable, UserError} from '../base/index.ts'
import {discoStreamText, isDiscoBegin} from '../protocol/index.ts'
import {type Compression, compressionOf} from './compression.ts'
import {readChunkBytes} from './limits.ts'
import {openUnpacker, TrailingBytes, unpackPieces} from './unpack-in-place.ts'

/** Enough for every magic number. */
const headBytes = 8

/**
 * The bytes of a stream, decompressed, in chunks; the stream is closed however far it was read.
 *
 * @param name - of the input, for errors
 * @param into - archives are unpacked in this thread and into this, where that is possible, instead of in a thread of Node's: each chunk is
 *   good until the next one. Chunks that are given need to stay as they are only until the one after the next is asked for
 * @throws what the stream throws; UserError INPUT_UNREADABLE for data that are corrupt, cut short, followed by something
 *   else, or packed in a way that is not read here
 */
export async function* decompressed(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  into?: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  let head: Uint8Array
  let compression: Compression
  try {
    head = await takeHead(source)
    compression = compressionOf(head, name)
  } catch (error) {
    await source.return?.()
    throw error
  }
  const all = rejoined(head, source)
  yield* compression === 'none' ? all : unpacked(all, compression, name, into)
}

/**
 * An unpacker's error in words.
 *
 * @param decoded - bytes that it gave before
 * @returns undefined for an error that says nothing about the data
 */
export function damage(decoded: number, error: unknown, compression: Compression, name: string): UserError | undefined {
  const what = damageOf(error)
  if (what === undefined) return undefined
  const where = `after ${decoded} decompressed bytes`
  return new UserError('INPUT_UNREADABLE', `${printable(name)}: the ${compression} data ${what} ${where}`, {
    cause: error,
    hint: 'nothing of this run was written; fetch the file again, or unpack what is there and read that',
  })
}

function damageOf(error: unknown): string | undefined {
  if (error instanceof TrailingBytes) return 'is followed by something else'
  const code = errorCodeOf(error)
  if (!/^(Z_|ZSTD_)/.test(code)) return undefined
  return code === 'Z_BUF_ERROR' ? 'is cut short' : 'is corrupt'
}

/** The first bytes: as many as tell how they are packed, or all. */
async function takeHead(source: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0)
  while (head.byteLength < headBytes || isDiscoBegin(head, false) === undefined) {
    const next = await source.next()
    if (next.done) break
    head = head.byteLength === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return head
}

async function* rejoined(head: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.byteLength > 0) yield head
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
  } finally {
    await source.return?.()
  }
}

async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  compression: Exclude<Compression, 'none'>,
  name: string,
  into: Uint8Array | undefined,
): AsyncGenerator<Uint8Array> {
  let decoded = 0
  try {
    const plain = compression === 'disco' ? discoStreamText(packed, name) : inflated(packed, compression, into)
    for await (const chunk of plain) {
      decoded += chunk.byteLength
      yield chunk
    }
  } catch (error) {
    throw damage(decoded, error, compression, name) ?? error
  }
}

async function* inflated(
  packed: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
  into: Uint8Array | undefined,
): AsyncGenerator<Uint8Array> {
  const unpacker = into && openUnpacker({compression, into})
  if (unpacker !== undefined) {
    yield* unpackPieces(packed, unpacker)
    return
  }
  let taken = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of packed) {
      taken += chunk.byteLength
      // The stream reads ahead, beyond what such chunks are good for.
      yield into === undefined ? chunk : Buffer.from(chunk)
    }
  }
  // Loading them takes milliseconds that most runs need not spend.
  const {createGunzip, createZstdDecompress} = await import('node:zlib')
  const {pipeline, Readable} = process.getBuiltinModule('node:stream')
  const options = {chunkSize: readChunkBytes}
  const unpack = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
  // The error, if any, surfaces in the iteration below; pipeline only makes sure that both ends are closed.
  pipeline(Readable.from(counted(), {objectMode: false}), unpack, () => undefined)
  yield* unpack as AsyncIterable<Uint8Array>
  // gzip data may be padded with zeros, which Node skips; of zstd it drops anything behind the last frame.
  if (compression === 'zstd' && unpack.bytesWritten < taken) throw new TrailingBytes('bytes behind the last frame')
}
