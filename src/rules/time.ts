/**
 * Timestamps as key text: `2012-03-05T17:46`, `2012-03-05T17`, `2012-03-05`, `2012-W10`, in any zone.
 *
 * Logs go forward slowly, so the last answer is kept: most calls end after reading the value.
 */
import {civilFromDays, isoWeek} from './civil.ts'
import {MinuteMemory} from './minute-memory.ts'
import {localSeconds, type TimeUnit} from './time-parse.ts'
import {compileZoneOffset} from './time-zone.ts'

export type TimeBucket = 'minute' | 'hour' | 'day' | 'week'

/** 0001-01-01 and 9999-12-31, the years that four digits show. */
const secondsFirst = -62_135_596_800
const secondsLast = 253_402_300_799
const bucketSeconds = {minute: 60, hour: 3600, day: 86_400, week: 86_400} as const

/**
 * Makes the function from a timestamp to the text of its bucket; null for what is no timestamp or outside the years 1 to 9999.
 *
 * @param zone - an IANA name that `checkZone` accepts
 * @param unit - of bare numbers; `auto` goes by size: seconds < 1e11 <= milliseconds < 1e14 <= microseconds < 1e17 <= nanoseconds
 */
export function compileTimeBucket(bucket: TimeBucket, zone: string, unit: TimeUnit): (value: unknown) => string | null {
  const offsetAt = compileZoneOffset(zone)
  const size = bucketSeconds[bucket]
  let lastValue: unknown
  let lastIndex = Number.NaN
  let lastText: string | null = null
  const minutes = new MinuteMemory()
  return value => {
    // All zones change their offset between two minutes, so that those of one minute are in one bucket.
    if (typeof value === 'string' && (value === lastValue || minutes.isSame(value))) return lastText
    const seconds = localSeconds(value, unit, offsetAt)
    const index = Math.floor(seconds / size)
    const isUsable = seconds >= secondsFirst && seconds <= secondsLast
    lastValue = value
    if (typeof value === 'string' && isUsable) minutes.remember(value)
    else minutes.forget()
    if (index === lastIndex) return lastText
    lastIndex = isUsable ? index : Number.NaN
    lastText = isUsable ? formatBucket(bucket, index) : null
    return lastText
  }
}

function formatBucket(bucket: TimeBucket, index: number): string {
  switch (bucket) {
    case 'minute':
      return `${formatBucket('hour', Math.floor(index / 60))}:${twoDigits(modulo(index, 60))}`
    case 'hour':
      return `${formatBucket('day', Math.floor(index / 24))}T${twoDigits(modulo(index, 24))}`
    case 'day': {
      const {year, month, day} = civilFromDays(index)
      return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`
    }
    case 'week': {
      const {year, week} = isoWeek(index)
      return `${String(year).padStart(4, '0')}-W${twoDigits(week)}`
    }
  }
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
