/**
 * CSV (spec 4.2). Records are found by the scanner on bytes, then decoded and split one by one.
 *
 * What fails costs one line where that is possible: a record whose quote stays open for too long gives up its first line,
 * and the lines after it, up to where it was given up, are read one at a time (a quote left open at their end is bad there).
 * So a stray quote cannot swallow a file, and each byte is read at most twice.
 */
import {isAscii, isUtf8} from 'node:buffer'
import type {RecordReader, RecordSink} from '../contracts.ts'
import {badText, bufferOf, latin1, newlineByte, utf8, withoutByteOrderMark} from './bytes.ts'
import {CarryBuffer} from './carry-buffer.ts'
import {type CsvFormat, CsvRows} from './csv-rows.ts'
import {CsvScanner, failed, incomplete} from './csv-scanner.ts'
import {blockBytes, openCellBytesMax} from './limits.ts'

export interface CsvReaderOptions {
  readonly isFirst: boolean
  readonly names?: readonly string[] | undefined
  readonly recordBytesMax: number
}

/** What is known of the bytes that a record is cut from. */
interface Piece {
  readonly bytes: Buffer
  readonly isAscii: boolean
  /** Neither NUL nor CR. */
  readonly isClean: boolean
}

/** Of one part of a file: `push` its bytes, then `end`. */
export class CsvReader implements RecordReader {
  readonly #sink: RecordSink
  readonly #rows: CsvRows
  readonly #scanner: CsvScanner
  readonly #recordBytesMax: number
  readonly #carry = new CarryBuffer()
  #isAtStart: boolean
  #lines = 0

  constructor(format: CsvFormat, sink: RecordSink, options: CsvReaderOptions) {
    const {isFirst, names, recordBytesMax} = options
    this.#sink = sink
    this.#rows = new CsvRows(format, sink, names)
    this.#scanner = new CsvScanner({delimiter: format.delimiter, isFirst, recordBytesMax})
    this.#recordBytesMax = recordBytesMax
    this.#isAtStart = isFirst
  }

  get lines(): number {
    return this.#lines
  }

  get names(): readonly string[] | null {
    return this.#rows.names
  }

  get isBetweenRecords(): boolean {
    return this.#carry.length === 0 && this.#scanner.mode === 'record'
  }

  push(chunk: Uint8Array): void {
    const bytes = bufferOf(chunk)
    for (let start = 0; start < bytes.length; start += blockBytes)
      this.#readBlock(bytes.subarray(start, start + blockBytes))
  }

  end(): void {
    const isOpen = this.#scanner.isInQuotes
    if (this.#scanner.mode === 'skip') this.#lines++
    else if (this.#carry.length > 0) this.#readRecord(pieceOf(this.#carry.view()), 0, this.#carry.length, isOpen)
    this.#carry.clear()
  }

  #readBlock(bytes: Buffer): void {
    const text = latin1(bytes)
    const scanner = this.#scanner
    scanner.open(text)
    const block: Piece = {bytes, isAscii: isAscii(bytes), isClean: isCleanText(text)}
    let start = 0
    while (start < text.length) {
      const {mode} = scanner
      const end = scanner.next(start)
      if (end === failed) {
        start = this.#giveUp(bytes, start)
        continue
      }
      const stop = end === incomplete ? text.length : end
      if (mode === 'skip') {
        if (end !== incomplete) this.#lines++
      } else if (end === incomplete) {
        this.#carry.append(bytes.subarray(start))
      } else if (this.#carry.length === 0) {
        this.#readRecord(block, start, end, false)
      } else {
        this.#carry.append(bytes.subarray(start, end))
        this.#readRecord(pieceOf(this.#carry.view()), 0, this.#carry.length, false)
        this.#carry.clear()
      }
      start = stop
    }
  }

  /** @param isOpen - the input ended inside quotes */
  #readRecord(piece: Piece, start: number, end: number, isOpen: boolean): void {
    const {bytes, isClean} = piece
    const line = this.#lines + 1
    const from = this.#isAtStart ? this.#afterByteOrderMark(bytes, start) : start
    // Inside quotes a newline at the end of the input is data.
    const to = !isOpen && bytes[end - 1] === newlineByte ? end - 1 : end
    if (piece.isAscii) {
      const text = latin1(bytes, from, to)
      this.#lines += lineCountOf(text, isOpen)
      this.#rows.read(text, line, isClean, isOpen)
      return
    }
    const record = bytes.subarray(from, to)
    this.#lines += lineCountOf(latin1(record), isOpen)
    if (isUtf8(record)) this.#rows.read(utf8(record), line, isClean, isOpen)
    else this.#sink.bad('not UTF-8', line, badText(record))
  }

  /**
   * The record at hand is too long: reports its first line, reads the others up to here one by one.
   *
   * @returns where the scanner goes on
   */
  #giveUp(bytes: Buffer, start: number): number {
    const {failedAt, isCellTooLong} = this.#scanner
    this.#carry.append(bytes.subarray(start, failedAt))
    const held = pieceOf(this.#carry.view())
    const from = this.#isAtStart ? this.#afterByteOrderMark(held.bytes, 0) : 0
    const newline = held.bytes.indexOf(newlineByte)
    const text = badText(held.bytes.subarray(from, newline < 0 ? undefined : newline))
    const detail = isCellTooLong
      ? `a quote is not closed within ${openCellBytesMax} bytes`
      : `more than ${this.#recordBytesMax} bytes`
    if (newline < 0) {
      this.#sink.bad(isCellTooLong ? 'cell too long' : 'line too long', this.#lines + 1, text, detail)
      this.#scanner.skipLine()
      this.#carry.clear()
      return failedAt
    }
    this.#sink.bad('not CSV', this.#lines + 1, text, detail)
    this.#lines++
    let lineStart = newline + 1
    for (;;) {
      const lineEnd = held.bytes.indexOf(newlineByte, lineStart) + 1
      if (lineEnd === 0) break
      this.#readRecord(held, lineStart, lineEnd, false)
      lineStart = lineEnd
    }
    this.#carry.drop(lineStart)
    this.#scanner.resumeByLine(this.#carry.length)
    return failedAt
  }

  #afterByteOrderMark(bytes: Buffer, start: number): number {
    this.#isAtStart = false
    return bytes.length - withoutByteOrderMark(bytes.subarray(start)).length
  }
}

function pieceOf(bytes: Buffer): Piece {
  return {bytes, isAscii: isAscii(bytes), isClean: isCleanText(latin1(bytes))}
}

function isCleanText(text: string): boolean {
  return !text.includes('\0') && !text.includes('\r')
}

/** Physical lines of a record without its own line end. */
function lineCountOf(text: string, isOpen: boolean): number {
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  // Here the text ends with the input: what follows its last newline is no line.
  return isOpen && text.endsWith('\n') ? count - 1 : count
}
