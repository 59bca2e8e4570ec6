/** Formats as data, for rows that become text without being rows first. Text and order are those of csv.ts, markdown.ts and json.ts. */
import type {ResultRow, RowStyle, RowTemplate} from '../engine/index.ts'
import type {AggregateNode, Cell} from '../rules/index.ts'
import {cellJson} from './cell-text.ts'
import {blankLine, csvValue, type Delimiter, headerLine} from './csv.ts'
import type {FormatOptions, SinkFormat} from './format.ts'
import {approximateField, fieldLabels, jsonSection, keysetField} from './json.ts'
import {markdownHead, markdownValue, sectionGap} from './markdown.ts'
import type {KeysetHeader} from './sections.ts'

export interface TemplateOptions extends FormatOptions {
  /** Keysets whose rows come one after the other; 1 unless given. */
  readonly keysetCount?: number
}

/**
 * How the rows of a keyset are written, whose values come without postprocessors.
 *
 * @param values - of each row
 * @returns undefined for a format that is not written row by row, or not without having seen rows
 */
export function rowTemplate(
  format: SinkFormat,
  header: KeysetHeader,
  values: readonly Pick<AggregateNode, 'aggregate'>[],
  options: TemplateOptions = {},
): RowTemplate | undefined {
  const cellCount = header.keyCount + values.length
  // Without a cell in front there is nothing for padding to follow.
  if (cellCount === 0 || cellCount > header.columns.length) return undefined
  switch (format) {
    case 'csv':
    case 'tsv':
      return csvTemplate(format, header, cellCount, options)
    case 'markdown':
      return markdownTemplate(header, values, options)
    case 'ndjson':
      return ndjsonTemplate(header, cellCount)
    case 'json':
      return jsonTemplate(header, cellCount)
    default:
      return undefined
  }
}

const delimiters = {csv: ',', tsv: '\t'} as const

function csvTemplate(
  style: 'csv' | 'tsv',
  {columns}: KeysetHeader,
  cellCount: number,
  {crlf}: FormatOptions,
): RowTemplate {
  const end = crlf ? '\r\n' : '\n'
  const delimiter = delimiters[style]
  return {
    style,
    gap: '',
    head: headerLine(columns, delimiter) + end,
    fronts: Array.from({length: cellCount}, (_, index) => (index === 0 ? '' : delimiter)),
    padding: delimiter.repeat(columns.length - cellCount),
    end,
    empty: '',
    blank: columns.length === 1 ? blankLine : '',
    estimateNames: [],
    ...plainRows,
  }
}

/** Whose results are numbers or nothing, so that their columns are aligned right whatever the rows are. */
const numbers: ReadonlySet<AggregateNode['aggregate']> = new Set([
  'count',
  'sum',
  'avg',
  'stddev',
  'quantile',
  'distinct',
])

function markdownTemplate(
  header: KeysetHeader,
  values: readonly Pick<AggregateNode, 'aggregate'>[],
  {keysetCount = 1}: TemplateOptions,
): RowTemplate | undefined {
  if (!values.every(({aggregate}) => numbers.has(aggregate))) return undefined
  const cellCount = header.keyCount + values.length
  return {
    style: 'markdown',
    gap: sectionGap,
    head: markdownHead(header, keysetCount > 1, column => column >= header.keyCount),
    fronts: Array.from({length: cellCount}, (_, index) => (index === 0 ? '| ' : ' | ')),
    padding: ' | '.repeat(header.columns.length - cellCount),
    end: ' |\n',
    empty: '',
    blank: '',
    estimateNames: [],
    ...plainRows,
  }
}

function ndjsonTemplate(header: KeysetHeader, cellCount: number): RowTemplate {
  const start = `{"${keysetField}":${JSON.stringify(header.name)},`
  return {...objects(header, cellCount, start), gap: '', head: '', end: '}\n', ...plainRows}
}

/** Rows of a list in the document that jsonPieces puts around them. */
function jsonTemplate(header: KeysetHeader, cellCount: number): RowTemplate {
  const {gap, head, foot, separator} = jsonSection(header.name)
  const rows = objects(header, cellCount, `${separator}{`)
  return {...rows, gap, head: head + separator.slice(1), end: '}', foot, separatorBytes: separator.length}
}

const plainRows = {foot: '', separatorBytes: 0}

/** @param start - of each row, up to the name of its first cell */
function objects(
  {columns, keyCount}: KeysetHeader,
  cellCount: number,
  start: string,
): Pick<RowTemplate, 'style' | 'fronts' | 'padding' | 'empty' | 'blank' | 'estimateNames'> {
  const labels = fieldLabels(columns)
  return {
    style: 'json',
    fronts: labels.slice(0, cellCount).map((label, index) => `${index === 0 ? start : ','}${label}`),
    padding: labels
      .slice(cellCount)
      .map(label => `,${label}null`)
      .join(''),
    empty: 'null',
    blank: '',
    estimateNames: labels.slice(keyCount, cellCount).map(label => label.slice(0, -1)),
  }
}

const csvValueWith =
  (delimiter: Delimiter) =>
  (value: Cell): string =>
    csvValue(value, delimiter)
const valueTexts: Readonly<Record<RowStyle, (value: Cell) => string>> = {
  csv: csvValueWith(','),
  tsv: csvValueWith('\t'),
  json: cellJson,
  markdown: markdownValue,
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
  const cellOf = valueTexts[style]
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
