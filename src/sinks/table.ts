/** A table for people: a box per keyset, numbers right and grouped, made to fit the terminal. Nothing parses this. */
import {groupDigits, printable} from '../base/index.ts'
import type {ResultRow} from '../engine/index.ts'
import type {Cell} from '../rules/index.ts'
import {cellText, isNumeric} from './cell-text.ts'
import {cellWidthMax} from './limits.ts'
import {type KeysetHeader, type Section, sectionsOf} from './sections.ts'
import {fitColumns, type TableColumn} from './table-columns.ts'
import {cutToWidth, textWidth} from './text-width.ts'

export interface TableOptions {
  /** Terminal columns to fit; without it tables are as wide as they are. */
  readonly width?: number
  /** Use no signs of our own beyond ASCII: `+-|` for the box, `~` for estimates. */
  readonly ascii?: boolean
  /** Rows shown of each keyset; the rest is counted. Without it all. */
  readonly rowLimit?: number
  /** Print the head of keysets without rows too. */
  readonly emptyHeaders?: boolean
}

/** Inferno's name for the only keyset of a rule that names none: no title worth printing. */
const unnamedKeyset = '_default'

/**
 * Rows as a table per keyset, line by line. Estimates are marked with `≈`; control characters are shown as escapes.
 *
 * Column widths come from the first rows (sampleRowCountMax); a longer cell further down sticks out of its column.
 * Columns that cannot fit the width are left out and named below the table.
 *
 * @throws UserError OUTPUT_FAILED as `sectionsOf` does
 */
export function* tableLines(
  headers: readonly KeysetHeader[],
  rows: Iterable<ResultRow>,
  options: TableOptions = {},
): Iterable<string> {
  const seen = new Set<string>()
  let blank = ''
  for (const section of sectionsOf(headers, rows)) {
    seen.add(section.header.name)
    yield blank
    yield* sectionLines(section, options)
    blank = '\n'
  }
  if (!options.emptyHeaders) return
  for (const header of headers) {
    if (seen.has(header.name)) continue
    yield blank
    yield* sectionLines({header, sample: [], isWhole: true, rows: []}, options)
    blank = '\n'
  }
}

function* sectionLines(section: Section, options: TableOptions): Iterable<string> {
  const {header} = section
  const rowLimit = options.rowLimit ?? Number.POSITIVE_INFINITY
  const shown = section.sample.slice(0, Math.min(section.sample.length, rowLimit))
  const pen = options.ascii ? asciiPen : boxPen
  const {columns, omitted} = fitColumns(measuredColumns(section, shown, pen), options.width)
  const title = titleOf(section, pen)
  if (title !== '') yield `${title}\n`
  yield ruleLine(columns, pen.top)
  yield rowLine(columns, pen, index => printable(header.columns[index]!))
  yield ruleLine(columns, pen.middle)
  let rowCount = 0
  for (const row of section.rows) {
    if (rowCount++ < rowLimit) yield rowLine(columns, pen, index => shownCell(row, index, pen))
  }
  yield ruleLine(columns, pen.bottom)
  if (rowCount > rowLimit) yield `${pen.ellipsis} and ${countOf(rowCount - rowLimit, 'more row')}\n`
  else if (!section.isWhole) yield `${countOf(rowCount, 'row')}\n`
  if (omitted.length > 0) yield `not shown, the terminal is too narrow: ${omitted.join(', ')}\n`
}

function titleOf({header, sample, isWhole}: Section, {dot}: Pen): string {
  const parts = header.name === unnamedKeyset ? [] : [printable(header.name)]
  if (isWhole) parts.push(countOf(sample.length, 'row'))
  return parts.join(dot)
}

function measuredColumns(section: Section, shown: readonly ResultRow[], pen: Pen): TableColumn[] {
  return section.header.columns.map((name, index) => {
    let width = textWidth(printable(name))
    let isNumber = section.sample.length > 0
    for (const row of shown) {
      width = Math.max(width, textWidth(shownCell(row, index, pen)))
      const cell = cellAt(row, index)
      if (index < row.key.length || (cell !== null && !isNumeric(cell))) isNumber = false
    }
    return {
      index,
      name: printable(name),
      isNumber,
      width: isNumber ? width : Math.min(width, cellWidthMax),
      isCut: false,
    }
  })
}

function cellAt(row: ResultRow, index: number): Cell {
  return (index < row.key.length ? row.key[index] : row.values[index - row.key.length]) ?? null
}

function shownCell(row: ResultRow, index: number, {about}: Pen): string {
  const cell = cellAt(row, index)
  const text = isNumeric(cell) ? groupDigits(cellText(cell)) : printable(cellText(cell))
  if (row.approximate.length === 0 || !row.approximate.includes(index - row.key.length)) return text
  return about + text
}

interface Pen {
  readonly bar: string
  /** Before an estimate, at the end of a cut text, between the parts of a title. */
  readonly about: string
  readonly ellipsis: string
  readonly dot: string
  /** Left end, line, crossing, right end. */
  readonly top: readonly [string, string, string, string]
  readonly middle: readonly [string, string, string, string]
  readonly bottom: readonly [string, string, string, string]
}

const boxPen: Pen = {
  bar: '│',
  about: '≈',
  ellipsis: '…',
  dot: ' · ',
  top: ['┌', '─', '┬', '┐'],
  middle: ['├', '─', '┼', '┤'],
  bottom: ['└', '─', '┴', '┘'],
}
const asciiPen: Pen = {
  bar: '|',
  about: '~',
  ellipsis: '...',
  dot: ', ',
  top: ['+', '-', '+', '+'],
  middle: ['+', '-', '+', '+'],
  bottom: ['+', '-', '+', '+'],
}

function ruleLine(columns: readonly TableColumn[], [left, line, crossing, right]: Pen['top']): string {
  return `${left}${columns.map(column => line.repeat(column.width + 2)).join(crossing)}${right}\n`
}

function rowLine(columns: readonly TableColumn[], {bar, ellipsis}: Pen, textAt: (index: number) => string): string {
  const cells = columns.map(column => aligned(textAt(column.index), column, ellipsis))
  return `${bar} ${cells.join(` ${bar} `)} ${bar}\n`
}

function aligned(text: string, column: TableColumn, ellipsis: string): string {
  // A number is never cut: half of its digits would be another number.
  const widthMax = column.isCut ? column.width : Math.max(column.width, cellWidthMax)
  const fitting = column.isNumber ? text : cutToWidth(text, widthMax, ellipsis)
  const padding = ' '.repeat(Math.max(0, column.width - textWidth(fitting)))
  return column.isNumber ? padding + fitting : fitting + padding
}

function countOf(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`
}
