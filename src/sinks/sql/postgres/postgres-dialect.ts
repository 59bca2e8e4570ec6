/** PostgreSQL's SQL. */
import type {SinkMode} from '../../row-sink.ts'
import {rowKeyChars, type SinkColumn, type SinkTable} from '../../tables/index.ts'
import {batchColumn, type Dialect, keyColumn, ledgerTable, type Storage} from '../contracts.ts'
import {textEncoder} from '../encode-text.ts'

/** Bytes of a name; PostgreSQL cuts longer ones without a word. */
const nameBytesMax = 63

export const postgresDialect: Dialect = {
  name: 'PostgreSQL',
  quote,
  nameProblem: name =>
    name === ''
      ? 'is empty'
      : name.includes('\0')
        ? 'has a NUL character'
        : Buffer.byteLength(name) > nameBytesMax
          ? `has ${Buffer.byteLength(name)} bytes, and PostgreSQL keeps ${nameBytesMax}`
          : undefined,
  foldsCase: false,
  placeholder: number => `$${number}`,
  typeOf: ({type}) =>
    ({text: 'text', json: 'text', integer: 'bigint', double: 'double precision', exact: 'numeric', data: undefined})[
      type
    ],
  dataType: isNumeric => (isNumeric ? 'numeric' : 'text'),
  usesKeyHash: () => true,
  createTable,
  createLedger: () => [
    `CREATE TABLE IF NOT EXISTS ${quote(ledgerTable)} (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, batch_key text NOT NULL UNIQUE, slot_key text NOT NULL UNIQUE, id text NOT NULL, rule text NOT NULL, plan_hash text NOT NULL, mode text NOT NULL, scope text NOT NULL, blob_count bigint NOT NULL, row_count bigint NOT NULL, row_counts text NOT NULL, started_at timestamp NOT NULL, written_at timestamp NOT NULL)`,
  ],
  addColumn: (table, column, type) => `ALTER TABLE ${quote(table)} ADD COLUMN ${quote(column)} ${type}`,
  changeType: (table, column, type) =>
    `ALTER TABLE ${quote(table)} ALTER COLUMN ${quote(column)} TYPE ${type} USING ${quote(column)}::${type}`,
  addUniqueKey: (table, columns) => `ALTER TABLE ${quote(table)} ADD UNIQUE (${columns.map(quote).join(', ')})`,
  keyType: `char(${rowKeyChars})`,
  batchType: 'bigint',
  // A NUL is the one character that PostgreSQL's text does not have; its picture keeps the place visible.
  encoder: column => textEncoder(column, {clean: withoutNul, exactType: 'numeric', textType: 'text'}),
  forUpdate: ' FOR UPDATE',
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\u2400') : text
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function createTable(table: SinkTable, types: readonly string[], mode: SinkMode): string[] {
  const columns = table.columns.map((column, index) => columnText(column, types[index]!))
  if (mode === 'replace') columns.push(`${quote(batchColumn)} bigint NOT NULL`)
  if (mode === 'add') columns.push(`${quote(keyColumn)} char(${rowKeyChars}) COLLATE "C" NOT NULL UNIQUE`)
  const statements = [`CREATE TABLE IF NOT EXISTS ${quote(table.name)} (${columns.join(', ')})`]
  if (mode === 'replace') statements.push(`CREATE INDEX ON ${quote(table.name)} (${quote(batchColumn)})`)
  return statements
}

function columnText({name, role}: SinkColumn, type: string): string {
  return `${quote(name)} ${type}${role === 'key' ? ' NOT NULL' : ''}`
}

/** @param type - as format_type writes it, with its modifiers: `numeric(10,2)` */
export function postgresStorage(type: string): Storage {
  const decimal = /^numeric(?:\((\d+),(-?\d+)\))?$/.exec(type)
  if (decimal !== null) {
    if (decimal[1] === undefined) return {kind: 'decimal', wholeMax: null, fractionMax: null}
    const fractionMax = Math.max(0, Number(decimal[2]))
    return {kind: 'decimal', wholeMax: Number(decimal[1]) - Number(decimal[2]), fractionMax}
  }
  const bits = {smallint: 16, integer: 32, bigint: 64}[type]
  if (bits !== undefined) return {kind: 'integer', min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n}
  if (type === 'double precision') return {kind: 'double'}
  if (/^(?:text|citext|name|character varying(?:\(\d+\))?|character(?:\(\d+\))?)$/.test(type)) return {kind: 'text'}
  if (type === 'json' || type === 'jsonb') return {kind: 'json'}
  if (type === 'real' || type === 'bytea' || type === 'money' || type === 'boolean') return {kind: 'unfit'}
  return {kind: 'parsed'}
}
