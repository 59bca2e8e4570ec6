/**
 * Statistics behind a chunk, in a form that standard tools skip: a skippable frame for zstd, the comment of an empty
 * member for gzip. So `zstd -dc` and `gzip -dc` of a chunk give its records and nothing else. A plain chunk has none:
 * what is needed of it stands in its tag.
 *
 *     zstd   5d 2a 4d 18 (one of the magic numbers of skippable frames), length u32 little-endian, JSON
 *     gzip   1f 8b 08 10 00000000 00 ff, JSON as comment, 00, empty deflate block 03 00, CRC 0, length 0
 */
import type {Json} from '../base/index.ts'
import type {Codec} from './tags.ts'

export interface ChunkFooter {
  /** Of this form. */
  readonly v: 1
  readonly recordCount: number
  /** Before compression. */
  readonly rawBytes: number
  /** Names of the first record's fields: of a JSON object or a CSV header. */
  readonly fields?: readonly string[]
  /** What makes it another blob than a chunk of the same records: each of them counts. */
  readonly source?: string
  /** There only when every line of the chunk is a JSON object that a reader takes: no bad line, none without a record. */
  readonly statistics?: {
    /** Of the blob without this footer: behind chunks that were put one after the other it is that of the last one only. */
    readonly packedBytes: number
    /** What fields are in all records, as `factsJson` of the rules has it. */
    readonly facts: Json
  }
}

const skippableMagic = 0x184d2a5d
const gzipHead = Buffer.from([0x1f, 0x8b, 0x08, 0x10, 0, 0, 0, 0, 0, 0xff])
const gzipTail = Buffer.from([0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0])

/** Bytes from the end of a chunk that hold its footer: a hundred long names and texts, several times. */
export const footerBytesMax = 256 * 1024

/** The bytes that go behind a chunk. */
export function encodeFooter(footer: ChunkFooter, codec: Codec): Buffer {
  // ASCII only: gzip's comment is Latin-1, and a zero byte would end it.
  const text = Buffer.from(
    JSON.stringify(footer).replace(
      /[\u0080-\uffff]/g,
      char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
    'latin1',
  )
  if (codec === 'plain') return Buffer.alloc(0)
  if (codec === 'gzip') return Buffer.concat([gzipHead, text, gzipTail])
  const head = Buffer.alloc(8)
  head.writeUInt32LE(skippableMagic, 0)
  head.writeUInt32LE(text.length, 4)
  return Buffer.concat([head, text])
}

/**
 * The footer of a whole blob. Unlike `decodeFooter` it is certain to speak of all records of the blob: chunks that were put one
 * after the other have none.
 *
 * @param end - its last bytes, footerBytesMax of them or all
 * @param bytes - of the blob
 */
export function statisticsOf(end: Buffer, bytes: number): ChunkFooter | undefined {
  for (const codec of ['zstd', 'gzip'] as const) {
    const footer = decodeFooter(end, codec)
    if (footer?.statistics === undefined) continue
    const {packedBytes} = footer.statistics
    return packedBytes + encodeFooter(footer, codec).length === bytes ? footer : undefined
  }
  return undefined
}

/** Looks for a footer at the end of a chunk; `end` holds at least its last bytes. undefined: there is none. */
export function decodeFooter(end: Buffer, codec: Codec): ChunkFooter | undefined {
  const text = codec === 'zstd' ? zstdText(end) : codec === 'gzip' ? gzipText(end) : undefined
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as ChunkFooter
    return value.v === 1 ? value : undefined
  } catch {
    // Bytes that look like a footer by chance.
    return undefined
  }
}

function zstdText(end: Buffer): string | undefined {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(skippableMagic, 0)
  const at = end.lastIndexOf(magic)
  if (at < 0 || at + 8 > end.length || at + 8 + end.readUInt32LE(at + 4) !== end.length) return undefined
  return end.toString('latin1', at + 8)
}

function gzipText(end: Buffer): string | undefined {
  if (end.length < gzipTail.length || !end.subarray(-gzipTail.length).equals(gzipTail)) return undefined
  const at = end.lastIndexOf(gzipHead)
  return at < 0 ? undefined : end.toString('latin1', at + gzipHead.length, end.length - gzipTail.length)
}
