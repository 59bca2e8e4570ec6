/** SQLite through better-sqlite3: one file, one writer at a time, nothing that waits. */
import {existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type SqliteDatabase from 'better-sqlite3'
import {errorCodeOf, messageOf, UserError} from '../../../base/index.ts'
import {rowKey} from '../../tables/index.ts'
import {identityOf} from '../check-table.ts'
import {
  type Appender,
  type AppendOptions,
  batchColumn,
  type ColumnInfo,
  type Driver,
  keyColumn,
  type Session,
  type SqlValue,
  type Storage,
  type TableInfo,
  type Verdict,
} from '../contracts.ts'
import {statementTimeoutMs} from '../limits.ts'
import {lockHolderOf} from './lock-holder.ts'
import {sqliteDialect} from './sqlite-dialect.ts'
import {addValues, preferredValue} from './totals.ts'

/** Milliseconds that SQLite itself waits for another writer: the process stands still meanwhile. */
const busyTimeoutMs = 100
/** Milliseconds between two tries for the write lock. */
const busyPauseMs = 50
/** Milliseconds of waiting that nobody need hear of. */
const busyNoteAfterMs = 3000

const {quote} = sqliteDialect

export interface SqliteDriverOptions {
  /** Hears of a wait for the lock of another process once it is long. */
  readonly onNote?: ((line: string) => void) | undefined
  /** Milliseconds of waiting before somebody hears of it; default 3 s. */
  readonly noteAfterMs?: number
}

/** @param path - of the file; `:memory:` is not meant to be one */
export function sqliteDriver(path: string, options: SqliteDriverOptions = {}): Driver {
  return {
    dialect: sqliteDialect,
    makesTablesApart: false,
    connect: purpose => connect(path, purpose, work => whenFree(work, path, options)),
    judge,
  }
}

type WhenFree = <T>(work: () => T) => Promise<T>

async function connect(path: string, purpose: 'look' | 'write', whenFree: WhenFree): Promise<Session> {
  const {default: Database} = await import('better-sqlite3')
  const isNew = !existsSync(path)
  if (isNew && !existsSync(dirname(path))) {
    throw new UserError('BAD_SINK', `there is no folder ${dirname(path)} for the database`, {
      hint: `make it with: mkdir -p ${dirname(path)}`,
    })
  }
  // Looking at a file that is not there must not make it.
  const db = purpose === 'look' && isNew ? new Database(':memory:') : new Database(path, {timeout: busyTimeoutMs})
  try {
    // Readers are not held up by a writer. Kept in the file: of one that others made it is theirs to say.
    if (purpose === 'write' && isNew) db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.function('inferno_add', {safeIntegers: true}, (a, b) => addValues(a as SqlValue, b as SqlValue))
    db.function('inferno_min', {safeIntegers: true}, (a, b) => preferredValue(a as SqlValue, b as SqlValue, -1))
    db.function('inferno_max', {safeIntegers: true}, (a, b) => preferredValue(a as SqlValue, b as SqlValue, 1))
    return new SqliteSession(db, whenFree)
  } catch (error) {
    db.close()
    throw error
  }
}

class SqliteSession implements Session {
  readonly #db: SqliteDatabase.Database
  readonly #whenFree: WhenFree

  constructor(db: SqliteDatabase.Database, whenFree: WhenFree) {
    this.#db = db
    this.#whenFree = whenFree
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<readonly Record<string, unknown>[]> {
    return this.#whenFree(() => {
      const statement = this.#db.prepare(sql)
      if (statement.reader) return statement.safeIntegers().all(...values) as Record<string, unknown>[]
      statement.run(...values)
      return []
    })
  }

  async tableInfo(name: string): Promise<TableInfo | undefined> {
    return this.#whenFree(() => {
      const columns = this.#db
        .prepare('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)')
        .all(name) as ColumnRow[]
      if (columns.length === 0) return undefined
      return {columns: columns.map(columnInfo), uniqueKeys: this.#uniqueKeys(name, columns), problems: []}
    })
  }

  #uniqueKeys(name: string, columns: readonly ColumnRow[]): string[][] {
    const indexes = this.#db
      .prepare('SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0')
      .all(name) as {name: string}[]
    const columnsOf = this.#db.prepare('SELECT name FROM pragma_index_info(?)').pluck()
    const keys = indexes.map(index => columnsOf.all(index.name) as (string | null)[])
    const primary = columns.filter(({pk}) => pk > 0).map(column => column.name)
    // An index over expressions has columns without names.
    return [primary, ...keys.filter((key): key is string[] => key.every(column => column !== null))]
  }

  async begin(): Promise<void> {
    await this.#whenFree(() => this.#db.exec('BEGIN IMMEDIATE'))
  }

  async commit(): Promise<void> {
    await this.#whenFree(() => this.#db.exec('COMMIT'))
  }

  async rollback(): Promise<void> {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  appender(options: AppendOptions): Appender {
    const insert = this.#db.prepare(insertSql(options))
    const {mode, batchNumber, settled} = options
    const addsKey = mode === 'add' && sqliteDialect.usesKeyHash(settled.table)
    return {
      push: (values, key) => {
        if (mode === 'replace') insert.run(...values, batchNumber)
        else if (addsKey) insert.run(...values, rowKey(key))
        else insert.run(values)
        return false
      },
      flush: async () => {
        // Each row is in the transaction already.
      },
    }
  }

  destroy(): void {
    this.#db.close()
  }

  async close(): Promise<void> {
    this.#db.close()
  }
}

