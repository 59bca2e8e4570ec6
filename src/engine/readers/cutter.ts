/** Where a stream may be cut, so that its parts can be read apart from each other. */
import {InvariantError} from '../../base/index.ts'
import type {FormatNode} from '../../rules/index.ts'
import {bufferOf, latin1, newlineByte} from './bytes.ts'
import {CsvScanner, failed, incomplete} from './csv-scanner.ts'
import {blockBytes, recordBytesMax} from './limits.ts'

/** Fed consecutive chunks of one stream from its beginning, which may end anywhere. */
export interface RecordCutter {
  /** @returns the place in this chunk right after the last record that ends in it; -1 when none does */
  push(chunk: Uint8Array): number
}

export interface CutterOptions {
  /** Bytes; the same as the reader's. */
  readonly recordBytesMax?: number
}

/** @throws InvariantError for a custom format, whose records only its own reader knows */
export function makeCutter(format: FormatNode, options: CutterOptions = {}): RecordCutter {
  if (format.format === 'custom') throw new InvariantError('only its own reader can cut a custom format')
  return format.format === 'csv'
    ? new CsvCutter(format.delimiter, options.recordBytesMax ?? recordBytesMax)
    : new LineCutter()
}

/**
 * True when the input may be cut at any newline, without knowing what comes before it.
 *
 * Not so for CSV, where the newline may be inside quotes, and not for dynamic when an earlier record gives the names.
 */
export function isLineFormat(format: FormatNode): boolean {
  switch (format.format) {
    case 'csv':
    case 'custom':
      return false
    case 'dynamic':
      return Array.isArray(format.fields)
    default:
      return true
  }
}

class LineCutter implements RecordCutter {
  push(chunk: Uint8Array): number {
    const newline = bufferOf(chunk).lastIndexOf(newlineByte)
    return newline < 0 ? -1 : newline + 1
  }
}

class CsvCutter implements RecordCutter {
  readonly #scanner: CsvScanner

  constructor(delimiter: string, bytesMax: number) {
    this.#scanner = new CsvScanner({delimiter, isFirst: true, recordBytesMax: bytesMax})
  }

  push(chunk: Uint8Array): number {
    const bytes = bufferOf(chunk)
    let cut = -1
    for (let start = 0; start < bytes.length; start += blockBytes) {
      const end = this.#lastEnd(latin1(bytes, start, Math.min(start + blockBytes, bytes.length)))
      if (end > 0) cut = start + end
    }
    return cut
  }

  /** @returns the place after the last record end in the text, 0 for none */
  #lastEnd(text: string): number {
    const scanner = this.#scanner
    scanner.open(text)
    // Without quotes every newline ends a record: go straight to the last one.
    let last = scanner.isFreeOfQuotes ? text.lastIndexOf('\n') + 1 : 0
    if (last > 0) scanner.startRecord()
    let at = last
    while (at < text.length) {
      const end = scanner.next(at)
      if (end === incomplete) break
      if (end === failed) {
        // The reader goes on by line: the next newline ends a record. Those before are no places to cut at, because a part that ends there would not show the reader that the record is too long.
        scanner.skipLine()
        at = scanner.failedAt
      } else {
        at = last = end
      }
    }
    return last
  }
}
