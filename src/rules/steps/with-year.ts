/** Times of logs that leave out the year: `Nov 24 10:39:39`, as syslog writes them. */
import {daysInMonth} from '../civil.ts'
import type {TransformFunction} from '../types.ts'

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const yearless = /^\s*([A-Za-z]{3}) {1,2}(\d{1,2}) (\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*$/

/**
 * Makes the function that puts the year in front: the last one in which the date is not after `lastDay`.
 *
 * Everything else stays as it is: times with a year, null, other text.
 *
 * @param lastDay - `YYYY-MM-DD`, a real date
 */
export function compileWithYear(lastDay: string): TransformFunction {
  const [lastYear = 0, lastMonth = 0, lastOfMonth = 0] = lastDay.split('-').map(Number)
  return value => {
    if (typeof value !== 'string') return value
    const match = yearless.exec(value)
    const month = monthNames.indexOf(match?.[1]?.toLowerCase() ?? '') + 1
    const day = Number(match?.[2])
    // Of a leap year: the day may be the 29th of February.
    if (match === null || month === 0 || day < 1 || day > daysInMonth(2000, month)) return value
    let year = month < lastMonth || (month === lastMonth && day <= lastOfMonth) ? lastYear : lastYear - 1
    while (day > daysInMonth(year, month)) year--
    return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)} ${match[3]}`
  }
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')
