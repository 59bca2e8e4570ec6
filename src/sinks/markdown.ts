/** Tables as GitHub-flavoured Markdown knows them (4.10): for an issue, a wiki, a message. */
import type {ResultRow} from '../engine/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellText, isNumeric} from './cell-text.ts'
import {type KeysetHeader, type Section, sectionsOf} from './sections.ts'

export interface MarkdownOptions {
  /** Print the head of keysets without rows too. */
  readonly emptyHeaders?: boolean
}

/**
 * Rows as a table per keyset, line by line; all rows, numbers as they are. Several keysets are told apart by their names in bold.
 * Columns whose first rows are numbers are aligned right.
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
    if (seen.size > 0) yield '\n'
    seen.add(section.header.name)
    yield* headLines(section, isNamed)
    const width = section.header.columns.length
    for (const {key, values} of section.rows) {
      const cells = [...key.map(escaped), ...values.map(value => escaped(cellText(value)))]
      while (cells.length < width) cells.push('')
      yield line(cells)
    }
  }
  if (!options.emptyHeaders) return
  for (const header of headers) {
    if (seen.has(header.name)) continue
    if (seen.size > 0) yield '\n'
    seen.add(header.name)
    yield* headLines({header, sample: []}, isNamed)
  }
}

function* headLines({header, sample}: Pick<Section, 'header' | 'sample'>, isNamed: boolean): Iterable<string> {
  if (isNamed) yield `**${escaped(header.name)}**\n\n`
  yield line(header.columns.map(escaped))
  yield line(header.columns.map((_, column) => (isRight(sample, column) ? '---:' : '---')))
}

/** Some of the first rows have a number there, and none has anything else. */
function isRight(sample: readonly ResultRow[], column: number): boolean {
  const cells = sample.map(row => cellOf(row, column)).filter(cell => cell !== null)
  return cells.length > 0 && cells.every(isNumeric)
}

const cellOf = ({key, values}: ResultRow, column: number): Cell =>
  (column < key.length ? key[column] : values[column - key.length]) ?? null

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`

/**
 * A cell is one line, and inline text: what would begin something else there is written so that it does not. An underline within a word
 * begins nothing.
 */
function escaped(text: string): string {
  const plain = text.replace(marks, mark => entities[mark] ?? `\\${mark}`)
  return plain.replace(/\r\n|\r|\n/g, '<br>')
}

const marks = /[\\|`*[\]<&~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu
const entities: Readonly<Record<string, string>> = {'<': '&lt;', '&': '&amp;'}
