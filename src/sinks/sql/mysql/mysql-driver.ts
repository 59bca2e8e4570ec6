/** MySQL and MariaDB through mysql2. */
import type {Connection, ConnectionOptions, RowDataPacket} from 'mysql2/promise'
import {errorCodeOf, messageOf, UserError} from '../../../base/index.ts'
import {rowKey} from '../../tables/index.ts'
import type {Appender, AppendOptions, Difference, Driver, Session, SqlValue, TableInfo, Verdict} from '../contracts.ts'
import {connectTimeoutMs, statementTimeoutMs} from '../limits.ts'
import {networkVerdict} from '../network-errors.ts'
import {RowBuffer} from '../row-buffer.ts'
import {insertParts} from './insert.ts'
import {mysqlDialect, mysqlStorage} from './mysql-dialect.ts'

/** Bytes of a statement beside its rows, and what the protocol adds. */
const packetReserveBytes = 16 * 1024
const defaultPort = 3306

/** @param address - `mysql://user:password@host:port/database?ssl=true&socket=…` */
export function mysqlDriver(address: string): Driver {
  return {dialect: mysqlDialect, makesTablesApart: true, connect: () => connect(address), judge}
}

function optionsOf(address: string): ConnectionOptions {
  const url = new URL(address)
  const socketPath = url.searchParams.get('socket')
  const ssl = url.searchParams.get('ssl')
  return {
    ...(socketPath === null
      ? {host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || defaultPort)}
      : {socketPath}),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    charset: 'utf8mb4',
    connectTimeout: connectTimeoutMs,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    ...(ssl === null || ssl === 'false' || ssl === '0' ? {} : {ssl: {rejectUnauthorized: ssl !== 'unverified'}}),
  }
}

async function connect(address: string): Promise<Session> {
  const options = optionsOf(address)
  if (options.database === '') {
    throw new UserError('BAD_SINK', 'the address of the sink names no database', {
      hint: 'write mysql://USER@HOST/DATABASE',
    })
  }
  const {createConnection} = await import('mysql2/promise')
  const connection = await createConnection(options)
  // A connection that ends between two statements shows when the next one fails.
  connection.on('error', () => undefined)
  try {
    // Strict: what does not fit is an error, not cut. Backslashes escape, as the driver's escaping means them.
    await connection.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'")
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    await connection.query(`SET SESSION innodb_lock_wait_timeout = ${Math.floor(statementTimeoutMs / 1000)}`)
    const [rows] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes')
    return new MysqlSession(connection, Number(rows[0]!.bytes))
  } catch (error) {
    destroy(connection)
    throw error
  }
}

function destroy(connection: Connection): void {
  // Not its own destroy(): that says goodbye and waits until the server, which may wait for a lock, says so too.
  const {stream} = (connection as unknown as {connection: {stream: {destroy(): void}}}).connection
  stream.destroy()
}

class MysqlSession implements Session {
  readonly #connection: Connection
  readonly #packetBytesMax: number

