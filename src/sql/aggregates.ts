/** Value columns of a keyset. A part of a value is one SQL aggregate; how parts become a cell says `cell`. */
import type {AggregateNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import type {Fields} from './fields.ts'
import {firstOrLast, keptTexts, orderOf} from './ordered-aggregates.ts'
import {notYet, refuse} from './refused.ts'
import {constant, isBinary, isInexact, isMissing, type NumberColumns, numberOf, type Value} from './values.ts'

export interface ValueColumn {
  readonly column: string
  /** SQL, text or null: named where there are several. */
  readonly parts: readonly string[]
  readonly cell: CellForm
  /** Of a histogram: its parts lie between these. */
  readonly bounds?: readonly number[]
  /** Of a quantile. */
  readonly q?: number
  /** A count of distinct values above this is an estimate of the embedded engine. Without a part for it the two could not agree. */
  readonly exactUpTo?: number
  /** How many values could not be used, as SQL. */
  readonly coerced: string | undefined
}

/**
 * How parts become a cell.
 *
 * - `number`: digits. `extreme`: digits of a number, else text. `json`: the cell as JSON.
 * - `distinct`: the exact count; where it is above `exactUpTo`, how many registers have which rank (`RANK:COUNT,…`).
 * - `mean`: the first part by the second, rounded to a double once. `histogram`: a count for each bucket.
 * - `kept`: kind of a value, and its text.
 * - `quantile`: counts by bucket (`BUCKET:COUNT,…`), the least and the greatest double.
 * - `stddev`: count, sum, sums of squares in multiples of 10^-6 and of 10^-44.
 */
export type CellForm =
  | 'number'
  | 'extreme'
  | 'json'
  | 'distinct'
  | 'mean'
  | 'histogram'
  | 'kept'
  | 'quantile'
  | 'stddev'

/** By what a part is called beside the column, where there are several. */
export const partNames: Readonly<Partial<Record<CellForm, readonly string[]>>> = {
  mean: ['sum', 'count'],
  distinct: ['exact', 'registers by rank'],
  kept: ['kind', 'value'],
  quantile: ['counts by bucket', 'least', 'greatest'],
  stddev: ['count', 'sum', 'squares in 10^-6', 'squares in 10^-44'],
}

/** What a query can only begin. */
const finished = {
  quantile: 'a query counts by bucket, and what becomes of the counts is worked out by `inferno run`',
  stddev: 'a query gives exact sums of squares, and the one rounding of them is done by `inferno run`',
} as const

type Begun = keyof typeof finished

/** A query gives its states only. */
export function isBegun(aggregate: AggregateNode['aggregate']): aggregate is Begun {
  return Object.hasOwn(finished, aggregate)
}

/** Why an aggregate has no exact equal, whatever the data; `column = aggregate: why`. */
export function aggregateRefusal({column, aggregate}: AggregateNode, isFinishedHere: boolean): string | undefined {
  return isFinishedHere || !isBegun(aggregate) ? undefined : `${column} = ${aggregate}: ${finished[aggregate]}`
}

export interface ValueOptions {
  /** The condition for a record to be in the group. */
  readonly used: string
  /** Counts of different values come with what an estimate is made of. */
  readonly estimates: boolean
}

/** @throws Refused */
export function valueColumn(
  columns: Columns,
  fields: Fields,
  node: AggregateNode,
  {used, estimates}: ValueOptions,
): ValueColumn {
  const {dialect} = columns
  const {column} = node
  if (node.aggregate === 'count') {
    const isCounted = node.field === null ? used : `${used} AND NOT (${isMissing(fields.read(node.field))})`
    return {column, parts: [dialect.asText(dialect.countIf(isCounted))], cell: 'number', coerced: undefined}
  }
  const value = fields.read(node.field)
  switch (node.aggregate) {
    case 'first':
    case 'last':
      return {column, cell: 'kept', ...firstOrLast(columns, node.aggregate, value, fields.read(node.by), used)}
    case 'collect':
    case 'topK':
    case 'distinct':
      return textColumn(columns, node, value, {used, estimates})
    default:
      return {column, ...numberColumn(columns, node, value, used)}
  }
}

type Named<Name extends AggregateNode['aggregate']> = Extract<AggregateNode, {readonly aggregate: Name}>

/** Of values as texts. */
function textColumn(
  columns: Columns,
  node: Named<'collect' | 'topK' | 'distinct'>,
  value: Value,
  {used, estimates}: ValueOptions,
): ValueColumn {
  const {dialect} = columns
  const {column} = node
  const isThere = keptTexts(columns, value, used)
  switch (node.aggregate) {
    case 'collect':
      return {column, parts: [dialect.distinctTexts(value.text, node.max, isThere)], cell: 'json', coerced: undefined}
    case 'topK':
      return {column, parts: [dialect.frequentTexts(value.text, node.k, isThere)], cell: 'json', coerced: undefined}
    case 'distinct': {
      const {exactUpTo} = node
      const count = dialect.distinctIf(value.text, isThere)
      const exact = {column, exactUpTo, coerced: undefined}
      if (!estimates || dialect.sketch === undefined) return {...exact, parts: [dialect.asText(count)], cell: 'number'}
      const entry = dialect.sketch.entry(expression => columns.add(expression), value.text)
      const registers = dialect.sketch.counts(entry, isThere, `${count} > ${exactUpTo}`)
      return {...exact, parts: [dialect.asText(count), registers], cell: 'distinct'}
    }
  }
}

/** Of values as numbers. */
function numberColumn(
  columns: Columns,
  node: Named<'sum' | 'avg' | 'min' | 'max' | 'histogram' | 'quantile' | 'stddev'>,
  value: Value,
  used: string,
): Omit<ValueColumn, 'column'> {
  const {dialect} = columns
  const number = numberOf(columns, value)
  columns.unsureWhen(`${used} AND ${isInexact(number)}`)
  const isNumber = `${used} AND ${number.digits} <> '' AND ${number.decimal} IS NOT NULL`
  if (node.aggregate === 'min' || node.aggregate === 'max') {
    columns.unsureWhen(`${used} AND ${value.kind} = 'x'`)
    const {hasText, hasNone} = orderOf(columns, value, number)
    const ofNumbers = dialect.decimalText(dialect.extremeIf(node.aggregate, number.decimal, isNumber))
    const ofTexts = dialect.extremeIf(node.aggregate, value.text, `${used} AND ${hasText}`)
    return {
      parts: [`coalesce(${ofNumbers}, ${ofTexts})`],
      cell: 'extreme',
      coerced: dialect.countIf(`${used} AND ${hasNone}`),
    }
  }
  const coerced = dialect.countIf(`${used} AND NOT (${isMissing(value)}) AND ${number.digits} = ''`)
  if (node.aggregate === 'histogram') {
    const {bounds} = node
    return {parts: histogramCounts(columns, bounds, number.decimal, isNumber), cell: 'histogram', bounds, coerced}
  }
  if (node.aggregate === 'quantile') {
    return {parts: quantileParts(columns, number, isNumber), cell: 'quantile', q: node.q, coerced}
  }
  columns.unsureWhen(`${used} AND ${isBinary(columns, number)}`)
  const sum = dialect.sumIf(`coalesce(${number.decimal}, 0)`, isNumber)
  const count = dialect.asText(dialect.countIf(isNumber))
  switch (node.aggregate) {
    case 'avg':
      return {parts: [dialect.decimalText(sum), count], cell: 'mean', coerced}
    case 'stddev': {
      columns.unsureWhen(`${isNumber} AND abs(${number.decimal}) >= 1e16`)
      const squares = squareParts(columns, number, isNumber)
      return {parts: [count, dialect.decimalText(sum), ...squares], cell: 'stddev', coerced}
    }
    case 'sum': {
      const extra = node.absent === 1 ? ` + ${dialect.countIf(`${used} AND ${value.kind} = ''`)}` : ''
      return {parts: [dialect.decimalText(`(${sum}${extra})`)], cell: 'number', coerced}
    }
  }
}

/** A number belongs to the bucket that begins at or below it. */
function histogramCounts(
  columns: Columns,
  bounds: readonly number[],
  number: string,
  isNumber: string,
): readonly string[] {
  const {dialect} = columns
  const edges = bounds.map(bound => {
    if (!/^-?\d+(?:\.\d{1,22})?$/.test(String(bound)))
      refuse('histogram', `the bound ${bound} is beyond the decimals of a query`)
    return columns.add(dialect.decimal(constant(columns, bound).text))
  })
  return [...edges, undefined].map((to, index) => {
    const from = edges[index - 1]
    const isInside = [
      isNumber,
      ...(from === undefined ? [] : [`${number} >= ${from}`]),
      ...(to === undefined ? [] : [`${number} < ${to}`]),
    ]
    return dialect.asText(dialect.countIf(isInside.join(' AND ')))
  })
}

function quantileParts(columns: Columns, number: NumberColumns, isNumber: string): readonly string[] {
  const {dialect} = columns
  if (dialect.bucketCounts === undefined) return refuse('quantile', `${notYet} for ${dialect.name}`)
  const double = columns.add(`coalesce(${dialect.double(number.digits)}, 0)`)
  const extremes = (['min', 'max'] as const).map(which => dialect.asText(dialect.extremeIf(which, double, isNumber)))
  return [dialect.bucketCounts(double, isNumber), ...extremes]
}

function squareParts(columns: Columns, number: NumberColumns, isNumber: string): readonly string[] {
  const {squareSums, asText, name} = columns.dialect
  if (squareSums === undefined) return refuse('stddev', `${notYet} for ${name}`)
  return squareSums(number.decimal, isNumber).map(asText)
}
