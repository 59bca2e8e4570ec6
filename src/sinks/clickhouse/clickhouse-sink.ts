/**
 * Rows into ClickHouse, which has no transactions over several inserts: each block carries a token made of batch, table and
 * number, and the server drops a block whose token it remembers; the ledger's row comes last. A run that was killed in between
 * is repeated with the same tokens. So a batch counts once as long as the table's deduplication window holds, which we cannot
 * promise (`isExactlyOnce` is false).
 */
import {createHash} from 'node:crypto'
import type {ClickHouseClient} from '@clickhouse/client'
import {errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Batch, RowSink, SinkReceipt, StagedRows, Staging} from '../row-sink.ts'
import {type AttemptOptions, withAttempts} from '../sql/attempts.ts'
import {checkNames, differencesOf, refuseDifferences, settled} from '../sql/check-table.ts'
import {
  type Appender,
  type Difference,
  type Driver,
  ledgerTable,
  type SettledTable,
  type SqlValue,
  type TableInfo,
  type Verdict,
} from '../sql/contracts.ts'
import {connectTimeoutMs, statementTimeoutMs} from '../sql/limits.ts'
import {networkVerdict} from '../sql/network-errors.ts'
import {TableWriter} from '../sql/table-writer.ts'
import {type SinkTable, unknownKeyset} from '../tables/index.ts'
import type {SinkTarget} from '../target/index.ts'
import {BlockCutter, longBytesOf, oneBlock} from './blocks.ts'
import {clickhouseDialect, clickhouseStorage, deduplicationWindow} from './clickhouse-dialect.ts'
import {connectClickhouse} from './connect.ts'
import {type MovePorts, StagedTable, whyNotFinished, whyNotMoved} from './move-staged.ts'

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
  const sink = new ClickhouseSink(client, target, tables, options)
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
  readonly #client: ClickHouseClient
  readonly #target: SinkTarget
  readonly #tables: readonly SinkTable[]
  readonly #options: ClickhouseOptions

  constructor(client: ClickHouseClient, target: SinkTarget, tables: readonly SinkTable[], options: ClickhouseOptions) {
    this.name = target.name
    this.place = target.place
    this.#client = client
    this.#target = target
    this.#tables = tables
    this.#options = options
  }

  async check(): Promise<void> {
    await this.#attempts(undefined, 1, async () => {
      for (const table of this.#tables) {
        const info = await this.#tableInfo(table.name)
        if (info !== undefined) this.#refuse(table, info)
      }
    })
  }

  async ddl(): Promise<readonly string[]> {
    return this.#attempts(undefined, 1, async () => {
      const statements = (await this.#tableInfo(ledgerTable)) === undefined ? [...clickhouseDialect.createLedger()] : []
      for (const table of this.#tables) {
        const info = await this.#tableInfo(table.name)
        const types = table.columns.map(column => clickhouseDialect.typeOf(column) ?? clickhouseDialect.dataType(true))
        if (info === undefined) statements.push(...clickhouseDialect.createTable(table, types, 'append'))
        else statements.push(...differencesOf(table, info, 'append', clickhouseDialect).map(({change}) => change))
      }
      return statements
    })
  }

  async hasBatch(id: string): Promise<boolean> {
    return (await this.#attempts(undefined, undefined, () => this.#find(id))) !== undefined
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
      const present = await attempts(() => this.#present(table))
      const writer = new TableWriter({
        table,
        settled: present,
        dialect: clickhouseDialect,
        mode: 'append',
        batchNumber: 0,
        appender: ({settled}) => this.#appender(settled, batch, signal),
        make: types => attempts(() => this.#make(table, types)),
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
    await attempts(() => this.#note(batch, rowCounts))
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
    await this.#client.close()
  }

  /** @returns rows by table of a batch that is there */
  async #begin(batch: Batch, signal: AbortSignal): Promise<Readonly<Record<string, number>> | undefined> {
    const attempts = <T>(work: () => Promise<T>): Promise<T> => this.#attempts(signal, undefined, work)
    const found = await attempts(() => this.#find(batch.id))
    if (found === undefined) await attempts(() => this.#command(clickhouseDialect.createLedger()[0]!))
    return found
  }

  async #whyNotStaged(): Promise<string | undefined> {
    for (const table of this.#tables) {
      const unfinished = whyNotFinished(table)
      if (unfinished !== undefined) return unfinished
      const info = await this.#attempts(undefined, undefined, () => this.#tableInfo(table.name))
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
      query: sql => attempts(() => this.#query(sql, {})),
      insert: (sql, token) => attempts(() => this.#command(sql, {...more, insert_deduplication_token: token})),
      signal,
    }
    const ready: {readonly staged: StagedTable; readonly settled: SettledTable}[] = []
    for (const table of this.#tables) {
      const staged = new StagedTable(table, rows, ports)
      const present = (await attempts(() => this.#present(table))) ?? (await this.#madeFor(table, staged, signal))
      if (present === undefined) continue
      await staged.check(present)
      ready.push({staged, settled: present})
    }
    const rowCounts: Record<string, number> = Object.fromEntries(this.#tables.map(({name}) => [name, 0]))
    for (const {staged, settled: present} of ready) {
      const {name} = present.table
      rowCounts[name] = await staged.move(present, block => this.#tokenOf(batch, name, block))
    }
    await attempts(() => this.#note(batch, rowCounts))
    return {isRepeat: false, rowCounts}
  }

  async #madeFor(table: SinkTable, staged: StagedTable, signal: AbortSignal): Promise<SettledTable | undefined> {
    const types = await staged.types()
    return types === undefined ? undefined : this.#attempts(signal, undefined, () => this.#make(table, types))
  }

  /** Where the server can refuse an insert whose token it would not heed, it is to do so. Older ones heed all. */
  async #insertSelectSettings(): Promise<Readonly<Record<string, string>>> {
    const name = 'deduplicate_insert_select'
    const found = await this.#query('SELECT name FROM system.settings WHERE name = {name:String}', {name})
    return found.length === 0 ? {} : {[name]: 'force_enable'}
  }

  #tokenOf(batch: Batch, table: string, block: number): string {
    return `${this.#keyOf(batch.id)}:${table}:${block}`
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
        const token = this.#tokenOf(batch, table.name, number++)
        block = []
        await this.#attempts(signal, undefined, () => this.#insert(table.name, names, values, token))
      },
    }
  }

  async #insert(table: string, names: readonly string[], values: readonly unknown[][], token: string): Promise<void> {
    await this.#client.insert({
      table: clickhouseDialect.quote(table),
      columns: names.map(clickhouseDialect.quote) as [string, ...string[]],
      values,
      format: 'JSONCompactEachRow',
      clickhouse_settings: {insert_deduplication_token: token},
    })
  }

  async #note(batch: Batch, rowCounts: Readonly<Record<string, number>>): Promise<void> {
    const entry: Record<string, string | number> = {
      batch_key: this.#keyOf(batch.id),
      id: batch.id,
      rule: batch.rule,
      plan_hash: batch.planHash,
      mode: 'append',
      scope: batch.scope,
      blob_count: batch.blobCount,
      row_count: Object.values(rowCounts).reduce((sum, count) => sum + count, 0),
      row_counts: JSON.stringify(rowCounts),
      started_at: new Date(batch.startedAtMs).toISOString(),
      written_at: new Date().toISOString(),
    }
    await this.#insert(ledgerTable, Object.keys(entry), [Object.values(entry)], this.#keyOf(batch.id))
  }

  async #find(id: string): Promise<Readonly<Record<string, number>> | undefined> {
    if ((await this.#tableInfo(ledgerTable)) === undefined) return undefined
    const sql = `SELECT row_counts FROM ${clickhouseDialect.quote(ledgerTable)} WHERE batch_key = {key:String} LIMIT 1`
    const [row] = await this.#query(sql, {key: this.#keyOf(id)})
    return row === undefined ? undefined : JSON.parse(String(row.row_counts))
  }

  /** The table as it is; one whose types are known is made when it is missing. */
  async #present(table: SinkTable): Promise<SettledTable | undefined> {
    const info = await this.#tableInfo(table.name)
    if (info !== undefined) {
      this.#refuse(table, info)
      return settled(table, info, clickhouseDialect)
    }
    const types = table.columns.map(column => clickhouseDialect.typeOf(column))
    const known = types.filter(type => type !== undefined)
    return known.length === types.length ? this.#make(table, known) : undefined
  }

  async #make(table: SinkTable, types: readonly string[]): Promise<SettledTable> {
    for (const statement of clickhouseDialect.createTable(table, types, 'append')) await this.#command(statement)
    const info = await this.#tableInfo(table.name)
    if (info === undefined)
      throw new UserError('OUTPUT_FAILED', `${this.name}: table "${table.name}" was made and is not there`)
    this.#refuse(table, info)
    return settled(table, info, clickhouseDialect)
  }

  #refuse(table: SinkTable, info: TableInfo): void {
    refuseDifferences(this.name, table.name, differencesOf(table, info, 'append', clickhouseDialect))
  }

  async #tableInfo(name: string): Promise<TableInfo | undefined> {
    const columns = await this.#query(
      'SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} ORDER BY position',
      {table: name},
    )
    if (columns.length === 0) return undefined
    const [table] = await this.#query(
      'SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}',
      {table: name},
    )
    return {
      // A column that a row lacks gets the default of its type.
      columns: columns.map(({name: column, type}) => ({
        name: String(column),
        type: String(type),
        storage: clickhouseStorage(String(type)),
        isRequired: false,
      })),
      uniqueKeys: [],
      problems: windowProblems(name, String(table?.engine_full ?? '')),
    }
  }

  async #query(query: string, params: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]> {
    const result = await this.#client.query({query, query_params: params, format: 'JSONEachRow'})
    return result.json<Record<string, unknown>>()
  }

  async #command(query: string, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#client.command({query, clickhouse_settings: {...settings}})
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

  #keyOf(id: string): string {
    const names = this.#tables.map(({name}) => name).sort()
    return createHash('sha256')
      .update(JSON.stringify([id, ...names]))
      .digest('hex')
  }
}