  constructor(connection: Connection, packetBytesMax: number) {
    this.#connection = connection
    this.#packetBytesMax = packetBytesMax - packetReserveBytes
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<readonly Record<string, unknown>[]> {
    const [rows] = await this.#connection.query({sql, values: [...values], timeout: statementTimeoutMs + 5000})
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
  }

  async tableInfo(name: string): Promise<TableInfo | undefined> {
    const [table] = await this.run(tableSql, [name])
    if (table === undefined) return undefined
    const columns = await this.run(columnsSql, [name])
    const keys = new Map<string, (string | null)[]>()
    for (const row of await this.run(keysSql, [name])) {
      const key = keys.get(String(row.index_name)) ?? []
      // A key over the beginning of a text takes texts for equal that differ behind it.
      key.push(row.sub_part === null && row.column_name !== null ? String(row.column_name) : null)
      keys.set(String(row.index_name), key)
    }
    return {
      columns: columns.map(row => {
        const type = String(row.type)
        return {name: String(row.name), type, storage: mysqlStorage(type), isRequired: Number(row.is_required) === 1}
      }),
      uniqueKeys: [...keys.values()].filter((key): key is string[] => key.every(column => column !== null)),
      problems: engineProblems(name, table.engine),
    }
  }

  async begin(): Promise<void> {
    await this.run('START TRANSACTION')
  }

  async commit(): Promise<void> {
    await this.run('COMMIT')
  }

  async rollback(): Promise<void> {
    await this.run('ROLLBACK')
  }

  appender(options: AppendOptions): Appender {
    const parts = insertParts(options, text => this.#connection.escape(text))
    const hasKeys = options.mode === 'add'
    const buffer = new RowBuffer()
    return {
      push: (values, key) => buffer.push({values, key: hasKeys ? rowKey(key) : ''}),
      flush: async () => {
        do {
          const texts = buffer.take().map(row => parts.rowText(row))
          for (const rows of this.#packets(texts, options)) await this.run(parts.head + rows + parts.tail)
        } while (buffer.isHolding)
      },
    }
  }

  /** Rows joined into texts that a packet of the server holds. */
  *#packets(texts: readonly string[], {settled}: AppendOptions): Iterable<string> {
    let packet = ''
    let bytes = 0
    for (const text of texts) {
      const textBytes = Buffer.byteLength(text) + 1
      if (textBytes > this.#packetBytesMax) throw tooLarge(settled.table.name, textBytes)
      if (bytes + textBytes > this.#packetBytesMax) {
        yield packet
        packet = ''
        bytes = 0
      }
      packet += packet === '' ? text : `,${text}`
      bytes += textBytes
    }
    if (packet !== '') yield packet
  }

  destroy(): void {
    destroy(this.#connection)
  }

  async close(): Promise<void> {
    await this.#connection.end()
  }
}

function tooLarge(table: string, bytes: number): UserError {
  return new UserError(
    'OUTPUT_FAILED',
    `a row of table "${table}" has ${bytes} bytes, more than the server takes at once`,
    {
      hint: 'raise max_allowed_packet of the server',
    },
  )
}

function engineProblems(table: string, engine: unknown): Difference[] {
  if (engine === null || String(engine).toLowerCase() === 'innodb') return []
  const change = `ALTER TABLE ${mysqlDialect.quote(table)} ENGINE=InnoDB`
  return [{message: `its engine is ${String(engine)}, which has no transactions, and should be InnoDB`, change}]
}

const tableSql =
  'SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?'
const columnsSql = `
  SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type,
    (IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL AND EXTRA NOT REGEXP 'auto_increment|GENERATED') AS is_required
  FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`
const keysSql = `
  SELECT INDEX_NAME AS index_name, COLUMN_NAME AS column_name, SUB_PART AS sub_part
  FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX`

const againCodes: readonly string[] = [
  'ER_LOCK_DEADLOCK',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CHECKREAD',
  'ER_TABLE_DEF_CHANGED',
  'ER_QUERY_INTERRUPTED',
  'ER_CONNECTION_KILLED',
  'PROTOCOL_CONNECTION_LOST',
  'ER_NEW_ABORTING_CONNECTION',
]
const timeoutCodes: readonly string[] = [
  'ER_LOCK_WAIT_TIMEOUT',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_STATEMENT_TIMEOUT',
  'ER_QUERY_TIMEOUT',
]

function judge(error: unknown): Verdict {
  const code = errorCodeOf(error)
  const reason = messageOf(error)
  if (error instanceof UserError) return {kind: 'foreign'}
  if (code === 'ER_DUP_ENTRY') return {kind: 'duplicate', reason}
  if (code === 'ER_TABLE_EXISTS_ERROR') return {kind: 'exists'}
  if (againCodes.includes(code)) return {kind: 'again', code: 'UNAVAILABLE', reason}
  if (timeoutCodes.includes(code))
    return {kind: 'again', code: 'TIMED_OUT', reason: `a statement took too long (${reason})`}
  if (code === 'ER_DISK_FULL' || code === 'ER_RECORD_FILE_FULL') return {kind: 'again', code: 'DISK_FULL', reason}
  if (code.startsWith('ER_ACCESS_DENIED') || code === 'ER_DBACCESS_DENIED_ERROR') {
    return final('BAD_SINK', `it refuses the user: ${reason}`, 'check user and password of the address')
  }
  if (code === 'ER_BAD_DB_ERROR') return final('BAD_SINK', reason, 'make the database first, or correct the address')
  if (code.endsWith('ACCESS_DENIED_ERROR')) return final('BAD_SINK', reason, 'have the permission given with GRANT')
  if (code.startsWith('ER_'))
    return final('OUTPUT_FAILED', reason, 'the database refused the rows; nothing was written')
  const verdict = networkVerdict(error)
  if (verdict !== undefined) return verdict
  if (/closed state|connection (?:is )?(?:closed|lost)|ETIMEDOUT/i.test(`${reason} ${code}`)) {
    return {kind: 'again', code: 'UNAVAILABLE', reason}
  }
  return {kind: 'foreign'}
}

function final(code: 'BAD_SINK' | 'OUTPUT_FAILED', message: string, hint: string): Verdict {
  return {kind: 'final', error: new UserError(code, message, {hint})}
}
