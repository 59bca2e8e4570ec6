/**
 * Bytes in, blocks of complete lines out: what all line formats share.
 *
 * A block is valid UTF-8. When a piece of input is not, its lines are looked at one by one, so that a bad line costs only
 * itself. A line longer than recordBytesMax is reported once and skipped without being held.
 */
import {isAscii, isUtf8} from 'node:buffer'
import type {RecordReader, RecordSink} from '../contracts.ts'
import {badText, bufferOf, newlineByte, withoutByteOrderMark} from './bytes.ts'
import {CarryBuffer} from './carry-buffer.ts'
import {badTextCharsMax, blockBytes} from './limits.ts'

/** What a line format does. */
export interface LineBlocks {
  /**
   * Reads complete lines of valid UTF-8; only the last line of the input may lack its newline.
   *
   * @param line - number of the first one
   * @returns how many lines there were
   */
  read(bytes: Buffer, isAscii: boolean, line: number): number
}

export interface LineFeedOptions {
  readonly isFirst: boolean
  readonly recordBytesMax: number
}

/** Of one part of a file: `push` its bytes, then `end`. */
export class LineFeed implements RecordReader {
  readonly #blocks: LineBlocks
  readonly #sink: RecordSink
  readonly #recordBytesMax: number
  /** At most recordBytesMax: lines inside a block need not be measured. */
  readonly #blockBytes: number
  readonly #carry = new CarryBuffer()
  /** The rest of a line that was too long is passing by. */
  #isSkipping = false
  #isAtStart: boolean
  #lines = 0

  constructor(blocks: LineBlocks, sink: RecordSink, options: LineFeedOptions) {
    this.#blocks = blocks
    this.#sink = sink
    this.#recordBytesMax = options.recordBytesMax
    this.#blockBytes = Math.min(blockBytes, options.recordBytesMax)
    this.#isAtStart = options.isFirst
  }

  get lines(): number {
    return this.#lines
  }

  get isBetweenRecords(): boolean {
    return this.#carry.length === 0 && !this.#isSkipping
  }

  /** Nobody asks lines for the names of their fields; parts of dynamic input are told (`namesOfFirstRecord`). */
  get names(): null {
    return null
  }

  push(chunk: Uint8Array): void {
    const bytes = bufferOf(chunk)
    let position = this.#carry.length > 0 || this.#isSkipping ? this.#finishLine(bytes) : 0
    while (position < bytes.length) {
      const block = bytes.subarray(position, position + this.#blockBytes)
      const newline = block.lastIndexOf(newlineByte)
      if (newline >= 0) {
        this.#read(block.subarray(0, newline + 1))
        position += newline + 1
      } else {
        position += this.#finishLine(bytes.subarray(position))
      }
    }
  }

  end(): void {
    if (this.#isSkipping) this.#lines++
    this.#isSkipping = false
    if (this.#carry.length > 0) this.#read(this.#carry.view())
    this.#carry.clear()
  }

  /**
   * Goes on with one line, carried over or longer than a block.
   *
   * @returns how many of the bytes belong to it
   */
  #finishLine(bytes: Buffer): number {
    const newline = bytes.indexOf(newlineByte)
    const lineBytes = newline < 0 ? bytes.length : newline
    const end = newline < 0 ? bytes.length : newline + 1
    if (!this.#isSkipping && this.#carry.length + lineBytes > this.#recordBytesMax) {
      const missing = Math.min(badTextCharsMax, this.#recordBytesMax) - this.#carry.length
      if (missing > 0) this.#carry.append(bytes.subarray(0, missing))
      this.#sink.bad(
        'line too long',
        this.#lines + 1,
        badText(this.#fromStart(this.#carry.view())),
        `more than ${this.#recordBytesMax} bytes`,
      )
      this.#carry.clear()
      this.#isSkipping = true
    }
    if (this.#isSkipping) {
      if (newline >= 0) {
        this.#isSkipping = false
        this.#lines++
      }
      return end
    }
    if (newline >= 0 && this.#carry.length === 0) {
      this.#read(bytes.subarray(0, end))
      return end
    }
    this.#carry.append(bytes.subarray(0, end))
    if (newline >= 0) {
      this.#read(this.#carry.view())
      this.#carry.clear()
    }
    return end
  }

  #read(lines: Buffer): void {
    const bytes = this.#fromStart(lines)
    const isPlain = isAscii(bytes)
    if (isPlain || isUtf8(bytes)) this.#lines += this.#blocks.read(bytes, isPlain, this.#lines + 1)
    else this.#readLineByLine(bytes)
  }

  #readLineByLine(bytes: Buffer): void {
    let start = 0
    while (start < bytes.length) {
      const newline = bytes.indexOf(newlineByte, start)
      const end = newline < 0 ? bytes.length : newline + 1
      const line = bytes.subarray(start, end)
      if (isUtf8(line)) this.#blocks.read(line, isAscii(line), this.#lines + 1)
      else this.#sink.bad('not UTF-8', this.#lines + 1, badText(line))
      this.#lines++
      start = end
    }
  }

  /** The first line of the input may begin with a byte order mark. */
  #fromStart(bytes: Buffer): Buffer {
    if (!this.#isAtStart) return bytes
    this.#isAtStart = false
    return withoutByteOrderMark(bytes)
  }
}
