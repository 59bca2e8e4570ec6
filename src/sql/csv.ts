/**
 * CSV by patterns, a line at a time. A record may go over several lines, of which a query over lines knows nothing: a line that leaves
 * a quote open cannot be judged. Where there is none, each line is a record, and the reader sees the same.
 */
import type {FormatNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import {flatFields} from './fields.ts'
import {csvLineBytesMax} from './limits.ts'
import {commonReasons, lineByBytes, type Records} from './text-lines.ts'
import type {Value} from './values.ts'

type CsvFormat = Extract<FormatNode, {readonly format: 'csv' | 'dynamic'}>

const quoted = '"(?:[^"]|"")*"'

/** Cells of one line: after a closing quote, and within plain text, quotes are text. */
interface Patterns {
  readonly closed: string
  /** Without carriage returns outside of quotes. */
  readonly clean: string
  /** A cell with the delimiter behind it. */
  readonly cell: string
}

function patternsOf(delimiter: string): Patterns {
  const code = `\\x{${delimiter.charCodeAt(0).toString(16)}}`
  const cell = (without: string): string => {
    const plain = `(?:[^"${code}${without}][^${code}${without}]*)?`
    return `(?:${quoted})?${plain}`
  }
  return {
    closed: `^${cell('')}(?:${code}${cell('')})*$`,
    clean: `^${cell('\\r')}(?:${code}${cell('\\r')})*$`,
    cell: `(${cell('')})${code}`,
  }
}

/** Fields of the header line come with each line of its file: columns `header` and `is_header` beside `line`. */
export function csvRecords(columns: Columns, format: CsvFormat): Records {
  const {dialect} = columns
  const patterns = patternsOf(format.delimiter)
  const content = columns.add(dialect.replaceAll('line', '\\r+$', ''))
  const hasHeader = !Array.isArray(format.fields)
  const lines = lineClass(columns, patterns, content, format)
  const cellsOf = (text: string): string =>
    columns.add(dialect.everyMatch(`concat(${text}, ${dialect.text(format.delimiter)})`, patterns.cell, 1))
  const cells = cellsOf(columns.cases([[`${lines} = 'record'`, content]], "''"))
  const heads = hasHeader ? cellsOf(headerOf(columns, patterns)) : ''
  const cellAt = (place: string): Value => {
    const cell = columns.add(dialect.elementAt(cells, place))
    const isThere = columns.add(`(${place} <= ${dialect.elementCount(cells)})`)
    return {kind: columns.cases([[isThere, "'s'"]], "'z'"), text: columns.add(decoded(columns, cell))}
  }
  const find = (name: string): Value | undefined => {
    if (Array.isArray(format.fields)) {
      const place = format.fields.lastIndexOf(name) + 1
      return place === 0 ? undefined : cellAt(String(place))
    }
    if (format.fields === null && !/^(?:0|[1-9]\d{0,8})$/.test(name)) return undefined
    const place = columns.add(
      format.fields === null
        ? `CASE WHEN ${Number(name)} < ${dialect.elementCount(heads)} THEN ${Number(name) + 1} ELSE 0 END`
        : dialect.lastIndex(
            dialect.eachText(heads, head => decoded(columns, head)),
            dialect.text(name),
          ),
    )
    const {kind, text} = cellAt(place)
    return {kind: columns.cases([[`${place} = 0`, "''"]], kind), text}
  }
  return {lines, badReasons: ['not CSV', ...commonReasons], fields: flatFields(find)}
}

function lineClass(columns: Columns, patterns: Patterns, content: string, {format, fields}: CsvFormat): string {
  const {dialect} = columns
  const {text} = dialect
  // Among lines of JSON no record goes over several lines.
  const isAlone = format === 'dynamic'
  const isLong = `${dialect.byteCount('line')} > ${csvLineBytesMax}`
  // Of bytes that are no text nobody knows which quotes they leave open.
  const isOdd = `NOT (${columns.add(dialect.isUtf8('line'))}) AND coalesce(${dialect.position('line', `'"'`)}, true)`
  const isOpen = `NOT (${dialect.matches(content, patterns.closed)})`
  const early = lineByBytes(
    columns,
    [[`${content} = ''`, text('blank')]],
    [
      [isOpen, text(isAlone ? 'not CSV' : '?')],
      [dialect.position('line', text('\0')), text('not CSV')],
      [`NOT (${dialect.matches(content, patterns.clean)})`, text('not CSV')],
    ],
  )
  const branches: [string, string][] = [
    [isAlone ? isLong : `${isLong} OR (${isOdd})`, text('?')],
    [`${early} <> ''`, early],
  ]
  if (fields === 'header') branches.push(['is_header', text('header')])
  return columns.cases(branches, text('record'))
}

/** Of a header that is no good record all lines are unsure. */
function headerOf(columns: Columns, patterns: Patterns): string {
  const {dialect} = columns
  const content = columns.add(dialect.replaceAll('header', '\\r+$', ''))
  columns.unsureWhen(
    `NOT (${dialect.isUtf8('header')} AND ${dialect.byteCount('header')} <= ${csvLineBytesMax} AND ${dialect.matches(content, patterns.clean)}) OR ${dialect.position('header', dialect.text('\0'))}`,
  )
  return content
}

/** The text of a cell. */
function decoded({dialect}: Columns, cell: string): string {
  const inner = dialect.extract(cell, `^"((?:[^"]|"")*)"`, 1)
  const rest = dialect.replaceAll(cell, `^${quoted}`, '')
  const isQuoted = dialect.startsWith(cell, `'"'`)
  return `CASE WHEN ${isQuoted} THEN concat(${dialect.replaceAll(inner, '""', '"')}, ${rest}) ELSE ${cell} END`
}
