/** The SQL that MySQL and MariaDB share. */
import type {SinkMode} from '../../row-sink.ts'
import {rowKeyChars, type SinkColumn, type SinkTable} from '../../tables/index.ts'
import {batchColumn, type Dialect, keyColumn, ledgerTable, type Storage} from '../contracts.ts'
import {textEncoder} from '../encode-text.ts'
import {ledgerNameCharsMax} from '../limits.ts'

const nameCharsMax = 64
/** All 65 digits that MySQL has, 30 of them after the point: the most that it takes there. */
const exactType = 'DECIMAL(65,30)'
/** 16 MB. TEXT would end at 64 kB, and VARCHAR counts towards the size of a row. */
const textType = 'MEDIUMTEXT'
const keyType = `CHAR(${rowKeyChars}) CHARACTER SET ascii COLLATE ascii_bin`
const hashType = 'CHAR(64) CHARACTER SET ascii COLLATE ascii_bin'
/** Only InnoDB has transactions. Bytes decide what is equal: not case, not accents, not blanks at the end. */
const tableOptions = 'ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

export const mysqlDialect: Dialect = {
  name: 'MySQL',
  quote,
  nameProblem: name => {
    if (name === '') return 'is empty'
    if (name.includes('\0')) return 'has a NUL character'
    if (name.endsWith(' ')) return 'ends with a blank'
    // Identifiers are of the basic plane.
    if (/[\u{10000}-\u{10ffff}]/u.test(name)) return 'has a character that MySQL does not take in names'
    return name.length > nameCharsMax ? `has ${name.length} characters, and MySQL takes ${nameCharsMax}` : undefined
  },
  foldsCase: true,
  placeholder: () => '?',
  typeOf: ({type}) =>
    ({text: textType, json: textType, integer: 'BIGINT', double: 'DOUBLE', exact: exactType, data: undefined})[type],
  dataType: isNumeric => (isNumeric ? exactType : textType),
  usesKeyHash: () => true,
  createTable,
  createLedger: () => [
    `CREATE TABLE IF NOT EXISTS ${quote(ledgerTable)} (number BIGINT AUTO_INCREMENT PRIMARY KEY, batch_key ${hashType} NOT NULL UNIQUE, slot_key ${hashType} NOT NULL UNIQUE, id VARCHAR(64) NOT NULL, rule VARCHAR(${ledgerNameCharsMax}) NOT NULL, plan_hash VARCHAR(64) NOT NULL, mode VARCHAR(16) NOT NULL, scope TEXT NOT NULL, blob_count BIGINT NOT NULL, row_count BIGINT NOT NULL, row_counts TEXT NOT NULL, started_at DATETIME(3) NOT NULL, written_at DATETIME(3) NOT NULL) ${tableOptions}`,
  ],
  addColumn: (table, column, type) => `ALTER TABLE ${quote(table)} ADD COLUMN ${quote(column)} ${type}`,
  changeType: (table, column, type) => `ALTER TABLE ${quote(table)} MODIFY COLUMN ${quote(column)} ${type}`,
  addUniqueKey: (table, columns) => `ALTER TABLE ${quote(table)} ADD UNIQUE (${columns.map(quote).join(', ')})`,
  keyType,
  batchType: 'BIGINT',
  encoder: column => textEncoder(column, {clean: text => text, exactType, textType}),
  forUpdate: ' FOR UPDATE',
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function createTable(table: SinkTable, types: readonly string[], mode: SinkMode): string[] {
  const columns = table.columns.map((column, index) => columnText(column, types[index]!))
  if (mode === 'replace') columns.push(`${quote(batchColumn)} BIGINT NOT NULL`, `INDEX (${quote(batchColumn)})`)
  if (mode === 'add') columns.push(`${quote(keyColumn)} ${keyType} NOT NULL PRIMARY KEY`)
  return [`CREATE TABLE IF NOT EXISTS ${quote(table.name)} (${columns.join(', ')}) ${tableOptions}`]
}

function columnText({name, role}: SinkColumn, type: string): string {
  return `${quote(name)} ${type}${role === 'key' ? ' NOT NULL' : ''}`
}

/** @param type - COLUMN_TYPE of the information schema: `decimal(10,2) unsigned` */
export function mysqlStorage(type: string): Storage {
  const decimal = /^decimal\((\d+),(\d+)\)/.exec(type)
  if (decimal !== null) {
    const fractionMax = Number(decimal[2])
    return {kind: 'decimal', wholeMax: Number(decimal[1]) - fractionMax, fractionMax}
  }
  const name = /^[a-z]+/.exec(type)?.[0] ?? ''
  const bits = {tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64}[name]
  if (bits !== undefined) {
    const isUnsigned = type.includes('unsigned')
    const size = 2n ** BigInt(bits)
    return {kind: 'integer', min: isUnsigned ? 0n : -size / 2n, max: (isUnsigned ? size : size / 2n) - 1n}
  }
  if (name === 'double') return {kind: 'double'}
  if (/^(?:char|varchar|(?:tiny|medium|long)?text)$/.test(name)) return {kind: 'text'}
  if (name === 'json') return {kind: 'json'}
  if (['date', 'datetime', 'timestamp', 'time', 'year', 'enum', 'uuid'].includes(name)) return {kind: 'parsed'}
  return {kind: 'unfit'}
}
