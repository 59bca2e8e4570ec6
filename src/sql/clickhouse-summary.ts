/**
 * Tables of ClickHouse that keep the summary of a plan up to date while lines are inserted: for each keyset states by key, a
 * materialised view that fills them, and a view for people; the same for the account.
 *
 * A block of lines becomes one row of states a group; merges, and the view, add states up. So what is kept must be the same
 * however lines are cut into blocks: sums are decimals, distinct values are sets, a least value is one of numbers and one of texts.
 */
import type {KeysetPlan, Params, Plan} from '../rules/index.ts'
import {clickhouse} from './clickhouse.ts'
import {type CompiledKeyset, type CompiledSql, compileSql, type Refusals} from './compile.ts'
import type {Dialect} from './dialect.ts'
import {notYet, Refused, refuse} from './refused.ts'

export interface SummaryRequest {
  readonly plan: Plan
  readonly params: Params
  /** Where lines are inserted. `database` empty: the connection's. */
  readonly table: {readonly database: string; readonly table: string; readonly column: string}
  /** By keyset: what its view is called. */
  readonly viewNames: ReadonlyMap<string, string>
  readonly accountName: string
}

export interface SummaryStatement {
  readonly about: string
  readonly sql: string
}

/** A set instead of its size; the set must not become text. */
const distinctState = 'uniqExactStateIf'
const stateDialect: Dialect = {
  ...clickhouse,
  distinctIf: (value, condition) => `${distinctState}(${value}, ${condition})`,
  asText: value => (value.startsWith(distinctState) ? value : clickhouse.asText(value)),
}

/** Pure; in the order in which they are to be run. Each can be run again. */
export function clickhouseSummary(request: SummaryRequest): readonly SummaryStatement[] | Refusals {
  const {plan, params, table} = request
  const compiled = compileSql({plan, params, dialect: stateDialect})
  if ('refused' in compiled) return compiled
  if (compiled.needsHeader) {
    return {
      refused: ['the format: names of fields stand in the first line of a file, and no row of a table is the first'],
    }
  }
  const {identifier} = clickhouse
  const named = [table.database, table.table]
    .filter(name => name !== '')
    .map(identifier)
    .join('.')
  const source = `SELECT ${identifier(table.column)} AS line FROM ${named}`
  const lines = {
    about: `The lines, as they stand in the log. This table may be there already; it must have the column ${table.column}.`,
    sql: `CREATE TABLE IF NOT EXISTS ${named} (${identifier(table.column)} String) ENGINE = MergeTree ORDER BY tuple()`,
  }
  try {
    const groups = [
      ...compiled.keysets.map(keyset => keysetGroup(keyset, request.viewNames.get(keyset.plan.name)!)),
      accountGroup(compiled, request.accountName),
    ]
    return [lines, ...groups.flatMap(group => statementsOf(group, compiled, source))]
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return {refused: [error.message]}
  }
}

/** What is kept of one keyset, or of the account. */
interface Group {
  readonly title: string
  readonly view: string
  /** True for the records that belong here; undefined: all. */
  readonly where: string | undefined
  readonly keys: readonly Column[]
  readonly values: readonly Column[]
  /** Aggregates of one block by their names, which the columns are made of. */
  readonly parts: readonly (readonly [name: string, sql: string])[]
  readonly shown: readonly Shown[]
}

interface Column {
  /** In the table of states: a name that no rule uses, so that it is never taken for a name of one. */
  readonly state: string
  readonly type: string
  /** From the names of keys and parts. */
  readonly fill: string
}

/** A column of the view for people. */
interface Shown {
  readonly name: string
  readonly sql: string
}

const count = 'SimpleAggregateFunction(sum, UInt64)'
const decimal = 'Decimal(76, 22)'

function keysetGroup({plan, used, keys, values}: CompiledKeyset, view: string): Group {
  const keyColumns = keys.map((_, index): Column => {
    const state = `inferno_key_${index}`
    return {state, type: 'String', fill: state}
  })
  const shown: Shown[] = keyColumns.map(({state}, index) => ({name: plan.columns[index]!, sql: state}))
  const columns: Column[] = []
  const parts: (readonly [string, string])[] = keys.map((key, index) => [`inferno_key_${index}`, key])
  for (const [index, value] of values.entries()) {
    const names = value.parts.map((_, part) => `inferno_part_${index}_${part}`)
    parts.push(...names.map((name, part) => [name, value.parts[part]!] as const))
    const made = valueStates(plan, index, names)
    columns.push(...made.columns)
    shown.push(...made.shown)
  }
  const title = `Keyset ${JSON.stringify(plan.name)}`
  return {title, view, where: used, keys: keyColumns, values: columns, parts, shown: unique(shown)}
}

