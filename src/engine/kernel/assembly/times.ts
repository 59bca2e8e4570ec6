/** Timestamps: the forms that most logs have. The rest is for the host (../../../rules/time-parse.ts). */
import {opDay, opHour, opWeek, resultAt, zonesMax} from './layout'
import {digitsNumber} from './numbers'

/** Not read here. Also what is no timestamp at all, or outside of the years that have four digits: the host says so. */
export const noTime: i64 = i64.MIN_VALUE

/** 0001-01-01 and the end of 9999. */
const secondsFirst: i64 = -62135596800
const secondsLast: i64 = 253402300799

const bySize: u32 = 0

/** @param unit - 0: by its size; 1 to 4: seconds, milli-, micro-, nanoseconds */
export function secondsOfNumber(value: i64, unit: u32): i64 {
  const size = abs<i64>(value)
  const known = unit != bySize ? unit : size < 100000000000 ? 1 : size < 100000000000000 ? 2 : 3
  const divisor: i64 = known == 1 ? 1 : known == 2 ? 1000 : known == 3 ? 1000000 : 1000000000
  return inYears(floorDivide(value, divisor))
}

function inYears(seconds: i64): i64 {
  return seconds >= secondsFirst && seconds <= secondsLast ? seconds : noTime
}

/** The last text had no zone: it shows the time of the wanted one. */
export let isLocal: bool = false

export function secondsOfText(start: usize, length: u32, unit: u32): i64 {
  isLocal = false
  const digits = digitsNumber(start, length)
  if (digits >= 0) return secondsOfNumber(digits, unit)
  return length >= 10 && load<u8>(start, 4) == 0x2d ? secondsOfIso(start, length) : noTime
}

/** `2012-03-05`, `2012-03-05T17:46:02`, with a blank for the T, a fraction, a Z. */
function secondsOfIso(start: usize, length: u32): i64 {
  const year = twoDigits(start) * 100 + twoDigits(start + 2)
  const month = twoDigits(start + 5)
  const day = twoDigits(start + 8)
  // What is no pair of digits is large and negative.
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return noTime
  if (load<u8>(start, 7) != 0x2d) return noTime
  const date = daysFromCivil(year, month, day) * 86400
  isLocal = true
  if (length == 10) return date
  const separator = <u32>load<u8>(start, 10)
  if (length < 19 || (separator != 0x54 && separator != 0x20)) return noTime
  if (load<u8>(start, 13) != 0x3a || load<u8>(start, 16) != 0x3a) return noTime
  const hour = twoDigits(start + 11)
  const minute = twoDigits(start + 14)
  const second = twoDigits(start + 17)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return noTime
  const end = start + <usize>length
  let at = start + 19
  if (at < end && load<u8>(at) == 0x2e) {
    at++
    const fraction = at
    while (at < end && <u32>load<u8>(at) - 0x30 < 10) at++
    if (at == fraction) return noTime
  }
  if (at < end && load<u8>(at) == 0x5a) {
    isLocal = false
    at++
  }
  return at == end ? date + <i64>(hour * 3600 + minute * 60 + second) : noTime
}

/** The host writes at resultAt for how long the offset of a zone holds: first and last second (64 bits each), seconds east of UTC. */
@external('host', 'zone')
declare function zoneByHost(zone: u32, seconds: f64): void

/** For each zone the last ranges of one offset, the last used first. Empty ones end before they begin. */
const ranges = memory.data(3072, 16)
const rangesOfZone: usize = 8
const rangeBytes: usize = 24

/** Forgets all ranges: plans number their zones. */
export function openZones(): void {
  for (let index: usize = 0; index < zonesMax * rangesOfZone; index++) {
    store<i64>(ranges + index * rangeBytes, 1)
    store<i64>(ranges + index * rangeBytes, 0, 8)
  }
}

/** What a clock in a zone shows; noTime outside of the years that have four digits. */
export function localOf(seconds: i64, zone: u32): i64 {
  const first = ranges + <usize>(zone - 1) * rangesOfZone * rangeBytes
  const end = first + rangesOfZone * rangeBytes
  for (let at = first; at < end; at += rangeBytes) {
    if (seconds < load<i64>(at) || seconds > load<i64>(at, 8)) continue
    const offset = load<i64>(at, 16)
    if (at != first) useFirst(first, at)
    return inYears(seconds + offset)
  }
  zoneByHost(zone, <f64>seconds)
  const last = end - rangeBytes
  memory.copy(last, resultAt, rangeBytes)
  useFirst(first, last)
  return inYears(seconds + load<i64>(first, 16))
}

