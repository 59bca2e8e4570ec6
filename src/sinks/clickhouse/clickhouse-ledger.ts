/** Which batches a server has: a row of the ledger for each, and the tokens by which it knows blocks of those that are half there. */
import {createHash} from 'node:crypto'
import type {Batch} from '../row-sink.ts'
import {ledgerTable} from '../sql/contracts.ts'
import type {SinkTable} from '../tables/index.ts'
import {clickhouseDialect} from './clickhouse-dialect.ts'
import type {ClickhouseTables} from './clickhouse-tables.ts'
import type {Statements} from './statements.ts'

/** Of the tables that one sink writes: another set of tables is another batch under the same id. */
export class ClickhouseLedger {
  readonly #names: readonly string[]
  readonly #server: ClickhouseTables
  readonly #statements: Statements

  constructor(tables: readonly SinkTable[], server: ClickhouseTables, statements: Statements) {
    this.#names = tables.map(({name}) => name).sort()
    this.#server = server
    this.#statements = statements
  }

  /** The same for a block of a batch each time that it is sent. */
  tokenOf(batch: Batch, table: string, block: number): string {
    return `${this.#keyOf(batch.id)}:${table}:${block}`
  }

  /** @returns rows by table of a batch that is there */
  async find(id: string): Promise<Readonly<Record<string, number>> | undefined> {
    if (!(await this.#isThere())) return undefined
    const sql = `SELECT row_counts FROM ${clickhouseDialect.quote(ledgerTable)} WHERE batch_key = {key:String} LIMIT 1`
    const [row] = await this.#statements.query(sql, {key: this.#keyOf(id)})
    return row === undefined ? undefined : JSON.parse(String(row['row_counts']))
  }

  /** Statements that make what is missing of it. */
  async ddl(): Promise<readonly string[]> {
    return (await this.#isThere()) ? [] : clickhouseDialect.createLedger()
  }

  /** Makes it, unless it is there. */
  async make(): Promise<void> {
    await this.#statements.command(clickhouseDialect.createLedger()[0]!)
  }

  /** All rows of the batch are there. */
  async note(batch: Batch, rowCounts: Readonly<Record<string, number>>): Promise<void> {
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
    await this.#statements.insert(ledgerTable, Object.keys(entry), [Object.values(entry)], this.#keyOf(batch.id))
  }

  async #isThere(): Promise<boolean> {
    return (await this.#server.info(ledgerTable)) !== undefined
  }

  #keyOf(id: string): string {
    return createHash('sha256')
      .update(JSON.stringify([id, ...this.#names]))
      .digest('hex')
  }
}
