/**
 * A query's answer that stays in ClickHouse: a table of its own for it, from which an account can be read, and then rows be
 * moved into other tables there. Pure.
 *
 * Each row has its place among the rows of its keyset, which have the order of every run's rows, and the bytes of long texts
 * before it: of both, blocks are made that are the same however often they are.
 */
import {assert} from '../base/index.ts'
import type {ValueColumn} from './aggregates.ts'
import {clickhouse} from './clickhouse.ts'
import type {CompiledSql} from './compile.ts'
import {meanText} from './mean.ts'
import {queryBody, querySettings} from './run-query.ts'

/** Columns of the table that are no column of the answer. */
export const stageColumns = {keyset: 'inferno_keyset', place: 'inferno_place', bytes: 'inferno_bytes'} as const

/** The rows of one keyset in the table. */
export interface StagedKeyset {
  readonly keyset: string
  /** In the column `stageColumns.keyset`. */
  readonly number: number
  /** Keys, then values, as the cells of a row: text or null, from the columns of the table. A double is digits that are read as it. */
  readonly cells: readonly string[]
}

export interface Stage {
  /** Makes the table, filled with nothing. */
  readonly create: string
  /** Fills it. */
  readonly fill: string
  /** Rows of the answer, as `readAnswer` takes them: the account, and those that count more different values than the rule can. */
  readonly look: string
  readonly keysets: readonly StagedKeyset[]
}

/**
 * @param table - its name, quoted
 * @param source - as of `runQuery`
 * @param longBytesMin - texts of fewer bytes are not counted
 * @param labelsOf - the names of a histogram's buckets
 */
export function stageOf(
  compiled: CompiledSql,
  given: {
    readonly table: string
    readonly source: string
    readonly longBytesMin: number
    readonly labelsOf: (bounds: readonly number[]) => readonly string[]
  },
): Stage {
  const {table} = given
  const {keyset, place, bytes} = stageColumns
  const body = queryBody(compiled, given.source, (_, index) => columnName(index))
  const layout = layoutOf(compiled)
  const all = Array.from({length: layout.columnCount}, (_, index) => columnName(index))
  const own = [`${keyset} UInt32`, `${place} UInt64`, `${bytes} UInt64`]
  // Each keyset goes by its own keys; what a row has in the columns of another keyset may be anything.
  const sorted = Array.from({length: Math.max(...layout.keysets.map(({keys}) => keys.length))}, (_, index) =>
    byKeyset(layout, ({keys}) => keys[index] ?? "''", "''"),
  )
  const long = (name: string): string =>
    `if(length(coalesce(${name}, '')) > ${given.longBytesMin}, length(coalesce(${name}, '')), 0)`
  const longOfRow = byKeyset(
    layout,
    ({texts}) => (texts.length === 0 ? 'toUInt64(0)' : `toUInt64(${texts.map(long).join(' + ')})`),
    'toUInt64(0)',
  )
  // The frame of one row: without it the server would hold all rows.
  const place0 = `row_number() OVER (${orderedBy(sorted, 'ROWS BETWEEN CURRENT ROW AND CURRENT ROW')}) - 1`
  const bytesBefore = `sum(${longOfRow}) OVER (${orderedBy(sorted, 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW')}) - ${longOfRow}`
  return {
    create: `CREATE TABLE ${table} (${[...own, ...all.map(name => `${name} Nullable(String)`)].join(', ')}) ENGINE = MergeTree ORDER BY (${keyset}, ${place})`,
    fill: `INSERT INTO ${table} (${[keyset, place, bytes, ...all].join(', ')})
SELECT toUInt32(${columnName(0)}), ${place0}, ${bytesBefore},
  ${all.join(', ')}
FROM (
${body}
)${querySettings(clickhouse)}, parallel_distributed_insert_select = 0`,
    look: `SELECT ${all.join(', ')} FROM ${table} WHERE ${[`${keyset} = ${layout.keysets.length}`, ...estimated(layout)].join(' OR ')} ORDER BY ${keyset} DESC, ${place} LIMIT 2`,
    keysets: layout.keysets.map(({name, number, keys, values}) => ({
      keyset: name,
      number,
      cells: [...keys, ...values.map(({column, parts}) => cellOf(column, parts, given.labelsOf))],
    })),
  }
}

const columnName = (index: number): string => `inferno_${index}`

interface Layout {
  readonly columnCount: number
  readonly keysets: readonly {
    readonly name: string
    readonly number: number
    readonly keys: readonly string[]
    readonly values: readonly {readonly column: ValueColumn; readonly parts: readonly string[]}[]
    /** Columns whose length nothing limits. */
    readonly texts: readonly string[]
  }[]
}

/** In the order of the answer's columns: the number, all keys, all parts, all counts. */
function layoutOf({keysets, counts}: CompiledSql): Layout {
  let next = 1
  const take = (count: number): string[] => Array.from({length: count}, () => columnName(next++))
  const keys = keysets.map(one => take(one.keys.length))
  const values = keysets.map(one => one.values.map(column => ({column, parts: take(column.parts.length)})))
  return {
    columnCount: next + counts.length,
    keysets: keysets.map(({plan: {name}}, number) => ({
      name,
      number,
      keys: keys[number]!,
      values: values[number]!,
      texts: [
        ...keys[number]!,
        ...values[number]!.flatMap(({column, parts}) => (column.cell === 'extreme' ? parts : [])),
      ],
    })),
  }
}

function byKeyset({keysets}: Layout, make: (keyset: Layout['keysets'][number]) => string, other: string): string {
  const cases = keysets.map(keyset => `${columnName(0)} = '${keyset.number}', ${make(keyset)}`)
  return `multiIf(${[...cases, other].join(', ')})`
}

function orderedBy(sorted: readonly string[], frame: string): string {
  const order = sorted.length === 0 ? '' : ` ORDER BY ${sorted.join(', ')}`
  return `PARTITION BY ${columnName(0)}${order} ${frame}`
}

/** Conditions of rows in which a rule would estimate a number of different values. */
function estimated({keysets}: Layout): readonly string[] {
  return keysets.flatMap(({number, values}) =>
    values.flatMap(({column: {exactUpTo}, parts}) =>
      exactUpTo === undefined
        ? []
        : [`(${stageColumns.keyset} = ${number} AND toUInt64OrZero(coalesce(${parts[0]}, '')) > ${exactUpTo})`],
    ),
  )
}

function cellOf(
  {cell, bounds}: ValueColumn,
  parts: readonly string[],
  labelsOf: (bounds: readonly number[]) => readonly string[],
): string {
  const [first = 'NULL', second = 'NULL'] = parts
  if (bounds !== undefined) {
    const {text} = clickhouse
    const members = labelsOf(bounds).map(
      (label, index) => `${text(`${index === 0 ? '{' : ','}${JSON.stringify(label)}:`)}, ${parts[index]}`,
    )
    return `concat(${members.join(', ')}, '}')`
  }
  if (cell === 'mean') return meanText(first, second)
  assert(cell === 'number' || cell === 'extreme', `a ${cell} is worked out here`)
  return first
}
