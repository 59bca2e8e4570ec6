/** A raw chunk as the blob that is stored: compressed, with its footer, named by its hash. */
import {createHash} from 'node:crypto'
import {promisify} from 'node:util'
import {constants, gzip, zstdCompress} from 'node:zlib'
import type {Json} from '../../base/index.ts'
import {type BlobEntry, type BlobId, type Codec, encodeFooter} from '../../protocol/index.ts'
import type {RawChunk} from './cutter.ts'
import {footerFieldCountMax} from './limits.ts'

const compressZstd = promisify(zstdCompress)
const compressGzip = promisify(gzip)

/** Fast ones: logs shrink well at any level, and the first minutes are what a person sees. */
const zstdLevel = 1
const gzipLevel = 1

/** What comes out of the thread pool at a time; with Node's 16 KiB the main thread is asked for more thousands of times. */
const outputBytes = 1 << 20

export interface PackedChunk {
  /** One behind the other they are the blob. A plain chunk's are those of the raw one. */
  readonly parts: readonly Buffer[]
  readonly entry: BlobEntry
}

/** What stands behind the name of a blob. */
const suffixes: Readonly<Record<Codec, string>> = {plain: '', gzip: '.gz', zstd: '.zst'}

/**
 * @param name - of the chunk, without a suffix for its codec: `access.log-0`
 * @param isCsv - the first record names the fields
 * @param source - where the records come from, when equal records from elsewhere are to be another blob; not for plain chunks
 * @param facts - what fields are in all records, when every line is one; not for plain chunks
 */
export async function packChunk(
  chunk: Pick<RawChunk, 'bytes' | 'recordCount'>,
  name: string,
  codec: Codec,
  isCsv: boolean,
  source?: string,
  facts?: Json,
): Promise<PackedChunk> {
  const rawBytes = chunk.bytes.length
  const fields = fieldsOf(chunk.bytes, isCsv)
  const packed = await compress(chunk.bytes, codec)
  const footer = encodeFooter(
    {
      v: 1,
      recordCount: chunk.recordCount,
      rawBytes,
      ...(fields === undefined ? {} : {fields}),
      ...(source === undefined ? {} : {source}),
      ...(facts === undefined ? {} : {statistics: {packedBytes: packed.length, facts}}),
    },
    codec,
  )
  const parts = [packed, footer]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  const blob: BlobId = hash.digest('hex')
  const entry: BlobEntry = {
    type: 'blob',
    blob,
    name: name + suffixes[codec],
    bytes: parts.reduce((total, part) => total + part.length, 0),
    codec,
    recordCount: chunk.recordCount,
    rawBytes,
  }
  return {parts, entry}
}

async function compress(bytes: Buffer, codec: Codec): Promise<Buffer> {
  if (codec === 'plain') return bytes
  if (codec === 'gzip') return compressGzip(bytes, {level: gzipLevel, chunkSize: outputBytes})
  return compressZstd(bytes, {
    chunkSize: outputBytes,
    params: {[constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1},
  })
}

/** Names of fields, cheaply: of the first record only. undefined when it is neither CSV with a header nor a JSON object. */
function fieldsOf(bytes: Buffer, isCsv: boolean): string[] | undefined {
  const end = bytes.indexOf(0x0a)
  const line = bytes.toString('utf8', 0, end < 0 ? bytes.length : end).replace(/\r$/, '')
  if (isCsv) {
    return line.split(',', footerFieldCountMax).map(name => name.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'))
  }
  if (!line.startsWith('{')) return undefined
  try {
    return Object.keys(JSON.parse(line) as object).slice(0, footerFieldCountMax)
  } catch {
    // Not JSON after all: other logs begin with braces, too.
    return undefined
  }
}
