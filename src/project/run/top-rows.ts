/** `--top 20:p95`: of each keyset the rows with the largest value, for people who look at them. */
import {printable, UserError} from '../../base/index.ts'
import {compareNumbers, Decimal, type ResultRow} from '../../engine/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {KeysetHeader} from '../../sinks/index.ts'

export interface Top {
  readonly count: number
  /** undefined: the first column behind the keys. */
  readonly column: string | undefined
}

/**
 * Refuses a column that a keyset has not, before anything is read.
 *
 * @throws UserError BAD_FLAG with the columns that there are
 */
export function checkTop(headers: readonly KeysetHeader[], top: Top): void {
  for (const header of headers) {
    if (valueIndexOf(header, top) !== undefined) continue
    const columns = header.columns.slice(header.keyCount)
    const named = top.column === undefined ? '' : ` "${printable(top.column)}"`
    throw new UserError(
      'BAD_FLAG',
      `--top: there is no column${named} to go by${headers.length > 1 ? ` in ${printable(header.name)}` : ''}`,
      {
        hint:
          columns.length === 0
            ? 'give the rows a value, for example a count'
            : `its columns are ${columns.map(printable).join(', ')}`,
        exitCode: 2,
      },
    )
  }
}

/** @returns index into the values of a row; undefined when there is no such column */
function valueIndexOf({columns, keyCount}: KeysetHeader, {column}: Top): number | undefined {
  const index = column === undefined ? keyCount : columns.indexOf(column, keyCount)
  return index < keyCount || index >= columns.length ? undefined : index - keyCount
}

/**
 * The rows with the largest value of each keyset, the largest first; equal ones in the order of their keys.
 *
 * Numbers come before texts, and what is empty or a list comes last. Holds at most twice as many rows as are wanted.
 *
 * @param rows - keyset by keyset
 */
export function* topRows(
  rows: Iterable<ResultRow>,
  headers: readonly KeysetHeader[],
  top: Top,
): Generator<ResultRow, void> {
  let kept: ResultRow[] = []
  let index = 0
  const best = (): ResultRow[] =>
    kept.sort((a, b) => compareCells(b.values[index] ?? null, a.values[index] ?? null)).slice(0, top.count)
  for (const row of rows) {
    if (row.keyset !== kept[0]?.keyset) {
      yield* best()
      kept = []
      index = valueIndexOf(headers.find(({name}) => name === row.keyset)!, top) ?? 0
    } else if (kept.length >= 2 * top.count) kept = best()
    kept.push(row)
  }
  yield* best()
}

/** <0, 0 or >0: nothing, texts, numbers. */
function compareCells(a: Cell, b: Cell): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return isNumber(a) && isNumber(b) ? compareNumbers(a, b) : 0
}

const rankOf = (cell: Cell): number => (isNumber(cell) ? 2 : typeof cell === 'string' ? 1 : 0)

const isNumber = (cell: Cell): cell is number | bigint | Decimal =>
  typeof cell === 'number' || typeof cell === 'bigint' || cell instanceof Decimal