/** Moves the range at `at` before the others. */
function useFirst(first: usize, at: usize): void {
  const from = load<i64>(at)
  const to = load<i64>(at, 8)
  const offset = load<i64>(at, 16)
  memory.copy(first + rangeBytes, first, at - first)
  store<i64>(first, from)
  store<i64>(first, to, 8)
  store<i64>(first, offset, 16)
}

@inline
function twoDigits(at: usize): i32 {
  const high = <u32>load<u8>(at) - 0x30
  const low = <u32>load<u8>(at, 1) - 0x30
  return high < 10 && low < 10 ? <i32>(high * 10 + low) : -100000
}

/** Writes `2012-03-05T17:46` and the like; returns its length. 16 bytes at `at` may be written. */
export function bucketText(op: u32, seconds: i64, at: usize): u32 {
  const days = floorDivide(seconds, 86400)
  if (op == opWeek) return weekText(days, at)
  writeDay(days, at)
  if (op == opDay) return 10
  const rest = <u32>(seconds - days * 86400)
  store<u8>(at, 0x54, 10)
  writeTwo(rest / 3600, at + 11)
  if (op == opHour) return 13
  store<u8>(at, 0x3a, 13)
  writeTwo((rest / 60) % 60, at + 14)
  return 16
}

/** ISO weeks begin on Monday and belong to the year of their Thursday. */
function weekText(days: i64, at: usize): u32 {
  const weekday = floorModulo(days + 3, 7)
  const thursday = days - weekday + 3
  const year = yearOf(thursday)
  const week = (thursday - daysFromCivil(<i32>year, 1, 1)) / 7 + 1
  writeYear(<u32>year, at)
  store<u16>(at, 0x572d, 4)
  writeTwo(<u32>week, at + 6)
  return 8
}

function floorDivide(value: i64, divisor: i64): i64 {
  const quotient = value / divisor
  return quotient * divisor > value ? quotient - 1 : quotient
}

function floorModulo(value: i64, divisor: i64): i64 {
  return value - floorDivide(value, divisor) * divisor
}

/** Days from 0000-03-01, where 400 years begin so that the leap day is the last of a year, to 1970-01-01. */
const epoch: i64 = 719468
const eraDays: i64 = 146097

function daysFromCivil(year: i32, month: i32, day: i32): i64 {
  const marchYear: i64 = month <= 2 ? year - 1 : year
  const era = floorDivide(marchYear, 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear: i64 = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
  return era * eraDays + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - epoch
}

let civilYear: i64 = 0
let civilMonth: u32 = 0
let civilDay: u32 = 0

function setCivil(days: i64): void {
  const shifted = days + epoch
  const era = floorDivide(shifted, eraDays)
  const dayOfEra = shifted - era * eraDays
  const yearOfEra = (dayOfEra - (dayOfEra / 1460 - dayOfEra / 36524 + dayOfEra / 146096)) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const marchMonth = (5 * dayOfYear + 2) / 153
  civilMonth = <u32>(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
  civilYear = era * 400 + yearOfEra + (civilMonth <= 2 ? 1 : 0)
  civilDay = <u32>(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
}

function yearOf(days: i64): i64 {
  setCivil(days)
  return civilYear
}

/** The last day that was written, as text: logs go forward slowly. */
let lastDay: i64 = i64.MIN_VALUE
const lastDayText = memory.data(16, 16)

function writeDay(days: i64, at: usize): void {
  if (days != lastDay) {
    setCivil(days)
    writeYear(<u32>civilYear, lastDayText)
    store<u8>(lastDayText, 0x2d, 4)
    writeTwo(civilMonth, lastDayText + 5)
    store<u8>(lastDayText, 0x2d, 7)
    writeTwo(civilDay, lastDayText + 8)
    lastDay = days
  }
  v128.store(at, v128.load(lastDayText))
}

function writeYear(year: u32, at: usize): void {
  writeTwo(year / 100, at)
  writeTwo(year % 100, at + 2)
}

function writeTwo(value: u32, at: usize): void {
  store<u8>(at, <u8>(0x30 + value / 10))
  store<u8>(at, <u8>(0x30 + (value % 10)), 1)
}

function daysInMonth(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
}
