/**
 * Reads timestamps as logs have them: numbers and digits since 1970, ISO 8601, access-log time, mail dates.
 *
 * Everything is read as local seconds: the seconds from 1970-01-01T00:00 to what a clock in the wanted zone shows. A text without a
 * zone already is that, so it needs no zone data and no decision about hours that a clock change skips or repeats.
 */
import {daysFromCivil, daysInMonth} from './civil.ts'
import {numberOfText} from './values.ts'

export type TimeUnit = 'auto' | 's' | 'ms' | 'us' | 'ns'
/** Seconds since 1970 to seconds east of UTC. */
export type ZoneOffset = (seconds: number) => number

const perSecond = {s: 1, ms: 1e3, us: 1e6, ns: 1e9} as const
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** @returns whole local seconds, or NaN when the value is no timestamp */
export function localSeconds(value: unknown, unit: TimeUnit, offsetAt: ZoneOffset): number {
  switch (typeof value) {
    case 'number':
      return toLocal(secondsOfNumber(value, unit), offsetAt)
    case 'string':
      return localSecondsOfText(value, unit, offsetAt)
    case 'bigint':
      return toLocal(secondsOfBigInt(value, unit), offsetAt)
    case 'object':
      return value instanceof Date ? toLocal(secondsOfNumber(value.getTime(), 'ms'), offsetAt) : Number.NaN
    default:
      return Number.NaN
  }
}

/** Zone data ends long before this many seconds, and no calendar year of four digits lies beyond. */
const secondsMax = 1e12

function toLocal(seconds: number, offsetAt: ZoneOffset): number {
  return Math.abs(seconds) < secondsMax ? seconds + offsetAt(seconds) : Number.NaN
}

/** How a bare number counts when that goes by its size. */
export const unitOfNumber = (value: number): keyof typeof perSecond => unitBySize(Math.abs(value))

function unitBySize(size: number): keyof typeof perSecond {
  if (size < 1e11) return 's'
  if (size < 1e14) return 'ms'
  return size < 1e17 ? 'us' : 'ns'
}

function secondsOfNumber(value: number, unit: TimeUnit): number {
  return Math.floor(value / perSecond[unit === 'auto' ? unitBySize(Math.abs(value)) : unit])
}

/** Nanoseconds of today do not fit a double: cut exactly, towards the past. */
function secondsOfBigInt(value: bigint, unit: TimeUnit): number {
  const divisor = BigInt(perSecond[unit === 'auto' ? unitBySize(Math.abs(Number(value))) : unit])
  const quotient = value / divisor
  return Number(value < 0n && quotient * divisor !== value ? quotient - 1n : quotient)
}

function localSecondsOfText(text: string, unit: TimeUnit, offsetAt: ZoneOffset): number {
  const digits = text.length <= 15 ? digitsAt(text, 0, text.length) : -1
  if (digits >= 0) return toLocal(secondsOfNumber(digits, unit), offsetAt)
  const known = parseKnown(text, offsetAt)
  return Number.isNaN(known) ? parseRare(text.trim(), unit, offsetAt) : known
}

/** The two forms that nearly every log has. */
function parseKnown(text: string, offsetAt: ZoneOffset): number {
  if (text.charCodeAt(4) === 0x2d) return parseIso(text, offsetAt)
  const start = text.charCodeAt(0) === 0x5b ? 1 : 0
  return text.charCodeAt(start + 2) === 0x2f ? parseAccessLogTime(text, start, offsetAt) : Number.NaN
}

/** What is tried last: numbers with sign, fraction or many digits, mail dates, anything in blanks. */
function parseRare(text: string, unit: TimeUnit, offsetAt: ZoneOffset): number {
  const number = numberOfText(text)
  if (typeof number === 'number') return toLocal(secondsOfNumber(number, unit), offsetAt)
  if (typeof number === 'bigint') return toLocal(secondsOfBigInt(number, unit), offsetAt)
  const named = mailTime.exec(text)?.groups
  if (named === undefined) return parseKnown(text, offsetAt)
  const month = monthNames.indexOf(named.month!.toLowerCase()) + 1
  const local =
    daySecondsOf(Number(named.year), month, Number(named.day)) +
    clockSeconds(Number(named.hour), Number(named.minute), Number(named.second ?? 0))
  return withZone(local, named.zone ?? '', offsetAt)
}

