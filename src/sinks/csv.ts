/** CSV as in Inferno: a header per keyset, minimal quoting, keysets one after another. */
import type {ResultRow} from '../engine/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellText} from './cell-text.ts'
import {chunkCharsMax} from './limits.ts'
import {type KeysetHeader, sectionsOf} from './sections.ts'

export interface CsvOptions {
  /** End lines with CR LF, as the original did, instead of LF (D28). */
  readonly crlf?: boolean
  /** Print the header of keysets without rows too: for files, where an absent table would look like a lost one. */
  readonly emptyHeaders?: boolean
}

/**
 * Rows as CSV lines, UTF-8 text, each with its line end, several in a chunk. No rows, no output (D27).
 *
 * @throws UserError OUTPUT_FAILED as `sectionsOf` does
 */
export function* csvLines(
  headers: readonly KeysetHeader[],
  rows: Iterable<ResultRow>,
  options: CsvOptions = {},
): Iterable<string> {
  const lineEnd = options.crlf ? '\r\n' : '\n'
  const seen = new Set<string>()
  for (const {header, rows: sectionRows} of sectionsOf(headers, rows)) {
    seen.add(header.name)
    yield headerLine(header.columns) + lineEnd
    const width = header.columns.length
    const lines = new LineChunk()
    for (const row of sectionRows) {
      lines.add(rowLine(row, width) + lineEnd)
      if (lines.isFull) yield lines.take()
    }
    yield lines.take()
  }
  if (!options.emptyHeaders) return
  for (const header of headers) if (!seen.has(header.name)) yield headerLine(header.columns) + lineEnd
}

function headerLine(columns: readonly string[]): string {
  return notBlank(columns.map(quoted).join(','), columns.length)
}

function rowLine(row: ResultRow, width: number): string {
  let line = ''
  let count = 0
  for (const part of row.key) line += (count++ > 0 ? ',' : '') + quoted(part)
  for (const value of row.values) line += (count++ > 0 ? ',' : '') + valueText(value)
  while (count < width) if (count++ > 0) line += ','
  return notBlank(line, width)
}

/** A line of one empty cell would be an empty line, which readers skip: the quotes keep the row. */
function notBlank(line: string, width: number): string {
  return line === '' && width === 1 ? '""' : line
}

function valueText(value: Cell): string {
  const text = cellText(value)
  return typeof value === 'number' ? text : quoted(text)
}

function quoted(text: string): string {
  return needsQuotes(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** By hand: for the short texts of cells a regular expression takes twice as long. */
function needsQuotes(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote || code === comma || code === lineFeed || code === carriageReturn) return true
  }
  return false
}

const quote = 0x22
const comma = 0x2c
const lineFeed = 0x0a
const carriageReturn = 0x0d

class LineChunk {
  #lines: string[] = []
  #length = 0
  get isFull(): boolean {
    return this.#length > chunkCharsMax
  }
  add(line: string): void {
    this.#lines.push(line)
    this.#length += line.length
  }
  take(): string {
    const text = this.#lines.join('')
    this.#lines = []
    this.#length = 0
    return text
  }
}
