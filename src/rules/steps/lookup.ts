/** lookup: adds columns of a small table to records. */
import type {Json} from '../../base/index.ts'
import type {PreprocessStep} from '../types.ts'
import {textOf} from '../value-text.ts'
import {setField} from '../values.ts'
import {checkField, checkOptions, refuse, show} from './check-arguments.ts'
import {preprocessStep} from './preprocess-step.ts'

/** The table becomes part of the plan and is copied to every thread. */
const lookupRowsMax = 1_000_000

export type LookupRow = Readonly<Record<string, Json>>
/** Rows keyed by text (`{DE: {name: 'Germany'}}`, or just `{DE: 'Germany'}` for one column called `value`), or a list of rows. */
export type LookupTable = Readonly<Record<string, LookupRow | string | number | boolean>> | readonly LookupRow[]

export interface LookupColumns {
  /** Columns to add, under their names or, as an object, renamed: `{name: 'countryName'}`. All but the key unless given. */
  readonly columns?: readonly string[] | Readonly<Record<string, string>>
  /** Records without a match are kept as they are (unless given) or dropped. */
  readonly unmatched?: 'keep' | 'drop'
}

export interface LookupOptions extends LookupColumns {
  readonly table: LookupTable
  /** The column of a list of rows that is compared with the field. */
  readonly key?: string
}

/**
 * Adds columns of a table to records: `lookup('country', {table: [{code: 'DE', name: 'Germany'}], key: 'code'})`.
 *
 * The field and the key are compared as key text, so 7 finds `"7"`. A matched row that lacks a column gives null.
 *
 * @throws UserError BAD_RULE: no key for a list, a key that is missing or there twice, a column that no row has, too many rows
 */
export function lookup(field: string, options: LookupOptions): PreprocessStep {
  checkField('lookup', field)
  checkOptions('lookup', options, ['table', 'key', 'columns', 'unmatched'])
  const {table, key, columns, unmatched = 'keep'} = options
  if (unmatched !== 'keep' && unmatched !== 'drop')
    refuse('lookup', `unmatched is ${show(unmatched)}, expected "keep" or "drop"`)
  const rows = keyedRows(table, key)
  return preprocessStep({step: 'lookup', field, table: rows, columns: columnList(rows, key, columns), unmatched})
}

function keyedRows(table: unknown, key: string | undefined): Record<string, LookupRow> {
  if (typeof table !== 'object' || table === null)
    refuse('lookup', `the table is ${show(table)}, expected an object or an array of rows`)
  const rows: Record<string, LookupRow> = {}
  const entries = Array.isArray(table) ? listEntries(table, key) : Object.entries(table as Record<string, unknown>)
  if (entries.length > lookupRowsMax)
    refuse('lookup', `the table has ${entries.length} rows, at most ${lookupRowsMax} are allowed`)
  for (const [text, row] of entries) {
    if (Object.hasOwn(rows, text)) refuse('lookup', `the key ${show(text)} is in the table twice`)
    setField(rows, text, rowOf(row, text))
  }
  return rows
}

function listEntries(table: readonly unknown[], key: string | undefined): [string, unknown][] {
  if (typeof key !== 'string')
    refuse('lookup', 'a list of rows needs a key', 'name the column that is compared with the field: {key: "code"}')
  return table.map((row, index) => {
    const value = isRow(row) && Object.hasOwn(row, key) ? row[key] : undefined
    if (value === undefined || value === null) {
      const columns = isRow(row) ? Object.keys(row) : []
      const hint = columns.includes(key) || columns.length === 0 ? undefined : `it has ${columns.join(', ')}`
      refuse('lookup', `row ${index + 1} of the table has no ${show(key)}`, hint)
    }
    return [textOf(value), row]
  })
}

function rowOf(row: unknown, key: string): LookupRow {
  if (isRow(row)) return row
  if (typeof row === 'string' || typeof row === 'number' || typeof row === 'boolean') return {value: row}
  return refuse('lookup', `the row ${show(key)} of the table is ${show(row)}, expected an object or one value`)
}

function isRow(row: unknown): row is LookupRow {
  return typeof row === 'object' && row !== null && !Array.isArray(row)
}

function columnList(
  rows: Readonly<Record<string, LookupRow>>,
  key: string | undefined,
  columns: LookupColumns['columns'],
): {column: string; as: string}[] {
  const known = new Set<string>()
  for (const row of Object.values(rows)) for (const column of Object.keys(row)) known.add(column)
  const wanted = columns ?? [...known].filter(column => column !== key)
  const pairs = Array.isArray(wanted)
    ? wanted.map(column => [column, column] as const)
    : Object.entries(wanted as Record<string, string>)
  return pairs.map(([column, as]) => {
    checkField('lookup', as)
    if (known.size > 0 && !known.has(column))
      refuse('lookup', `no row of the table has a column ${show(column)}`, `it has ${[...known].join(', ')}`)
    return {column, as}
  })
}
