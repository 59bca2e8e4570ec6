/**
 * Rows into ClickHouse, which has no transactions over several inserts: each block carries a token made of batch, table and
 * number, and the server drops a block whose token it remembers; the ledger's row comes last. A run that was killed in between
 * is repeated with the same tokens. So a batch counts once as long as the table's deduplication window holds, which we cannot
 * promise (`isExactlyOnce` is false).
 */
import {UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Batch, RowSink, SinkReceipt, StagedRows, Staging} from '../row-sink.ts'
import {type AttemptOptions, withAttempts} from '../sql/attempts.ts'
import {checkNames, differencesOf, settled} from '../sql/check-table.ts'
import type {Appender, Driver, SettledTable, SqlValue} from '../sql/contracts.ts'
import {connectTimeoutMs, statementTimeoutMs} from '../sql/limits.ts'
import {TableWriter} from '../sql/table-writer.ts'
import {type SinkTable, unknownKeyset} from '../tables/index.ts'
import type {SinkTarget} from '../target/index.ts'
import {BlockCutter, longBytesOf, oneBlock} from './blocks.ts'
import {clickhouseDialect} from './clickhouse-dialect.ts'
import {ClickhouseLedger} from './clickhouse-ledger.ts'
import {ClickhouseTables} from './clickhouse-tables.ts'
import {connectClickhouse} from './connect.ts'
import {type MovePorts, StagedTable, whyNotFinished, whyNotMoved} from './move-staged.ts'
import {Statements} from './statements.ts'
import {judge} from './verdict.ts'

export interface ClickhouseOptions {
  readonly isDryRun?: boolean
  readonly attemptCountMax?: number
  readonly firstRetryDelayMs?: number
  readonly signal?: AbortSignal
}

/** @throws UserError BAD_SINK for another mode than append, and as `openSink` */
export async function openClickhouseSink(
  target: SinkTarget,
  tables: readonly SinkTable[],
  options: ClickhouseOptions,
): Promise<RowSink> {
  if (target.mode !== 'append') {
    throw new UserError('BAD_SINK', `${target.name}: mode "${target.mode}" cannot be used with ClickHouse`, {
      hint: 'it has no transactions, so rows would be missing or there twice in between: append, and add up when you read',
      exitCode: 2,
    })
  }
  checkNames(tables, clickhouseDialect)
  const client = await connectClickhouse(
    target,
    {
      // Rows are on the server's disk when it answers, not in a buffer.
      async_insert: 0,
      wait_end_of_query: 1,
      insert_deduplicate: 1,
      date_time_input_format: 'best_effort',
      ...oneBlock,
    },
    statementTimeoutMs + connectTimeoutMs,
  )
  const sink = new ClickhouseSink(new Statements(client), target, tables, options)
  try {
    if (!options.isDryRun) await sink.check()
  } catch (error) {
    await client.close()
    throw error
  }
  return sink
}

class ClickhouseSink implements RowSink {
  readonly name: string
  readonly place: string
  readonly isExactlyOnce = false
  readonly #statements: Statements
  readonly #server: ClickhouseTables
  readonly #ledger: ClickhouseLedger
  readonly #target: SinkTarget
  readonly #tables: readonly SinkTable[]
  readonly #options: ClickhouseOptions

  constructor(statements: Statements, target: SinkTarget, tables: readonly SinkTable[], options: ClickhouseOptions) {
    this.name = target.name
    this.place = target.place
    this.#statements = statements
    this.#server = new ClickhouseTables(target.name, statements)
    this.#ledger = new ClickhouseLedger(tables, this.#server, statements)
    this.#target = target
    this.#tables = tables
    this.#options = options
  }

