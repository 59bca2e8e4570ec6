/** Days and hours of a time zone as instants. Pure: zones are looked up in Node's own data. */
import {compileZoneRange} from '../../rules/index.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

export interface LocalDays {
  /** Days since 1970-01-01 on the clocks of the zone. */
  dayOf(nowMs: number): number
  /**
   * The instant at which clocks of the zone show that hour of that day: the first one when they show it twice, and when they
   * skip it the moment of the jump.
   */
  instantOf(day: number, hour: number): number
}

/** @param zone - an IANA name that exists */
export function compileLocalDays(zone: string): LocalDays {
  const range = compileZoneRange(zone)
  const offsetMs = (atMs: number): number => range(Math.floor(atMs / 1000)).offset * 1000
  return {
    dayOf: nowMs => Math.floor((nowMs + offsetMs(nowMs)) / dayMs),
    instantOf(day, hour) {
      const local = day * dayMs + hour * hourMs
      // No zone is more than a day away from UTC, so these two are before and after whatever change is near.
      const before = local - offsetMs(local - dayMs)
      const after = local - offsetMs(local + dayMs)
      const fitting = [before, after].filter(instant => instant + offsetMs(instant) === local)
      // In a gap: with the offset from before it, the hour is as far behind the jump as it lies in the gap.
      return fitting.length > 0 ? Math.min(...fitting) : jumpBefore(before, offsetMs)
    },
  }
}

/** The moment up to a day before `atMs` at which the offset changed last, to the second. */
function jumpBefore(atMs: number, offsetMs: (atMs: number) => number): number {
  const target = offsetMs(atMs)
  let low = atMs - dayMs
  let high = atMs
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000
    if (offsetMs(middle) === target) high = middle
    else low = middle
  }
  return high
}
