/** The cells of one CSV record (spec 4.2, dialect `excel`). */
import {quoteCode} from './bytes.ts'
import {cellCharsMax} from './limits.ts'

export type CellProblem = {readonly reason: 'not CSV' | 'cell too long'; readonly detail: string}

const nulByte: CellProblem = {reason: 'not CSV', detail: 'a NUL byte'}
const loneReturn: CellProblem = {reason: 'not CSV', detail: 'a carriage return inside a line'}
const openQuote: CellProblem = {reason: 'not CSV', detail: 'a quote is not closed'}
const longCell: CellProblem = {reason: 'cell too long', detail: `more than ${cellCharsMax} characters`}

/** One for a reader: `cells` is one list, written anew by each `split`, so copy what is kept. */
export class CsvCells {
  readonly #delimiter: string
  readonly #delimiterCode: number
  /** The cells of the last record; those from `count` on are left over from earlier ones. */
  readonly cells: string[] = []
  count = 0

  /** @param delimiter - one ASCII character */
  constructor(delimiter: string) {
    this.#delimiter = delimiter
    this.#delimiterCode = delimiter.charCodeAt(0)
  }

  /**
   * Splits a record into `cells`.
   *
   * @param text - the record without its line end, not empty
   * @param isClean - known to hold neither NUL nor CR
   * @param mayEndInQuotes - a quote that is not closed runs to the end of the text
   * @returns what is wrong with it, if anything is
   */
  split(text: string, isClean: boolean, mayEndInQuotes: boolean): CellProblem | undefined {
    this.count = 0
    if (!isClean && text.includes('\0')) return nulByte
    const problem = text.includes('"')
      ? this.#splitQuoted(text, isClean, mayEndInQuotes)
      : this.#splitPlain(text, isClean)
    if (problem !== undefined) return problem
    if (text.length > cellCharsMax && this.#hasLongCell()) return longCell
    return undefined
  }

  #splitPlain(text: string, isClean: boolean): CellProblem | undefined {
    if (!isClean && text.includes('\r')) return loneReturn
    let start = 0
    for (;;) {
      const end = text.indexOf(this.#delimiter, start)
      if (end < 0) break
      this.cells[this.count++] = text.slice(start, end)
      start = end + 1
    }
    this.cells[this.count++] = text.slice(start)
    return undefined
  }

  #splitQuoted(text: string, isClean: boolean, mayEndInQuotes: boolean): CellProblem | undefined {
    let at = 0
    for (;;) {
      let content = ''
      if (text.charCodeAt(at) === quoteCode) {
        const close = closingQuote(text, at + 1)
        if (close === text.length && !mayEndInQuotes) return openQuote
        content = text.slice(at + 1, close)
        if (content.includes('"')) content = content.replaceAll('""', '"')
        at = Math.min(close + 1, text.length)
      }
      if (at < text.length && text.charCodeAt(at) !== this.#delimiterCode) {
        const found = text.indexOf(this.#delimiter, at)
        const end = found < 0 ? text.length : found
        const plain = text.slice(at, end)
        if (!isClean && plain.includes('\r')) return loneReturn
        content = content === '' ? plain : content + plain
        at = end
      }
      this.cells[this.count++] = content
      if (at >= text.length) return undefined
      at++
    }
  }

  #hasLongCell(): boolean {
    for (let index = 0; index < this.count; index++) if (this.cells[index]!.length > cellCharsMax) return true
    return false
  }
}

/** The quote that ends a quoted cell: the first one that is not doubled. `text.length` when there is none. */
function closingQuote(text: string, from: number): number {
  let quote = text.indexOf('"', from)
  while (quote >= 0 && text.charCodeAt(quote + 1) === quoteCode) quote = text.indexOf('"', quote + 2)
  return quote < 0 ? text.length : quote
}
