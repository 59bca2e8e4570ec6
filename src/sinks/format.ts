/** Rows to text in any of the formats. */
import type {ResultRow} from '../engine/index.ts'
import {csvLines} from './csv.ts'
import {jsonDocument, ndjsonLines} from './json.ts'
import {markdownLines} from './markdown.ts'
import type {KeysetHeader} from './sections.ts'
import {tableLines} from './table.ts'

export type SinkFormat = 'csv' | 'tsv' | 'table' | 'markdown' | 'json' | 'ndjson'

/** What a format does not know it ignores: `crlf` is for csv and tsv; `width`, `ascii` and `rowLimit` are for table. */
export interface FormatOptions {
  readonly crlf?: boolean
  readonly width?: number
  readonly ascii?: boolean
  readonly rowLimit?: number
  /** csv, tsv, table and markdown: print the head of keysets without rows too. */
  readonly emptyHeaders?: boolean
}

/**
 * Rows as chunks of text, pulled row by row: memory does not grow with their number.
 *
 * @param headers - one per keyset, in any order
 * @param rows - the rows of a keyset in one place; read once, and ended (`return`) when the reader of the chunks stops
 * @throws UserError OUTPUT_FAILED when rows do not fit the headers
 */
export function formatRows(
  format: SinkFormat,
  headers: readonly KeysetHeader[],
  rows: Iterable<ResultRow>,
  options: FormatOptions = {},
): Iterable<string> {
  switch (format) {
    case 'csv':
      return csvLines(headers, rows, options)
    case 'tsv':
      return csvLines(headers, rows, {...options, delimiter: '\t'})
    case 'table':
      return tableLines(headers, rows, options)
    case 'markdown':
      return markdownLines(headers, rows, options)
    case 'json':
      return jsonDocument(headers, rows)
    case 'ndjson':
      return ndjsonLines(headers, rows)
  }
}
