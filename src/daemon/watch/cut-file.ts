/** Reads the next chunk of a file, packs it and leaves it in the spool. */
import {type FileHandle, open} from 'node:fs/promises'
import {join} from 'node:path'
import {errorCodeOf, messageOf} from '../../base/index.ts'
import {findRecordEnds, packChunk} from '../../client/index.ts'
import type {Codec} from '../../protocol/index.ts'
import type {LedgerFile} from '../../storage/index.ts'
import {statisticsMaker} from '../statistics.ts'
import {type CutFormat, cutText, type TextCut, type TextCutResult} from './cut-text.ts'
import type {CutOrder, CutResult, FileStat} from './events.ts'
import {digest} from './identity.ts'
import {headBytesMax, headerBytesMax, windowBytes} from './limits.ts'
import {DecodedReader, readAt, statOf} from './read-text.ts'
import type {Spool} from './spool.ts'

export interface CutFileOptions extends CutFormat {
  readonly folder: string
  readonly chunkBytes: number
  readonly codec: Codec
  readonly spool: Spool
  /** Top-level fields that footers tell of. */
  readonly statistics: readonly string[]
}

/** Cuts files one after another; keeps the decoder of the last compressed one. */
export class FileCutter {
  readonly #options: CutFileOptions
  #decoded: DecodedReader | undefined

  constructor(options: CutFileOptions) {
    this.#options = options
  }

