/** The bytes of an input, decompressed, in chunks. */
import {closeSync, constants, createReadStream, openSync, writeSync} from 'node:fs'
import type {Readable} from 'node:stream'
import {assert} from '../base/index.ts'
import type {Compression} from './compression.ts'
import {damage, decompressed} from './decompress.ts'
import type {InputFile} from './input-files.ts'
import {readChunkBytes} from './limits.ts'
import {unpackInPlace} from './unpack-in-place.ts'
import {unreadable} from './unreadable.ts'

export interface DecodeOptions {
  /** Ends waiting for a pipe that says nothing. */
  readonly signal?: AbortSignal | undefined
  /** Archives are unpacked in this thread and into this, where that is possible: each chunk is good until the next one. */
  readonly into?: Uint8Array | undefined
}

/**
 * The bytes of an input, decompressed, in chunks.
 *
 * @param onSourceBytes - told how many bytes were taken from the file itself, for progress
 * @throws UserError INPUT_UNREADABLE: a corrupt or cut archive fails the run, it is not a bad line
 */
export async function* decodedChunks(
  input: InputFile,
  onSourceBytes: (bytes: number) => void,
  {signal, into}: DecodeOptions = {},
): AsyncGenerator<Uint8Array> {
  const source = sourceOf(input, signal)
  try {
    yield* decompressed(counted(source.chunks, onSourceBytes), input.name, into)
  } catch (error) {
    throw unreadable(input.name, error)
  } finally {
    await source.end()
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onBytes(chunk.byteLength)
    yield chunk
  }
}

interface Source {
  readonly chunks: AsyncIterable<Uint8Array>
  /** Lets go of it, however much of it was read. */
  end(): Promise<unknown> | unknown
}

function sourceOf(input: InputFile, signal: AbortSignal | undefined): Source {
  if (input.open !== undefined) {
    return {chunks: input.open(), end: () => undefined}
  }
  const stream: Readable =
    input.path === undefined ? process.stdin : createReadStream(input.path, {highWaterMark: readChunkBytes})
  if (signal) {
    process.getBuiltinModule('node:stream').addAbortSignal(signal, stream)
    signal.addEventListener('abort', () => releasePipe(input), {once: true})
  }
  return {chunks: stream, end: () => stream.destroy()}
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
    throw damage(decoded, error, compression, input.name) ?? unreadable(input.name, error)
  }
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
