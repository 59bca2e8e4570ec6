/** NDJSON (spec 4.1): one object a line, strict JSON, integers of any size. */
import {isAscii} from 'node:buffer'
import {messageOf, nextLongInteger, parseExact, parseJson, printable} from '../../base/index.ts'
import type {Parts} from '../../rules/index.ts'
import type {RecordSink} from '../contracts.ts'
import {badText, braceCode, bufferOf, latin1, utf8} from './bytes.ts'
import {detailCharsMax} from './limits.ts'
import type {LineBlocks} from './line-feed.ts'

/** Blocks of whole lines; `LineFeed` cuts them. */
export class JsonLines implements LineBlocks {
  readonly #sink: RecordSink

  constructor(sink: RecordSink) {
    this.#sink = sink
  }

  /** Decodes the block at once and parses slices of it: JSON.parse copies what it keeps. */
  read(bytes: Buffer, isAscii: boolean, line: number): number {
    const text = isAscii ? latin1(bytes) : utf8(bytes)
    let at = line
    let longInteger = nextLongInteger(text, 0)
    for (let start = 0; start < text.length; at++) {
      const newline = text.indexOf('\n', start)
      const end = newline < 0 ? text.length : newline
      if (longInteger < start) longInteger = nextLongInteger(text, start)
      this.readLine(text.slice(start, end), at, longInteger < end)
      start = end + 1
    }
    return at - line
  }

  /** @param hasLongInteger - may be true without need, never false */
  readLine(text: string, line: number, hasLongInteger: boolean): void {
    if (text.charCodeAt(0) !== braceCode && !this.#isCandidate(text, line)) return
    let value: unknown
    try {
      value = hasLongInteger ? parseExact(text) : JSON.parse(text)
    } catch (error) {
      this.#sink.bad('not JSON', line, badText(text), shortReason(error))
      return
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      this.#sink.bad('not an object', line, badText(text))
    else this.#sink.record(value as Parts, line)
  }

  /** Lines without a brace are not meant to be records: blank ones, comments, scalars. */
  #isCandidate(text: string, line: number): boolean {
    if (text.includes('{')) return true
    this.#sink.skipped(text.trim() === '' ? 'blank' : 'no-object', line)
    return false
  }
}

/**
 * Records of a JSON array, as reading each on a line of its own would give them. The text is well formed: the kernel wrote it, with
 * a newline between two records and nowhere else.
 */
export function parseRecords(bytes: Uint8Array): readonly Parts[] {
  const buffer = bufferOf(bytes)
  const text = isAscii(buffer) ? latin1(buffer) : utf8(buffer)
  if (nextLongInteger(text, 0) === text.length) return JSON.parse(text) as readonly Parts[]
  // One by one: what helps with large integers works only where there are few of them.
  const records = text.slice(1, -1).split(',\n')
  return records.map(record => parseJson(record) as Parts)
}

/** The parser's message without its quotation of the line, which is shown anyway. */
function shortReason(error: unknown): string {
  if (error instanceof RangeError) return 'nested too deep'
  const reason = messageOf(error)
    .replace(/, (?:\.\.\.)?"[\s\S]*$/, '')
    .replace(/ \(line \d+ column \d+\)$/, '')
    .replace(' in JSON at position', ' at position')
  return printable(reason.slice(0, detailCharsMax))
}
