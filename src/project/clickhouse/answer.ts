/** Rows of a query as the rows and the account of a run. */
import {printable, UserError} from '../../base/index.ts'
import type {Account, ResultRow} from '../../engine/index.ts'
import {distinctExactUpToMax} from '../../rules/index.ts'
import {type CompiledSql, readAnswer, type SqlRow} from '../../sql/index.ts'
import {columnBeyondExact, finishedRow} from '../sql/finish.ts'
import type {TextRow} from './connection.ts'

export interface EngineAnswer {
  /** In the order of every run's rows. */
  readonly rows: readonly ResultRow[]
  readonly account: Account
}

/**
 * @param bytes - that the engine read
 * @throws UserError BAD_ENGINE when some lines could not be judged (no row would be sure then), BeyondExact when a number of different
 *   values is above that up to which a rule counts exactly, and the query has nothing to estimate it with
 */
export function answerOf(compiled: CompiledSql, found: readonly TextRow[], bytes: number): EngineAnswer {
  const {rows, counts} = readAnswer(compiled, found)
  const unsure = counts['unsure'] ?? 0
  if (unsure > 0) {
    throw new UserError(
      'BAD_ENGINE',
      `${unsure} of ${counts['in']} lines cannot be judged by a query as the rule judges them; nothing was written`,
      {
        hint: 'numbers beyond its decimals, text made of arrays, deep nesting, CSV whose quotes hold a line end: run it here with --engine auto',
      },
    )
  }
  for (const row of rows) checkDistinct(compiled, row)
  return {
    rows: rows.map(row => finishedRow(compiled, row)),
    account: accountOf(counts, bytes),
  }
}

/** A count of different values needs the estimate of the rule, of which the query knew nothing. */
export class BeyondExact extends UserError {}

/** Beyond the limit of `distinct` a rule estimates: the two would differ. */
function checkDistinct(compiled: CompiledSql, row: SqlRow): void {
  const found = columnBeyondExact(compiled, row)
  if (found === undefined) return
  const {column, count, exactUpTo} = found
  throw new BeyondExact(
    'BAD_ENGINE',
    `${printable(`${row.keyset} ${row.key.join(', ')}`)}: ${printable(column)} is ${count} different values; the rule counts ${exactUpTo} exactly and estimates beyond; nothing was written`,
    {
      hint: `say distinct(field, {exactUpTo: ${distinctExactUpToMax}}) in the rule, or run it here with --engine auto`,
    },
  )
}

/** Samples of bad lines and of odd values stay where the lines are. */
export function accountOf(counts: Readonly<Record<string, number>>, bytes: number): Account {
  const named = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counts)
        .filter(([name, count]) => name.startsWith(`${prefix}: `) && count !== 0)
        .map(([name, count]) => [name.slice(prefix.length + 2), count]),
    )
  const total = (by: Readonly<Record<string, number>>): number =>
    Object.values(by).reduce((sum, count) => sum + count, 0)
  const badByReason = named('bad')
  const filteredByReason = named('filtered')
  const coerced = Object.entries(named('coerced')).map(([column, count]) => [column, {count, example: ''}])
  return {
    bytes,
    in: counts['in'] ?? 0,
    used: counts['used'] ?? 0,
    filtered: total(filteredByReason),
    bad: total(badByReason),
    blank: counts['blank'] ?? 0,
    badByReason,
    filteredByReason,
    badSamples: [],
    dropped: named('dropped'),
    coerced: Object.fromEntries(coerced),
    hookErrors: {},
  }
}
