/**
 * Rows into a database, each batch once.
 *
 * One transaction holds the batch's row in the ledger and all rows. States of a write: looking (the batch is in the ledger:
 * repeat, nothing is written) -> writing -> committing. An error while looking or writing rolls back and tries again; one
 * while committing leaves the outcome unknown, and the next attempt begins with looking. Two writers of one batch meet at the
 * unique key of the ledger: the second waits there, fails, and sees a repeat when it looks again.
 *
 * Connections live for one operation: hours of scanning may lie between two of them.
 */
import {setImmediate as nextTurn} from 'node:timers/promises'
import {assert, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Batch, RowSink, SinkMode, SinkReceipt} from '../row-sink.ts'
import {type SinkTable, unknownKeyset} from '../tables/index.ts'
import {type AttemptOptions, LedgerConflict, NotRepeatable, withAttempts} from './attempts.ts'
import {checkNames, differencesOf, refuseDifferences, settled} from './check-table.ts'
import {type Driver, ledgerTable, type Session, type SettledTable} from './contracts.ts'
import {Ledger, type LedgerEntry} from './ledger.ts'
import {rowsPerTurn} from './limits.ts'
import {TableWriter} from './table-writer.ts'

export interface SqlSinkOptions {
  readonly driver: Driver
  readonly tables: readonly SinkTable[]
  readonly mode: SinkMode
  /** For people. */
  readonly name: string
  readonly place: string
  readonly secrets: readonly string[]
  readonly attemptCountMax?: number | undefined
  readonly firstRetryDelayMs?: number | undefined
  /** Hears what a person should know while a database is waited for. */
  readonly onNote?: ((line: string) => void) | undefined
}

/**
 * The same for all databases; what differs is in `options.driver`. The constructor throws UserError BAD_SINK for names that the
 * database cannot have.
 */
export class SqlSink implements RowSink {
  readonly name: string
  readonly place: string
  readonly isExactlyOnce = true
  readonly #options: SqlSinkOptions
  readonly #ledger: Ledger

  constructor(options: SqlSinkOptions) {
    this.name = options.name
    this.place = options.place
    this.#options = options
    const names = options.tables.map(table => table.name)
    this.#ledger = new Ledger(options.driver.dialect, names, options.mode)
    checkNames(options.tables, options.driver.dialect)
  }

