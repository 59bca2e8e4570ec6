/** Formats as data, for rows that become text without being rows first. Text and order are those of csv.ts and json.ts. */
import type {ResultRow, RowTemplate} from '../engine/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellJson} from './cell-text.ts'
import {blankLine, csvValue, headerLine} from './csv.ts'
import type {FormatOptions, SinkFormat} from './format.ts'
import {approximateField, fieldLabels, keysetField} from './json.ts'
import type {KeysetHeader} from './sections.ts'

/**
 * How the rows of a keyset are written, whose values come without postprocessors.
 *
 * @param valueCount - values of each row
 * @returns undefined for a format that is not written row by row
 */
export function rowTemplate(
  format: SinkFormat,
  header: KeysetHeader,
  valueCount: number,
  options: FormatOptions = {},
): RowTemplate | undefined {
  const cellCount = header.keyCount + valueCount
  // Without a cell in front there is nothing for padding to follow.
  if (cellCount === 0 || cellCount > header.columns.length) return undefined
  if (format === 'csv') return csvTemplate(header, cellCount, options)
  return format === 'ndjson' ? ndjsonTemplate(header, cellCount) : undefined
}

function csvTemplate({columns}: KeysetHeader, cellCount: number, {crlf}: FormatOptions): RowTemplate {
  const end = crlf ? '\r\n' : '\n'
  return {
    style: 'csv',
    head: headerLine(columns) + end,
    fronts: Array.from({length: cellCount}, (_, index) => (index === 0 ? '' : ',')),
    padding: ','.repeat(columns.length - cellCount),
    end,
    empty: '',
    blank: columns.length === 1 ? blankLine : '',
    estimateNames: [],
  }
}

function ndjsonTemplate({name, columns, keyCount}: KeysetHeader, cellCount: number): RowTemplate {
  const labels = fieldLabels(columns)
  const start = `{"${keysetField}":${JSON.stringify(name)}`
  return {
    style: 'json',
    head: '',
    fronts: labels.slice(0, cellCount).map((label, index) => `${index === 0 ? start : ''},${label}`),
    padding: labels
      .slice(cellCount)
      .map(label => `,${label}null`)
      .join(''),
    end: '}\n',
    empty: 'null',
    blank: '',
    estimateNames: labels.slice(keyCount, cellCount).map(label => label.slice(0, -1)),
  }
}

/**
 * What comes behind the key parts in the text of a row.
 *
 * @param approximate - as in ResultRow
 */
export function restOfRow(
  template: RowTemplate,
  values: readonly Cell[],
  approximate: ResultRow['approximate'],
): string {
  const {style, fronts, padding, end, blank, estimateNames} = template
  const cellOf = style === 'csv' ? csvValue : cellJson
  const keyCount = fronts.length - values.length
  let text = ''
  for (const [index, value] of values.entries()) text += fronts[keyCount + index]! + cellOf(value)
  text += padding
  if (keyCount === 0 && text === '') text = blank
  if (approximate.length > 0 && style === 'json') {
    text += `,"${approximateField}":[${approximate.map(index => estimateNames[index]).join(',')}]`
  }
  return text + end
}
