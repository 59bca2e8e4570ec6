/** Timestamps as the texts of their buckets: `2012-03-05T17:46`, `2012-03-05T17`, `2012-03-05`, `2012-W10`. */
import {civilFromMarchZero, newYear, secondsFromMarchZero} from './civil.ts'
import type {Columns} from './columns.ts'
import {localSeconds, type TimeNode} from './timestamps.ts'
import type {Value} from './values.ts'

/** 0001-01-01 and 9999-12-31, the years that four digits show. */
const secondsFirst = '-62135596800'
const secondsLast = '253402300799'

/** Null for what is no timestamp or outside the years 1 to 9999; absent stays absent. */
export function timeBucket(columns: Columns, value: Value, node: TimeNode, alive: string): Value {
  const {dialect} = columns
  const {quotient} = dialect
  const local = localSeconds(columns, value, node, alive)
  const isUsable = columns.add(`coalesce(${local} BETWEEN ${secondsFirst} AND ${secondsLast}, false)`)
  // Since 0000-03-01 all are positive.
  const seconds = columns.cases([[isUsable, `${local} + ${secondsFromMarchZero}`]], secondsFromMarchZero)
  const days = columns.add(quotient(seconds, '86400'))
  const digits = (number: string, count: number): string => dialect.padLeft(dialect.asText(number), count, '0')
  const pieces = node.transform === 'week' ? weekPieces(columns, days, digits) : dayPieces(columns, days, digits)
  if (node.transform === 'hour' || node.transform === 'minute') {
    pieces.push("'T'", digits(columns.add(`${quotient(seconds, '3600')} % 24`), 2))
  }
  if (node.transform === 'minute') pieces.push("':'", digits(columns.add(`${quotient(seconds, '60')} % 60`), 2))
  const kind = columns.cases(
    [
      [`${value.kind} = ''`, "''"],
      [isUsable, "'s'"],
    ],
    "'z'",
  )
  return {kind, text: columns.add(`concat(${pieces.join(', ')})`), isScalar: true}
}

type Digits = (number: string, count: number) => string

function dayPieces(columns: Columns, days: string, digits: Digits): string[] {
  const {year, month, day} = civilFromMarchZero(columns, days)
  return [digits(year, 4), "'-'", digits(month, 2), "'-'", digits(day, 2)]
}

/** Weeks start on Monday and belong to the year that has their Thursday. */
function weekPieces(columns: Columns, days: string, digits: Digits): string[] {
  // 0000-03-01 was a Wednesday.
  const thursday = columns.add(`(${days} - (${days} + 2) % 7 + 3)`)
  const {year} = civilFromMarchZero(columns, thursday)
  const week = columns.add(`(${columns.dialect.quotient(`(${thursday} - ${newYear(columns, year)})`, '7')} + 1)`)
  return [digits(year, 4), "'-W'", digits(week, 2)]
}
