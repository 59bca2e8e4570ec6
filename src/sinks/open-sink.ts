/** From an address to a sink. Each driver is loaded when it is used. */
import type {RowSink} from './row-sink.ts'
import {checkMode, prefixed, type SinkTable} from './tables/index.ts'
import {type Environment, resolveTarget, type SinkSpec, type SinkTarget} from './target/index.ts'

export interface OpenSinkOptions {
  /** For `env:NAME` and `$NAME`; default: that of the process. */
  readonly environment?: Environment
  /** Only to look: differences of tables are no error, `ddl` tells them. */
  readonly isDryRun?: boolean
  readonly signal?: AbortSignal
  /** Of one write; default 6. */
  readonly attemptCountMax?: number
  /** Milliseconds before the second attempt; they double. */
  readonly firstRetryDelayMs?: number
  /** Hears what a person should know while a database is waited for: who holds it, why it is tried again. Of SQL databases. */
  readonly onNote?: (line: string) => void
}

/**
 * Opens where the rows of a rule go.
 *
 * Judges address, mode, names and types, connects once and compares the tables that are there: all before a scan.
 *
 * @param tables - `tablesOf(plan)`
 * @throws UserError BAD_SINK what the person can mend; ClusterError when the database does not answer
 */
export async function openSink(
  spec: SinkSpec,
  tables: readonly SinkTable[],
  options: OpenSinkOptions = {},
): Promise<RowSink> {
  const target = resolveTarget(spec, options.environment ?? process.env)
  const named = prefixed(tables, target.tablePrefix)
  checkMode(named, target.mode)
  switch (target.scheme) {
    case 'sqlite':
    case 'postgres':
    case 'postgresql':
    case 'mysql':
    case 'mariadb':
      return openSqlSink(target, named, options)
    case 'clickhouse':
    case 'clickhouses': {
      const {openClickhouseSink} = await import('./clickhouse/clickhouse-sink.ts')
      return openClickhouseSink(target, named, options)
    }
    case 'https':
    case 'http': {
      const {WebhookSink} = await import('./webhook/webhook-sink.ts')
      return new WebhookSink(target, named, options)
    }
    case 'csv':
    case 'ndjson': {
      const {FileSink} = await import('./batch-files/file-sink.ts')
      return new FileSink(target, named)
    }
  }
}

async function openSqlSink(
  target: SinkTarget,
  tables: readonly SinkTable[],
  options: OpenSinkOptions,
): Promise<RowSink> {
  const {SqlSink} = await import('./sql/sql-sink.ts')
  const {name, place, secrets, mode} = target
  const {attemptCountMax, firstRetryDelayMs, signal, onNote} = options
  const driver = await driverOf(target, onNote)
  const sink = new SqlSink({driver, tables, mode, name, place, secrets, attemptCountMax, firstRetryDelayMs, onNote})
  if (!options.isDryRun) await sink.check(signal)
  return sink
}

async function driverOf(
  target: SinkTarget,
  onNote: OpenSinkOptions['onNote'],
): Promise<import('./sql/contracts.ts').Driver> {
  switch (target.scheme) {
    case 'sqlite':
      return (await import('./sql/sqlite/sqlite-driver.ts')).sqliteDriver(target.rest, {onNote})
    case 'postgres':
    case 'postgresql':
      return (await import('./sql/postgres/postgres-driver.ts')).postgresDriver(target.address)
    default:
      return (await import('./sql/mysql/mysql-driver.ts')).mysqlDriver(target.address)
  }
}
