/** Cuts the inputs into parts for the scanners: plain files by byte ranges, everything else as it streams by. */
import {isLineFormat, makeCutter, namesOfFirstRecord, newlineByte} from '../engine/index.ts'
import type {FormatNode} from '../rules/index.ts'
import {isCsv, makeRangeEnds, namesOfFile} from './csv-ranges.ts'
import {decodedChunks} from './decoded-chunks.ts'
import type {InputFile} from './input-files.ts'
import {longLineBytes, rangeBytesMax, rangeBytesMin, rangesPerScanner, sharedPartsMax} from './limits.ts'
import type {PieceBuffers} from './piece-buffers.ts'
import type {ScanPart} from './scan-job.ts'

export interface PartOptions {
  readonly format: FormatNode
  readonly files: readonly InputFile[]
  readonly scannerCount: number
  /** The only scanner is in this thread: it reads everything by itself, standard input too. */
  readonly isInline: boolean
  /** Scanning takes less than unpacking (the kernel scans): one scanner does both for an archive. */
  readonly isScanCheap: boolean
  /** Bytes of a piece of a stream. */
  readonly streamPartBytes: number
  /** Pieces of streams come from here; whoever runs the parts gives them back. */
  readonly buffers: PieceBuffers
  /** Told about bytes that the main thread itself takes from files, for progress. */
  readonly onSourceBytes: (bytes: number) => void
  readonly signal: AbortSignal
}

/**
 * Parts in input order, made as they are asked for.
 *
 * A plain file in a line format or CSV is cut into ranges that the scanners read by themselves. Whole compressed files go to
 * scanners when there are enough of them to keep all busy, or when unpacking is what takes the time. What is left - a single archive, standard
 * input - is read here and handed out in chunks that end at record ends.
 */
export async function* planParts(options: PartOptions): AsyncGenerator<ScanPart> {
  let part = 0
  for (const planned of planFiles(options)) {
    if (planned.kind !== 'stream') yield {...planned, part: part++}
    else for await (const chunk of chunkParts(planned.file, planned.format, options)) yield {...chunk, part: part++}
  }
}

/** All parts at once, as planParts gives them; undefined when some are made of a stream, or when there are very many. */
export function listParts(options: PartOptions): readonly ScanPart[] | undefined {
  const parts: ScanPart[] = []
  for (const planned of planFiles(options)) {
    if (planned.kind === 'stream' || parts.length === sharedPartsMax) return undefined
    parts.push({...planned, part: parts.length})
  }
  return parts
}

type PlannedPart =
  | Unnumbered<ScanPart>
  | {readonly kind: 'stream'; readonly file: InputFile; readonly format: FormatNode}
type Unnumbered<T> = T extends unknown ? Omit<T, 'part'> : never

function* planFiles(options: PartOptions): Generator<PlannedPart> {
  const {files, scannerCount, isInline, isScanCheap} = options
  const rangeBytes = rangeSize(files, scannerCount)
  for (const [index, file] of files.entries()) {
    const filesLeft = files.length - index
    const format = file.format ?? options.format
    if (format.format === 'custom') {
      yield {kind: 'file', format, input: file}
    } else if (
      isLineFormat(format) &&
      file.path !== undefined &&
      file.compression === 'none' &&
      file.bytes !== undefined
    ) {
      for (const range of rangeParts(file.name, file.path, file.bytes, rangeBytes)) yield {...range, format}
    } else if (!isInline && isCsv(format) && isLongPlain(file, rangeBytes)) {
      const names = namesOfFile(file.path, file.name, format)
      if (names === null) yield {kind: 'file', format, input: file}
      else for (const range of csvRangeParts(file, rangeBytes, names)) yield {...range, format}
    } else if (isInline || (file.bytes !== undefined && (isScanCheap || filesLeft >= scannerCount))) {
      yield {kind: 'file', format, input: file}
    } else {
      yield {kind: 'stream', file, format}
    }
  }
}

type RangePart = Omit<ScanPart & {kind: 'range'}, 'part' | 'format'>

function* rangeParts(name: string, path: string, bytes: number, rangeBytes: number): Generator<RangePart> {
  for (let start = 0; start < bytes; start += rangeBytes)
    yield {kind: 'range', name, path, start, end: Math.min(start + rangeBytes, bytes)}
}

type PlainFile = InputFile & {readonly path: string; readonly bytes: number}

function isLongPlain(file: InputFile, rangeBytes: number): file is PlainFile {
  return file.path !== undefined && file.compression === 'none' && file.bytes !== undefined && file.bytes > rangeBytes
}

function* csvRangeParts(file: PlainFile, rangeBytes: number, names: readonly string[]): Generator<RangePart> {
  const ends = makeRangeEnds(Math.ceil(file.bytes / rangeBytes))
  let index = 0
  for (const range of rangeParts(file.name, file.path, file.bytes, rangeBytes)) {
    yield {...range, csv: {index, ends, names: index === 0 ? null : names}}
    index++
  }
}

function rangeSize(files: readonly InputFile[], scannerCount: number): number {
  const total = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
  return Math.min(rangeBytesMax, Math.max(rangeBytesMin, Math.ceil(total / (scannerCount * rangesPerScanner))))
}

async function* chunkParts(
  file: InputFile,
  format: FormatNode,
  {streamPartBytes, buffers, onSourceBytes, signal}: PartOptions,
): AsyncGenerator<ScanPart & {kind: 'chunk'}> {
  const cutter = makeCutter(format)
  const held = new HeldBytes()
  /** Bytes up to the last record end that is held. */
  let cutAt = 0
  let isFirst = true
  let names: readonly string[] | null = null
  let droppedBytes = 0
  const chunkOf = (bytes: Uint8Array): ScanPart & {kind: 'chunk'} => {
    const chunk: ScanPart & {kind: 'chunk'} = {
      kind: 'chunk',
      part: 0,
      format,
      name: file.name,
      bytes,
      isFirst,
      names,
      droppedBytes,
    }
    // The chunk that holds the first record takes its names by itself; the chunks after it are told.
    if (names === null && (format.format === 'csv' || format.format === 'dynamic'))
      names = namesOfFirstRecord(bytes.slice(), format)
    isFirst = false
    droppedBytes = 0
    return chunk
  }
  for await (const chunk of decodedChunks(file, onSourceBytes, {signal})) {
    const cut = cutter.push(chunk)
    // What is held is enough for the reader to call the line too long: a file without newlines must not be held whole.
    if (cutAt === 0 && held.length > longLineBytes && chunk.indexOf(newlineByte) < 0) {
      droppedBytes += chunk.byteLength
      continue
    }
    if (cut >= 0) cutAt = held.length + cut
    held.push(chunk)
    if (held.length < streamPartBytes || cutAt === 0) continue
    yield chunkOf(held.take(buffers.take(cutAt)))
    cutAt = 0
  }
  if (held.length > 0) yield chunkOf(held.take(buffers.take(held.length)))
}

/** Chunks that wait for the end of a record. */
class HeldBytes {
  #chunks: Uint8Array[] = []
  length = 0

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.length += chunk.byteLength
  }

  /** Moves the first bytes to `taken`, as many as it has room for; the rest stays. */
  take(taken: Uint8Array): Uint8Array {
    const count = taken.byteLength
    const rest: Uint8Array[] = []
    let at = 0
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, count - at)
      taken.set(part, at)
      at += part.byteLength
      if (part.byteLength < chunk.byteLength) rest.push(chunk.subarray(part.byteLength))
    }
    this.#chunks = rest
    this.length -= count
    return taken
  }
}
