/**
 * When a rule is due. Pure: all times are milliseconds since 1970 and come as arguments.
 *
 * A schedule is a sequence of due times after an anchor, the last start of the rule that was not a retry:
 *
 *     durations   anchor + k * sum
 *     oclock      H:00 of each day after the anchor's day (of the zone): once a calendar day, whenever that day's run was
 *     weekday     the same on days of that name; H is 4 unless said
 *     cron        its times after the anchor
 *
 * A rule is due when now is later than a due time; exactly equal is not due. Several due times that have passed are one run.
 *
 * `catchUp` says what happens when nothing could start it (no daemon, paused, its own last run still going): `once`, the
 * first missed time stays due; `skip`, it does not, and the next one counts. A miss below `skipToleranceMs` is none, and
 * an oclock or weekday is missed only when its day is over: both as Inferno has it, where `skip` is their default.
 */
import type {Durations, TimeDelta} from '../../rules/index.ts'
import {type CronClass, compileCron} from './cron.ts'
import {skipToleranceMs} from './limits.ts'
import {compileLocalDays} from './local-time.ts'

export interface ScheduleOptions {
  readonly timeDelta?: TimeDelta | undefined
  readonly cron?: string | undefined
  readonly timeZone?: string | undefined
  readonly catchUp?: 'once' | 'skip' | undefined
}

export interface Anchor {
  /** Of the last start that was not a retry; undefined: it never ran. */
  readonly startedAtMs: number | undefined
  /** When the daemon saw the rule first: due times before it are nobody's. */
  readonly firstSeenMs: number
}

export interface Schedule {
  /**
   * The due time that counts now: one that has passed and is still to be served, or else the next.
   *
   * @returns undefined when it never comes
   */
  dueAfter(anchor: Anchor, nowMs: number): number | undefined
  /** For people: `every 5 minutes`, `daily at 04:00 UTC`. */
  readonly text: string
}

const defaultDelta: TimeDelta = {minutes: 5}
const weekdayHour = 4

/** @param cronClass - croner; needed when there is a cron expression */
export function compileSchedule(options: ScheduleOptions, cronClass?: CronClass): Schedule {
  const {cron, timeDelta = defaultDelta, timeZone = 'UTC', catchUp} = options
  if (cron !== undefined) {
    if (cronClass === undefined) throw new Error('a cron expression needs croner')
    return cronSchedule(compileCron(cronClass, cron, timeZone), `cron ${cron} ${timeZone}`, catchUp ?? 'once')
  }
  if (timeDelta.weekday !== undefined) {
    const hour = timeDelta.oclock ?? weekdayHour
    const name = timeDelta.weekday.toLowerCase()
    const text = `${name} at ${hourText(hour)} ${timeZone}`
    return daySchedule({hour, weekday: weekdays.indexOf(name), timeZone, text, catchUp: catchUp ?? 'skip'})
  }
  if (timeDelta.oclock !== undefined) {
    const hour = timeDelta.oclock
    const text = `daily at ${hourText(hour)} ${timeZone}`
    return daySchedule({hour, weekday: undefined, timeZone, text, catchUp: catchUp ?? 'skip'})
  }
  return durationSchedule(durationMs(timeDelta), everyText(timeDelta), catchUp ?? 'once')
}

const unitsMs = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
  microseconds: 0.001,
} as const
const unitNames = Object.keys(unitsMs) as (keyof typeof unitsMs)[]

/** Whole milliseconds: now is later than a moment with a fraction exactly when it is later than the moment without. */
export function durationMs(durations: Durations): number {
  const sum = unitNames.reduce((total, unit) => total + (durations[unit] ?? 0) * unitsMs[unit], 0)
  return Math.floor(sum)
}

/** `every 1 day 12 hours`: units as the rule gives them. */
function everyText(durations: Durations): string {
  const given = unitNames.filter(unit => (durations[unit] ?? 0) > 0)
  return `every ${given.map(unit => `${durations[unit]} ${durations[unit] === 1 ? unit.slice(0, -1) : unit}`).join(' ')}`
}

/** Day 0, 1970-01-01, was a Thursday. */
const weekdays = ['thursday', 'friday', 'saturday', 'sunday', 'monday', 'tuesday', 'wednesday']
const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

function durationSchedule(sumMs: number, text: string, catchUp: 'once' | 'skip'): Schedule {
  // Without a pause at all it would never let go of the processor.
  const deltaMs = Math.max(1, sumMs)
  return {
    text,
    dueAfter({startedAtMs, firstSeenMs}, nowMs) {
      if (startedAtMs === undefined) return firstSeenMs
      const first = startedAtMs + deltaMs
      if (catchUp === 'once' || nowMs <= first + skipToleranceMs) return first
      return startedAtMs + Math.ceil((nowMs - skipToleranceMs - startedAtMs) / deltaMs) * deltaMs
    },
  }
}

interface DayOptions {
  readonly hour: number
  /** As in `weekdays`; undefined: each day. */
  readonly weekday: number | undefined
  readonly timeZone: string
  readonly text: string
  readonly catchUp: 'once' | 'skip'
}

function daySchedule({hour, weekday, timeZone, text, catchUp}: DayOptions): Schedule {
  const local = compileLocalDays(timeZone)
  const firstFrom = (day: number): number => (weekday === undefined ? day : day + ((((weekday - day) % 7) + 7) % 7))
  return {
    text,
    dueAfter({startedAtMs, firstSeenMs}, nowMs) {
      const earliest = startedAtMs === undefined ? local.dayOf(firstSeenMs) : local.dayOf(startedAtMs) + 1
      const day = catchUp === 'once' ? earliest : Math.max(earliest, local.dayOf(nowMs))
      return local.instantOf(firstFrom(day), hour)
    },
  }
}

function cronSchedule(next: (afterMs: number) => number | undefined, text: string, catchUp: 'once' | 'skip'): Schedule {
  return {
    text,
    dueAfter({startedAtMs, firstSeenMs}, nowMs) {
      const first = next(startedAtMs ?? firstSeenMs)
      if (first === undefined || catchUp === 'once' || nowMs <= first + skipToleranceMs) return first
      return next(nowMs - skipToleranceMs - 1)
    },
  }
}
