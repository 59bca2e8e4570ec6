/** Rows of one table on their way into a transaction. */
import {excerptOf, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Cell} from '../../rules/index.ts'
import {isNumeric} from '../cell-text.ts'
import type {SinkMode} from '../row-sink.ts'
import {checkRow, type SinkTable} from '../tables/index.ts'
import {
  type Appender,
  type AppendOptions,
  type Dialect,
  Misfit,
  type SettledColumn,
  type SettledTable,
  type SqlValue,
} from './contracts.ts'
import {typeSampleRowsMax} from './limits.ts'

export interface TableWriterOptions {
  readonly table: SinkTable
  /** undefined: the table is not there, and its rows decide about its types. */
  readonly settled: SettledTable | undefined
  readonly dialect: Dialect
  readonly mode: SinkMode
  readonly batchNumber: number
  readonly appender: (options: AppendOptions) => Appender
  /** Makes the table with these types for its columns. */
  readonly make: (types: readonly string[]) => Promise<SettledTable>
}

/**
 * A table that is not there is made after `typeSampleRowsMax` rows, or at the end: they decide about columns that may be of
 * numbers or of text. `push` and `flush` throw UserError OUTPUT_FAILED for a cell that its column cannot hold.
 */
export class TableWriter {
  readonly #options: TableWriterOptions
  readonly #sample: ResultRow[] = []
  #open: OpenTable | undefined
  rowCount = 0

  constructor(options: TableWriterOptions) {
    this.#options = options
    if (options.settled !== undefined) this.#open = new OpenTable(options.settled, options)
  }

  /** @returns a promise when the caller has to wait before the next row */
  push(row: ResultRow): Promise<void> | undefined {
    checkRow(this.#options.table, row)
    this.rowCount++
    if (this.#open !== undefined) return this.#open.push(row)
    this.#sample.push({...row, key: [...row.key], values: [...row.values]})
    return this.#sample.length < typeSampleRowsMax ? undefined : this.#settle()
  }

  /** Writes what is still held. */
  async flush(): Promise<void> {
    if (this.#open === undefined && this.#sample.length > 0) await this.#settle()
    await this.#open?.flush()
  }

  async #settle(): Promise<void> {
    const {table, dialect, make} = this.#options
    const types = table.columns.map(
      (column, index) => dialect.typeOf(column) ?? dialect.dataType(this.#isNumericColumn(index)),
    )
    this.#open = new OpenTable(await make(types), this.#options)
    for (const row of this.#sample.splice(0)) await this.#open.push(row)
  }

  /** Numbers throughout; a column of nothing but nulls takes text, which can hold whatever comes. */
  #isNumericColumn(index: number): boolean {
    const cells = this.#sample
      .map(row => row.values[index - row.key.length])
      .filter(cell => cell !== null && cell !== undefined)
    return cells.length > 0 && cells.every(isNumeric)
  }
}

/** A table that is there. */
class OpenTable {
  readonly #appender: Appender
  readonly #encoders: readonly ((cell: Cell) => SqlValue | Misfit)[]
  readonly #keyCount: number
  readonly #settled: SettledTable
  readonly #dialect: Dialect

  constructor(settled: SettledTable, {dialect, mode, batchNumber, appender}: TableWriterOptions) {
    this.#settled = settled
    this.#dialect = dialect
    this.#keyCount = settled.table.keyCount
    this.#encoders = settled.columns.map(column => guarded(column, mode, dialect))
    this.#appender = appender({settled, mode, batchNumber})
  }

  push(row: ResultRow): Promise<void> | undefined {
    const {length} = this.#encoders
    const values: SqlValue[] = new Array(length)
    for (let index = 0; index < length; index++) {
      const cell = (index < this.#keyCount ? row.key[index] : row.values[index - this.#keyCount]) ?? null
      const value = this.#encoders[index]!(cell)
      if (value instanceof Misfit)
        throw misfitError(this.#settled, index, {cell, misfit: value, key: row.key}, this.#dialect)
      values[index] = value
    }
    return this.#appender.push(values, row.key) ? this.#appender.flush() : undefined
  }

  flush(): Promise<void> {
    return this.#appender.flush()
  }
}

/** What a person is told of a cell that its column cannot hold. */
export function misfitError(
  {table, columns}: SettledTable,
  index: number,
  found: {readonly cell: Cell; readonly misfit: Misfit; readonly key: readonly string[]},
  dialect: Dialect,
): UserError {
  const {name, declared} = columns[index]!
  const {cell, misfit, key} = found
  const shown = excerptOf(typeof cell === 'string' ? JSON.stringify(cell) : String(cell), 60)
  return new UserError(
    'OUTPUT_FAILED',
    `column "${name}" of table "${table.name}" is ${declared} and cannot hold ${shown} without loss: ${misfit.reason} (key ${excerptOf(JSON.stringify(key), 80)})`,
    {hint: `nothing was written; widen it with: ${dialect.changeType(table.name, name, misfit.wanted)}`},
  )
}

/**
 * The smaller of two texts is not the smaller of two numbers: with totals, a column of min or max that is text takes no
 * numbers.
 */
function guarded(column: SettledColumn, mode: SinkMode, dialect: Dialect): (cell: Cell) => SqlValue | Misfit {
  const encode = dialect.encoder(column)
  const compares = mode === 'add' && (column.aggregate === 'min' || column.aggregate === 'max')
  if (!compares || column.storage.kind !== 'text') return encode
  return cell =>
    isNumeric(cell) ? new Misfit('a number, which is not compared as text', dialect.dataType(true)) : encode(cell)
}
