/**
 * Disco's streams of records as bytes.
 *
 *     version 1   hunks: u8 129, u8 1 when compressed, u32 CRC-32 of what is inside, u64 stored bytes, those bytes (zlib or plain);
 *                 numbers little-endian; an empty hunk ends a file, and files may follow each other
 *     version 0   KLEN SP KEY SP VLEN SP VALUE LF, lengths in decimal bytes
 */
import {crc32, deflateSync, inflateSync} from 'node:zlib'
import {UserError} from '../../base/index.ts'
import {hunkBytes, hunkBytesMax, streamLevel} from './limits.ts'
import {pickleText, textOfPickled, unpickle} from './pickle.ts'

const headBytes = 14
const hunkMark = 129

/** Is this the beginning of a stream of version 1? Two bytes are enough. */
export const isDiscoStream = (begin: Uint8Array): boolean => begin[0] === hunkMark && (begin[1] === 0 || begin[1] === 1)

const broken = (what: string): UserError => new UserError('INPUT_UNREADABLE', `the stream of Disco ${what}`)

/**
 * The lines of a stream of version 1: records that are pickled, one a line with tabs between fields; else what the hunks hold.
 *
 * @throws UserError INPUT_UNREADABLE for what is cut, corrupt, or no text
 */
export async function* discoStreamText(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece])
    for (;;) {
      const hunk = takeHunk(rest)
      if (hunk === undefined) break
      rest = rest.subarray(hunk.end)
      if (hunk.bytes.length > 0) yield textOfHunk(hunk.bytes)
    }
  }
  if (rest.length > 0) throw broken('is cut short')
}

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

/** Pairs of a stream of version 0. @throws UserError INPUT_UNREADABLE */
export function* netstringPairs(bytes: Buffer): Generator<readonly [key: Buffer, value: Buffer]> {
  for (let at = 0; at < bytes.length; ) {
    const key = netstring(bytes, at, 0x20)
    const value = netstring(bytes, key.end, 0x0a)
    yield [key.bytes, value.bytes]
    at = value.end
  }
}

/** Characters of a length, with the space behind it. */
const lengthCharsMax = 11

function netstring(bytes: Buffer, at: number, behind: number): Hunk {
  const space = bytes.indexOf(0x20, at)
  const text = space < 0 || space - at >= lengthCharsMax ? '' : bytes.toString('latin1', at, space)
  const end = space + 1 + Number(text)
  if (!/^\d+$/.test(text) || bytes[end] !== behind) throw broken('of version 0 is corrupt or cut short')
  return {bytes: bytes.subarray(space + 1, end), end: end + 1}
}

/** One pair of a stream of version 0. */
export const encodeNetstringPair = (key: Buffer, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${key.length} `), key, Buffer.from(` ${value.length} `), value, Buffer.from('\n')])
