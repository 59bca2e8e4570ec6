/**
 * `ddfs chunk`: inputs cut at record ends, compressed, under a tag.
 *
 * Reading, compressing and sending go on at the same time, a few chunks at once. The same input gives the same chunks, so
 * an interrupted run sends only what is missing when it is run again. The tag changes at the end, all at once.
 */
import type {Json} from '../../base/index.ts'
import {type BlobEntry, blobNameOf, type Codec, type NodeName} from '../../protocol/index.ts'
import {
  ChunkCutter,
  chunkBytesDefault,
  chunksInFlightMax,
  packChunk,
  type RawChunk,
  type RecordFormat,
  recordBytesDefault,
} from '../chunks/index.ts'
import type {ClusterClient} from '../cluster/cluster-client.ts'
import {type AppendOptions, appendEntries} from './append.ts'
import {fileReadBytes, isCompressedFile, openFile} from './files.ts'
import {forEachLimited} from './for-each-limited.ts'
import {type Input, readInputText} from './inputs.ts'
import {eachOnce} from './push.ts'
import {storeBlob} from './store-blob.ts'
import {readBytes} from './text.ts'
import type {UploadOptions} from './upload.ts'

export interface ChunkOptions extends UploadOptions, Pick<AppendOptions, 'unique' | 'tagToken'> {
  readonly codec?: Codec | undefined
  readonly chunkBytes?: number | undefined
  readonly recordBytesMax?: number | undefined
  readonly format?: RecordFormat | undefined
  /** The first record of each input names the fields (CSV). */
  readonly hasHeader?: boolean | undefined
  /** Makes chunks other blobs than those of equal records with another source, or none (packChunk). */
  readonly source?: string | undefined
  /** Makes the statistics of a chunk's footer; undefined: it has none. */
  readonly factsOf?: ((bytes: Uint8Array) => Promise<Json | undefined>) | undefined
  /** Called when a chunk is safe on the nodes. */
  readonly onChunk?: ((chunk: StoredChunk) => void) | undefined
}

export interface StoredChunk {
  readonly input: string
  readonly entry: BlobEntry
  readonly wasKnown: boolean
  /** Those that have just stored it; empty when nothing was sent. */
  readonly nodes: readonly NodeName[]
}

export interface Chunked {
  readonly tag: string
  readonly chunks: readonly StoredChunk[]
  readonly addedCount: number
  readonly entryCount: number
  readonly recordCount: number
  readonly rawBytes: number
  readonly bytes: number
}

/** @throws UserError INPUT_UNREADABLE for a record that is too long; ClusterError as `uploadBlob`. The tag is unchanged then */
export async function chunkInputs(
  client: ClusterClient,
  tag: string,
  inputs: readonly Input[],
  options: ChunkOptions = {},
): Promise<Chunked> {
  const chunks: StoredChunk[] = []
  const onWarning = eachOnce(options.onWarning)
  await forEachLimited(
    signal => rawChunks(client, inputs, {...options, signal}),
    chunksInFlightMax,
    options.signal,
    async (named, index, signal) => {
      const chunk = await storeChunk(client, named, {...options, onWarning, signal})
      chunks[index] = chunk
      options.onBytes?.(named.chunk.bytes.length)
      options.onChunk?.(chunk)
      named.chunk.release()
    },
  )
  const entries = chunks.map(chunk => chunk.entry)
  const holders = new Map(chunks.map(chunk => [chunk.entry.blob, chunk.nodes]))
  const {answer, addedCount} = await appendEntries(client, tag, entries, {...options, holders})
  const sum = (of: (entry: BlobEntry) => number): number => entries.reduce((total, entry) => total + of(entry), 0)
  return {
    tag,
    chunks,
    addedCount,
    entryCount: answer.tag.entryCount,
    recordCount: sum(entry => entry.recordCount ?? 0),
    rawBytes: sum(entry => entry.rawBytes ?? 0),
    bytes: sum(entry => entry.bytes),
  }
}

interface NamedChunk {
  readonly input: Input
  readonly name: string
  readonly chunk: RawChunk
}

/** All chunks of all inputs, numbered by input: `access.log-0`, `access.log-1`. */
async function* rawChunks(
  client: ClusterClient,
  inputs: readonly Input[],
  options: ChunkOptions,
): AsyncGenerator<NamedChunk> {
  const free: Buffer[] = []
  for (const input of inputs) {
    const cutting = {
      chunkBytes: options.chunkBytes ?? chunkBytesDefault,
      recordBytesMax: options.recordBytesMax ?? recordBytesDefault,
      format: options.format ?? ({type: 'lines'} as const),
      hasHeader: options.hasHeader ?? false,
      name: input.text,
    }
    const base = blobNameOf(input.name.replace(/\.(gz|zst)$/, ''))
    let number = 0
    for await (const chunk of cutInput(client, input, new ChunkCutter(cutting, free), options.signal)) {
      yield {input, name: `${base}-${number++}`, chunk}
    }
  }
}

async function* cutInput(
  client: ClusterClient,
  input: Input,
  cutter: ChunkCutter,
  signal: AbortSignal | undefined,
): AsyncGenerator<RawChunk> {
  if (input.type === 'file' && !(await isCompressedFile(input))) yield* cutFile(input, cutter, signal)
  else for await (const piece of readInputText(input, client, signal)) yield* cutter.push(piece)
  const last = cutter.end()
  if (last !== undefined) yield last
}

/** A file of text is read to where it is cut: a copy less than by a stream. */
async function* cutFile(input: Input, cutter: ChunkCutter, signal: AbortSignal | undefined): AsyncGenerator<RawChunk> {
  await using file = await openFile(input)
  for (;;) {
    signal?.throwIfAborted()
    const byteCount = await file.read(cutter.room().subarray(0, fileReadBytes))
    if (byteCount === 0) return
    const chunk = cutter.filled(byteCount)
    if (chunk !== undefined) yield chunk
  }
}

async function storeChunk(client: ClusterClient, named: NamedChunk, options: ChunkOptions): Promise<StoredChunk> {
  const codec = options.codec ?? 'zstd'
  const facts = await options.factsOf?.(named.chunk.bytes)
  const isCsv = options.hasHeader === true
  const {parts, entry} = await packChunk(named.chunk, named.name, codec, isCsv, options.source, facts)
  const source = {
    name: `${named.input.text} (${entry.name})`,
    bytes: entry.bytes,
    blob: entry.blob,
    isReplayable: true,
    open: () => piecesOf(parts),
  }
  return {input: named.input.text, entry, ...(await storeBlob(client, source, {...options, onBytes: undefined}))}
}

/** Small enough that a stalled or refusing node is noticed on the way. */
async function* piecesOf(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += readBytes) yield part.subarray(at, at + readBytes)
  }
}
