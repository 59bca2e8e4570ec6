/**
 * Finds where CSV records end, following quotes. Shared by the reader and the cutter, which have to agree to the byte.
 *
 * It looks at text with one character a byte (latin1), goes from quote to quote with indexOf, and keeps its state between
 * texts, so that a record may be spread over any number of them.
 *
 * States of a record:
 * - plain: outside quotes. A quote at the start of a cell opens; elsewhere it is an ordinary character. LF ends the record.
 * - quoted: only a quote matters. LF is data.
 * - quoteSeen: after a quote inside quotes. Another one is a doubled quote (back to quoted), anything else is text after
 *   the closing quote (plain).
 *
 * A record that grows beyond recordBytesMax, or holds a quoted cell beyond openCellBytesMax, fails at that byte: most likely
 * a stray quote swallows the input. The owner then chooses how to go on:
 * - a line at a time (`resumeByLine`): the line around the failing byte ends at its LF, whatever its quotes.
 * - `skipLine`: the same, without measuring it.
 * After that LF everything is as at the start of a record.
 */
import {quoteCode} from './bytes.ts'
import {openCellBytesMax} from './limits.ts'

/** The text ends before the record. */
export const incomplete = -1
/** The record is too long; see `failedAt`. */
export const failed = -2

type State = 'plain' | 'quoted' | 'quoteSeen'
/** How the record at hand is read: following quotes, to the end of its line, or not at all. */
export type ScanMode = 'record' | 'line' | 'skip'

export interface ScannerOptions {
  /** One ASCII character. */
  readonly delimiter: string
  /** The first record may follow a byte order mark. */
  readonly isFirst: boolean
  readonly recordBytesMax: number
}

const byteOrderMark = '\xef\xbb\xbf'

/**
 * After each `open`, `next` from place to place until it says `incomplete`. After `failed` the owner calls `resumeByLine` or
 * `skipLine`.
 */
export class CsvScanner {
  readonly #delimiterCode: number
  readonly #recordBytesMax: number
  #mode: ScanMode = 'record'
  #state: State = 'plain'
  #text = ''
  /** Bytes of the record in earlier texts. */
  #earlierBytes = 0
  /** Where the open cell's content starts in the text; negative when that was in an earlier one. */
  #cellStart = 0
  /** The end of the text before: what comes before the first character. */
  #before = ''
  #isFirstRecord: boolean
  /** The next quote and newline at or after the place of the last search, text.length for none. */
  #nextQuote = 0
  #nextNewline = 0
  #failedAt = 0
  #isCellTooLong = false

  constructor(options: ScannerOptions) {
    this.#delimiterCode = options.delimiter.charCodeAt(0)
    this.#recordBytesMax = options.recordBytesMax
    this.#isFirstRecord = options.isFirst
  }

  get mode(): ScanMode {
    return this.#mode
  }

  /** True when the input so far ends inside quotes. */
  get isInQuotes(): boolean {
    return this.#state === 'quoted'
  }

  /** Place of the first byte that was too much for the record, or for its open cell. */
  get failedAt(): number {
    return this.#failedAt
  }

  get isCellTooLong(): boolean {
    return this.#isCellTooLong
  }

  /** Goes on with the next text of the stream. */
  open(text: string): void {
    this.#before = (this.#before + this.#text.slice(-byteOrderMark.length)).slice(-byteOrderMark.length)
    this.#text = text
    this.#nextQuote = -1
    this.#nextNewline = -1
  }

  /** True when nothing in this text can change how its newlines are to be taken. */
  get isFreeOfQuotes(): boolean {
    return this.#mode === 'record' && this.#state === 'plain' && this.#quoteFrom(0) === this.#text.length
  }

