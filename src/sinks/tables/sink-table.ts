/** The tables of a plan as a database sees them: names, columns, what each holds. */
import {UserError} from '../../base/index.ts'
import {type AggregateNode, defaultKeyset, type KeysetPlan, type Plan} from '../../rules/index.ts'

/**
 * What a column holds: `exact` numbers keep every digit, `data` is number or text as the rows say (min, max, first, last, values
 * of postprocessors), `json` are lists.
 */
export type ColumnType = 'text' | 'integer' | 'exact' | 'double' | 'json' | 'data'

export interface SinkColumn {
  readonly name: string
  readonly role: 'key' | 'value' | 'extra'
  readonly type: ColumnType
  /** null for keys, extra columns and what a reduceFunction makes. */
  readonly aggregate: AggregateNode['aggregate'] | null
}

export interface SinkTable {
  readonly keyset: string
  readonly name: string
  /** Keys, then values, then extra columns: as the cells of a row. */
  readonly columns: readonly SinkColumn[]
  readonly keyCount: number
  /** Its rows went through postprocessors: they are not what the aggregates gave. */
  readonly isPostprocessed: boolean
}

/**
 * One table for each keyset. Named by the keyset's `table`, else by the keyset, else (a rule with only one) by the rule.
 */
export function tablesOf(plan: Plan): SinkTable[] {
  const makesOwnValues = plan.reduce !== null && plan.reduce !== 'sorted'
  return plan.keysets.map(keyset => tableOf(keyset, plan, makesOwnValues))
}

function tableOf(keyset: KeysetPlan, plan: Plan, makesOwnValues: boolean): SinkTable {
  const keyCount = keyset.keyParts.length
  const isPostprocessed = keyset.postprocess.length > 0 && plan.reduce !== 'sorted'
  const columns = [...keyset.columns, ...keyset.extraColumns].map((name, index): SinkColumn => {
    if (index < keyCount) return {name, role: 'key', type: 'text', aggregate: null}
    const value = keyset.values[index - keyCount]
    if (value === undefined) return {name, role: 'extra', type: 'data', aggregate: null}
    if (makesOwnValues) return {name, role: 'value', type: 'data', aggregate: null}
    return {name, role: 'value', type: typeOf(value, isPostprocessed), aggregate: value.aggregate}
  })
  return {keyset: keyset.name, name: nameOf(keyset, plan), columns, keyCount, isPostprocessed}
}

function nameOf(keyset: KeysetPlan, plan: Plan): string {
  if (keyset.table !== null) return keyset.table
  return keyset.name === defaultKeyset ? plan.rule.slice(plan.rule.indexOf('.') + 1) : keyset.name
}

function typeOf({aggregate}: AggregateNode, isPostprocessed: boolean): ColumnType {
  switch (aggregate) {
    case 'count':
    case 'distinct':
      // A postprocessor may have made shares of it.
      return isPostprocessed ? 'exact' : 'integer'
    case 'sum':
      return 'exact'
    case 'avg':
    case 'stddev':
    case 'quantile':
      return 'double'
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return 'data'
    case 'topK':
    case 'histogram':
    case 'collect':
      return 'json'
  }
}

/**
 * The tables under their final names.
 *
 * @throws UserError BAD_SINK when two keysets share a table: neither its columns nor its keys could be both
 */
export function prefixed(tables: readonly SinkTable[], prefix: string): SinkTable[] {
  const seen = new Map<string, string>()
  return tables.map(table => {
    const name = prefix + table.name
    const other = seen.get(name)
    if (other !== undefined) {
      throw new UserError('BAD_SINK', `the keysets "${other}" and "${table.keyset}" both go to table "${name}"`, {
        hint: 'give each keyset a table of its own with: table',
      })
    }
    seen.set(name, table.keyset)
    return {...table, name}
  })
}
