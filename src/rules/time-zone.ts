/** Offsets of time zones from UTC, looked up in Node's own zone data and kept, because asking costs a microsecond. */
import {didYouMean, UserError} from '../base/index.ts'

const daySeconds = 86_400
/** Offsets change at such instants only; all zones have kept to that since 1972. */
const slotSeconds = 900
/** Days or slots whose offset is kept, about 100 bytes each; 250 years of days. Past it the memory starts anew. */
const keptOffsetsMax = 100_000
/** Days that are looked at on both sides of an instant: most zones change twice a year, and asking takes microseconds. */
const rangeDaysMax = 60

/**
 * @throws UserError BAD_RULE when there is no such zone, with the nearest name
 */
export function checkZone(zone: unknown): void {
  if (typeof zone === 'string' && (zone === 'UTC' || isZone(zone))) return
  const text = String(zone)
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  const city = known.find(name => name.toLowerCase().endsWith(`/${text.toLowerCase().replaceAll(' ', '_')}`))
  const suggestion = city === undefined ? didYouMean(text, known) : ` Did you mean "${city}"?`
  throw new UserError('BAD_RULE', `there is no time zone "${text}".${suggestion}`, {
    hint: 'zones have IANA names such as Europe/Berlin or America/New_York',
  })
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', {timeZone: zone}) !== undefined
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * Makes the function from an instant (seconds since 1970, whole) to the zone's offset then (seconds east of UTC).
 *
 * Days on which the offset does not change are asked about once, other days once a quarter of an hour.
 */
export function compileZoneOffset(zone: string): (seconds: number) => number {
  if (zone === 'UTC') return () => 0
  const {askDay, askSlot} = openZone(zone)
  return seconds => {
    const offset = askDay(Math.floor(seconds / daySeconds))
    return Number.isNaN(offset) ? askSlot(Math.floor(seconds / slotSeconds)) : offset
  }
}

/** An offset that a zone keeps from a second to another, both included. */
export interface ZoneRange {
  readonly from: number
  readonly to: number
  /** Seconds east of UTC. */
  readonly offset: number
}

/**
 * Makes the function from an instant to the zone's offset then, as compileZoneOffset gives it, with a range around the instant in
 * which it stays the same: some months, except where the offset changes.
 */
export function compileZoneRange(zone: string): (seconds: number) => ZoneRange {
  if (zone === 'UTC') return () => ({from: -Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER, offset: 0})
  const {askDay, askSlot} = openZone(zone)
  return seconds => {
    const day = Math.floor(seconds / daySeconds)
    const offset = askDay(day)
    if (Number.isNaN(offset)) {
      const slot = Math.floor(seconds / slotSeconds)
      return {from: slot * slotSeconds, to: (slot + 1) * slotSeconds - 1, offset: askSlot(slot)}
    }
    let first = day
    while (day - first < rangeDaysMax && askDay(first - 1) === offset) first--
    let last = day
    while (last - day < rangeDaysMax && askDay(last + 1) === offset) last++
    return {from: first * daySeconds, to: (last + 1) * daySeconds - 1, offset}
  }
}

interface Zone {
  /** The offset of a day since 1970; NaN: it changes on that day. */
  readonly askDay: (day: number) => number
  /** The offset of a quarter of an hour since 1970. */
  readonly askSlot: (slot: number) => number
}

function openZone(zone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {timeZone: zone, timeZoneName: 'longOffset'})
  const ask = (seconds: number): number => {
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(format.format(seconds * 1000))
    if (!match?.[1]) return 0
    const size = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0)
    return match[1] === '-' ? -size : size
  }
  return {
    askSlot: remembered(slot => ask(slot * slotSeconds)),
    askDay: remembered(day => {
      const atStart = ask(day * daySeconds)
      return atStart === ask((day + 1) * daySeconds) ? atStart : Number.NaN
    }),
  }
}

function remembered(compute: (key: number) => number): (key: number) => number {
  const kept = new Map<number, number>()
  let lastKey = Number.NaN
  let lastValue = 0
  return key => {
    if (key === lastKey) return lastValue
    let value = kept.get(key)
    if (value === undefined) {
      value = compute(key)
      if (kept.size >= keptOffsetsMax) kept.clear()
      kept.set(key, value)
    }
    lastKey = key
    lastValue = value
    return value
  }
}
