/** Rows that do not fit their table. */
import {excerptOf, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {SinkTable} from './sink-table.ts'

/**
 * @throws UserError OUTPUT_FAILED when a row has other key parts than the table has key columns, or more cells than columns
 */
export function checkRow(table: SinkTable, row: ResultRow): void {
  if (row.key.length === table.keyCount && row.key.length + row.values.length <= table.columns.length) return
  const found =
    row.key.length === table.keyCount
      ? `${row.values.length} values for ${table.columns.length - table.keyCount} columns`
      : `${row.key.length} key parts for ${table.keyCount} columns`
  throw new UserError(
    'OUTPUT_FAILED',
    `a row of keyset "${table.keyset}" has ${found} of table "${table.name}": ${excerptOf(JSON.stringify(row.key))}`,
    {hint: `name what its postprocessors append in extraColumns of keyset "${table.keyset}", and keep the key parts`},
  )
}

/** @throws UserError OUTPUT_FAILED when no keyset of the rule has the row's name */
export function unknownKeyset(name: string): UserError {
  return new UserError('OUTPUT_FAILED', `a row belongs to keyset "${excerptOf(name)}", which the rule does not have`, {
    hint: 'a postprocessor or reduceFunction must keep the keyset name in key[0]',
  })
}
