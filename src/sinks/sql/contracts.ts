/** What differs between databases, behind one algorithm (sql-sink.ts). */
import type {ClusterErrorCode, UserError} from '../../base/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {SinkMode} from '../row-sink.ts'
import type {SinkColumn, SinkTable} from '../tables/index.ts'

export type SqlValue = string | number | bigint | null

/** What a column of the database can hold. */
export type Storage =
  | {readonly kind: 'text' | 'json' | 'double'}
  /** Bounds inclusive. */
  | {readonly kind: 'integer'; readonly min: bigint; readonly max: bigint}
  /** Without bounds (null) any number of digits. */
  | {readonly kind: 'decimal'; readonly wholeMax: number | null; readonly fractionMax: number | null}
  /** SQLite without a declared type: every value as it is. */
  | {readonly kind: 'any'}
  /** Dates, addresses and the like: the database parses text, or refuses it. */
  | {readonly kind: 'parsed'}
  /** Loses digits, or holds something else altogether. */
  | {readonly kind: 'unfit'}

export interface ColumnInfo {
  readonly name: string
  /** As the database writes it. */
  readonly type: string
  readonly storage: Storage
  /** NOT NULL without a default: a row without it is refused. */
  readonly isRequired: boolean
}

export interface TableInfo {
  readonly columns: readonly ColumnInfo[]
  /** Columns of each unique key over whole values. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** What else is wrong with it, and how to change that. */
  readonly problems: readonly Difference[]
}

/** What is, what should be, and the statement that makes it so. */
export interface Difference {
  readonly message: string
  readonly change: string
}

/** A column as it is written to: of the plan, or one of ours. */
export interface SettledColumn extends SinkColumn {
  readonly storage: Storage
  /** As the database writes it; for casts. */
  readonly declared: string
}

export interface SettledTable {
  readonly table: SinkTable
  readonly columns: readonly SettledColumn[]
}

/** Columns of ours in a user's table: only what the mode cannot do without. */
export const keyColumn = '_key'
export const batchColumn = '_batch'
export const ledgerTable = 'inferno_batches'

/** The SQL of one kind of database. Pure. */
export interface Dialect {
  /** `PostgreSQL` */
  readonly name: string
  quote(name: string): string
  /** Why a name cannot be used, in words that follow it. */
  nameProblem(name: string): string | undefined
  /** True: names that differ in case only are the same column. */
  readonly foldsCase: boolean
  /** `?` or `$1`; counts from 1. */
  placeholder(number: number): string
  /** The type of a new column; undefined when only rows can tell. */
  typeOf(column: SinkColumn): string | undefined
  /** The type for a `data` column by its values. */
  dataType(isNumeric: boolean): string
  /** True: totals are kept by our `_key`; false: by a primary key over the key columns themselves. */
  usesKeyHash(table: SinkTable): boolean
  createTable(table: SinkTable, types: readonly string[], mode: SinkMode): readonly string[]
  createLedger(): readonly string[]
  addColumn(table: string, column: string, type: string): string
  changeType(table: string, column: string, type: string): string
  addUniqueKey(table: string, columns: readonly string[]): string
  /** Types of our own columns. */
  readonly keyType: string
  readonly batchType: string
  /** @returns a function that makes a value of a cell, or gives what is wrong with it */
  encoder(column: SettledColumn): (cell: Cell) => SqlValue | Misfit
  /** After `SELECT` of ledger rows that this transaction will change. */
  readonly forUpdate: string
}

/** A cell that its column cannot hold without losing something. */
export class Misfit {
  readonly reason: string
  /** Type that would hold it. */
  readonly wanted: string

  constructor(reason: string, wanted: string) {
    this.reason = reason
    this.wanted = wanted
  }
}

/** Takes rows of one table inside a transaction. */
export interface Appender {
  /** @param key - parts of the row's key, for totals @returns true when `flush` should be called now */
  push(values: readonly SqlValue[], key: readonly string[]): boolean
  flush(): Promise<void>
}

export interface AppendOptions {
  readonly settled: SettledTable
  readonly mode: SinkMode
  /** Of the batch in the ledger; written to `_batch`. */
  readonly batchNumber: number
}

/** One connection. */
export interface Session {
  run(sql: string, values?: readonly SqlValue[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  tableInfo(name: string): Promise<TableInfo | undefined>
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  appender(options: AppendOptions): Appender
  /** Ends it at once, also in the middle of a statement. */
  destroy(): void
  close(): Promise<void>
}

/** What an error of a database means for the one who writes. */
export type Verdict =
  /** Try again: it is down, was restarted, chose this transaction as a victim. */
  | {readonly kind: 'again'; readonly code: ClusterErrorCode; readonly reason: string}
  /** A row with such a unique key is there. */
  | {readonly kind: 'duplicate'; readonly reason: string}
  /** A table of that name was made meanwhile. */
  | {readonly kind: 'exists'}
  | {readonly kind: 'final'; readonly error: UserError}
  /** Not of the database. */
  | {readonly kind: 'foreign'}

export interface Driver {
  readonly dialect: Dialect
  /** True: tables that only rows can type are made by another session, since the writing one must not be disturbed. */
  readonly makesTablesApart: boolean
  /** @param purpose - `look` changes nothing, not even by making a database file */
  connect(purpose: 'look' | 'write', signal?: AbortSignal): Promise<Session>
  judge(error: unknown): Verdict
}
