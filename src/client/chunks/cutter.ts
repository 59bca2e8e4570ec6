/**
 * Cuts a stream of bytes into chunks that end where records end.
 *
 * A chunk is as long as fits into `chunkBytes`; only a single record that is longer makes a longer chunk. A CSV header
 * is repeated at the begin of each chunk, so that every chunk can be read alone. The same bytes and options give the
 * same chunks, however they arrive: that is what lets an interrupted upload go on.
 */
import {printable, UserError} from '../../base/index.ts'
import {findRecordEnds, type RecordFormat} from './record-ends.ts'

export interface CutOptions {
  readonly chunkBytes: number
  readonly recordBytesMax: number
  readonly format: RecordFormat
  /** The first record names the fields, and goes before every chunk. */
  readonly hasHeader: boolean
  /** Of the input, for messages. */
  readonly name: string
}

export interface RawChunk {
  readonly bytes: Buffer
  /** Records in it, the header not counted. */
  readonly recordCount: number
  /** Gives its memory back when the bytes are no longer needed: fresh pages cost more than the copying. */
  release(): void
}

/** Bytes of a chunk are its own until its `release`, whatever becomes of the input; then the memory is used again. */
export class ChunkCutter {
  readonly #options: CutOptions
  /** Buffers of `chunkBytes` that no chunk needs any more. */
  readonly #free: Buffer[]
  #buffer: Buffer
  #length = 0
  #header: Buffer | undefined
  #recordsBefore = 0
  #chunkCount = 0

  /** @param free - buffers to use again; cutters that run one after the other may share it */
  constructor(options: CutOptions, free: Buffer[] = []) {
    this.#options = options
    this.#free = free
    this.#buffer = this.#allocate(options.chunkBytes)
  }

  /** Takes bytes; gives the chunks that are complete. @throws UserError INPUT_UNREADABLE for a record that is too long */
  *push(bytes: Uint8Array): Generator<RawChunk> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.room().length)
      this.room().set(part)
      at += part.length
      const chunk = this.filled(part.length)
      if (chunk !== undefined) yield chunk
    }
  }

  /** Where the next bytes may be written; never empty. */
  room(): Buffer {
    return this.#buffer.subarray(this.#length)
  }

  /** The first `byteCount` bytes of the room have been written. @throws as `push` */
  filled(byteCount: number): RawChunk | undefined {
    this.#length += byteCount
    return this.#length === this.#buffer.length ? this.#cut(false) : undefined
  }

  /** The rest, also without a line end behind it. The cutter cannot be used after it. */
  end(): RawChunk | undefined {
    const chunk = this.#length === 0 ? undefined : this.#cut(true)
    this.#release(this.#buffer)
    return chunk
  }

  #cut(isLast: boolean): RawChunk | undefined {
    const {format, recordBytesMax, hasHeader} = this.#options
    const ends = findRecordEnds(this.#buffer, this.#length, format)
    const restBytes = this.#length - ends.end
    if (ends.longest > recordBytesMax) throw this.#tooLong(ends.longestIndex, ends.longest)
    if (restBytes > recordBytesMax) throw this.#tooLong(ends.count, restBytes)
    const end = isLast ? this.#length : ends.end
    const recordCount = ends.count + Number(isLast && restBytes > 0) - Number(hasHeader)
    if (!isLast && recordCount <= 0) return this.#grow()
    if (hasHeader) this.#header ??= Buffer.from(this.#buffer.subarray(0, ends.firstEnd || end))
    const buffer = this.#buffer
    const isRepeatedHeaderOnly = recordCount === 0 && this.#chunkCount > 0
    this.#recordsBefore += recordCount
    this.#chunkCount++
    this.#begin(buffer.subarray(end, this.#length))
    if (!isRepeatedHeaderOnly) {
      return {bytes: buffer.subarray(0, end), recordCount, release: () => this.#release(buffer)}
    }
    this.#release(buffer)
    return undefined
  }

  /** A new buffer; the old one belongs to its chunk. */
  #begin(tail: Buffer): void {
    const headerBytes = this.#header?.length ?? 0
    this.#buffer = this.#allocate(Math.max(this.#options.chunkBytes, 2 * (headerBytes + tail.length)))
    if (this.#header !== undefined) this.#buffer.set(this.#header, 0)
    this.#buffer.set(tail, headerBytes)
    this.#length = headerBytes + tail.length
  }

  /** Not one whole record: it needs more room. */
  #grow(): undefined {
    const larger = this.#allocate(this.#buffer.length * 2)
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
    return undefined
  }

  #allocate(bytes: number): Buffer {
    const used = bytes === this.#options.chunkBytes ? this.#free.pop() : undefined
    return used ?? Buffer.allocUnsafeSlow(bytes)
  }

  #release(buffer: Buffer): void {
    if (buffer.length === this.#options.chunkBytes) this.#free.push(buffer)
  }

  #tooLong(index: number, bytes: number): UserError {
    const {name, recordBytesMax} = this.#options
    const number = this.#recordsBefore + index + Number(!this.#options.hasHeader)
    return new UserError(
      'INPUT_UNREADABLE',
      `${printable(name)}, record ${number}: longer than ${recordBytesMax} bytes (${bytes})`,
      {
        hint: 'a file without line ends, or a quote that is not closed? allow longer ones with --max-record',
      },
    )
  }
}
