/**
 * Where a record of CSV begins, found from the bytes around a place alone: so one file can be read by several threads.
 *
 * Behind any newline a reader of the whole file is in one of two states: at the start of a record, or inside a quoted cell. Both are
 * followed from the first newline of the window. What a record that began before the window adds to the second is that it may be
 * given up as too long at any byte (see csv-reader.ts); reading then goes on behind the next newline, so each newline that it passes
 * may be the start of a record, too. Where all of them have met - quotes soon bring them together, and without quotes an open cell
 * becomes too long - there is one state left, and what it says is certain. Where they have not, nothing is said.
 */
import {bufferOf, latin1, newlineByte, quoteCode} from './bytes.ts'
import {CsvScanner, incomplete} from './csv-scanner.ts'
import {openCellBytesMax, recordBytesMax, recordStartsMax} from './limits.ts'

/**
 * @param window - bytes from the middle of the input
 * @param from - a place in them, not 0
 * @returns the place of the first record that begins at `from` or later; undefined when these bytes do not tell
 */
export function firstRecordStart(window: Uint8Array, from: number, delimiter: string): number | undefined {
  const bytes = bufferOf(window)
  const first = bytes.indexOf(newlineByte) + 1
  if (first === 0 || first > from) return undefined
  if (bytes.indexOf(quoteCode) < 0) return startWithoutQuotes(bytes, first, from)
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
function startWithoutQuotes(bytes: Buffer, first: number, from: number): number | undefined {
  const certain = bytes.indexOf(newlineByte, first + openCellBytesMax) + 1
  if (certain === 0 || certain > from) return undefined
  const start = bytes.indexOf(newlineByte, from - 1) + 1
  return start === 0 ? undefined : start
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
