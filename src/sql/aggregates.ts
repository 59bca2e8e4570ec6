/** Value columns of a keyset. A part of a value is one SQL aggregate; how parts become a cell says `cell`. */
import type {AggregateNode} from '../rules/index.ts'
import type {Columns} from './columns.ts'
import type {Fields} from './fields.ts'
import {Refused, refuse} from './refused.ts'
import {constant, isBinary, isInexact, isMissing, numberOf} from './values.ts'

export interface ValueColumn {
  readonly column: string
  /** SQL, text or null. `avg` has two: sum and count. */
  readonly parts: readonly string[]
  /** `mean`: the first part by the second, rounded to a double once. `histogram`: a count for each bucket. */
  readonly cell: 'number' | 'extreme' | 'mean' | 'histogram'
  /** Of a histogram: its parts lie between these. */
  readonly bounds?: readonly number[]
  /** A count of distinct values above this is an estimate in the embedded engine: the two could not agree. */
  readonly exactUpTo?: number
  /** How many values could not be used, as SQL. */
  readonly coerced: string | undefined
}

const whys = {
  stddev: 'it is rounded once from exact sums of squares, which no decimal holds',
  first: 'which of several records with the same order comes first depends on their place in the input',
  last: 'which of several records with the same order comes last depends on their place in the input',
  quantile: 'quantiles of the engines are other estimates than those of rules',
  topK: 'the engines count candidates in other ways, so the estimates differ',
  collect: 'which values are kept depends on the order of the input',
} as const

/** Why an aggregate has no exact equal, whatever the data; `column = aggregate: why`. */
export function aggregateRefusal({column, aggregate}: AggregateNode): string | undefined {
  return aggregate in whys ? `${column} = ${aggregate}: ${whys[aggregate as keyof typeof whys]}` : undefined
}

/**
 * @param used - the condition for a record to be in the group
 * @throws Refused
 */
export function valueColumn(columns: Columns, fields: Fields, node: AggregateNode, used: string): ValueColumn {
  const {dialect} = columns
  const {column} = node
  if (node.aggregate === 'count') {
    const isCounted = node.field === null ? used : `${used} AND NOT (${isMissing(fields.read(node.field))})`
    return {column, parts: [dialect.asText(dialect.countIf(isCounted))], cell: 'number', coerced: undefined}
  }
  const refusal = aggregateRefusal(node)
  if (refusal !== undefined) throw new Refused(refusal)
  const value = fields.read(node.field)
  if (node.aggregate === 'distinct') {
    columns.unsureWhen(`${used} AND ${value.kind} IN ('c', 'x')`)
    const distinct = dialect.distinctIf(value.text, `${used} AND NOT (${isMissing(value)})`)
    return {column, parts: [dialect.asText(distinct)], cell: 'number', exactUpTo: node.exactUpTo, coerced: undefined}
  }
  const number = numberOf(columns, value)
  columns.unsureWhen(`${used} AND ${isInexact(number)}`)
  const isNumber = `${used} AND ${number.digits} <> '' AND ${number.decimal} IS NOT NULL`
  if (node.aggregate === 'min' || node.aggregate === 'max') {
    columns.unsureWhen(`${used} AND ${value.kind} = 'x'`)
    const hasText = columns.add(
      `(${value.kind} = 's' AND ${number.digits} = '' AND ${dialect.matches(value.text, '[^\\t-\\r ]')})`,
    )
    const ofNumbers = dialect.decimalText(dialect.extremeIf(node.aggregate, number.decimal, isNumber))
    const ofTexts = dialect.extremeIf(node.aggregate, value.text, `${used} AND ${hasText}`)
    const isUnusable = `${used} AND NOT (${isMissing(value)}) AND ${number.digits} = '' AND NOT ${hasText}`
    return {
      column,
      parts: [`coalesce(${ofNumbers}, ${ofTexts})`],
      cell: 'extreme',
      coerced: dialect.countIf(isUnusable),
    }
  }
  const isUnusable = `${used} AND NOT (${isMissing(value)}) AND ${number.digits} = ''`
  const coerced = dialect.countIf(isUnusable)
  if (node.aggregate === 'histogram') {
    const {bounds} = node
    return {column, parts: bucketCounts(columns, bounds, number.decimal, isNumber), cell: 'histogram', bounds, coerced}
  }
  columns.unsureWhen(`${used} AND ${isBinary(columns, number)}`)
  const sum = dialect.sumIf(`coalesce(${number.decimal}, 0)`, isNumber)
  if (node.aggregate === 'avg') {
    const parts = [dialect.decimalText(sum), dialect.asText(dialect.countIf(isNumber))]
    return {column, parts, cell: 'mean', coerced}
  }
  const extra =
    node.aggregate === 'sum' && node.absent === 1 ? ` + ${dialect.countIf(`${used} AND ${value.kind} = ''`)}` : ''
  return {column, parts: [dialect.decimalText(`(${sum}${extra})`)], cell: 'number', coerced}
}

/** A number belongs to the bucket that begins at or below it. */
function bucketCounts(
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