  async check(): Promise<void> {
    await this.#attempts(undefined, 1, async () => {
      for (const table of this.#tables) {
        const info = await this.#server.info(table.name)
        if (info !== undefined) this.#server.refuse(table, info)
      }
    })
  }

  async ddl(): Promise<readonly string[]> {
    return this.#attempts(undefined, 1, async () => {
      const statements = [...(await this.#ledger.ddl())]
      for (const table of this.#tables) {
        const info = await this.#server.info(table.name)
        const types = table.columns.map(column => clickhouseDialect.typeOf(column) ?? clickhouseDialect.dataType(true))
        if (info === undefined) statements.push(...clickhouseDialect.createTable(table, types, 'append'))
        else statements.push(...differencesOf(table, info, 'append', clickhouseDialect).map(({change}) => change))
      }
      return statements
    })
  }

  async hasBatch(id: string): Promise<boolean> {
    return (await this.#attempts(undefined, undefined, () => this.#ledger.find(id))) !== undefined
  }

  async knowsBatch(id: string): Promise<boolean> {
    return this.hasBatch(id)
  }

  async write(batch: Batch, rows: Iterable<ResultRow>, signal: AbortSignal): Promise<SinkReceipt> {
    const attempts = <T>(work: () => Promise<T>): Promise<T> => this.#attempts(signal, undefined, work)
    const found = await this.#begin(batch, signal)
    if (found !== undefined) return {isRepeat: true, rowCounts: found}
    const writers = new Map<string, {readonly table: SinkTable; readonly writer: TableWriter}>()
    for (const table of this.#tables) {
      const present = await attempts(() => this.#server.present(table))
      const writer = new TableWriter({
        table,
        settled: present,
        dialect: clickhouseDialect,
        mode: 'append',
        batchNumber: 0,
        appender: ({settled}) => this.#appender(settled, batch, signal),
        make: types => attempts(() => this.#server.make(table, types)),
      })
      writers.set(table.keyset, {table, writer})
    }
    for (const row of rows) {
      signal.throwIfAborted()
      const writer = writers.get(row.keyset)?.writer
      if (writer === undefined) throw unknownKeyset(row.keyset)
      const waiting = writer.push(row)
      if (waiting !== undefined) await waiting
    }
    const rowCounts: Record<string, number> = {}
    for (const {table, writer} of writers.values()) {
      await writer.flush()
      rowCounts[table.name] = writer.rowCount
    }
    await attempts(() => this.#ledger.note(batch, rowCounts))
    return {isRepeat: false, rowCounts}
  }

  get staging(): Staging {
    return {
      target: this.#target,
      whyNot: () => this.#whyNotStaged(),
      write: (batch, rows, signal) => this.#writeStaged(batch, rows, signal),
    }
  }

  async close(): Promise<void> {
    await this.#statements.close()
  }

  /** @returns rows by table of a batch that is there */
  async #begin(batch: Batch, signal: AbortSignal): Promise<Readonly<Record<string, number>> | undefined> {
    const attempts = <T>(work: () => Promise<T>): Promise<T> => this.#attempts(signal, undefined, work)
    const found = await attempts(() => this.#ledger.find(batch.id))
    if (found === undefined) await attempts(() => this.#ledger.make())
    return found
  }

  async #whyNotStaged(): Promise<string | undefined> {
    for (const table of this.#tables) {
      const unfinished = whyNotFinished(table)
      if (unfinished !== undefined) return unfinished
      const info = await this.#attempts(undefined, undefined, () => this.#server.info(table.name))
      // What a missing table is made of, the server can always make.
      if (info === undefined || differencesOf(table, info, 'append', clickhouseDialect).length > 0) continue
      const why = whyNotMoved(settled(table, info, clickhouseDialect))
      if (why !== undefined) return why
    }
    return undefined
  }

  async #writeStaged(batch: Batch, rows: StagedRows, signal: AbortSignal): Promise<SinkReceipt> {
    const attempts = <T>(work: () => Promise<T>): Promise<T> => this.#attempts(signal, undefined, work)
    const found = await this.#begin(batch, signal)
    if (found !== undefined) return {isRepeat: true, rowCounts: found}
    const more = await attempts(() => this.#insertSelectSettings())
    const ports: MovePorts = {
      query: sql => attempts(() => this.#statements.query(sql)),
      insert: (sql, token) =>
        attempts(() => this.#statements.command(sql, {...more, insert_deduplication_token: token})),
      signal,
    }
    const ready: {readonly staged: StagedTable; readonly settled: SettledTable}[] = []
    for (const table of this.#tables) {
      const staged = new StagedTable(table, rows, ports)
      const present =
        (await attempts(() => this.#server.present(table))) ?? (await this.#madeFor(table, staged, signal))
      if (present === undefined) continue
      await staged.check(present)
      ready.push({staged, settled: present})
    }
    const rowCounts: Record<string, number> = Object.fromEntries(this.#tables.map(({name}) => [name, 0]))
    for (const {staged, settled: present} of ready) {
      const {name} = present.table
      rowCounts[name] = await staged.move(present, block => this.#ledger.tokenOf(batch, name, block))
    }
    await attempts(() => this.#ledger.note(batch, rowCounts))
    return {isRepeat: false, rowCounts}
  }

  async #madeFor(table: SinkTable, staged: StagedTable, signal: AbortSignal): Promise<SettledTable | undefined> {
    const types = await staged.types()
    return types === undefined ? undefined : this.#attempts(signal, undefined, () => this.#server.make(table, types))
  }

  /** Where the server can refuse an insert whose token it would not heed, it is to do so. Older ones heed all. */
  async #insertSelectSettings(): Promise<Readonly<Record<string, string>>> {
    const name = 'deduplicate_insert_select'
    const found = await this.#statements.query('SELECT name FROM system.settings WHERE name = {name:String}', {name})
    return found.length === 0 ? {} : {[name]: 'force_enable'}
  }

  #appender({table, columns}: SettledTable, batch: Batch, signal: AbortSignal): Appender {
    const names = columns.map(({name}) => name)
    // Bounded by its rule, and spelt in JSON.
    const counted = columns.flatMap(({aggregate}, index) => (aggregate === 'histogram' ? [] : [index]))
    const cutter = new BlockCutter()
    let block: SqlValue[][] = []
    let number = 0
    return {
      push: values => {
        block.push([...values])
        return cutter.ends(counted.reduce((sum, index) => sum + longBytesOf(values[index]), 0))
      },
      flush: async () => {
        if (block.length === 0) return
        const values = block
        const token = this.#ledger.tokenOf(batch, table.name, number++)
        block = []
        await this.#attempts(signal, undefined, () => this.#statements.insert(table.name, names, values, token))
      },
    }
  }

  #attempts<T>(signal: AbortSignal | undefined, countMax: number | undefined, work: () => Promise<T>): Promise<T> {
    const options: AttemptOptions = {
      driver: {judge} as Pick<Driver, 'judge'> as Driver,
      place: this.name,
      secrets: this.#target.secrets,
      attemptCountMax: countMax ?? this.#options.attemptCountMax,
      firstRetryDelayMs: this.#options.firstRetryDelayMs,
      signal,
    }
    return withAttempts(options, work)
  }
}
