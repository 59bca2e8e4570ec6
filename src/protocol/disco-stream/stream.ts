/**
 * Disco's streams of records as bytes.
 *
 *     version 1   hunks: u8 129, u8 1 when compressed, u32 CRC-32 of what is inside, u64 stored bytes, those bytes (zlib or plain);
 *                 numbers little-endian; an empty hunk ends a file, and files may follow each other
 *     version 0   pairs of netstrings, see netstrings.ts
 */
import {crc32, deflateSync, inflateSync} from 'node:zlib'
import {UserError} from '../../base/index.ts'
import {hunkBytes, hunkBytesMax, netstringProbeBytes, streamLevel} from './limits.ts'
import {areNetstrings, named, netstringText} from './netstrings.ts'
import {pickleText, textOfPickled, unpickle} from './pickle.ts'

const headBytes = 14
const hunkMark = 129

/** Bytes that tell a stream of Disco, or that it is none. */
export const discoProbeBytes = netstringProbeBytes

/**
 * Is this the beginning of a stream of Disco, of either version?
 *
 * @param begin - the first `discoProbeBytes`, or fewer
 * @param isAll - no more will come, or more is not looked at
 * @returns undefined: more bytes would tell
 */
export function isDiscoBegin(begin: Uint8Array, isAll: boolean): boolean | undefined {
  if (begin[0] === hunkMark) return begin.length > 1 || isAll ? begin[1] === 0 || begin[1] === 1 : undefined
  return areNetstrings(Buffer.from(begin.buffer, begin.byteOffset, begin.length), isAll)
}

/** The same of bytes that are all there are to look at. */
export const isDiscoStream = (begin: Uint8Array): boolean => isDiscoBegin(begin, true) === true

const broken = (what: string): UserError => new UserError('INPUT_UNREADABLE', `the stream of Disco ${what}`)

/**
 * The lines of a stream: records, one a line with tabs between fields; of hunks that hold no pickles what they hold.
 *
 * As Disco's reader: what does not begin as a hunk is of version 0, and so is all behind it.
 *
 * @param name - of the input, for errors
 * @throws UserError INPUT_UNREADABLE for what is cut, corrupt, or no text; what `pieces` throws
 */
export async function* discoStreamText(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  const source = pieces[Symbol.asyncIterator]()
  async function* others(): AsyncGenerator<Uint8Array> {
    yield rest
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value
  }
  try {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      const piece = next.value
      rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece])
      for (;;) {
        if (rest.length > 0 && isDigit(rest[0]!)) {
          yield* netstringText(others(), name)
          return
        }
        const hunk = naming(name, () => takeHunk(rest))
        if (hunk === undefined) break
        rest = rest.subarray(hunk.end)
        if (hunk.bytes.length > 0) yield naming(name, () => textOfHunk(hunk.bytes))
      }
    }
    if (rest.length > 0) throw named(name, broken('is cut short'))
  } finally {
    await source.return?.()
  }
}

function naming<Result>(name: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw error instanceof UserError ? named(name, error) : error
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

interface Hunk {
  readonly bytes: Buffer
  readonly end: number
}

/** @returns undefined when there is not all of it yet */
function takeHunk(bytes: Buffer): Hunk | undefined {
  if (bytes.length > 0 && bytes[0] !== hunkMark) throw broken('has something between two hunks')
  if (bytes.length < headBytes) return undefined
  const length = bytes.readBigUInt64LE(6)
  if (length > BigInt(hunkBytesMax)) throw broken(`has a hunk of ${length} bytes`)
  const end = headBytes + Number(length)
  if (bytes.length < end) return undefined
  const stored = bytes.subarray(headBytes, end)
  const inside = bytes[1] === 0 ? stored : inflated(stored)
  if (crc32(inside) !== bytes.readUInt32LE(2)) throw broken('is corrupt: a checksum does not fit')
  return {bytes: inside, end}
}

function inflated(stored: Buffer): Buffer {
  try {
    return inflateSync(stored, {maxOutputLength: hunkBytesMax})
  } catch (error) {
    throw new UserError('INPUT_UNREADABLE', 'the stream of Disco is corrupt: a hunk cannot be unpacked', {cause: error})
  }
}

function textOfHunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const record = unpickle(bytes, at)
    // Hunks of other libraries hold what they like: lines, most likely.
    if (record === undefined && at === 0) return Buffer.from(bytes)
    if (record === undefined) throw broken('holds records that are no text')
    parts.push(textOfPickled(record.value))
    at = record.end
  }
  return Buffer.concat(parts)
}

/** One hunk. @param level - of zlib; 0: not compressed */
export function encodeHunk(bytes: Buffer, level: number = streamLevel): Buffer {
  const stored = level === 0 ? bytes : deflateSync(bytes, {level})
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(hunkMark, 0)
  head.writeUInt8(level === 0 ? 0 : 1, 1)
  head.writeUInt32LE(crc32(bytes), 2)
  head.writeBigUInt64LE(BigInt(stored.length), 6)
  return Buffer.concat([head, stored])
}

/** Records as a stream of version 1 that Disco's `chain_reader` reads: texts, pickled, in hunks, and the empty hunk at the end. */
export function* encodeDiscoStream(records: Iterable<Buffer>, level: number = streamLevel): Generator<Buffer> {
  let parts: Buffer[] = []
  let bytes = 0
  for (const record of records) {
    const pickled = pickleText(record)
    parts.push(pickled)
    bytes += pickled.length
    if (bytes <= hunkBytes) continue
    yield encodeHunk(Buffer.concat(parts), level)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield encodeHunk(Buffer.concat(parts), level)
  yield encodeHunk(Buffer.alloc(0), level)
}

/** Lines that come in pieces as a stream of version 1; each line with its end is a record. */
export async function* discoStreamOfLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  let lines: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    // A copy: whoever reads the piece may have given its memory away before the hunk is full.
    const all = Buffer.concat([rest, piece])
    let at = 0
    for (let end = all.indexOf(0x0a); end >= 0; end = all.indexOf(0x0a, at)) {
      const line = pickleText(all.subarray(at, end + 1))
      lines.push(line)
      bytes += line.length
      at = end + 1
    }
    rest = all.subarray(at)
    if (bytes <= hunkBytes) continue
    yield encodeHunk(Buffer.concat(lines))
    lines = []
    bytes = 0
  }
  if (rest.length > 0) lines.push(pickleText(rest))
  if (lines.length > 0) yield encodeHunk(Buffer.concat(lines))
  yield encodeHunk(Buffer.alloc(0))
}
