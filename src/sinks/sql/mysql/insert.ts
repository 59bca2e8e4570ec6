/** Rows into MySQL: many of them as one statement's text. Text is escaped by the driver, numbers are digits by now. */
import {type AppendOptions, batchColumn, keyColumn, type SettledColumn} from '../contracts.ts'
import type {BufferedRow} from '../row-buffer.ts'
import {mysqlDialect} from './mysql-dialect.ts'

const {quote} = mysqlDialect

export interface InsertParts {
  /** Up to and with VALUES. */
  readonly head: string
  /** What becomes of rows whose key is there. */
  readonly tail: string
  /** One row in parentheses. */
  rowText(row: BufferedRow): string
}

/** @param escaped - text as a literal with its quotes, by the rules of the connection */
export function insertParts(
  {settled, mode, batchNumber}: AppendOptions,
  escaped: (text: string) => string,
): InsertParts {
  const {table, columns} = settled
  const names = columns.map(({name}) => quote(name))
  if (mode === 'replace') names.push(quote(batchColumn))
  if (mode === 'add') names.push(quote(keyColumn))
  const isPlain = columns.map(({storage: {kind}}) => kind === 'integer' || kind === 'decimal' || kind === 'double')
  return {
    head: `INSERT INTO ${quote(table.name)} (${names.join(', ')}) VALUES `,
    tail: mode === 'add' ? ` ON DUPLICATE KEY UPDATE ${changesOf(columns)}` : '',
    rowText: ({values, key}) => {
      let text = '('
      for (let index = 0; index < values.length; index++) {
        const value = values[index]!
        if (index > 0) text += ','
        text += value === null ? 'NULL' : isPlain[index] ? String(value) : escaped(String(value))
      }
      if (mode === 'replace') text += `,${batchNumber}`
      // Of letters and digits only.
      if (mode === 'add') text += `,'${key}'`
      return `${text})`
    },
  }
}

function changesOf(columns: readonly SettledColumn[]): string {
  const changes = columns.filter(({role}) => role !== 'key').map(changeOf)
  // A table of keys alone: something must be said, and it changes nothing.
  return changes.length === 0 ? `${quote(keyColumn)} = ${quote(keyColumn)}` : changes.join(', ')
}

function changeOf({name, aggregate}: SettledColumn): string {
  const [old, added] = [quote(name), `VALUES(${quote(name)})`]
  const both =
    aggregate === 'min'
      ? `LEAST(${old}, ${added})`
      : aggregate === 'max'
        ? `GREATEST(${old}, ${added})`
        : `${old} + ${added}`
  // All three are null as soon as one side is.
  return `${old} = COALESCE(${both}, ${old}, ${added})`
}
