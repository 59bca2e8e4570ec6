/** SQLite's SQL. Values keep their own types: columns that must be exact have none declared, so that nothing is converted. */
import type {Cell} from '../../../rules/index.ts'
import {cellJson, cellText, isNumeric} from '../../cell-text.ts'
import type {SinkMode} from '../../row-sink.ts'
import {digitsOf, type SinkColumn, type SinkTable} from '../../tables/index.ts'
import {
  batchColumn,
  type Dialect,
  keyColumn,
  ledgerTable,
  Misfit,
  type SettledColumn,
  type SqlValue,
} from '../contracts.ts'

const int64Max = 9223372036854775807n
const int64Min = -9223372036854775808n

export const sqliteDialect: Dialect = {
  name: 'SQLite',
  quote,
  nameProblem: name =>
    name === ''
      ? 'is empty'
      : name.includes('\0')
        ? 'has a NUL character'
        : /^sqlite_/i.test(name)
          ? 'begins with sqlite_, which is reserved'
          : undefined,
  foldsCase: true,
  placeholder: () => '?',
  typeOf: ({type}) => ({text: 'TEXT', json: 'TEXT', integer: 'INTEGER', double: 'REAL', exact: '', data: ''})[type],
  dataType: () => '',
  usesKeyHash: table => table.keyCount === 0,
  createTable,
  createLedger: () => [
    `CREATE TABLE IF NOT EXISTS ${quote(ledgerTable)} (number INTEGER PRIMARY KEY AUTOINCREMENT, batch_key TEXT NOT NULL UNIQUE, slot_key TEXT NOT NULL UNIQUE, id TEXT NOT NULL, rule TEXT NOT NULL, plan_hash TEXT NOT NULL, mode TEXT NOT NULL, scope TEXT NOT NULL, blob_count INTEGER NOT NULL, row_count INTEGER NOT NULL, row_counts TEXT NOT NULL, started_at TEXT NOT NULL, written_at TEXT NOT NULL)`,
  ],
  addColumn: (table, column, type) =>
    `ALTER TABLE ${quote(table)} ADD COLUMN ${[quote(column), type].join(' ').trim()}`,
  changeType: (table, column, type) =>
    `-- SQLite changes no types: make a new table with ${[quote(column), type].join(' ').trim()}, copy the rows of ${quote(table)} into it and rename it`,
  addUniqueKey: (table, columns) =>
    `CREATE UNIQUE INDEX ${quote(`${table}_key`)} ON ${quote(table)} (${columns.map(quote).join(', ')})`,
  keyType: 'TEXT',
  batchType: 'INTEGER',
  encoder,
  forUpdate: '',
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function createTable(table: SinkTable, types: readonly string[], mode: SinkMode): string[] {
  const columns = table.columns.map((column, index) => columnText(column, types[index]!))
  if (mode === 'replace') columns.push(`${quote(batchColumn)} INTEGER NOT NULL`)
  if (mode === 'add') columns.push(...identityText(table))
  const statements = [`CREATE TABLE IF NOT EXISTS ${quote(table.name)} (${columns.join(', ')})`]
  if (mode === 'replace') {
    statements.push(
      `CREATE INDEX IF NOT EXISTS ${quote(`${table.name}${batchColumn}`)} ON ${quote(table.name)} (${quote(batchColumn)})`,
    )
  }
  return statements
}

function columnText({name, role}: SinkColumn, type: string): string {
  return [quote(name), type, role === 'key' ? 'NOT NULL' : ''].filter(part => part !== '').join(' ')
}

function identityText(table: SinkTable): string[] {
  if (table.keyCount === 0) return [`${quote(keyColumn)} TEXT NOT NULL UNIQUE`]
  const keys = table.columns.slice(0, table.keyCount).map(({name}) => quote(name))
  return [`PRIMARY KEY (${keys.join(', ')})`]
}

/**
 * A number as SQLite keeps it exactly: whole ones of 64 bits, doubles whose shortest digits they are, else its digits as text.
 */
export function exactValue(digits: string): SqlValue {
  if (!digits.includes('.')) {
    const value = BigInt(digits)
    return value >= int64Min && value <= int64Max ? value : digits
  }
  const double = Number(digits)
  return digitsOf(double) === digits ? double : digits
}

function encoder(column: SettledColumn): (cell: Cell) => SqlValue | Misfit {
  const {storage, type} = column
  const isWhole = type === 'integer'
  if (storage.kind === 'text' || type === 'text') return cell => (cell === null ? null : cellText(cell))
  if (type === 'json') return cell => (cell === null ? null : cellJson(cell))
  if (type === 'double') return cell => (cell === null ? null : doubleOf(cell))
  // Declared columns convert what they are given, digits as text to a double that has fewer.
  const keepsText = storage.kind === 'any'
  const isDouble = storage.kind === 'double'
  return cell => {
    if (cell === null || cell === undefined) return null
    // As bigint: the driver stores every number of JavaScript as a double, and SQLite's own shell would show 3.0.
    if (typeof cell === 'number' && Number.isSafeInteger(cell)) return BigInt(cell)
    const isText = typeof cell === 'string' && type === 'data'
    const digits = isText ? undefined : digitsOf(cell)
    if (digits === undefined) return otherValue(cell, type === 'data')
    const value = exactValue(digits)
    if (typeof value === 'string' && !keepsText) return new Misfit('more digits than it keeps', '')
    if (isDouble && typeof value === 'bigint' && BigInt(Number(value)) !== value)
      return new Misfit('more digits than it keeps', '')
    if (isWhole && typeof value === 'number') return new Misfit('a fraction', '')
    return value
  }
}

function otherValue(cell: Cell, takesText: boolean): SqlValue | Misfit {
  return takesText && !isNumeric(cell) ? cellText(cell) : new Misfit('something that is no number', 'TEXT')
}

function doubleOf(cell: Cell): SqlValue | Misfit {
  const digits = digitsOf(cell)
  return digits === undefined ? new Misfit('something that is no number', 'TEXT') : Number(digits)
}
