/** Dates as day numbers, on whole numbers that are not negative: years start in March, so that the leap day is the last. */
import type {Columns} from './columns.ts'

/** Days from 0000-03-01 to 1970-01-01. */
const epochFromMarchZero = 719_468

export const secondsFromMarchZero = String(epochFromMarchZero * 86_400)

/** Days since 1970; of dates that exist. */
export function daysFromCivil(columns: Columns, year: string, month: string, day: string): string {
  const {dialect} = columns
  const march = columns.add(`(${year} - CASE WHEN ${month} <= 2 THEN 1 ELSE 0 END)`)
  const dayOfYear = `${dialect.quotient(`(153 * ((${month} + 9) % 12) + 2)`, '5')} + ${day} - 1`
  return columns.add(`(${march} * 365 + ${leapDays(columns, march)} + ${dayOfYear} - ${epochFromMarchZero})`)
}

/** Year, month and day of days since 0000-03-01. */
export function civilFromMarchZero(columns: Columns, days: string): {year: string; month: string; day: string} {
  const {dialect} = columns
  const {quotient} = dialect
  const era = columns.add(quotient(days, '146097'))
  const dayOfEra = columns.add(`(${days} - ${era} * 146097)`)
  const leaps = `${quotient(dayOfEra, '1460')} - ${quotient(dayOfEra, '36524')} + ${quotient(dayOfEra, '146096')}`
  const yearOfEra = columns.add(quotient(`(${dayOfEra} - (${leaps}))`, '365'))
  const before = `${yearOfEra} * 365 + ${quotient(yearOfEra, '4')} - ${quotient(yearOfEra, '100')}`
  const dayOfYear = columns.add(`(${dayOfEra} - (${before}))`)
  const march = columns.add(quotient(`(5 * ${dayOfYear} + 2)`, '153'))
  const month = columns.add(`(${march} + CASE WHEN ${march} < 10 THEN 3 ELSE -9 END)`)
  return {
    year: columns.add(`(${era} * 400 + ${yearOfEra} + CASE WHEN ${month} <= 2 THEN 1 ELSE 0 END)`),
    month,
    day: columns.add(`(${dayOfYear} - ${quotient(`(153 * ${march} + 2)`, '5')} + 1)`),
  }
}

/** Days since 0000-03-01 of a year's first day. */
export function newYear(columns: Columns, year: string): string {
  const march = columns.add(`(${year} - 1)`)
  return columns.add(`(${march} * 365 + ${leapDays(columns, march)} + 306)`)
}

/** Leap days before a year that starts in March. */
function leapDays({dialect: {quotient}}: Columns, march: string): string {
  return `${quotient(march, '4')} - ${quotient(march, '100')} + ${quotient(march, '400')}`
}
