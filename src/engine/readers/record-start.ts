/**
 * Where a record of CSV begins, found from the bytes around a place alone: so one file can be read by several threads.
 *
 * Behind any newline a reader of the whole file is in one of two states: at the start of a record, or inside a quoted cell. Both are
 * followed from the first newline of the window. What a record that began before the window adds to the second is that it may be
 * given up as too long at any byte (see csv-reader.ts); reading then goes on behind the next newline, so each newline that it passes
 * may be the start of a record, too. Where all of them have met - quotes soon bring them together, and without quotes an open cell
 * becomes too long - there is one state left, and what it says is certain. Where they have not, nothing is said.
 *
 * Following them takes a millisecond for half a megabyte. So it is tried around the last quote alone: behind it newlines tell.
 */
import {bufferOf, latin1, newlineByte, quoteCode} from './bytes.ts'
import {CsvScanner, incomplete} from './csv-scanner.ts'
import {nearQuoteBytes, openCellBytesMax, recordBytesMax, recordStartsMax} from './limits.ts'

/**
 * @param window - bytes from the middle of the input
 * @param from - a place in them, not 0
 * @returns the place of the first record that begins at `from` or later; undefined when these bytes do not tell
 */
export function firstRecordStart(window: Uint8Array, from: number, delimiter: string): number | undefined {
  const bytes = bufferOf(window)
  const lastQuote = bytes.lastIndexOf(quoteCode, from - 1)
  const certain = lastQuote < 0 ? startWithoutQuotes(bytes, from) : startAfterQuote(bytes, lastQuote, delimiter)
  if (certain === undefined) return lastQuote < 0 ? undefined : startByText(bytes, from, delimiter)
  return certain >= from ? certain : startBehindPlain(bytes, certain, from, delimiter)
}

/**
 * Around the last quote both states mostly meet, at the end of its line: what is further away need not be followed.
 *
 * @returns the first record behind that line end, where no other can begin since the quote
 */
function startAfterQuote(bytes: Buffer, quote: number, delimiter: string): number | undefined {
  const near = Math.max(0, quote - nearQuoteBytes)
  const line = bytes.indexOf(newlineByte, quote) + 1
  if (line === 0) return undefined
  const start = startByText(bytes.subarray(near, line + nearQuoteBytes), line - near, delimiter)
  return start === undefined ? undefined : near + start
}

/** Without quotes each newline ends a record, so the last one in front of `from` does. */
function startBehindPlain(bytes: Buffer, certain: number, from: number, delimiter: string): number | undefined {
  const last = Math.max(certain, bytes.lastIndexOf(newlineByte, from - 1) + 1)
  if (last === from) return from
  const newline = bytes.indexOf(newlineByte, from)
  if (newline >= 0 && !bytes.subarray(from, newline).includes(quoteCode)) return newline + 1
  const found = [...startsOf(latin1(bytes.subarray(last)), 0, delimiter, start => last + start >= from)].at(-1)!
  return last + found >= from ? last + found : undefined
}

/** By following both states from the first newline on. */
function startByText(bytes: Buffer, from: number, delimiter: string): number | undefined {
  const first = bytes.indexOf(newlineByte) + 1
  if (first === 0 || first > from) return undefined
  const text = latin1(bytes)
  const starts = startsOf(text, first, delimiter, start => start >= from)
  const found = [...starts].at(-1)!
  if (found < from) return undefined
  const joins = (start: number): boolean => starts.has(start) && start <= from
  // The quote in front puts the scanner inside quotes.
  const opened = `"${text.slice(first)}`
  const openedEnd = firstEnd(opened, delimiter)
  if (openedEnd === undefined) return undefined
  const openEnd = first + openedEnd - 1
  let count = 0
  for (let at = text.indexOf('\n', first) + 1; at > 0 && at <= openEnd; at = text.indexOf('\n', at) + 1) {
    if (joins(at)) continue
    if (at > from || ++count > recordStartsMax) return undefined
    const last = [...startsOf(text, at, delimiter, start => joins(start) || start > from)].at(-1)!
    if (!joins(last)) return undefined
  }
  return openEnd <= from ? found : undefined
}

/** Without any quote a cell that is open all along is given up as too long; from the next newline on all is as it seems. */
function startWithoutQuotes(bytes: Buffer, from: number): number | undefined {
  const first = bytes.indexOf(newlineByte) + 1
  if (first === 0) return undefined
  const certain = bytes.indexOf(newlineByte, first + openCellBytesMax) + 1
  return certain === 0 || certain > from ? undefined : certain
}

/** The starts of the records from `first` on, which is one, up to the first of which `isLast` says so, or the end of the text. */
function startsOf(text: string, first: number, delimiter: string, isLast: (start: number) => boolean): Set<number> {
  const starts = new Set([first])
  const scanner = new CsvScanner({delimiter, isFirst: false, recordBytesMax})
  scanner.open(text)
  let at = first
  while (!isLast(at)) {
    at = scanner.next(at)
    // Incomplete, or too long.
    if (at < 0) break
    starts.add(at)
  }
  return starts
}

/** Where the record at the text's beginning ends, at the latest: behind the newline that follows the byte at which it is too long. */
function firstEnd(text: string, delimiter: string): number | undefined {
  const scanner = new CsvScanner({delimiter, isFirst: false, recordBytesMax})
  scanner.open(text)
  const end = scanner.next(0)
  if (end >= 0) return end
  const newline = end === incomplete ? -1 : text.indexOf('\n', scanner.failedAt)
  return newline < 0 ? undefined : newline + 1
}
