/** `--having 'count > 100'`: the rows for which that holds, for people who look at them. */
import {printable, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import {type Cell, compileCondition, type ExpressionNode, fieldsOfExpression} from '../../rules/index.ts'
import {cellText, type KeysetHeader} from '../../sinks/index.ts'

/**
 * Refuses a column that a keyset does not have, before anything is read.
 *
 * @throws UserError BAD_FLAG with the columns that there are, BAD_PARAMETERS for a parameter: there are none here
 */
export function checkHaving(headers: readonly KeysetHeader[], having: ExpressionNode): void {
  compileCondition(having, {})
  for (const {name, columns} of headers) {
    const unknown = fieldsOfExpression(having).find(field => !columns.includes(field))
    if (unknown === undefined) continue
    const place = headers.length > 1 ? ` in ${printable(name)}` : ''
    throw new UserError('BAD_FLAG', `--having: there is no column "${printable(unknown)}"${place}`, {
      hint: `the columns are ${columns.map(printable).join(', ')}; odd names in backticks, or name one: -v errors=sum(…)`,
      exitCode: 2,
    })
  }
}

/** Rows whose columns, keys included, meet the condition, in the same order. */
export function* havingRows(
  rows: Iterable<ResultRow>,
  headers: readonly KeysetHeader[],
  having: ExpressionNode,
): Generator<ResultRow, void> {
  const holds = compileCondition(having, {})
  const columnsOf = new Map(headers.map(({name, columns}) => [name, columns]))
  for (const row of rows) {
    const columns = columnsOf.get(row.keyset) ?? []
    const {length} = row.key
    const cells = columns.map((column, index) => [
      column,
      index < length ? row.key[index] : plainOf(row.values[index - length] ?? null),
    ])
    if (holds(Object.fromEntries(cells))) yield row
  }
}

/** Decimals as their digits, which compare as the number they spell. */
const plainOf = (cell: Cell): unknown =>
  cell === null || typeof cell !== 'object' || Array.isArray(cell) ? cell : cellText(cell)
