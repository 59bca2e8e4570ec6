/** A plan as one query: every keyset and the account from a single scan. */
import type {KeysetPlan, Params, Plan} from '../rules/index.ts'
import {type ValueColumn, valueColumn} from './aggregates.ts'
import {Columns} from './columns.ts'
import type {Dialect} from './dialect.ts'
import {jsonFields, withField} from './fields.ts'
import {lineClass} from './json-lines.ts'
import {queryCharsMax, queryDepthMax} from './limits.ts'
import {notYet, Refused, refuse} from './refused.ts'
import {runQuery} from './run-query.ts'
import {afterSteps, type Flow} from './steps.ts'
import {transformed} from './transforms.ts'
import {constant, isMissing} from './values.ts'

export interface CompiledSql {
  readonly dialect: Dialect
  readonly keysets: readonly CompiledKeyset[]
  /** Names and SQL of the account's counts, in the order of the last row. */
  readonly counts: readonly {readonly name: string; readonly sql: string}[]
  /**
   * @param source - a query with the one column `line`
   * @param outer - what the query around this one says: names in it are the columns that it gets
   */
  records(source: string, outer: string): string
}

export interface CompiledKeyset {
  readonly plan: KeysetPlan
  /** True for records that are in one of its groups. */
  readonly used: string
  readonly keys: readonly string[]
  readonly values: readonly ValueColumn[]
}

export interface CompileRequest {
  readonly plan: Plan
  readonly params: Params
  readonly dialect: Dialect
}

/** The reasons for which a plan has no equal query; `what: why`. */
export interface Refusals {
  readonly refused: readonly string[]
}

/**
 * Compiles what has an exact equal. Everything else is refused, with all reasons that are found.
 *
 * Pure; the same plan gives the same text.
 */
export function compileSql({plan, params, dialect}: CompileRequest): CompiledSql | Refusals {
  const refused = new Set(wholeReasons(plan))
  const attempt = <Result>(make: () => Result): Result | undefined => {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused.add(error.message)
      return undefined
    }
  }
  const columns = new Columns(dialect)
  const lines = columns.add(lineClass(columns))
  const start = attempt(() => ruleFlow(columns, plan, params, lines))
  const keysets = plan.keysets.flatMap(keyset => attempt(() => compiledKeyset(columns, params, keyset, start)) ?? [])
  if (refused.size > 0 || start === undefined) return {refused: [...refused]}
  const compiled: CompiledSql = {
    dialect,
    keysets: keysets.map(outcome => outcome.compiled),
    counts: countsOf(columns, lines, keysets),
    records: (source, outer) => columns.from(source, outer),
  }
  attempt(() => checkSize(compiled, columns.depth))
  return refused.size > 0 ? {refused: [...refused]} : compiled
}

function checkSize(compiled: CompiledSql, depth: number): void {
  const {length} = runQuery(compiled, '')
  if (length > queryCharsMax) {
    refuse('the query', `it would have ${length} characters, and engines plan those of up to ${queryCharsMax}`)
  }
  if (depth > queryDepthMax) {
    refuse('the query', `it would have ${depth} subqueries inside each other, and engines allow ${queryDepthMax}`)
  }
}

const isFunction = 'it is a function of the rule, which only Node.js can run'

/** What stands in the way beside steps, transforms and aggregates: everything, so that nobody removes one and finds the next. */
function wholeReasons({format: {format}, map, combiner, partitioner, reduce, sort, keysets}: Plan): readonly string[] {
  const hooks = [map, combiner, partitioner, reduce, ...keysets.flatMap(({postprocess}) => postprocess)]
  const reasons = hooks.flatMap(hook =>
    hook === null || hook === 'pairs' || hook === 'sorted' ? [] : [`${hook.hook}: ${isFunction}`],
  )
  if (format === 'custom') reasons.unshift(`the format: ${isFunction}`)
  else if (format !== 'json') reasons.unshift(`format ${format}: ${notYet}; only JSON lines are`)
  if (map === 'pairs') reasons.push(`mapFunction: null: ${notYet}`)
  if (reduce === 'sorted') reasons.push(`sortedReduce: ${notYet}`)
  if (!sort) reasons.push('sort: false: the rows of a query are grouped as a whole')
  return reasons
}

