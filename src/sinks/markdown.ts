/** Tables as GitHub-flavoured Markdown knows them (4.10): for an issue, a wiki, a message. */
import {markdownText} from '../base/index.ts'
import type {ResultRow} from '../engine/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellText, isNumeric} from './cell-text.ts'
import {chunkCharsMax} from './limits.ts'
import {type KeysetHeader, type Section, sectionsOf} from './sections.ts'

export interface MarkdownOptions {
  /** Print the head of keysets without rows too. */
  readonly emptyHeaders?: boolean
}

/**
 * Rows as a table per keyset, line by line; all rows, numbers as they are. Several keysets are told apart by their names in bold.
 * Columns of values whose first rows are numbers, as far as there is anything, are aligned right.
 *
 * @throws UserError OUTPUT_FAILED as `sectionsOf` does
 */
export function* markdownLines(
  headers: readonly KeysetHeader[],
  rows: Iterable<ResultRow>,
  options: MarkdownOptions = {},
): Iterable<string> {
  const isNamed = headers.length > 1
  const seen = new Set<string>()
  for (const section of sectionsOf(headers, rows)) {
    if (seen.size > 0) yield sectionGap
    seen.add(section.header.name)
    yield headOf(section, isNamed)
    const width = section.header.columns.length
    let lines = ''
    for (const {key, values} of section.rows) {
      const cells = [...key.map(markdownText), ...values.map(markdownValue)]
      while (cells.length < width) cells.push('')
      lines += line(cells)
      if (lines.length < chunkCharsMax) continue
      yield lines
      lines = ''
    }
    if (lines !== '') yield lines
  }
  if (!options.emptyHeaders) return
  for (const header of headers) {
    if (seen.has(header.name)) continue
    if (seen.size > 0) yield sectionGap
    seen.add(header.name)
    yield headOf({header, sample: []}, isNamed)
  }
}

/** A number has nothing to escape. */
export function markdownValue(value: Cell): string {
  const text = cellText(value)
  return typeof value === 'number' ? text : markdownText(text)
}

/** What stands before the rows of a keyset. */
export function markdownHead(
  {name, columns}: KeysetHeader,
  isNamed: boolean,
  isRight: (column: number) => boolean,
): string {
  const title = isNamed ? `**${markdownText(name)}**\n\n` : ''
  return title + line(columns.map(markdownText)) + line(columns.map((_, column) => (isRight(column) ? '---:' : '---')))
}

function headOf({header, sample}: Pick<Section, 'header' | 'sample'>, isNamed: boolean): string {
  // A cell without a value says nothing: what a column of numbers is can be told without its rows (row-template.ts).
  const isNumber = (cell: Cell): boolean => cell === null || isNumeric(cell)
  const isRight = (column: number): boolean =>
    column >= header.keyCount && sample.every(row => isNumber(cellOf(row, column)))
  return markdownHead(header, isNamed, column => sample.length > 0 && isRight(column))
}

const cellOf = ({key, values}: ResultRow, column: number): Cell =>
  (column < key.length ? key[column] : values[column - key.length]) ?? null

/** Between the tables of two keysets. */
export const sectionGap = '\n'

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
