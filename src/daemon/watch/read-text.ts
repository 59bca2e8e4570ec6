/**
 * Reads texts of files in the folder: plain ones at any position, compressed ones by decoding from their begin.
 *
 * A decoder is kept between two reads of the same file, because chunks of it follow each other.
 */
import {createReadStream} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {errorCodeOf, messageOf} from '../../base/index.ts'
import type {Codec} from '../../protocol/index.ts'
import {codecOf, openDecoder} from './decoder.ts'
import type {FileStat, Probe, ProbeResult} from './events.ts'
import {headBytesMax, windowBytes} from './limits.ts'
import {fileStatOf} from './list-files.ts'
import {looksOf} from './state.ts'
import {TextWindows} from './text-windows.ts'

/** Codes that mean "not there", also for a path below something that is a file now. */
const goneCodes = new Set(['ENOENT', 'ENOTDIR', 'ESTALE'])
/** What a decoder says of a file that ends too early. */
const cutCodes = new Set(['Z_BUF_ERROR', 'ERR_STREAM_PREMATURE_CLOSE'])

/** Of the file that is open, whatever has its name by now. */
export async function statOf(handle: FileHandle, path: string): Promise<FileStat> {
  return fileStatOf(path, await handle.stat())
}

/**
 * Looks into a file.
 *
 * @param positions - of the text, whose last bytes before them are wanted
 */
export async function probeFile(
  folder: string,
  path: string,
  positions: readonly number[],
  signal: AbortSignal,
): Promise<ProbeResult> {
  let handle: FileHandle | undefined
  let stat: FileStat | undefined
  try {
    handle = await open(join(folder, path), 'r')
    stat = await statOf(handle, path)
    const codec = codecOf(await readAt(handle, 0, 4))
    if (codec !== 'plain') return {type: 'probe', probe: await probeDecoded(handle, stat, codec, positions, signal)}
    const {bytes} = stat
    const windows = new Map<number, Uint8Array>()
    for (const position of positions) {
      if (position <= bytes) windows.set(position, await readAt(handle, Math.max(0, position - windowBytes), position))
    }
    const head = await readAt(handle, 0, Math.min(bytes, headBytesMax))
    const end = await readAt(handle, Math.max(0, bytes - windowBytes), bytes)
    return {type: 'probe', probe: {stat, codec, textBytes: bytes, head, end, windows}}
  } catch (error) {
    signal.throwIfAborted()
    if (goneCodes.has(errorCodeOf(error))) return {type: 'gone'}
    if (stat !== undefined && cutCodes.has(errorCodeOf(error))) return {type: 'incomplete', stat}
    return {type: 'unreadable', message: messageOf(error)}
  } finally {
    await handle?.close()
  }
}

/** Decodes all of it: only then it is known to be whole. */
async function probeDecoded(
  handle: FileHandle,
  stat: FileStat,
  codec: Exclude<Codec, 'plain'>,
  positions: readonly number[],
  signal: AbortSignal,
): Promise<Probe> {
  const source = handle.createReadStream({start: 0, autoClose: false, highWaterMark: 1 << 20})
  const text = new TextWindows(positions)
  await pipeline(
    source,
    openDecoder(codec),
    async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) text.push(piece)
    },
    {signal},
  )
  return {stat, codec, textBytes: text.bytes, head: text.head, end: text.end, windows: text.windows}
}

/** The bytes from `from` to `to`, or up to the end of the file. */
export async function readAt(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(to - from)
  let length = 0
  while (length < bytes.length) {
    const {bytesRead} = await handle.read(bytes, length, bytes.length - length, from + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}

/** Text of a compressed file in order, from any position on; further reads go on where the last one ended. */
export class DecodedReader {
  readonly looks: string
  readonly #file: Readable
  readonly #decoder: Readable
  readonly #pieces: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  /** Of the text: where `#rest` begins. */
  #position = 0

  constructor(path: string, codec: Exclude<Codec, 'plain'>, stat: FileStat) {
    this.looks = looksOf(stat)
    this.#file = createReadStream(path, {highWaterMark: 1 << 20})
    const decoder = openDecoder(codec)
    this.#decoder = decoder
    pipeline(this.#file, decoder).catch(() => undefined)
    this.#pieces = decoder[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  canRead(stat: FileStat, from: number): boolean {
    return this.looks === looksOf(stat) && this.#position <= from
  }

  /** Up to `length` bytes from `from` on; less at the end. What it gives is kept: the next read may begin in it. */
  async read(from: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    await this.#skipTo(from)
    let have = this.#rest.length
    if (have > 0) parts.push(this.#rest)
    while (have < length) {
      const next = await this.#pieces.next()
      if (next.done === true) break
      parts.push(next.value)
      have += next.value.length
    }
    this.#rest = parts.length === 1 ? parts[0]! : Buffer.concat(parts, have)
    return this.#rest.subarray(0, length)
  }

  async #skipTo(from: number): Promise<void> {
    while (this.#position < from) {
      const skipped = Math.min(this.#rest.length, from - this.#position)
      this.#rest = this.#rest.subarray(skipped)
      this.#position += skipped
      if (this.#position === from) return
      const next = await this.#pieces.next()
      if (next.done === true) return
      this.#rest = next.value
    }
  }

  close(): void {
    this.#file.destroy()
    this.#decoder.destroy()
  }
}
