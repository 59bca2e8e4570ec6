/** Offsets of time zones, written into the query from the zone data that rules go by: an engine's own may be of another year. */
import {compileZoneRange} from '../rules/index.ts'
import type {Columns} from './columns.ts'

/** The years whose offsets are written; what lies outside is unsure. Each year takes two numbers, and a moment to look up. */
const yearFirst = 1990
const yearLast = 2050

/** Seconds east of UTC at an instant. @param instant - whole seconds since 1970, or null */
export function zoneOffset(columns: Columns, zone: string, instant: string, alive: string): string {
  const from = Date.UTC(yearFirst, 0, 1) / 1000
  const to = Date.UTC(yearLast + 1, 0, 1) / 1000
  columns.unsureWhen(`${alive} AND coalesce(${instant} < ${from} OR ${instant} >= ${to}, false)`)
  const starts: number[] = []
  const offsets: number[] = []
  const rangeAt = compileZoneRange(zone)
  for (let at = from; at < to; ) {
    const range = rangeAt(at)
    if (offsets.at(-1) !== range.offset) {
      starts.push(at)
      offsets.push(range.offset)
    }
    at = range.to + 1
  }
  if (offsets.length === 1) return String(offsets[0])
  const place = columns.add(columns.dialect.countUpTo(starts, `coalesce(${instant}, ${from})`))
  return columns.add(columns.dialect.numberAt(offsets, `CASE WHEN ${place} < 1 THEN 1 ELSE ${place} END`))
}
