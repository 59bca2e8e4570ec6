/** PostgreSQL through pg. */
import type {Client} from 'pg'
import {errorCodeOf, messageOf, UserError} from '../../../base/index.ts'
import {rowKey} from '../../tables/index.ts'
import type {Appender, AppendOptions, Driver, Session, SqlValue, TableInfo, Verdict} from '../contracts.ts'
import {connectTimeoutMs, statementTimeoutMs} from '../limits.ts'
import {networkVerdict} from '../network-errors.ts'
import {RowBuffer} from '../row-buffer.ts'
import {arraysOf, insertSql} from './insert.ts'
import {postgresDialect, postgresStorage} from './postgres-dialect.ts'

/** @param address - `postgres://user:password@host:port/database?sslmode=…&schema=…`; what is missing comes from PGUSER and its like */
export function postgresDriver(address: string): Driver {
  return {
    dialect: postgresDialect,
    makesTablesApart: true,
    connect: () => connect(address),
    judge,
  }
}

async function connect(address: string): Promise<Session> {
  const {default: pg} = await import('pg')
  const client = new pg.Client({
    connectionString: address,
    application_name: 'disco-inferno',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // A server that stopped says nothing, not even that the time is up.
    query_timeout: statementTimeoutMs + 5000,
    keepAlive: true,
  })
  // A connection that ends between two statements shows when the next one fails.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const schema = new URL(address).searchParams.get('schema')
    if (schema !== null) await client.query(`SET search_path TO ${postgresDialect.quote(schema)}`)
    // What the ledger says must survive a power cut, or an archived batch would be lost.
    await client.query(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    )
    return new PostgresSession(client)
  } catch (error) {
    destroy(client)
    throw error
  }
}

function destroy(client: Client): void {
  // Not end(): that would wait for the server.
  const {connection} = client as unknown as {connection: {stream: {destroy(): void}}}
  connection.stream.destroy()
}

class PostgresSession implements Session {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<readonly Record<string, unknown>[]> {
    const result = await this.#client.query(sql, [...values])
    return result.rows as Record<string, unknown>[]
  }

  async tableInfo(name: string): Promise<TableInfo | undefined> {
    const quoted = postgresDialect.quote(name)
    const columns = await this.run(columnsSql, [quoted])
    if (columns.length === 0) return undefined
    const keys = await this.run(keysSql, [quoted])
    return {
      columns: columns.map(row => {
        const type = String(row.type)
        return {name: String(row.name), type, storage: postgresStorage(type), isRequired: row.is_required === true}
      }),
      uniqueKeys: keys.map(row => row.names as string[]),
      problems: [],
    }
  }

  async begin(): Promise<void> {
    await this.#client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
  }

  async commit(): Promise<void> {
    const {command} = await this.#client.query('COMMIT')
    // A transaction that failed before ends with ROLLBACK as the answer, not with an error.
    if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`)
  }

  async rollback(): Promise<void> {
    await this.#client.query('ROLLBACK')
  }

  appender(options: AppendOptions): Appender {
    const sql = insertSql(options)
    const {columns} = options.settled
    const hasKeys = options.mode === 'add'
    const buffer = new RowBuffer()
    const flush = async (): Promise<void> => {
      do {
        const rows = buffer.take()
        if (rows.length > 0) await this.#client.query(sql, arraysOf(rows, columns, hasKeys))
      } while (buffer.isHolding)
    }
    return {
      push: (values, key) => buffer.push({values, key: hasKeys ? rowKey(key) : ''}),
      flush: async () => {
        await flush()
      },
    }
  }

  destroy(): void {
    destroy(this.#client)
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

const columnsSql = `
  SELECT attname AS name, format_type(atttypid, atttypmod) AS type,
    attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = '' AS is_required
  FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`

const keysSql = `
  SELECT array_agg(attname::text ORDER BY attnum) AS names
  FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey[0:indnkeyatts - 1])
  WHERE indrelid = to_regclass($1) AND indisunique AND indisvalid AND indpred IS NULL AND indexprs IS NULL
  GROUP BY indexrelid`

/** By SQLSTATE; without one the connection failed. */
function judge(error: unknown): Verdict {
  const code = errorCodeOf(error)
  const reason = messageOf(error)
  if (/^[0-9A-Z]{5}$/.test(code) && code !== 'EPIPE' && code !== 'EPERM') return judgeState(code, reason)
  const verdict = networkVerdict(error)
  if (verdict !== undefined) return verdict
  if (/connection (?:terminated|error|ended)|not queryable|timeout/i.test(reason)) {
    return {kind: 'again', code: /timeout/i.test(reason) ? 'TIMED_OUT' : 'UNAVAILABLE', reason}
  }
  if (/the transaction ended with|server does not support SSL/.test(reason)) {
    return {kind: 'final', error: new UserError('BAD_SINK', reason)}
  }
  return {kind: 'foreign'}
}

function judgeState(code: string, reason: string): Verdict {
  const group = code.slice(0, 2)
  if (code === '23505') return {kind: 'duplicate', reason}
  if (code === '42P07' || code === '42710') return {kind: 'exists'}
  if (code === '57014') return {kind: 'again', code: 'TIMED_OUT', reason: `a statement took too long (${reason})`}
  if (code === '53100') return {kind: 'again', code: 'DISK_FULL', reason}
  if (code === '55P03') return {kind: 'again', code: 'TIMED_OUT', reason}
  if (group === '58' || group === 'XX') return {kind: 'again', code: 'STORAGE_BROKEN', reason}
  if (['08', '40', '53', '57'].includes(group)) return {kind: 'again', code: 'UNAVAILABLE', reason}
  if (group === '28')
    return final('BAD_SINK', `it refuses the user: ${reason}`, 'check user and password of the address')
  if (group === '3D' || group === '3F') return final('BAD_SINK', reason, 'make it first, or correct the address')
  if (code === '42501') return final('BAD_SINK', reason, 'have the permission given with GRANT')
  if (code === '25006') return final('BAD_SINK', reason, 'write to the primary server, not to a standby')
  return final('OUTPUT_FAILED', reason, 'the database refused the rows; nothing was written')
}

function final(code: 'BAD_SINK' | 'OUTPUT_FAILED', message: string, hint: string): Verdict {
  return {kind: 'final', error: new UserError(code, message, {hint})}
}
