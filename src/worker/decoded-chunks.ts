/** The bytes of an input, decompressed, in chunks. */
import {closeSync, constants, createReadStream, openSync, writeSync} from 'node:fs'
import {addAbortSignal, pipeline, Readable} from 'node:stream'
import {assert, errorCodeOf, printable, UserError} from '../base/index.ts'
import {discoStreamText} from '../protocol/index.ts'
import {type Compression, compressionOf} from './compression.ts'
import type {InputFile} from './input-files.ts'
import {readChunkBytes} from './limits.ts'
import {TrailingBytes, unpackInPlace} from './unpack-in-place.ts'
import {unreadable} from './unreadable.ts'

/**
 * The bytes of an input, decompressed, in chunks.
 *
 * @param onSourceBytes - told how many bytes were taken from the file itself, for progress
 * @param signal - ends waiting for a pipe that says nothing
 * @throws UserError INPUT_UNREADABLE: a corrupt or cut archive fails the run, it is not a bad line
 */
export async function* decodedChunks(
  input: InputFile,
  onSourceBytes: (bytes: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const source = sourceOf(input, signal)
  let decoded = 0
  let compression: Compression = 'none'
  try {
    const [head, rest] = await takeHead(source.chunks, onSourceBytes)
    compression = compressionOf(head, input.name)
    for await (const chunk of decode(head, rest, compression)) {
      decoded += chunk.byteLength
      yield chunk
    }
  } catch (error) {
    throw unreadableAfter(decoded, error, compression, input)
  } finally {
    await source.end()
  }
}

interface Source {
  readonly chunks: AsyncIterator<Uint8Array>
  /** Lets go of it, however much of it was read. */
  end(): Promise<unknown> | unknown
}

function sourceOf(input: InputFile, signal: AbortSignal | undefined): Source {
  if (input.open !== undefined) {
    const chunks = input.open()[Symbol.asyncIterator]()
    return {chunks, end: () => chunks.return?.()}
  }
  const stream: Readable =
    input.path === undefined ? process.stdin : createReadStream(input.path, {highWaterMark: readChunkBytes})
  if (signal) {
    addAbortSignal(signal, stream)
    signal.addEventListener('abort', () => releasePipe(input), {once: true})
  }
  return {chunks: stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, end: () => stream.destroy()}
}

/**
 * The same for a file, unpacked in this thread: in a third of the processor time. Each chunk is good until the next one.
 *
 * @param into - where chunks go
 * @returns undefined for what is no packed file, or cannot be unpacked so
 * @throws UserError INPUT_UNREADABLE, while chunks are taken
 */
export function unpackedChunks(
  input: InputFile,
  into: Uint8Array,
  onSourceBytes: (bytes: number) => void,
): Generator<Uint8Array> | undefined {
  const {path, bytes, compression} = input
  if (path === undefined || bytes === undefined || compression === undefined) return undefined
  if (compression === 'none' || compression === 'disco') return undefined
  const chunks = unpackInPlace({path, compression, into, onSourceBytes})
  return chunks && withReason(chunks, compression, input)
}

function* withReason(chunks: Generator<Uint8Array>, compression: Compression, input: InputFile): Generator<Uint8Array> {
  let decoded = 0
  try {
    for (const chunk of chunks) {
      decoded += chunk.byteLength
      yield chunk
    }
  } catch (error) {
    throw unreadableAfter(decoded, error, compression, input)
  }
}

function unreadableAfter(decoded: number, error: unknown, compression: Compression, {name}: InputFile): UserError {
  const what = compression === 'none' ? undefined : damageOf(error)
  if (what === undefined) return unreadable(name, error)
  const where = `after ${decoded} decompressed bytes`
  return new UserError('INPUT_UNREADABLE', `${printable(name)}: the ${compression} data ${what} ${where}`, {
    cause: error,
    hint: 'nothing of this run was written; fetch the file again, or unpack what is there and read that',
  })
}

/**
 * Opening and reading a pipe with a name waits for somebody to write, in a thread of Node's that nothing ends, not even the
 * end of the process: be that somebody for a moment. What is written nobody looks at any more.
 */
function releasePipe({path, bytes}: InputFile): void {
  if (path === undefined || bytes !== undefined) return
  try {
    const pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      writeSync(pipe, '\n')
    } finally {
      closeSync(pipe)
    }
  } catch (error) {
    // Nobody waits there (ENXIO), it is full (EAGAIN: then nobody waits for more), or it is none of those pipes.
    assert(error instanceof Error, 'the system throws errors')
  }
}

/** What an unpacker's error says about the data; undefined for errors of another kind. */
function damageOf(error: unknown): string | undefined {
  if (error instanceof TrailingBytes) return 'is followed by something else'
  const code = errorCodeOf(error)
  if (!/^(Z_|ZSTD_)/.test(code)) return undefined
  return code === 'Z_BUF_ERROR' ? 'is cut short' : 'is corrupt'
}

/** The first chunk that holds at least the magic number, and everything after it. */
async function takeHead(
  chunks: AsyncIterator<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<[Uint8Array, AsyncGenerator<Uint8Array>]> {
  let head: Uint8Array = new Uint8Array(0)
  while (head.byteLength < 8) {
    const next = await chunks.next()
    if (next.done) break
    onBytes(next.value.byteLength)
    head = head.byteLength === 0 ? next.value : Buffer.concat([head, next.value])
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      onBytes(next.value.byteLength)
      yield next.value
    }
  }
  return [head, rest()]
}

async function* decode(
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  let taken = 0
  async function* all(): AsyncGenerator<Uint8Array> {
    taken += head.byteLength
    yield head
    for await (const chunk of rest) {
      taken += chunk.byteLength
      yield chunk
    }
  }
  if (compression === 'none') {
    yield* all()
    return
  }
  if (compression === 'disco') {
    yield* discoStreamText(all())
    return
  }
  // Loading it takes milliseconds that most runs need not spend.
  const {createGunzip, createZstdDecompress} = await import('node:zlib')
  const options = {chunkSize: readChunkBytes}
  const unpack = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
  // The error, if any, surfaces in the iteration below; pipeline only makes sure that both ends are closed.
  pipeline(Readable.from(all(), {objectMode: false}), unpack, () => undefined)
  yield* unpack as AsyncIterable<Uint8Array>
  // gzip data may be padded with zeros, which Node skips; of zstd it drops anything behind the last frame.
  if (compression === 'zstd' && unpack.bytesWritten < taken) throw new TrailingBytes('bytes behind the last frame')
}
