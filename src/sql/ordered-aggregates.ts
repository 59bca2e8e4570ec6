/** Aggregates by the order of values rather than by their sums: texts that are kept, the first and the last value. */
import type {Columns} from './columns.ts'
import {isInexact, isMissing, type NumberColumns, numberOf, type Value} from './values.ts'

/** The condition for a value to have a text that is kept. Arrays and objects are kept as JSON that no query writes. */
export function keptTexts(columns: Columns, value: Value, used: string): string {
  columns.unsureWhen(`${used} AND ${value.kind} IN ('c', 'x')`)
  return `${used} AND NOT (${isMissing(value)})`
}

/** The order of min, max, first and last: numbers, then texts. Blank texts, arrays and objects have no place in it. */
export function orderOf(
  columns: Columns,
  value: Value,
  {digits}: NumberColumns,
): {readonly hasText: string; readonly hasNone: string} {
  const {dialect} = columns
  const hasText = columns.add(
    `(${value.kind} = 's' AND ${digits} = '' AND ${dialect.matches(value.text, '[^\\t-\\r ]')})`,
  )
  return {hasText, hasNone: `NOT (${isMissing(value)}) AND ${digits} = '' AND NOT ${hasText}`}
}

/**
 * The value of the record whose `by` comes first or last; of equal ones the value with the smallest or largest key text, of equal
 * texts by type. So nothing depends on the order of the input, and one row of values that compare says it all.
 */
export function firstOrLast(
  columns: Columns,
  which: 'first' | 'last',
  value: Value,
  by: Value,
  used: string,
): {readonly parts: readonly string[]; readonly coerced: string} {
  const {dialect} = columns
  const number = numberOf(columns, by)
  const {hasText, hasNone} = orderOf(columns, by, number)
  const areThere = columns.add(`(${used} AND NOT (${isMissing(value)}) AND NOT (${isMissing(by)}))`)
  columns.unsureWhen(`${areThere} AND (${by.kind} = 'x' OR ${isInexact(number)} OR ${value.kind} IN ('c', 'x'))`)
  const row = dialect.extremeRow(
    which === 'first' ? 'min' : 'max',
    [
      // Numbers come before texts.
      `CASE WHEN ${hasText} THEN 1 ELSE 0 END`,
      `coalesce(${number.decimal}, 0)`,
      `CASE WHEN ${hasText} THEN ${by.text} ELSE '' END`,
      value.text,
      // In the order of their letters: b, n, s.
      value.kind,
    ],
    `${areThere} AND NOT (${hasNone})`,
  )
  return {parts: [row(4), row(3)], coerced: dialect.countIf(`${areThere} AND ${hasNone}`)}
}