/** Waits for the lock of another process in small steps, in which this one goes on. */
async function whenFree<T>(
  work: () => T,
  path: string,
  {onNote, noteAfterMs = busyNoteAfterMs}: SqliteDriverOptions,
): Promise<T> {
  const startMs = performance.now()
  let isTold = onNote === undefined
  for (;;) {
    try {
      return work()
    } catch (error) {
      const waitedMs = performance.now() - startMs
      if (!isBusy(error) || waitedMs > statementTimeoutMs) throw error
      if (!isTold && waitedMs >= noteAfterMs) {
        isTold = true
        const holder = (await lockHolderOf(path)) ?? 'another program'
        const leftSeconds = Math.ceil((statementTimeoutMs - waitedMs) / 1000)
        onNote?.(`${holder} holds ${path} locked for writing; waiting for it, ${leftSeconds} s at most`)
      }
      await sleep(busyPauseMs)
    }
  }
}

function isBusy(error: unknown): boolean {
  return errorCodeOf(error).startsWith('SQLITE_BUSY') || errorCodeOf(error).startsWith('SQLITE_LOCKED')
}

function insertSql({settled, mode}: AppendOptions): string {
  const {table, columns} = settled
  const names = columns.map(({name}) => quote(name))
  if (mode === 'replace') names.push(quote(batchColumn))
  if (mode === 'add' && sqliteDialect.usesKeyHash(table)) names.push(quote(keyColumn))
  const insert = `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
  if (mode !== 'add') return insert
  const changes = columns
    .filter(({role}) => role !== 'key')
    .map(({name, aggregate}) => {
      const call = aggregate === 'min' || aggregate === 'max' ? `inferno_${aggregate}` : 'inferno_add'
      return `${quote(name)} = ${call}(${quote(table.name)}.${quote(name)}, excluded.${quote(name)})`
    })
  const action = changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`
  return `${insert} ON CONFLICT (${identityOf(table, sqliteDialect).map(quote).join(', ')}) DO ${action}`
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly notnull: number
  readonly dflt_value: unknown
  readonly pk: number
}

function columnInfo({name, type, notnull, dflt_value, pk}: ColumnRow): ColumnInfo {
  // INTEGER PRIMARY KEY numbers its rows itself.
  const isRowId = pk > 0 && /^integer$/i.test(type)
  return {
    name,
    type: type === '' ? 'without a type' : type,
    storage: storageOf(type),
    isRequired: notnull === 1 && dflt_value === null && !isRowId,
  }
}

/** SQLite's own rules of affinity. */
function storageOf(type: string): Storage {
  if (/int/i.test(type)) return {kind: 'integer', min: -9223372036854775808n, max: 9223372036854775807n}
  if (/char|clob|text/i.test(type)) return {kind: 'text'}
  if (type === '' || /blob/i.test(type)) return {kind: 'any'}
  if (/real|floa|doub/i.test(type)) return {kind: 'double'}
  return {kind: 'decimal', wholeMax: null, fractionMax: null}
}

function judge(error: unknown): Verdict {
  const code = errorCodeOf(error)
  const message = messageOf(error)
  if (error instanceof UserError) return {kind: 'foreign'}
  if (isBusy(error)) return {kind: 'again', code: 'TIMED_OUT', reason: 'another process holds the database'}
  if (code === 'SQLITE_FULL') return {kind: 'again', code: 'DISK_FULL', reason: 'the disk is full'}
  if (code.startsWith('SQLITE_IOERR')) return {kind: 'again', code: 'STORAGE_BROKEN', reason: message}
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
    return {kind: 'duplicate', reason: message}
  if (code === 'SQLITE_ERROR' && /already exists/.test(message)) return {kind: 'exists'}
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return final('BAD_SINK', `the file is no SQLite database, or a broken one (${message})`, 'choose another file')
  }
  if (code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_READONLY')) {
    return final(
      'BAD_SINK',
      `the file cannot be written (${message})`,
      'have the permission changed, or choose another file',
    )
  }
  if (code.startsWith('SQLITE_'))
    return final('OUTPUT_FAILED', message, 'the database refused the rows; nothing was written')
  return {kind: 'foreign'}
}

function final(code: 'BAD_SINK' | 'OUTPUT_FAILED', message: string, hint: string): Verdict {
  return {kind: 'final', error: new UserError(code, message, {hint})}
}