const mailTime =
  /^(?:[A-Za-z]{3}, ?)?(?<day>\d{1,2})[ -](?<month>[A-Za-z]{3})[ -](?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d))?(?<zone> ?(?:[+-]\d{4}|Z|UTC?|GMT))?$/

/** `10/Oct/2000:13:55:36 -0700`, perhaps in square brackets, perhaps without the zone. */
function parseAccessLogTime(text: string, start: number, offsetAt: ZoneOffset): number {
  const end = start === 1 && text.endsWith(']') ? text.length - 1 : text.length
  const hasMarks =
    text.charCodeAt(start + 6) === 0x2f &&
    text.charCodeAt(start + 11) === 0x3a &&
    text.charCodeAt(start + 14) === 0x3a &&
    text.charCodeAt(start + 17) === 0x3a
  if (!hasMarks || (start === 1 && end === text.length)) return Number.NaN
  const month = monthNames.indexOf(text.slice(start + 3, start + 6).toLowerCase()) + 1
  const date = daySecondsOf(digitsAt(text, start + 7, 4), month, digitsAt(text, start, 2))
  const second = digitsAt(text, start + 18, 2)
  const local = date + clockSeconds(digitsAt(text, start + 12, 2), digitsAt(text, start + 15, 2), second)
  return withZone(local, text.slice(start + 20, end), offsetAt)
}

/** `2012-03-05`, then a `T` or blank and `17`, `17:46`, `17:46:02`, `17:46:02.706` (or a comma), then an optional zone. */
function parseIso(text: string, offsetAt: ZoneOffset): number {
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return Number.NaN
  const date = daySecondsOf(digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2))
  if (text.length === 10) return date
  const separator = text.charCodeAt(10)
  if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return Number.NaN
  const hour = digitsAt(text, 11, 2)
  let minute = 0
  let second = 0
  let at = 13
  if (text.charCodeAt(at) === 0x3a) {
    minute = digitsAt(text, 14, 2)
    at = 16
    if (text.charCodeAt(at) === 0x3a) {
      second = digitsAt(text, 17, 2)
      at = skipFraction(text, 19)
    }
  }
  const local = date + clockSeconds(hour, minute, second)
  if (at === text.length) return local
  return withZone(local, text.slice(at), offsetAt)
}

function skipFraction(text: string, start: number): number {
  const mark = text.charCodeAt(start)
  if (mark !== 0x2e && mark !== 0x2c) return start
  let at = start + 1
  while (isDigit(text.charCodeAt(at))) at++
  return at === start + 1 ? start : at
}

/** Turns a text's own clock time into that of the wanted zone; a text without a zone is in the wanted one already. */
function withZone(local: number, zone: string, offsetAt: ZoneOffset): number {
  if (zone === '') return local
  if (zone === 'Z') return toLocal(local, offsetAt)
  const match = /^ ?(?:(?:Z|UTC?|GMT)|([+-])(\d\d)(?::?(\d\d))?)$/i.exec(zone)
  if (match === null) return Number.NaN
  const east = Number(match[2] ?? 0) * 3600 + Number(match[3] ?? 0) * 60
  return toLocal(match[1] === '-' ? local + east : local - east, offsetAt)
}

/** Seconds to the start of a date, NaN when there is no such date. */
function daySecondsOf(year: number, month: number, day: number): number {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return Number.NaN
  return daysFromCivil(year, month, day) * 86_400
}

/** Second 60, a leap second, counts as 59. */
function clockSeconds(hour: number, minute: number, second: number): number {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return Number.NaN
  return hour * 3600 + minute * 60 + Math.min(second, 59)
}

/** The number that `count` digits stand for, or -1. At most 15 digits. */
function digitsAt(text: string, start: number, count: number): number {
  if (count === 0 || start + count > text.length) return -1
  let value = 0
  for (let at = start; at < start + count; at++) {
    const code = text.charCodeAt(at)
    if (!isDigit(code)) return -1
    value = value * 10 + code - 0x30
  }
  return value
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
