/** What the tables of the rules hold, against what was written. */
import assert from 'node:assert/strict'
import {exactText, parseExact} from '../../../src/sinks/tables/index.ts'
import {query, quoted} from '../../databases/place.ts'
import type {WrittenLogs} from './written-logs.ts'

/** By table. */
export const columns: Readonly<Record<string, readonly string[]>> = {
  lines: ['id', 'hits', 'price'],
  totals: ['site', 'hits', 'price', 'most'],
  now: ['site', 'people', 'hits'],
  copy: ['site', 'people', 'hits'],
  again: ['site', 'hits'],
}

const usualTables: readonly string[] = Object.keys(columns).filter(name => name !== 'copy')

/** @throws AssertionError */
export async function compareRows(logs: WrittenLogs, address: string, tables = usualTables): Promise<true> {
  for (const [table, expected] of Object.entries(logs.expected())) {
    if (!tables.includes(table)) continue
    const names = columns[table]!.map(name => quoted(address, name)).join(', ')
    const found = (await query(address, `SELECT ${names} FROM ${quoted(address, table)}`)).map(rowText).sort()
    const at = expected.findIndex((row, index) => row !== found[index])
    const differs = at !== -1 || found.length !== expected.length
    assert.ok(
      !differs,
      `${table}: ${found.length} rows of ${expected.length}; expected ${expected[at]}, there is ${found[at]}`,
    )
  }
  return true
}

/** Databases write the same number in several ways. */
function rowText([key, ...values]: readonly (string | null)[]): string {
  return [key, ...values.map(cell => exactText(parseExact(cell ?? '')!))].join('|')
}
