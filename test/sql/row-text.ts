/** Rows for comparing: a number, text of the same digits, a bigint and a decimal are four different cells. */
import type {ResultRow} from '../../src/engine/index.ts'

export function rowText({keyset, key, values, approximate}: ResultRow): string {
  const marks = approximate.length === 0 ? [] : [{approximate}]
  return JSON.stringify([keyset, key, values.map(cellText), ...marks])
}

function cellText(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return value
  if ('coefficient' in value) return `${String(value)}d`
  return JSON.stringify(value)
}