function valueStates(
  plan: KeysetPlan,
  index: number,
  [first = '', second = '']: readonly string[],
): {readonly columns: readonly Column[]; readonly shown: readonly Shown[]} {
  const name = plan.columns[plan.keyParts.length + index]!
  const state = `inferno_value_${index}`
  const {aggregate} = plan.values[index]!
  switch (aggregate) {
    case 'count':
      return {columns: [countState(state, first)], shown: [{name, sql: `sum(${state})`}]}
    case 'sum':
      return {columns: [decimalState(state, first)], shown: [{name, sql: `sum(${state})`}]}
    case 'avg':
      return {
        columns: [decimalState(`${state}_sum`, first), countState(`${state}_count`, second)],
        shown: [
          {name: `${name} (sum)`, sql: `sum(${state}_sum)`},
          {name: `${name} (count)`, sql: `sum(${state}_count)`},
        ],
      }
    case 'distinct':
      return {
        columns: [{state, type: 'AggregateFunction(uniqExact, String)', fill: first}],
        shown: [{name, sql: `uniqExactMerge(${state})`}],
      }
    case 'min':
    case 'max': {
      // Numbers are before texts: a text counts where no block has a number. What prints as a number was one.
      const isNumber = clickhouse.matches(`assumeNotNull(${first})`, '^-?[0-9]+(?:\\.[0-9]+)?$')
      const kept = (suffix: string, type: string, fill: string): Column => ({
        state: `${state}_${suffix}`,
        type: `SimpleAggregateFunction(${aggregate}, Nullable(${type}))`,
        fill,
      })
      return {
        columns: [
          kept('number', decimal, `toDecimal256OrNull(if(${isNumber}, assumeNotNull(${first}), ''), 22)`),
          kept('text', 'String', `if(isNull(${first}) OR ${isNumber}, NULL, ${first})`),
        ],
        shown: [{name, sql: `coalesce(toString(${aggregate}(${state}_number)), ${aggregate}(${state}_text))`}],
      }
    }
    default:
      return refuse(`${name} = ${aggregate}`, `${notYet} into something that tables add up`)
  }
}

const countState = (state: string, part: string): Column => ({state, type: count, fill: `toUInt64(${part})`})

const decimalState = (state: string, part: string): Column => ({
  state,
  type: `SimpleAggregateFunction(sum, ${decimal})`,
  fill: `toDecimal256(${part}, 22)`,
})

function accountGroup({counts}: CompiledSql, view: string): Group {
  const values = counts.map((_, index): Column => {
    const state = `inferno_value_${index}`
    return {state, type: count, fill: `inferno_part_${index}`}
  })
  const parts = counts.map(({sql}, index) => [`inferno_part_${index}`, sql] as const)
  const shown = counts.map(({name}, index) => ({name, sql: `sum(inferno_value_${index})`}))
  return {title: 'The account', view, where: undefined, keys: [], values, parts, shown: unique(shown)}
}

/** A number behind a name that is there already. */
function unique(columns: readonly Shown[]): readonly Shown[] {
  const seen = new Set<string>()
  return columns.map(({name, sql}) => {
    let free = name
    for (let next = 2; seen.has(free); next++) free = `${name} (${next})`
    seen.add(free)
    return {name: free, sql}
  })
}

function statementsOf(group: Group, compiled: CompiledSql, source: string): readonly SummaryStatement[] {
  const {identifier, settings} = clickhouse
  const {title, view, where, keys, values, parts, shown} = group
  const states = identifier(`${view}_states`)
  const columns = [...keys, ...values]
  const order = keys.length === 0 ? 'tuple()' : `(${keys.map(({state}) => state).join(', ')})`
  // Without keys there is a group as soon as there is a record; of the account there always is one.
  const isEmptyGone = where === undefined ? '' : '\nHAVING count() > 0'
  const grouped = keys.length === 0 ? isEmptyGone : `\nGROUP BY ${keys.map(({state}) => state).join(', ')}`
  const select = `SELECT ${parts.map(([name, sql]) => `${sql} AS ${name}`).join(',\n  ')}`
  const rest = where === undefined ? '' : `WHERE ${where}`
  const ofBlock = `${select}\nFROM (\n${compiled.records(source, select + rest)}\n)\n${rest}${grouped}`
  const fill = columns.map(column =>
    column.fill === column.state ? column.state : `${column.fill} AS ${column.state}`,
  )
  return [
    {
      about: `${title}: states, added up in the background.`,
      sql: `CREATE TABLE IF NOT EXISTS ${states} (\n  ${columns.map(({state, type}) => `${state} ${type}`).join(',\n  ')}\n) ENGINE = AggregatingMergeTree ORDER BY ${order}`,
    },
    {
      about: `${title}: every insert of lines adds its states.`,
      sql: `CREATE MATERIALIZED VIEW IF NOT EXISTS ${identifier(`${view}_fill`)} TO ${states} AS\nSELECT ${fill.join(',\n  ')}\nFROM (\n${ofBlock}\n)\nSETTINGS ${settings}`,
    },
    {
      about: `${title}: what to read.`,
      sql: `CREATE VIEW IF NOT EXISTS ${identifier(view)} AS\nSELECT ${shown.map(({name, sql}) => `${sql} AS ${identifier(name)}`).join(',\n  ')}\nFROM ${states}${grouped}`,
    },
  ]
}