  /** Never rejects for what a file or the spool's disk does. */
  async cut(order: CutOrder): Promise<CutResult> {
    let handle: FileHandle | undefined
    try {
      handle = await open(join(this.#options.folder, order.row.path), 'r')
      return await this.#cut(handle, order)
    } catch (error) {
      this.close()
      if (errorCodeOf(error) === 'ENOENT' || errorCodeOf(error) === 'ENOTDIR') return {type: 'changed'}
      return {type: 'unusable', message: messageOf(error)}
    } finally {
      await handle?.close()
    }
  }

  close(): void {
    this.#decoded?.close()
    this.#decoded = undefined
  }

  async #cut(handle: FileHandle, order: CutOrder): Promise<CutResult> {
    const {row} = order
    const stat = await statOf(handle, row.path)
    if (stat.identity !== row.identity || !(await this.#isSame(handle, stat, row))) return {type: 'changed'}
    const header = await this.#headerOf(handle, stat, row)
    if (header === 'none') return {type: 'nothing'}
    if (header === 'too-long') return tooLong(headerBytesMax, 'the first row')
    const read = await this.#readCut(handle, stat, order, header ?? noBytes)
    if (read.cut.type === 'too-long') return tooLong(this.#options.recordBytesMax, 'a record')
    if (read.cut.type !== 'cut') return {type: 'nothing'}
    // What was read is the file's text only if it is still that file: someone may have cut it to nothing meanwhile.
    if (row.codec === 'plain') {
      const after = await statOf(handle, row.path)
      if (after.bytes < read.to || !(await this.#isSame(handle, after, row))) return {type: 'changed'}
    }
    return this.#spool(handle, stat, order, {...read, cut: read.cut}, header)
  }

  async #spool(
    handle: FileHandle,
    stat: FileStat,
    {row, entryName}: CutOrder,
    {cut, bytes, to, tail}: Read & {readonly cut: TextCut},
    header: Buffer | undefined,
  ): Promise<CutResult> {
    const {codec, hasHeader, spool} = this.#options
    const chunk = {bytes: bytes.subarray(0, cut.length), recordCount: cut.recordCount}
    const name = `${entryName}-${row.offset}-${to}`
    // Its name in the chunk: rules read equal blobs once, but a line that is written twice counts twice.
    const facts = await statisticsMaker(this.#options.statistics)?.(chunk.bytes)
    const packed = await packChunk(chunk, name, codec, hasHeader, name, facts)
    const problem = await spool.save(packed.entry.blob, packed.parts)
    if (problem !== undefined) return {type: 'failed', message: problem}
    const begin = firstRecord(bytes, this.#options)
    return {
      type: 'chunk',
      to,
      entry: packed.entry,
      head: await this.#read(handle, stat, row, 0, headBytesMax, true),
      tailHash: digest(tail),
      header: hasHeader ? (header ?? (begin === undefined ? undefined : Buffer.from(begin))) : undefined,
      modifiedAtMs: stat.modifiedAtMs,
    }
  }

  async #readCut(handle: FileHandle, stat: FileStat, {row, isFinal}: CutOrder, header: Buffer): Promise<Read> {
    const {chunkBytes, recordBytesMax} = this.#options
    const start = Math.max(0, row.offset - windowBytes)
    const before = row.offset - start
    for (let length = chunkBytes; ; length *= 2) {
      const text = await this.#read(handle, stat, row, start, before + length, false)
      const isAll = text.length < before + length
      const records = text.subarray(before)
      const bytes = header.length === 0 ? records : Buffer.concat([header, records])
      const cut = cutText(bytes, this.#options, isAll, isFinal)
      if (cut.type === 'more' && length <= recordBytesMax) continue
      const textLength = cut.type === 'cut' ? cut.length - header.length : 0
      const tail = text.subarray(Math.max(0, before + textLength - windowBytes), before + textLength)
      return {cut, bytes, to: row.offset + textLength, tail}
    }
  }

  /** Whether the open file holds the text that the row means. */
  async #isSame(handle: FileHandle, stat: FileStat, row: LedgerFile): Promise<boolean> {
    // A compressed file was decoded as a whole when it looked like this; when it looks different it will be again.
    if (row.codec !== 'plain') return stat.bytes === row.diskBytes && stat.modifiedAtMs === row.modifiedAtMs
    if (stat.bytes < row.offset) return false
    const head = await readAt(handle, 0, row.headBytes)
    const tail = await readAt(handle, Math.max(0, row.offset - windowBytes), row.offset)
    return head.length === row.headBytes && digest(head) === row.headHash && digest(tail) === row.tailHash
  }

  /** What stands before the chunk; undefined: nothing, or the chunk has it because it is the first. */
  async #headerOf(
    handle: FileHandle,
    stat: FileStat,
    row: LedgerFile,
  ): Promise<Buffer | undefined | 'none' | 'too-long'> {
    if (!this.#options.hasHeader) return undefined
    if (row.header !== undefined && row.offset > 0) return Buffer.from(row.header)
    const begin = await this.#read(handle, stat, row, 0, headerBytesMax, true)
    const header = firstRecord(begin, this.#options)
    if (header === undefined) return begin.length < headerBytesMax ? 'none' : 'too-long'
    return row.offset === 0 ? undefined : header
  }

  /** @param isAside - of the begin, while chunks are read further on: the kept decoder stays where it is */
  async #read(
    handle: FileHandle,
    stat: FileStat,
    row: LedgerFile,
    from: number,
    length: number,
    isAside: boolean,
  ): Promise<Buffer> {
    if (row.codec === 'plain') return readAt(handle, from, Math.min(stat.bytes, from + length))
    const path = join(this.#options.folder, row.path)
    if (isAside) {
      const reader = new DecodedReader(path, row.codec, stat)
      try {
        return Buffer.from(await reader.read(from, length))
      } finally {
        reader.close()
      }
    }
    if (this.#decoded?.canRead(stat, from) !== true) {
      this.close()
      this.#decoded = new DecodedReader(path, row.codec, stat)
    }
    return this.#decoded!.read(from, length)
  }
}

interface Read {
  readonly cut: TextCutResult
  /** With the header before it. */
  readonly bytes: Buffer
  readonly to: number
  /** The last bytes before `to`. */
  readonly tail: Buffer
}

const noBytes = Buffer.alloc(0)

function firstRecord(bytes: Buffer, {format}: CutFormat): Buffer | undefined {
  const {firstEnd} = findRecordEnds(bytes.subarray(0, headerBytesMax), Math.min(bytes.length, headerBytesMax), format)
  return firstEnd === 0 ? undefined : bytes.subarray(0, firstEnd)
}

const tooLong = (bytes: number, what: string): CutResult => ({
  type: 'unusable',
  message: `${what} is longer than ${bytes} bytes`,
  hint: 'a file without line ends, or a quote that is not closed? allow longer records with --max-record',
})
