/**
 * The table of batches, in the same database as the rows: what is in it was written, what is not was not.
 *
 * `batch_key` is the batch with the tables it goes to, `slot_key` what may be there once: the same in append and add; in
 * replace the rule, its scope and its tables. So a replaced batch leaves the ledger with its rows and can be written again.
 */
import {createHash} from 'node:crypto'
import type {Batch, SinkMode} from '../row-sink.ts'
import {type Dialect, ledgerTable, type Session} from './contracts.ts'

export interface LedgerEntry {
  readonly number: number
  readonly rowCounts: Readonly<Record<string, number>>
}

/** Takes part in the transaction of the session that it is given: none of its methods begins or commits. */
export class Ledger {
  readonly #dialect: Dialect
  readonly #tables: readonly string[]
  readonly #mode: SinkMode
  readonly #name: string

  constructor(dialect: Dialect, tables: readonly string[], mode: SinkMode) {
    this.#dialect = dialect
    this.#tables = [...tables].sort()
    this.#mode = mode
    this.#name = dialect.quote(ledgerTable)
  }

  async find(session: Session, batchId: string): Promise<LedgerEntry | undefined> {
    return this.#findBy(session, 'batch_key', this.#batchKey(batchId), '')
  }

  /** Whether the batch is there, to whatever tables it went. */
  async knows(session: Session, batchId: string): Promise<boolean> {
    const sql = `SELECT number FROM ${this.#name} WHERE id = ${this.#dialect.placeholder(1)}`
    return (await session.run(sql, [batchId])).length > 0
  }

  /** In replace: what the batch takes the place of. Locks it. */
  async findReplaced(session: Session, batch: Batch): Promise<LedgerEntry | undefined> {
    if (this.#mode !== 'replace') return undefined
    return this.#findBy(session, 'slot_key', this.#slotKey(batch), this.#dialect.forUpdate)
  }

  async remove(session: Session, {number}: LedgerEntry): Promise<void> {
    await session.run(`DELETE FROM ${this.#name} WHERE number = ${this.#dialect.placeholder(1)}`, [number])
  }

  /** @returns the number by which rows name the batch */
  async insert(session: Session, batch: Batch): Promise<number> {
    const values = [
      this.#batchKey(batch.id),
      this.#slotKey(batch),
      batch.id,
      batch.rule,
      batch.planHash,
      this.#mode,
      batch.scope,
      batch.blobCount,
      0,
      '{}',
      timeText(batch.startedAtMs),
      timeText(Date.now()),
    ]
    const places = values.map((_, index) => this.#dialect.placeholder(index + 1))
    await session.run(`INSERT INTO ${this.#name} (${columns.join(', ')}) VALUES (${places.join(', ')})`, values)
    const entry = await this.find(session, batch.id)
    return entry!.number
  }

  async complete(session: Session, number: number, rowCounts: Readonly<Record<string, number>>): Promise<void> {
    const place = (index: number): string => this.#dialect.placeholder(index)
    const total = Object.values(rowCounts).reduce((sum, count) => sum + count, 0)
    await session.run(
      `UPDATE ${this.#name} SET row_count = ${place(1)}, row_counts = ${place(2)}, written_at = ${place(3)} WHERE number = ${place(4)}`,
      [total, JSON.stringify(rowCounts), timeText(Date.now()), number],
    )
  }

  async #findBy(session: Session, column: string, key: string, suffix: string): Promise<LedgerEntry | undefined> {
    const sql = `SELECT number, row_counts FROM ${this.#name} WHERE ${column} = ${this.#dialect.placeholder(1)}${suffix}`
    const [row] = await session.run(sql, [key])
    if (row === undefined) return undefined
    return {number: Number(row.number), rowCounts: JSON.parse(String(row.row_counts))}
  }

  #batchKey(batchId: string): string {
    return hashOf([batchId, ...this.#tables])
  }

  #slotKey(batch: Batch): string {
    return this.#mode === 'replace'
      ? hashOf(['replace', batch.rule, batch.scope, ...this.#tables])
      : this.#batchKey(batch.id)
  }
}

const columns = [
  'batch_key',
  'slot_key',
  'id',
  'rule',
  'plan_hash',
  'mode',
  'scope',
  'blob_count',
  'row_count',
  'row_counts',
  'started_at',
  'written_at',
]

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** `2026-11-23 17:05:09.120`, UTC: every database reads it. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ')
}