function ruleFlow(columns: Columns, plan: Plan, params: Params, lines: string): Flow {
  const isRecord = columns.add(`(${lines} = 'object')`)
  const object = columns.cases([[isRecord, 'line']], "''")
  let flow = afterSteps(columns, params, plan.steps, {alive: isRecord, fields: jsonFields(columns, object)})
  for (const {field, chain} of plan.transforms) {
    const value = transformed(columns, flow.fields.read(field), chain, flow.alive)
    flow = {...flow, fields: withField(flow.fields, field, value)}
  }
  return flow
}

interface KeysetOutcome {
  readonly compiled: CompiledKeyset
  readonly alive: string
  /** By key part: the records that were lost because it is the first one that is missing. */
  readonly dropped: readonly {readonly label: string; readonly condition: string}[]
}

function compiledKeyset(
  columns: Columns,
  params: Params,
  plan: KeysetPlan,
  start: Flow | undefined,
): KeysetOutcome | undefined {
  if (start === undefined) return undefined
  const named = {...start, fields: withField(start.fields, '_keyset', constant(columns, plan.name))}
  const {alive, fields} = afterSteps(columns, params, plan.steps, named)
  const after = withField(fields, '_keyset', constant(columns, plan.name))
  const dropped: {label: string; condition: string}[] = []
  const keys: string[] = []
  let present = alive
  for (const part of plan.keyParts) {
    const value = transformed(columns, after.read(part.field), part.transforms, present)
    dropped.push({label: `${plan.name}.${part.name}`, condition: `${present} AND ${isMissing(value)}`})
    columns.unsureWhen(`${present} AND ${value.kind} IN ('c', 'x')`)
    keys.push(columns.add(value.text))
    present = columns.add(`(${present} AND NOT (${isMissing(value)}))`)
  }
  // A column of its own, so that two keysets with the same condition stay two.
  const used = columns.add(`(${present} AND ${columns.dialect.text(plan.name)} <> '')`)
  const values = plan.values.map(node => valueColumn(columns, after, node, used))
  return {compiled: {plan, used, keys, values}, alive, dropped}
}

const badReasons = ['not JSON', 'not an object', 'not UTF-8', 'line too long'] as const

function countsOf(columns: Columns, lines: string, keysets: readonly KeysetOutcome[]): CompiledSql['counts'] {
  const {dialect} = columns
  const any = (conditions: readonly string[]): string =>
    columns.add(`(${conditions.map(one => `(${one})`).join(' OR ')})`)
  const used = any(keysets.map(({compiled}) => compiled.used))
  const noKey = any(keysets.map(({alive}) => alive))
  const unsure = columns.add(`(${lines} = '?' OR ${columns.unsure})`)
  const isLine = (kind: string): string => `${lines} = ${dialect.text(kind)}`
  const count = (name: string, condition: string) => ({name, sql: dialect.countIf(condition)})
  return [
    count('unsure', unsure),
    count('in', `NOT (${isLine('blank')})`),
    count('blank', isLine('blank')),
    count('used', used),
    count('filtered: no JSON object on the line', isLine('no-object')),
    count('filtered: key part missing', `${isLine('object')} AND NOT ${used} AND ${noKey}`),
    count('filtered: preprocess', `${isLine('object')} AND NOT ${noKey}`),
    ...badReasons.map(reason => count(`bad: ${reason}`, isLine(reason))),
    ...keysets.flatMap(({dropped}) => dropped.map(({label, condition}) => count(`dropped: ${label}`, condition))),
    ...keysets.flatMap(({compiled}) =>
      compiled.values.flatMap(({column, coerced}) =>
        coerced === undefined ? [] : [{name: `coerced: ${compiled.plan.name}.${column}`, sql: coerced}],
      ),
    ),
  ]
}
