/**
 * Rows into PostgreSQL: one array for each column, unfolded by the server. As fast as COPY for narrow rows, and unlike it can
 * add to what is there.
 */
import {type AppendOptions, batchColumn, keyColumn, type SettledColumn} from '../contracts.ts'
import type {BufferedRow} from '../row-buffer.ts'
import {postgresDialect} from './postgres-dialect.ts'

const {quote} = postgresDialect

/** One statement for any number of rows: a parameter a column, an array of its cells; with `add` one more, the keys. */
export function insertSql({settled: {table, columns}, mode, batchNumber}: AppendOptions): string {
  const names = columns.map(({name}) => quote(name))
  const arrays = columns.map((column, index) => `$${index + 1}::${elementType(column)}[]`)
  let selected = 'u.*'
  if (mode === 'replace') {
    names.push(quote(batchColumn))
    selected = `u.*, ${batchNumber}::bigint`
  }
  if (mode === 'add') {
    names.push(quote(keyColumn))
    arrays.push(`$${arrays.length + 1}::text[]`)
  }
  const insert = `INSERT INTO ${quote(table.name)} AS t (${names.join(', ')}) SELECT ${selected} FROM unnest(${arrays.join(', ')}) AS u`
  if (mode !== 'add') return insert
  const changes = columns.filter(({role}) => role !== 'key').map(changeOf)
  const action = changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`
  return `${insert} ON CONFLICT (${quote(keyColumn)}) DO ${action}`
}

function changeOf({name, aggregate, storage}: SettledColumn): string {
  const [old, added] = [`t.${quote(name)}`, `excluded.${quote(name)}`]
  // Text by code point, as in results, whatever the database sorts by.
  const order = storage.kind === 'text' ? ' COLLATE "C"' : ''
  if (aggregate === 'min') return `${quote(name)} = LEAST(${old}${order}, ${added}${order})`
  if (aggregate === 'max') return `${quote(name)} = GREATEST(${old}${order}, ${added}${order})`
  return `${quote(name)} = COALESCE(${old} + ${added}, ${old}, ${added})`
}

/**
 * The type without its length: a cast to char(3) or numeric(6,2) would cut and round, where the insert itself complains about
 * text and rows were judged about numbers.
 */
function elementType({storage, declared}: SettledColumn): string {
  switch (storage.kind) {
    case 'text':
      return 'text'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return 'numeric'
    case 'double':
      return 'float8'
    default:
      return declared.replace(/\(\d+(?:,-?\d+)?\)/, '')
  }
}

/** Array literals, one for each parameter. */
export function arraysOf(rows: readonly BufferedRow[], columns: readonly SettledColumn[], withKey: boolean): string[] {
  const arrays = columns.map(({storage: {kind}}, index) => {
    const isPlain = kind === 'integer' || kind === 'decimal' || kind === 'double'
    return arrayText(rows, row => element(row.values[index]!, isPlain))
  })
  if (withKey) arrays.push(arrayText(rows, row => row.key))
  return arrays
}

function arrayText(rows: readonly BufferedRow[], elementOf: (row: BufferedRow) => string): string {
  let text = '{'
  for (let index = 0; index < rows.length; index++) text += (index === 0 ? '' : ',') + elementOf(rows[index]!)
  return `${text}}`
}

function element(value: string | number | bigint | null, isPlain: boolean): string {
  if (value === null) return 'NULL'
  if (isPlain) return String(value)
  return `"${String(value).replace(/["\\]/g, '\\$&')}"`
}
