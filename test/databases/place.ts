/** What the tests of sinks share: tables, batches, rows, and a look into the database past the sink. */
import {createHash} from 'node:crypto'
import type {ResultRow} from '../../src/engine/index.ts'
import {
  type Aggregate,
  type Cell,
  compilePlan,
  count,
  defineRule,
  max,
  min,
  type RuleOptions,
  sum,
} from '../../src/rules/index.ts'
import type {Batch, RowSink, SinkMode} from '../../src/sinks/index.ts'
import {openSink} from '../../src/sinks/open-sink.ts'
import type {Driver} from '../../src/sinks/sql/contracts.ts'
import {mysqlDriver} from '../../src/sinks/sql/mysql/mysql-driver.ts'
import {postgresDriver} from '../../src/sinks/sql/postgres/postgres-driver.ts'
import {sqliteDriver} from '../../src/sinks/sql/sqlite/sqlite-driver.ts'
import {type SinkTable, tablesOf} from '../../src/sinks/tables/index.ts'

/** A database to test with, empty at the beginning. */
export interface Place {
  readonly address: string
}

export const never = new AbortController().signal

export function driverFor(address: string): Driver {
  if (address.startsWith('sqlite:')) return sqliteDriver(address.slice('sqlite:'.length))
  return address.startsWith('postgres:') ? postgresDriver(address) : mysqlDriver(address)
}

/** Rows of a statement, every cell as text in the database's own words, null as null. */
export async function query(address: string, sql: string): Promise<(string | null)[][]> {
  const session = await driverFor(address).connect('write')
  let rows: readonly Record<string, unknown>[]
  try {
    rows = await session.run(sql)
  } catch (error) {
    // Who asks until a table is there would use up all connections.
    session.destroy()
    throw error
  }
  await session.close()
  return rows.map(row => Object.values(row).map(cell => (cell === null ? null : String(cell))))
}

export function quoted(address: string, name: string): string {
  return driverFor(address).dialect.quote(name)
}

export function tablesFor(options: Omit<RuleOptions, 'name'>): SinkTable[] {
  return tablesOf(compilePlan(defineRule({name: 'clicks', ...options} as RuleOptions), {module: 'daily'}).plan)
}

/** One table `clicks`: text key `site`, and the values given. */
export function clicksTables(
  valueParts: Record<string, Aggregate> = {hits: count(), revenue: sum('price')},
): SinkTable[] {
  return tablesFor({keyParts: ['site'], valueParts})
}

export const totals = {hits: count(), revenue: sum('price'), least: min('ms'), most: max('ms')}

export function row(key: string | readonly string[], ...values: Cell[]): ResultRow {
  return {keyset: '_default', key: typeof key === 'string' ? [key] : key, values, approximate: []}
}

export function batch(name: string, scope = 'all'): Batch {
  return {
    id: createHash('sha256').update(name).digest('hex'),
    rule: 'daily.clicks',
    planHash: 'f'.repeat(64),
    scope,
    blobCount: 1,
    startedAtMs: 1_795_000_000_000,
  }
}

export async function withSink<T>(
  place: Place,
  tables: readonly SinkTable[],
  mode: SinkMode,
  work: (sink: RowSink) => Promise<T>,
): Promise<T> {
  const sink = await openSink({to: place.address, mode}, tables, {firstRetryDelayMs: 20})
  try {
    return await work(sink)
  } finally {
    await sink.close()
  }
}

/** A number that no double holds. */
export function decimal(text: string): Cell {
  return {toString: () => text, valueOf: () => Number(text)}
}
