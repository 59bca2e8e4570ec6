/** A plan as one query: every keyset and the account from a single scan. */
import {type KeysetPlan, type Params, type Plan, recordFunctions, transformFunctions} from '../rules/index.ts'
import {aggregateRefusal, isBegun, type ValueColumn, valueColumn} from './aggregates.ts'
import {Columns} from './columns.ts'
import type {Dialect} from './dialect.ts'
import {withOwn, withPath} from './fields.ts'
import {queryCharsMax, queryDepthMax} from './limits.ts'
import {needsHeader, recordsOf} from './records.ts'
import {notYet, Refused, refuse} from './refused.ts'
import {runQuery} from './run-query.ts'
import {afterSteps, type Flow} from './steps.ts'
import type {Records} from './text-lines.ts'
import {transformed} from './transforms.ts'
import {constant, isMissing} from './values.ts'

export interface CompiledSql {
  readonly dialect: Dialect
  readonly keysets: readonly CompiledKeyset[]
  /** Names and SQL of the account's counts, in the order of the last row. */
  readonly counts: readonly {readonly name: string; readonly sql: string}[]
  /** The source has columns `header` and `is_header` beside `line`: see `Dialect.fileLinesWithHeader`. */
  readonly needsHeader: boolean
  /** What is left to do with the rows: cells worked out of states, then hooks. Empty unless the request says who does it. */
  readonly afterwards: readonly string[]
  /**
   * @param source - a query with the column `line`
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
  /**
   * Whoever asks has the rule: it runs its postprocessors on the rows, and works cells out of states. Else, for a script that
   * stands alone, what needs that is refused.
   */
  readonly isFinishedHere?: boolean
  /** Counts of different values beyond their `exactUpTo` are to be the rule's estimates; each record costs a hash a column. */
  readonly estimates?: boolean
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
export function compileSql(request: CompileRequest): CompiledSql | Refusals {
  const {plan, params, dialect} = request
  const refused = new Set(wholeReasons(request))
  const attempt = <Result>(make: () => Result): Result | undefined => {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      refused.add(error.message)
      return undefined
    }
  }
  const columns = new Columns(dialect, needsHeader(plan.format) ? ['header', 'is_header'] : [])
  const records = attempt(() => recordsOf(columns, plan.format))
  const start = records && attempt(() => ruleFlow(columns, plan, params, records))
  const keysets = plan.keysets.flatMap(keyset => attempt(() => compiledKeyset(columns, request, keyset, start)) ?? [])
  if (refused.size > 0 || records === undefined) return {refused: [...refused]}
  const compiled: CompiledSql = {
    dialect,
    keysets: keysets.map(outcome => outcome.compiled),
    counts: countsOf(columns, records, keysets),
    needsHeader: needsHeader(plan.format),
    afterwards: [...finishedColumns(plan), ...postprocessors(plan)],
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

const several = new Set(['explode', 'splitWords'])

const isFunction = 'it is a function of the rule, which only Node.js can run'

/** What can be seen without compiling: everything, so that nobody removes one and finds the next. */
function wholeReasons({plan, isFinishedHere = false}: CompileRequest): readonly string[] {
  const {map, combiner, partitioner, reduce, sort, keysets} = plan
  const hooks = [...recordFunctions(plan), ...transformFunctions(plan), combiner, partitioner, reduce]
  const names = hooks.flatMap(hook => (hook === null || hook === 'sorted' ? [] : [hook.hook]))
  const reasons = [...names, ...(isFinishedHere ? [] : postprocessors(plan))].map(name => `${name}: ${isFunction}`)
  if (map === 'pairs') reasons.push(`mapFunction: null: ${notYet}`)
  const isSeveral = keysets.length > 1 && keysets.some(({steps}) => steps.some(({step}) => several.has(step)))
  if (isSeveral) reasons.push('explode and splitWords in a keyset: one scan gives all keysets the same records')
  if (!sort) reasons.push('sort: false: the rows of a query are grouped as a whole')
  return [
    ...reasons,
    ...keysets.flatMap(({values}) => values.flatMap(value => aggregateRefusal(value, isFinishedHere) ?? [])),
  ]
}

function finishedColumns({keysets}: Plan): readonly string[] {
  return keysets.flatMap(({name, values}) =>
    values.flatMap(({column, aggregate}) => (isBegun(aggregate) ? [`${name}.${column} = ${aggregate}`] : [])),
  )
}

function postprocessors({keysets}: Plan): readonly string[] {
  return keysets.flatMap(({postprocess}) => postprocess.map(({hook}) => hook))
}

function ruleFlow(columns: Columns, plan: Plan, params: Params, {lines, fields}: Records): Flow {
  const isRecord = columns.add(`(${lines} = 'record')`)
  let flow = afterSteps(columns, params, plan.steps, {alive: isRecord, fields})
  for (const {field, chain} of plan.transforms) {
    const value = transformed(columns, flow.fields.read(field), chain, flow.alive)
    flow = {...flow, fields: withPath(columns, flow.fields, field, value)}
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
  {params, estimates = false}: CompileRequest,
  plan: KeysetPlan,
  start: Flow | undefined,
): KeysetOutcome | undefined {
  if (start === undefined) return undefined
  const named = {...start, fields: withOwn(columns, start.fields, '_keyset', constant(columns, plan.name))}
  const {alive, fields} = afterSteps(columns, params, plan.steps, named)
  const after = withOwn(columns, fields, '_keyset', constant(columns, plan.name))
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
  const values = plan.values.map(node => valueColumn(columns, after, node, {used, estimates}))
  return {compiled: {plan, used, keys, values}, alive, dropped}
}

function countsOf(columns: Columns, records: Records, keysets: readonly KeysetOutcome[]): CompiledSql['counts'] {
  const {dialect, lineRow} = columns
  const {lines, badReasons} = records
  const any = (conditions: readonly string[]): string =>
    columns.add(`(${conditions.map(one => `(${one})`).join(' OR ')})`)
  const used = any(keysets.map(({compiled}) => compiled.used))
  const noKey = any(keysets.map(({alive}) => alive))
  const unsure = columns.add(`(${lines} = '?' OR ${columns.unsure})`)
  const isLine = (kind: string): string => `${lineRow} AND ${lines} = ${dialect.text(kind)}`
  const count = (name: string, condition: string) => ({name, sql: dialect.countIf(condition)})
  return [
    count('unsure', unsure),
    count('in', `${lineRow} AND ${lines} NOT IN ('blank', 'header')`),
    count('blank', isLine('blank')),
    {name: 'used', sql: columns.countLines(used)},
    count('filtered: no JSON object on the line', isLine('no-object')),
    {name: 'filtered: key part missing', sql: `${columns.countLines(noKey)} - ${columns.countLines(used)}`},
    {name: 'filtered: preprocess', sql: `${dialect.countIf(isLine('record'))} - ${columns.countLines(noKey)}`},
    ...badReasons.map(reason => count(`bad: ${reason}`, isLine(reason))),
    ...keysets.flatMap(({dropped}) => dropped.map(({label, condition}) => count(`dropped: ${label}`, condition))),
    ...keysets.flatMap(({compiled}) =>
      compiled.values.flatMap(({column, coerced}) =>
        coerced === undefined ? [] : [{name: `coerced: ${compiled.plan.name}.${column}`, sql: coerced}],
      ),
    ),
  ]
}
