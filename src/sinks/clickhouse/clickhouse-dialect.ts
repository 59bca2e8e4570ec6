/** ClickHouse's SQL. */
import type {SinkMode} from '../../sinks/row-sink.ts'
import {type Dialect, ledgerTable, type Storage} from '../sql/contracts.ts'
import {textEncoder} from '../sql/encode-text.ts'
import type {SinkColumn, SinkTable} from '../tables/index.ts'

/** Blocks whose tokens a table remembers: each batch takes one for every blockRowsMax rows. */
export const deduplicationWindow = 10_000

const exactType = 'Nullable(Decimal(76, 30))'
const textType = 'Nullable(String)'

export const clickhouseDialect: Dialect = {
  name: 'ClickHouse',
  quote,
  nameProblem: name => (name === '' ? 'is empty' : name.includes('\0') ? 'has a NUL character' : undefined),
  foldsCase: false,
  placeholder: number => `{p${number}:String}`,
  typeOf: ({type, role}) =>
    ({
      text: role === 'key' ? 'String' : textType,
      json: textType,
      integer: 'Nullable(Int64)',
      double: 'Nullable(Float64)',
      exact: exactType,
      data: undefined,
    })[type],
  dataType: isNumeric => (isNumeric ? exactType : textType),
  usesKeyHash: () => true,
  createTable,
  createLedger: () => [
    `CREATE TABLE IF NOT EXISTS ${quote(ledgerTable)} (batch_key String, id String, rule String, plan_hash String, mode String, scope String, blob_count UInt64, row_count UInt64, row_counts String, started_at DateTime64(3, 'UTC'), written_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY batch_key ${settings}`,
  ],
  addColumn: (table, column, type) => `ALTER TABLE ${quote(table)} ADD COLUMN ${quote(column)} ${type}`,
  changeType: (table, column, type) => `ALTER TABLE ${quote(table)} MODIFY COLUMN ${quote(column)} ${type}`,
  addUniqueKey: table => `-- ${quote(table)}: ClickHouse has no unique keys`,
  keyType: 'String',
  batchType: 'UInt64',
  encoder: column => textEncoder(column, {clean: text => text, exactType, textType}),
  forUpdate: '',
}

const settings = `SETTINGS non_replicated_deduplication_window = ${deduplicationWindow}`

function quote(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``
}

function createTable(table: SinkTable, types: readonly string[], _mode: SinkMode): string[] {
  const columns = table.columns.map((column: SinkColumn, index) => `${quote(column.name)} ${types[index]!}`)
  const keys = table.columns.slice(0, table.keyCount).map(({name}) => quote(name))
  return [
    `CREATE TABLE IF NOT EXISTS ${quote(table.name)} (${columns.join(', ')}) ENGINE = MergeTree ORDER BY (${keys.length === 0 ? 'tuple()' : keys.join(', ')}) ${settings}`,
  ]
}

/** @param type - as system.columns has it: `Nullable(Decimal(18, 2))` */
export function clickhouseStorage(type: string): Storage {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/.exec(type)
  if (inner !== null) return clickhouseStorage(inner[1]!)
  const decimal = /^Decimal\((\d+), (\d+)\)$/.exec(type)
  if (decimal !== null) {
    const fractionMax = Number(decimal[2])
    return {kind: 'decimal', wholeMax: Number(decimal[1]) - fractionMax, fractionMax}
  }
  const integer = /^(U?)Int(8|16|32|64|128|256)$/.exec(type)
  if (integer !== null) {
    const size = 2n ** BigInt(integer[2]!)
    const isUnsigned = integer[1] === 'U'
    return {kind: 'integer', min: isUnsigned ? 0n : -size / 2n, max: (isUnsigned ? size : size / 2n) - 1n}
  }
  if (type === 'Float64') return {kind: 'double'}
  if (type === 'String') return {kind: 'text'}
  if (/^(?:Date|DateTime|DateTime64|Date32|UUID|IPv4|IPv6|Enum8|Enum16)\b/.test(type)) return {kind: 'parsed'}
  return {kind: 'unfit'}
}
