/** The query of a run, and what its rows mean. */
import {assert, compareText} from '../base/index.ts'
import {partNames, type ValueColumn} from './aggregates.ts'
import type {CompiledSql} from './compile.ts'
import type {Dialect} from './dialect.ts'

/** A row of a keyset: key parts, and the parts of its values as text. */
export interface SqlRow {
  readonly keyset: string
  readonly key: readonly string[]
  readonly values: readonly (string | null)[]
}

export interface SqlAnswer {
  readonly rows: readonly SqlRow[]
  /** By the names of `CompiledSql.counts`. */
  readonly counts: Readonly<Record<string, number>>
}

/**
 * One query for everything. Each row has the number of its keyset (the account's comes last), the key parts of all keysets, the parts
 * of all values, the counts; `readAnswer` picks what belongs to it.
 */
export function runQuery(compiled: CompiledSql, source: string): string {
  const {dialect} = compiled
  const named = new Set<string>()
  const body = queryBody(compiled, source, wanted => {
    let name = wanted
    for (let next = 2; named.has(name); next++) name = `${wanted} (${next})`
    named.add(name)
    return dialect.identifier(name)
  })
  return `${body}${querySettings(dialect)}`
}

/** What stands behind the query. */
export function querySettings({name, settings}: Dialect): string {
  if (settings === '') return ''
  return `\nSETTINGS ${settings}${name === 'clickhouse' ? ', force_grouping_standard_compatibility = 0' : ''}`
}

/**
 * The query without its settings.
 *
 * @param nameOf - of a column, by what it holds and its place from 0
 */
export function queryBody(
  compiled: CompiledSql,
  source: string,
  nameOf: (wanted: string, place: number) => string,
): string {
  const {dialect, keysets, counts} = compiled
  const sets = keysets.map(({used, keys}) => `(${[used, ...keys].join(', ')})`)
  const flags = keysets.map(({used}) => used)
  // Of a grouping set the bit of its own flag is 0, those of the others are 1; without one all are 1. (ClickHouse: the other way round.)
  const isSet = (index: number): string => `grouping(${flags[index]}) = ${dialect.name === 'clickhouse' ? 1 : 0}`
  const whichSet = `CASE ${flags.map((_, index) => `WHEN ${isSet(index)} THEN ${index}`).join(' ')} ELSE ${flags.length} END`
  const isKept = flags.map((flag, index) => `(${isSet(index)} AND ${flag})`)
  const isAccount = flags.map((_, index) => `NOT (${isSet(index)})`).join(' AND ')
  let place = 0
  const as = (sql: string, wanted: string): string => `${sql} AS ${nameOf(wanted, place++)}`
  const outputs = [
    as(dialect.asText(whichSet), 'keyset number'),
    ...keysets.flatMap(({plan, keys}) => keys.map((key, index) => as(key, `${plan.name}: ${plan.columns[index]}`))),
    ...keysets.flatMap(({plan, keys, values}) =>
      values.flatMap(({parts, cell}, index) => {
        const name = `${plan.name}: ${plan.columns[keys.length + index]}`
        const names = partNames[cell]
        return parts.map((part, at) => as(part, names === undefined ? name : `${name} (${names[at]})`))
      }),
    ),
    ...counts.map(({name, sql}) => as(dialect.asText(sql), `lines ${name}`)),
  ]
  const select = `SELECT ${outputs.join(',\n  ')}`
  const rest = `GROUP BY GROUPING SETS (${[...sets, '()'].join(', ')})
HAVING (${[...isKept, `(${isAccount})`].join(' OR ')})`
  return `${select}\nFROM (\n${compiled.records(source, select + rest)}\n)\n${rest}`
}

/** Puts the rows of a run's query into the order of the rows of a rule. */
export function readAnswer(compiled: CompiledSql, rows: readonly (readonly (string | null)[])[]): SqlAnswer {
  const {keysets, counts} = compiled
  const keyCounts = keysets.map(({keys}) => keys.length)
  const partCounts = keysets.map(({values}) =>
    values.reduce((sum: number, {parts}: ValueColumn) => sum + parts.length, 0),
  )
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
  const found: SqlRow[] = []
  let account: Record<string, number> = {}
  for (const [set, ...cells] of rows) {
    const index = Number(set)
    if (index === keysets.length) {
      const from = sum(keyCounts) + sum(partCounts)
      account = Object.fromEntries(counts.map(({name}, at) => [name, Number(cells[from + at])]))
      continue
    }
    const keyset = keysets[index]
    assert(keyset !== undefined, 'a row belongs to a keyset')
    const keysFrom = sum(keyCounts.slice(0, index))
    const valuesFrom = sum(keyCounts) + sum(partCounts.slice(0, index))
    found.push({
      keyset: keyset.plan.name,
      key: cells.slice(keysFrom, keysFrom + keyCounts[index]!).map(String),
      values: cells.slice(valuesFrom, valuesFrom + partCounts[index]!),
    })
  }
  return {rows: found.sort(compareRows), counts: account}
}

function compareRows(a: SqlRow, b: SqlRow): number {
  let order = compareText(a.keyset, b.keyset)
  for (let index = 0; order === 0 && index < a.key.length; index++) order = compareText(a.key[index]!, b.key[index]!)
  return order
}