  /**
   * Connects once and compares the tables that are there. Changes nothing.
   *
   * @throws UserError BAD_SINK with what is different; ClusterError when the database cannot be reached, without trying again
   */
  async check(signal?: AbortSignal): Promise<void> {
    const {tables, mode, driver} = this.#options
    await this.#look({attemptCountMax: 1, signal}, async session => {
      for (const table of tables) {
        const info = await session.tableInfo(table.name)
        if (info !== undefined)
          refuseDifferences(this.name, table.name, differencesOf(table, info, mode, driver.dialect))
      }
    })
  }

  async ddl(): Promise<readonly string[]> {
    const {tables, mode, driver} = this.#options
    const {dialect} = driver
    return this.#look({attemptCountMax: 1}, async session => {
      const statements: string[] = []
      if ((await session.tableInfo(ledgerTable)) === undefined) statements.push(...dialect.createLedger())
      for (const table of tables) {
        const info = await session.tableInfo(table.name)
        if (info !== undefined) {
          statements.push(...differencesOf(table, info, mode, dialect).map(({change}) => change))
          continue
        }
        const types = table.columns.map(column => dialect.typeOf(column) ?? dialect.dataType(true))
        statements.push(...dialect.createTable(table, types, mode), ...typedByRows(table, this.#options))
      }
      return statements
    })
  }

  async hasBatch(id: string): Promise<boolean> {
    return this.#look({}, async session => {
      if ((await session.tableInfo(ledgerTable)) === undefined) return false
      const entry = await this.#ledger.find(session, id)
      if (entry !== undefined) await this.#refuseLostTables(session, entry, id)
      return entry !== undefined
    })
  }

  async knowsBatch(id: string): Promise<boolean> {
    return this.#look({}, async session => {
      if ((await session.tableInfo(ledgerTable)) === undefined) return false
      return this.#ledger.knows(session, id)
    })
  }

  /**
   * @param rows - read again from their beginning by a second attempt; rows that can be read only once are written in one
   * attempt
   * @throws UserError OUTPUT_FAILED, BAD_SINK; ClusterError after all attempts; the signal's reason; what `rows` throws
   */
  async write(batch: Batch, rows: Iterable<ResultRow>, signal: AbortSignal): Promise<SinkReceipt> {
    let committing: number | undefined
    let isRead = false
    let failed: unknown
    return withAttempts(this.#attempts({signal}), async () => {
      try {
        return await this.#session('write', signal, async session => {
          const present = await this.#ensureTables(session)
          await session.begin()
          const found = await this.#ledger.find(session, batch.id)
          if (found !== undefined) {
            await this.#refuseLostTables(session, found, batch.id)
            await session.rollback()
            return {isRepeat: found.number !== committing, rowCounts: found.rowCounts}
          }
          // A second reading of rows that can be read once would be an empty batch.
          if (isRead) throw failed
          committing = undefined
          const number = await this.#enter(session, batch, present)
          const iterator = rows[Symbol.iterator]()
          isRead = Object.is(iterator, rows)
          const rowCounts = await this.#writeRows(session, present, iterator, number, signal)
          await this.#ledger.complete(session, number, rowCounts)
          signal.throwIfAborted()
          committing = number
          await session.commit()
          return {isRepeat: false, rowCounts}
        })
      } catch (error) {
        failed = error
        throw isRead && committing === undefined ? new NotRepeatable('rows were read', {cause: error}) : error
      }
    })
  }

  async close(): Promise<void> {
    // Nothing is open between operations.
  }

  /** The batch's row in the ledger; in replace, what it takes the place of goes. */
  async #enter(session: Session, batch: Batch, present: ReadonlyMap<string, SettledTable>): Promise<number> {
    const {tables, driver} = this.#options
    const {dialect} = driver
    const replaced = await this.#ledger.findReplaced(session, batch)
    if (replaced !== undefined) {
      await this.#ledger.remove(session, replaced)
      for (const table of tables) {
        if (!present.has(table.name)) continue
        const sql = `DELETE FROM ${dialect.quote(table.name)} WHERE ${dialect.quote('_batch')} = ${dialect.placeholder(1)}`
        await session.run(sql, [replaced.number])
      }
    }
    try {
      return await this.#ledger.insert(session, batch)
    } catch (error) {
      if (driver.judge(error).kind === 'duplicate')
        throw new LedgerConflict('the batch is being written', {cause: error})
      throw error
    }
  }

  async #writeRows(
    session: Session,
    present: ReadonlyMap<string, SettledTable>,
    iterator: Iterator<ResultRow>,
    batchNumber: number,
    signal: AbortSignal,
  ): Promise<Record<string, number>> {
    const writers = this.#writers(session, present, batchNumber, signal)
    let count = 0
    let writer: TableWriter | undefined
    let keyset: string | undefined
    try {
      for (let next = iterator.next(); !next.done; next = iterator.next()) {
        const row = next.value
        if (row.keyset !== keyset) {
          await writer?.flush()
          keyset = row.keyset
          writer = writers.get(keyset)?.writer
          if (writer === undefined) throw unknownKeyset(keyset)
        }
        const waiting = writer!.push(row)
        if (waiting !== undefined) await waiting
        if (++count % rowsPerTurn === 0) {
          await nextTurn()
          signal.throwIfAborted()
        }
      }
    } finally {
      iterator.return?.()
    }
    await writer?.flush()
    const counts: Record<string, number> = {}
    for (const {table, writer: each} of writers.values()) counts[table.name] = each.rowCount
    return counts
  }

  #writers(
    session: Session,
    present: ReadonlyMap<string, SettledTable>,
    batchNumber: number,
    signal: AbortSignal,
  ): Map<string, {readonly table: SinkTable; readonly writer: TableWriter}> {
    const {tables, mode, driver} = this.#options
    const entries = tables.map(table => {
      const writer = new TableWriter({
        table,
        settled: present.get(table.name),
        dialect: driver.dialect,
        mode,
        batchNumber,
        appender: options => session.appender(options),
        make: types => this.#makeTable(session, table, types, signal),
      })
      return [table.keyset, {table, writer}] as const
    })
    return new Map(entries)
  }

  /** Makes the ledger and the tables whose types are known; those that are there must fit. */
  async #ensureTables(session: Session): Promise<Map<string, SettledTable>> {
    const {tables, driver} = this.#options
    const {dialect} = driver
    if ((await session.tableInfo(ledgerTable)) === undefined) await this.#create(session, dialect.createLedger())
    const present = new Map<string, SettledTable>()
    for (const table of tables) {
      const types = table.columns.map(column => dialect.typeOf(column))
      const known = types.filter(type => type !== undefined)
      const isKnown = known.length === types.length
      const found = await this.#settledTable(session, table, isKnown ? known : undefined)
      if (found !== undefined) present.set(table.name, found)
    }
    return present
  }

  async #makeTable(
    session: Session,
    table: SinkTable,
    types: readonly string[],
    signal: AbortSignal,
  ): Promise<SettledTable> {
    const make = async (own: Session): Promise<SettledTable> => {
      const made = await this.#settledTable(own, table, types)
      assert(made !== undefined, `table ${table.name} is there after it was made`)
      return made
    }
    return this.#options.driver.makesTablesApart ? this.#session('write', signal, make) : make(session)
  }

  /** @param types - for the table when it is missing; undefined leaves it so */
  async #settledTable(
    session: Session,
    table: SinkTable,
    types: readonly string[] | undefined,
  ): Promise<SettledTable | undefined> {
    const {mode, driver} = this.#options
    let info = await session.tableInfo(table.name)
    if (info === undefined) {
      if (types === undefined) return undefined
      await this.#create(session, driver.dialect.createTable(table, types, mode))
      info = await session.tableInfo(table.name)
    }
    assert(info !== undefined, `table ${table.name} is there after it was made`)
    refuseDifferences(this.name, table.name, differencesOf(table, info, mode, driver.dialect))
    return settled(table, info, driver.dialect)
  }

  /** Another writer may make the same at the same moment. */
  async #create(session: Session, statements: readonly string[]): Promise<void> {
    for (const statement of statements) {
      try {
        await session.run(statement)
      } catch (error) {
        const {kind} = this.#options.driver.judge(error)
        if (kind !== 'exists' && kind !== 'duplicate') throw error
      }
    }
  }

  /** The ledger says that rows were written to a table that somebody dropped: a silent repeat would leave it empty for ever. */
  async #refuseLostTables(session: Session, {number, rowCounts}: LedgerEntry, id: string): Promise<void> {
    for (const [name, count] of Object.entries(rowCounts)) {
      if (count === 0 || (await session.tableInfo(name)) !== undefined) continue
      const statement = `DELETE FROM ${this.#options.driver.dialect.quote(ledgerTable)} WHERE number = ${number}`
      throw new UserError(
        'BAD_SINK',
        `${this.name}: batch ${id.slice(0, 12)} was written to table "${name}", which is gone`,
        {
          hint: `to write it again, say so first with: ${statement}`,
        },
      )
    }
  }

  #attempts(more: Partial<AttemptOptions>): AttemptOptions {
    const {driver, secrets, attemptCountMax, firstRetryDelayMs, onNote} = this.#options
    return {driver, place: this.name, secrets, attemptCountMax, firstRetryDelayMs, onNote, ...more}
  }

  #look<T>(more: Partial<AttemptOptions>, work: (session: Session) => Promise<T>): Promise<T> {
    return withAttempts(this.#attempts(more), () => this.#session('look', more.signal, work))
  }

  /** A transaction that is open when `work` ends is rolled back. */
  async #session<T>(
    purpose: 'look' | 'write',
    signal: AbortSignal | undefined,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted()
    const session = await this.#options.driver.connect(purpose, signal)
    const onAbort = (): void => session.destroy()
    signal?.addEventListener('abort', onAbort, {once: true})
    try {
      const result = await work(session)
      await session.close()
      return result
    } catch (error) {
      session.destroy()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }
}

/** Said in the printed statements only: such a table is made when its first rows come. */
function typedByRows(table: SinkTable, {driver}: SqlSinkOptions): string[] {
  const names = table.columns.filter(column => driver.dialect.typeOf(column) === undefined).map(({name}) => name)
  if (names.length === 0) return []
  return [
    `-- ${table.name}: the first rows decide about ${names.join(', ')}: numbers as shown, else ${driver.dialect.dataType(false)}`,
  ]
}