  /**
   * Finds the end of the record that `from` belongs to.
   *
   * @param from - where the record starts in the text, or 0 when it started in an earlier one, or `failedAt`
   * @returns the place after its newline, `incomplete` or `failed`
   */
  next(from: number): number {
    const text = this.#text
    const limit = from - this.#earlierBytes + this.#recordBytesMax
    if (this.#mode !== 'record') return this.#nextLine(from, limit)
    let at = from
    for (;;) {
      if (this.#state === 'quoted') {
        const quote = this.#quoteFrom(at)
        const cellLimit = this.#cellStart + openCellBytesMax
        if (this.#isBeyond(quote, limit) || quote > cellLimit)
          return this.#fail(at, Math.min(limit, cellLimit), cellLimit < limit)
        if (quote === text.length) return this.#pause(from)
        at = quote + 1
        this.#state = 'quoteSeen'
      }
      if (this.#state === 'quoteSeen') {
        if (at >= text.length) return this.#pause(from)
        if (text.charCodeAt(at) === quoteCode) {
          at++
          this.#state = 'quoted'
          continue
        }
        this.#state = 'plain'
      }
      const newline = this.#newlineFrom(at)
      const quote = this.#quoteFrom(at)
      if (newline > limit && this.#isBeyond(quote, limit)) return this.#fail(at, limit, false)
      if (quote < newline) {
        at = quote + 1
        if (this.#isCellStart(quote, quote - from + this.#earlierBytes)) {
          this.#state = 'quoted'
          this.#cellStart = at
        }
      } else if (newline === text.length) {
        return this.#pause(from)
      } else {
        return this.#finish(newline + 1)
      }
    }
  }

  /** A record ends where the caller knows better (`isFreeOfQuotes`). */
  startRecord(): void {
    this.#finish(0)
  }

  /** After a failure: the record at hand is the line around the failing byte, `earlierBytes` of which came before it. */
  resumeByLine(earlierBytes: number): void {
    this.#mode = 'line'
    this.#state = 'plain'
    this.#earlierBytes = earlierBytes
    this.#isFirstRecord = false
  }

  /** After a failure: nothing is wanted of the line around the failing byte. */
  skipLine(): void {
    this.resumeByLine(0)
    this.#mode = 'skip'
  }

  #nextLine(from: number, limit: number): number {
    const newline = this.#newlineFrom(from)
    if (this.#mode === 'line' && newline > limit) return this.#fail(from, limit, false)
    return newline === this.#text.length ? this.#pause(from) : this.#finish(newline + 1)
  }

  #finish(end: number): number {
    this.#earlierBytes = 0
    this.#mode = 'record'
    this.#isFirstRecord = false
    return end
  }

  #pause(from: number): number {
    this.#earlierBytes += this.#text.length - from
    this.#cellStart -= this.#text.length
    return incomplete
  }

  /** A newline right at the limit ends the record, a quote there is one byte too many. */
  #isBeyond(quote: number, limit: number): boolean {
    return quote === this.#text.length ? quote > limit : quote >= limit
  }

  /** @param at - up to where the state is known; it can be beyond the limit when a doubled quote lies across it */
  #fail(at: number, limit: number, isCell: boolean): number {
    this.#failedAt = Math.max(at, limit)
    this.#isCellTooLong = isCell
    return failed
  }

  /** @param offset - the quote's place in its record */
  #isCellStart(quote: number, offset: number): boolean {
    if (offset === 0) return true
    const code = quote === 0 ? this.#before.charCodeAt(this.#before.length - 1) : this.#text.charCodeAt(quote - 1)
    if (code === this.#delimiterCode) return true
    if (!this.#isFirstRecord || offset !== byteOrderMark.length) return false
    return (this.#before + this.#text.slice(0, quote)).endsWith(byteOrderMark)
  }

  #quoteFrom(at: number): number {
    if (this.#nextQuote < at) {
      const quote = this.#text.indexOf('"', at)
      this.#nextQuote = quote < 0 ? this.#text.length : quote
    }
    return this.#nextQuote
  }

  #newlineFrom(at: number): number {
    if (this.#nextNewline < at) {
      const newline = this.#text.indexOf('\n', at)
      this.#nextNewline = newline < 0 ? this.#text.length : newline
    }
    return this.#nextNewline
  }
}
