/** CSV as in Inferno: a header per keyset, minimal quoting, keysets one after another. TSV is the same with tabs. */
import type {ResultRow} from '../engine/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellText} from './cell-text.ts'
import {chunkCharsMax} from './limits.ts'
import {type KeysetHeader, sectionsOf} from './sections.ts'

export type Delimiter = ',' | '\t'

export interface CsvOptions {
  /** End lines with CR LF, as the original did, instead of LF (D28). */
  readonly crlf?: boolean
  /** Between the cells of a line. */
  readonly delimiter?: Delimiter
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
  const {delimiter = ','} = options
  const lineEnd = options.crlf ? '\r\n' : '\n'
  const seen = new Set<string>()
  for (const {header, rows: sectionRows} of sectionsOf(headers, rows)) {
    seen.add(header.name)
    yield headerLine(header.columns, delimiter) + lineEnd
    const width = header.columns.length
    let lines = ''
    for (const row of sectionRows) {
      lines += rowLine(row, width, delimiter) + lineEnd
      if (lines.length < chunkCharsMax) continue
      yield lines
      lines = ''
    }
    if (lines !== '') yield lines
  }
  if (!options.emptyHeaders) return
  for (const header of headers) if (!seen.has(header.name)) yield headerLine(header.columns, delimiter) + lineEnd
}

/** Without a line end. */
export function headerLine(columns: readonly string[], delimiter: Delimiter = ','): string {
  return notBlank(columns.map(column => quoted(column, delimiter)).join(delimiter), columns.length)
}

function rowLine({key, values}: ResultRow, width: number, delimiter: Delimiter): string {
  let line = ''
  let count = 0
  for (const part of key) line += (count++ > 0 ? delimiter : '') + quoted(part, delimiter)
  for (const value of values) line += (count++ > 0 ? delimiter : '') + csvValue(value, delimiter)
  while (count < width) if (count++ > 0) line += delimiter
  return notBlank(line, width)
}

/** A line of one empty cell would be an empty line, which readers skip: the quotes keep the row. */
function notBlank(line: string, width: number): string {
  return line === '' && width === 1 ? blankLine : line
}

export const blankLine = '""'

/** A number has nothing to quote. */
export function csvValue(value: Cell, delimiter: Delimiter = ','): string {
  const text = cellText(value)
  return typeof value === 'number' ? text : quoted(text, delimiter)
}

function quoted(text: string, delimiter: Delimiter): string {
  return (delimiter === ',' ? special : specialWithTab).test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const special = /[",\r\n]/
const specialWithTab = /["\t\r\n]/
