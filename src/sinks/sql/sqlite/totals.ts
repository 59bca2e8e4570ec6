/** Adding and comparing in SQLite without losing digits: functions that the sink gives to its connection. */
import {addExact, compareExact, type Exact, exactText, parseExact} from '../../tables/index.ts'
import type {SqlValue} from '../contracts.ts'
import {exactValue} from './sqlite-dialect.ts'

/** The exact sum of two values; null counts as nothing. */
export function addValues(a: SqlValue, b: SqlValue): SqlValue {
  if (a === null) return b
  if (b === null) return a
  if (typeof a === 'bigint' && typeof b === 'bigint') return exactValue(String(a + b))
  const [left, right] = [exactOf(a), exactOf(b)]
  if (left === undefined || right === undefined) throw new Error(`there is no sum of ${a} and ${b}`)
  return exactValue(exactText(addExact(left, right)))
}

/** The smaller (-1) or larger (1) one as in results: numbers by value and before any text, text by code point. */
export function preferredValue(a: SqlValue, b: SqlValue, direction: -1 | 1): SqlValue {
  if (a === null) return b
  if (b === null) return a
  const [left, right] = [exactOf(a), exactOf(b)]
  if (left !== undefined && right !== undefined) return Math.sign(compareExact(right, left)) === direction ? b : a
  if (left !== undefined) return a
  if (right !== undefined) return b
  return Math.sign(Buffer.compare(Buffer.from(String(b)), Buffer.from(String(a)))) === direction ? b : a
}

function exactOf(value: Exclude<SqlValue, null>): Exact | undefined {
  return parseExact(String(value))
}
