/**
 * Rows that lie in a table of the server into the tables of a sink there: block by block, each with the token that it would have
 * if its rows came from here.
 */
import {InvariantError} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {StagedRows} from '../row-sink.ts'
import {Misfit, type SettledTable} from '../sql/contracts.ts'
import {typeSampleRowsMax} from '../sql/limits.ts'
import {misfitError} from '../sql/table-writer.ts'
import {parseExact, type SinkTable} from '../tables/index.ts'
import {blockBytesMax, blockRowsMax} from './blocks.ts'
import {clickhouseDialect} from './clickhouse-dialect.ts'
import {type CellSql, cellSql, isNumberSql} from './staged-cells.ts'

export interface MovePorts {
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** An insert with a token. */
  insert(sql: string, token: string): Promise<void>
  readonly signal: AbortSignal
}

/** The rows of one keyset on their way. */
export class StagedTable {
  readonly #table: SinkTable
  readonly #rows: StagedRows
  readonly #ports: MovePorts
  readonly #cells: readonly string[]
  /** The rows of the keyset. */
  readonly #where: string

  constructor(table: SinkTable, rows: StagedRows, ports: MovePorts) {
    const keyset = rows.keysets.find(one => one.keyset === table.keyset)
    if (keyset === undefined) throw new InvariantError(`keyset ${table.keyset} is among the staged ones`)
    this.#table = table
    this.#rows = rows
    this.#ports = ports
    // Columns that only postprocessors fill.
    this.#cells = table.columns.map((_, index) => keyset.cells[index] ?? 'CAST(NULL AS Nullable(String))')
    this.#where = `FROM ${rows.table} WHERE ${rows.columns.keyset} = ${keyset.number}`
  }

  /** Types for a table that is not there, as its first rows make them; undefined when there is no row to tell. */
  async types(): Promise<readonly string[] | undefined> {
    const {place} = this.#rows.columns
    const open = this.#table.columns.flatMap((column, index) =>
      clickhouseDialect.typeOf(column) === undefined ? [index] : [],
    )
    const isNumeric = open.map(index => {
      const cell = this.#cells[index]!
      return `countIf(isNotNull(${cell})) > 0 AND countIf(isNotNull(${cell})) = countIf(coalesce(${isNumberSql(cell)}, 0)) AS n${index}`
    })
    const outputs = ['count() AS n', ...isNumeric].join(', ')
    const [found = {}] = await this.#ports.query(`SELECT ${outputs} ${this.#where} AND ${place} < ${typeSampleRowsMax}`)
    if (Number(found['n']) === 0) return undefined
    return this.#table.columns.map(
      (column, index) =>
        clickhouseDialect.typeOf(column) ?? clickhouseDialect.dataType(Number(found[`n${index}`]) === 1),
    )
  }

  /** @throws UserError OUTPUT_FAILED for the first row that the table cannot hold without loss */
  async check(settled: SettledTable): Promise<void> {
    const cells = this.#sqlOf(settled)
    const {place} = this.#rows.columns
    const fits = cells.map(({fits: condition}) => condition).filter(condition => condition !== '1')
    if (fits.length === 0) return
    const all = this.#cells.map((cell, index) => `${cell} AS n${index}`)
    const [row] = await this.#ports.query(
      `SELECT ${all.join(', ')} ${this.#where} AND NOT (${fits.join(' AND ')}) ORDER BY ${place} LIMIT 1`,
    )
    if (row === undefined) return
    const texts = all.map((_, index) => row[`n${index}`] as string | null)
    for (const [index, column] of settled.columns.entries()) {
      const cell = texts[index] ?? null
      const misfit = column.role === 'key' ? undefined : clickhouseDialect.encoder(column)(cell)
      const key = texts.slice(0, this.#table.keyCount).map(String)
      if (misfit instanceof Misfit) {
        throw misfitError(settled, index, {cell: shownCell(cell), misfit, key}, clickhouseDialect)
      }
    }
    throw new InvariantError(`a row of ${this.#table.name} that does not fit has a cell that does not`)
  }

  /** @returns how many rows were moved, or had been */
  async move(settled: SettledTable, tokenOf: (block: number) => string): Promise<number> {
    const {signal} = this.#ports
    const {place, bytes} = this.#rows.columns
    const names = settled.columns.map(({name}) => clickhouseDialect.quote(name)).join(', ')
    const values = this.#sqlOf(settled).map(({value}) => value)
    const blocks = await this.#ports.query(
      `SELECT min(${place}) AS first, max(${place}) AS last ${this.#where} GROUP BY intDiv(${place}, ${blockRowsMax}), intDiv(${bytes}, ${blockBytesMax}) ORDER BY first`,
    )
    let count = 0
    for (const [number, {first, last}] of blocks.entries()) {
      signal.throwIfAborted()
      await this.#ports.insert(
        `INSERT INTO ${clickhouseDialect.quote(this.#table.name)} (${names}) SELECT ${values.join(', ')} ${this.#where} AND ${place} BETWEEN ${Number(first)} AND ${Number(last)} ORDER BY ${place} SETTINGS ${onePiece}`,
        tokenOf(number),
      )
      count += Number(last) - Number(first) + 1
    }
    return count
  }

  #sqlOf(settled: SettledTable): readonly CellSql[] {
    return settled.columns.map((column, index) => {
      const sql = cellSql(column, column.storage, this.#cells[index]!)
      if (sql === undefined) throw new InvariantError(`column ${column.name} was found to take staged rows`)
      return sql
    })
  }
}

/** What is read comes in one piece: the server makes an insert's token of those of its pieces, and of rows that come from here there is one. */
const onePiece = `max_threads = 1, max_insert_threads = 1, max_block_size = ${2 * blockRowsMax}, preferred_block_size_bytes = 0, preferred_max_column_in_block_size_bytes = 0, optimize_read_in_order = 0`

/** Digits as the number that they are here. */
function shownCell(text: string | null): Cell {
  return text === null || parseExact(text) === undefined ? text : {toString: () => text, valueOf: () => Number(text)}
}

/** What the server can finish by itself, to the digit. */
const finished: readonly (string | null)[] = [null, 'count', 'sum', 'avg', 'min', 'max', 'distinct', 'histogram']

/** Why rows of a rule cannot be finished by the server, whatever the table. */
export function whyNotFinished({name, columns}: SinkTable): string | undefined {
  const odd = columns.find(({aggregate}) => !finished.includes(aggregate))
  return odd === undefined ? undefined : `column "${odd.name}" of table "${name}" (${odd.aggregate}) is worked out here`
}

/** Why rows of the server cannot be put into such a table by the server alone. */
export function whyNotMoved({table, columns}: SettledTable): string | undefined {
  const odd = columns.find(column => cellSql(column, column.storage, 'x') === undefined)
  if (odd === undefined) return undefined
  return `column "${odd.name}" of table "${table.name}" is ${odd.declared}, whose values are made here`
}
