/** Days as numbers (0 is 1970-01-01) and as the text in tag names. */
import {civilFromDays, daysFromCivil, daysInMonth} from '../civil.ts'
import {compileZoneOffset} from '../time-zone.ts'

const dayMs = 86_400_000

/** @returns the number of a day that exists, written as YYYY-MM-DD; undefined for any other text */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const exists = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
  return exists ? daysFromCivil(year, month, day) : undefined
}

/** A day's number as YYYY-MM-DD. */
export function dayText(days: number): string {
  const {year, month, day} = civilFromDays(days)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** The day that it is in a zone. @param zone - an IANA name that the rule's check accepted */
export function dayAt(nowMs: number, zone: string): number {
  const offsetMs = compileZoneOffset(zone)(Math.floor(nowMs / 1000)) * 1000
  return Math.floor((nowMs + offsetMs) / dayMs)
}

/** The day that a tag is of: the last of its parts that is one. */
export function dayOfTag(tag: string): number | undefined {
  for (const part of tag.split(':').reverse()) {
    const day = parseDay(part)
    if (day !== undefined) return day
  }
  return undefined
}
