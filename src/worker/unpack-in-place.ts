/**
 * Unpacks a file in this thread, into one buffer that is used again and again: a third of the processor time of Node's streams, which
 * take a new buffer for each chunk (mostly page faults).
 *
 * It takes the insides of Node's own stream, which its synchronous functions use as well. Where they are not as expected nothing is
 * unpacked here, and the stream does it.
 */
import {closeSync, openSync, readSync} from 'node:fs'
import type {Compression} from './compression.ts'
import {packedChunkBytes} from './limits.ts'

export interface UnpackOptions {
  readonly path: string
  readonly compression: Exclude<Compression, 'none' | 'disco'>
  /** Where chunks go. */
  readonly into: Uint8Array
  readonly onSourceBytes: (bytes: number) => void
}

/** What Node's streams of node:zlib have inside. */
interface Inside {
  readonly handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputBytes: number,
      output: Uint8Array,
      outputAt: number,
      outputBytes: number,
    ): void
    onerror: (message: string, number: number, code: string) => void
  }
  /** After a write: the bytes of the output that are left, and those of the input. */
  readonly left: Uint32Array
  /** What `flush` is, before and at the end of the input. */
  readonly goOn: number
  readonly finish: number
}

export interface Unpacker {
  /** What a piece of the archive becomes. @param isLast - nothing of the archive follows it */
  unpack(packed: Uint8Array, isLast: boolean): Generator<Uint8Array>
  /** Nothing behind the last piece counts: zeros, in gzip. */
  readonly isDone: boolean
  close(): void
}

/**
 * @returns undefined when this version of Node has other insides
 * @throws while chunks are taken: errors of zlib with their codes; TrailingBytes
 */
export function openUnpacker({compression, into}: Pick<UnpackOptions, 'compression' | 'into'>): Unpacker | undefined {
  // Loading it takes milliseconds that most runs need not spend.
  const {createGunzip, createZstdDecompress, constants} = process.getBuiltinModule('node:zlib')
  const stream = compression === 'gzip' ? createGunzip() : createZstdDecompress()
  const {_handle: handle, _writeState: left} = stream as {_handle?: unknown; _writeState?: unknown}
  if (isHandle(handle) && left instanceof Uint32Array) {
    const {Z_NO_FLUSH, Z_FINISH, ZSTD_e_continue, ZSTD_e_end} = constants
    const [goOn, finish] = compression === 'gzip' ? [Z_NO_FLUSH, Z_FINISH] : [ZSTD_e_continue, ZSTD_e_end]
    return new InsideUnpacker({handle, left, goOn, finish}, compression, into, () => stream.close())
  }
  stream.close()
  return undefined
}

function isHandle(handle: unknown): handle is Inside['handle'] {
  return typeof handle === 'object' && handle !== null && 'writeSync' in handle && 'onerror' in handle
}

/** Bytes behind the last frame that an unpacker leaves alone without a word. */
export class TrailingBytes extends Error {
  override readonly name = 'TrailingBytes'
}

class InsideUnpacker implements Unpacker {
  readonly close: () => void
  readonly #inside: Inside
  readonly #compression: UnpackOptions['compression']
  readonly #into: Uint8Array
  #failure: Error | undefined
  #isDone = false

  constructor(inside: Inside, compression: UnpackOptions['compression'], into: Uint8Array, close: () => void) {
    this.close = close
    this.#inside = inside
    this.#compression = compression
    this.#into = into
    inside.handle.onerror = (message, _, code) => {
      this.#failure = Object.assign(new Error(message), {code})
    }
  }

  get isDone(): boolean {
    return this.#isDone
  }

  *unpack(packed: Uint8Array, isLast: boolean): Generator<Uint8Array> {
    const {handle, left, goOn, finish} = this.#inside
    const into = this.#into
    const count = packed.byteLength
    for (let at = 0, isFull = true; isFull; ) {
      handle.writeSync(isLast ? finish : goOn, packed, at, count - at, into, 0, into.byteLength)
      if (this.#failure !== undefined) throw this.#failure
      const [room, rest] = left as unknown as readonly [number, number]
      isFull = room === 0
      at = count - rest
      if (room < into.byteLength) yield into.subarray(0, into.byteLength - room)
      // It wants no more. gzip data may be padded with zeros, which Node skips; of zstd it drops anything behind the last frame.
      if (!isFull && rest > 0) {
        if (this.#compression === 'zstd') throw new TrailingBytes('bytes behind the last frame')
        this.#isDone = true
        return
      }
    }
  }
}

/**
 * The bytes of a file, each chunk good until the next one.
 *
 * @returns undefined when this version of Node has other insides
 * @throws while chunks are taken: what reading throws; errors of zlib with their codes; TrailingBytes
 */
export function unpackInPlace(options: UnpackOptions): Generator<Uint8Array> | undefined {
  const unpacker = openUnpacker(options)
  return unpacker && chunksOf(options, unpacker)
}

function* chunksOf({path, onSourceBytes}: UnpackOptions, unpacker: Unpacker): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    // One chunk ahead: the last one is told to be the last.
    let [packed, ahead] = [new Uint8Array(packedChunkBytes), new Uint8Array(packedChunkBytes)]
    let count = readSync(file, packed)
    while (count > 0 && !unpacker.isDone) {
      const next = readSync(file, ahead)
      onSourceBytes(count)
      yield* unpacker.unpack(packed.subarray(0, count), next === 0)
      ;[packed, ahead, count] = [ahead, packed, next]
    }
  } finally {
    closeSync(file)
    unpacker.close()
  }
}

/** The same for an archive that comes in pieces. @param pieces - each stays as it is until the one after the next is asked for */
export async function* unpackPieces(pieces: AsyncIterable<Uint8Array>, unpacker: Unpacker): AsyncGenerator<Uint8Array> {
  try {
    let packed: Uint8Array | undefined
    for await (const ahead of pieces) {
      if (packed !== undefined && !unpacker.isDone) yield* unpacker.unpack(packed, false)
      // Whoever gives the pieces compares their hash at the end, so all are taken.
      packed = ahead
    }
    if (packed !== undefined && !unpacker.isDone) yield* unpacker.unpack(packed, true)
  } finally {
    unpacker.close()
  }
}