/** Replicated tables remember blocks by themselves, others only when they are told to. */
function windowProblems(table: string, engine: string): Difference[] {
  if (
    engine.startsWith('Replicated') ||
    engine.startsWith('Shared') ||
    /non_replicated_deduplication_window = [1-9]/.test(engine)
  ) {
    return []
  }
  const change = `ALTER TABLE ${clickhouseDialect.quote(table)} MODIFY SETTING non_replicated_deduplication_window = ${deduplicationWindow}`
  return [{message: 'it remembers no blocks, so that a repeated batch would count twice', change}]
}

/** By the numbers of ClickHouse's ErrorCodes. */
function judge(error: unknown): Verdict {
  if (error instanceof UserError) return {kind: 'foreign'}
  const code = errorCodeOf(error)
  const reason = messageOf(error)
  if (/^\d+$/.test(code)) {
    if (code === '516' || code === '192' || code === '193' || code === '497') {
      return {
        kind: 'final',
        error: new UserError('BAD_SINK', `it refuses the user: ${reason}`, {hint: 'check user, password and grants'}),
      }
    }
    if (code === '81')
      return {kind: 'final', error: new UserError('BAD_SINK', reason, {hint: 'make the database first'})}
    if (code === '57') return {kind: 'exists'}
    if (code === '243') return {kind: 'again', code: 'DISK_FULL', reason}
    // Timeouts, too many parts or queries, memory, read-only replicas, Keeper.
    if (['159', '160', '202', '209', '210', '241', '242', '252', '279', '319', '999'].includes(code)) {
      return {kind: 'again', code: 'UNAVAILABLE', reason}
    }
    return {kind: 'final', error: new UserError('OUTPUT_FAILED', reason, {hint: 'the database refused the rows'})}
  }
  const verdict = networkVerdict(error)
  if (verdict !== undefined) return verdict
  if (/timeout|socket hang up|aborted/i.test(reason)) return {kind: 'again', code: 'TIMED_OUT', reason}
  return {kind: 'foreign'}
}
