/** `--percent count`: how much of its keyset's total each row has, for people who look at them. */
import {printable, UserError} from '../../base/index.ts'
import {Decimal, type ResultRow} from '../../engine/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {KeysetHeader} from '../../sinks/index.ts'

/** Behind the name of the column that it is of. */
const suffix = '_percent'

/** Decimal places. */
const placeCount = 2

/**
 * The headers of rows with their percentages: one more column for each that is asked for.
 *
 * @throws UserError BAD_FLAG when a keyset has no such column of values, or has one of the new name already
 */
export function percentHeaders(headers: readonly KeysetHeader[], columns: readonly string[]): KeysetHeader[] {
  return headers.map(header => {
    const values = header.columns.slice(header.keyCount)
    const place = headers.length > 1 ? ` in ${printable(header.name)}` : ''
    for (const [index, column] of columns.entries()) {
      if (!values.includes(column)) {
        throw badFlag(
          `--percent: there is no column "${printable(column)}" to add up${place}`,
          values.length === 0
            ? 'give the rows a value, for example a count'
            : `its columns are ${values.map(printable).join(', ')}`,
        )
      }
      if (values.includes(column + suffix) || columns.indexOf(column) < index) {
        throw badFlag(
          `--percent: there is a column "${printable(column + suffix)}" already${place}`,
          'name a column once, and one of the rule otherwise',
        )
      }
    }
    return {...header, columns: [...header.columns, ...columns.map(column => column + suffix)]}
  })
}

/**
 * Rows with their percentages of the totals of their keyset, rounded to two places; null of what is no number, and of a total of 0.
 *
 * Reads the rows twice, so that no number of them takes memory.
 *
 * @param rows - each call gives all of them again
 * @param headers - as the rows are: without the new columns
 * @param columns - as checked by `percentHeaders`
 */
export function* percentRows(
  rows: () => Iterable<ResultRow>,
  headers: readonly KeysetHeader[],
  columns: readonly string[],
): Generator<ResultRow, void> {
  const tables = new Map(
    headers.map(header => {
      const places = columns.map(column => header.columns.indexOf(column, header.keyCount) - header.keyCount)
      return [header.name, {places, valueCount: header.columns.length - header.keyCount, totals: columns.map(() => 0)}]
    }),
  )
  for (const {keyset, values} of rows()) {
    const table = tables.get(keyset)!
    for (const [index, place] of table.places.entries()) table.totals[index]! += numberOf(values[place]) ?? 0
  }
  for (const row of rows()) {
    const {places, valueCount, totals} = tables.get(row.keyset)!
    const percents = places.map((place, index) => percentOf(numberOf(row.values[place]), totals[index]!))
    // A postprocessor may give fewer values than it declares, or more.
    const declared = Array.from({length: valueCount}, (_, index): Cell => row.values[index] ?? null)
    yield {...row, values: [...declared, ...percents, ...row.values.slice(valueCount)]}
  }
}

function percentOf(part: number | undefined, total: number): Cell {
  if (part === undefined || total === 0) return null
  const rounded = Number(((part / total) * 100).toFixed(placeCount))
  // Beyond 1e21 toFixed writes an exponent, which Number reads; a total beyond a double leaves nothing to say.
  return Number.isFinite(rounded) ? rounded : null
}

/** To the digits of a double, which is more than a percentage shows. */
function numberOf(cell: Cell | undefined): number | undefined {
  if (typeof cell === 'number') return cell
  return typeof cell === 'bigint' || cell instanceof Decimal ? Number(cell) : undefined
}

const badFlag = (message: string, hint: string): UserError => new UserError('BAD_FLAG', message, {hint, exitCode: 2})
