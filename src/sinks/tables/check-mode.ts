/** Which rows may be added to those that are there. */
import {UserError} from '../../base/index.ts'
import {whyNotAdded} from '../../rules/index.ts'
import type {SinkMode} from '../row-sink.ts'
import type {SinkColumn, SinkTable} from './sink-table.ts'

/**
 * @throws UserError BAD_SINK naming all columns that cannot be added, each with the reason; needs no database
 */
export function checkMode(tables: readonly SinkTable[], mode: SinkMode): void {
  if (mode !== 'add') return
  const problems = tables.flatMap(problemsOf)
  if (problems.length === 0) return
  throw new UserError('BAD_SINK', `mode "add" cannot be used:\n${problems.map(line => `  ${line}`).join('\n')}`, {
    hint: 'use append or replace, or leave these columns out',
    exitCode: 2,
  })
}

function problemsOf(table: SinkTable): string[] {
  if (table.isPostprocessed) {
    return [
      `table "${table.name}": partsPostprocess of keyset "${table.keyset}" sees the totals of one batch, not those of all batches`,
    ]
  }
  return table.columns.flatMap(column => {
    const reason = reasonAgainst(column)
    const what = column.aggregate === null ? '' : ` (${column.aggregate})`
    return reason === undefined ? [] : [`table "${table.name}", column "${column.name}"${what}: ${reason}`]
  })
}

function reasonAgainst(column: SinkColumn): string | undefined {
  if (column.role === 'key') return undefined
  if (column.aggregate === null) return 'nothing says how its values are added'
  return whyNotAdded(column.aggregate)
}
