import {beforeAll, describe, expect, test, vi} from 'vitest'
import {
  type CronClass,
  compileSchedule,
  durationMs,
  loadCron,
  type ScheduleOptions,
} from '../../../../src/daemon/schedule/index.ts'
import {compileLocalDays} from '../../../../src/daemon/schedule/local-time.ts'

let cron: CronClass
beforeAll(async () => {
  cron = await loadCron()
})

const ms = (text: string): number => Date.parse(text)
const iso = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : new Date(atMs).toISOString().replace(':00.000Z', 'Z')

/** The due time that counts at `now`, for a rule that started last at `last`. */
function due(
  options: ScheduleOptions,
  last: string | undefined,
  now: string,
  firstSeen = '2026-01-01T00:00Z',
): string | undefined {
  const startedAtMs = last === undefined ? undefined : ms(last)
  return iso(compileSchedule(options, cron).dueAfter({startedAtMs, firstSeenMs: ms(firstSeen)}, ms(now)))
}

describe('durations', () => {
  test('add up in all units, cut to whole milliseconds', () => {
    expect(durationMs({weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1, microseconds: 1500})).toBe(
      604_800_000 + 86_400_000 + 3_600_000 + 60_000 + 1000 + 2,
    )
    expect(durationMs({microseconds: 999})).toBe(0)
  })

  test('count from the last start', () => {
    expect(due({timeDelta: {minutes: 5}}, '2026-03-01T10:00Z', '2026-03-01T10:01Z')).toBe('2026-03-01T10:05Z')
  })

  test('are due at once for a rule that never ran', () => {
    expect(due({timeDelta: {days: 3}}, undefined, '2026-03-01T10:01Z', '2026-03-01T10:00Z')).toBe('2026-03-01T10:00Z')
  })

  test('of five minutes are what a rule has that says nothing', () => {
    expect(due({}, '2026-03-01T10:00Z', '2026-03-01T10:01Z')).toBe('2026-03-01T10:05Z')
  })

  test('that were missed stay due, or count on in their steps with skip', () => {
    expect(due({timeDelta: {hours: 1}}, '2026-03-01T10:00Z', '2026-03-01T15:30Z')).toBe('2026-03-01T11:00Z')
    expect(due({timeDelta: {hours: 1}, catchUp: 'skip'}, '2026-03-01T10:00Z', '2026-03-01T15:30Z')).toBe(
      '2026-03-01T16:00Z',
    )
  })

  test('are not missed for being a minute late', () => {
    const skip: ScheduleOptions = {timeDelta: {hours: 1}, catchUp: 'skip'}
    expect(due(skip, '2026-03-01T10:00Z', '2026-03-01T11:01Z')).toBe('2026-03-01T11:00Z')
    expect(due(skip, '2026-03-01T10:00Z', '2026-03-01T13:00:30Z')).toBe('2026-03-01T13:00Z')
  })
})

describe('oclock', () => {
  const daily: ScheduleOptions = {timeDelta: {oclock: 4}}

  test('is once a calendar day, also when that day had a start before the hour', () => {
    expect(due(daily, '2026-03-01T04:00:01Z', '2026-03-01T12:00Z')).toBe('2026-03-02T04:00Z')
    expect(due(daily, '2026-03-01T02:00Z', '2026-03-01T12:00Z')).toBe('2026-03-02T04:00Z')
  })

  test('waits after an outage for the hour of the current day', () => {
    expect(due(daily, '2026-03-01T04:01Z', '2026-03-05T02:00Z')).toBe('2026-03-05T04:00Z')
    expect(due(daily, '2026-03-01T04:01Z', '2026-03-05T23:00Z')).toBe('2026-03-05T04:00Z')
  })

  test('makes up for a missed day at once when it shall', () => {
    expect(due({...daily, catchUp: 'once'}, '2026-03-01T04:01Z', '2026-03-05T02:00Z')).toBe('2026-03-02T04:00Z')
  })

  test('is due today for a new rule', () => {
    expect(due(daily, undefined, '2026-03-01T10:00Z', '2026-03-01T10:00Z')).toBe('2026-03-01T04:00Z')
    expect(due(daily, undefined, '2026-03-01T01:00Z', '2026-03-01T01:00Z')).toBe('2026-03-01T04:00Z')
  })

  test('crosses the ends of months, years and Februaries', () => {
    expect(due(daily, '2026-12-31T04:01Z', '2026-12-31T05:00Z')).toBe('2027-01-01T04:00Z')
    expect(due(daily, '2028-02-28T04:01Z', '2028-02-28T05:00Z')).toBe('2028-02-29T04:00Z')
    expect(due(daily, '2026-02-28T04:01Z', '2026-02-28T05:00Z')).toBe('2026-03-01T04:00Z')
  })

  test('is on the clocks of the zone', () => {
    const berlin: ScheduleOptions = {timeDelta: {oclock: 4}, timeZone: 'Europe/Berlin'}
    expect(due(berlin, '2026-01-10T12:00Z', '2026-01-10T13:00Z')).toBe('2026-01-11T03:00Z')
    expect(due(berlin, '2026-07-10T12:00Z', '2026-07-10T13:00Z')).toBe('2026-07-11T02:00Z')
    // 23:30 UTC is the next day in Berlin already.
    expect(due(berlin, '2026-01-10T23:30Z', '2026-01-10T23:40Z')).toBe('2026-01-12T03:00Z')
  })

  test('of an hour that clocks skip comes when they jump, of one that they show twice the first time', () => {
    const berlin: ScheduleOptions = {timeDelta: {oclock: 2}, timeZone: 'Europe/Berlin'}
    expect(due(berlin, '2026-03-28T12:00Z', '2026-03-28T13:00Z')).toBe('2026-03-29T01:00Z')
    expect(due(berlin, '2026-10-24T12:00Z', '2026-10-24T13:00Z')).toBe('2026-10-25T00:00Z')
    const midnight: ScheduleOptions = {timeDelta: {oclock: 0}, timeZone: 'America/Santiago'}
    expect(due(midnight, '2026-09-05T15:00Z', '2026-09-05T16:00Z')).toBe('2026-09-06T04:00Z')
  })
})

describe('weekday', () => {
  test('is at four unless an hour is said, in any case of letters', () => {
    expect(due({timeDelta: {weekday: 'Monday' as 'monday'}}, '2026-03-04T00:00Z', '2026-03-04T01:00Z')).toBe(
      '2026-03-09T04:00Z',
    )
    expect(due({timeDelta: {weekday: 'monday', oclock: 9}}, '2026-03-04T00:00Z', '2026-03-04T01:00Z')).toBe(
      '2026-03-09T09:00Z',
    )
  })

  test('fires only on its day: a missed one is not made up, unless it shall be', () => {
    const weekly: ScheduleOptions = {timeDelta: {weekday: 'monday'}}
    expect(due(weekly, '2026-03-02T04:01Z', '2026-03-09T23:00Z')).toBe('2026-03-09T04:00Z')
    expect(due(weekly, '2026-03-02T04:01Z', '2026-03-10T00:00Z')).toBe('2026-03-16T04:00Z')
    expect(due({...weekly, catchUp: 'once'}, '2026-03-02T04:01Z', '2026-03-10T00:00Z')).toBe('2026-03-09T04:00Z')
  })

  test('knows all days', () => {
    const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
    const dates = days.map(weekday =>
      due({timeDelta: {weekday}}, '2026-03-07T12:00Z', '2026-03-07T13:00Z')?.slice(8, 10),
    )
    expect(dates).toEqual(['08', '09', '10', '11', '12', '13', '14'])
  })
})

describe('cron', () => {
  const next = (expression: string, after: string, timeZone = 'UTC'): string | undefined =>
    due({cron: expression, timeZone}, after, after)

  test.each([
    ['*/15 * * * *', '2026-03-01T10:00:00Z', '2026-03-01T10:15Z'],
    ['30 4 * * mon-fri', '2026-03-06T05:00Z', '2026-03-09T04:30Z'],
    ['0 0 31 * *', '2026-03-31T00:00Z', '2026-05-31T00:00Z'],
    ['0 0 L * *', '2028-02-01T00:00Z', '2028-02-29T00:00Z'],
    ['0 0 29 2 *', '2026-03-01T00:00Z', '2028-02-29T00:00Z'],
    ['0 12 1 jan *', '2026-03-01T00:00Z', '2027-01-01T12:00Z'],
    // As in other crons: either of the days.
    ['0 0 15 * 1', '2026-03-10T00:00Z', '2026-03-15T00:00Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(next(expression, after)).toBe(expected)
  })

  test('waits for its time when the rule is new', () => {
    expect(due({cron: '0 4 * * *'}, undefined, '2026-03-01T10:00Z', '2026-03-01T10:00Z')).toBe('2026-03-02T04:00Z')
  })

  test('of a single time that clocks skip or show twice comes once', () => {
    expect(next('30 2 * * *', '2026-03-28T12:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:00Z')
    expect(next('30 2 * * *', '2026-10-24T12:00Z', 'Europe/Berlin')).toBe('2026-10-25T00:30Z')
    expect(next('30 2 * * *', '2026-10-25T00:30Z', 'Europe/Berlin')).toBe('2026-10-26T01:30Z')
  })

  test('with steps goes by the hours that pass', () => {
    expect(next('0 * * * *', '2026-10-25T00:00Z', 'Europe/Berlin')).toBe('2026-10-25T01:00Z')
    expect(next('0 * * * *', '2026-03-29T00:00Z', 'Europe/Berlin')).toBe('2026-03-29T01:00Z')
  })

  test('that was missed stays due, or is left out with skip', () => {
    expect(due({cron: '0 4 * * *'}, '2026-03-01T04:00:01Z', '2026-03-05T10:00Z')).toBe('2026-03-02T04:00Z')
    const skip: ScheduleOptions = {cron: '0 4 * * *', catchUp: 'skip'}
    expect(due(skip, '2026-03-01T04:00:01Z', '2026-03-05T10:00Z')).toBe('2026-03-06T04:00Z')
    expect(due(skip, '2026-03-01T04:00:01Z', '2026-03-05T04:00:30Z')).toBe('2026-03-05T04:00Z')
  })

  test('does not look at the clock', () => {
    vi.useFakeTimers({now: ms('1999-12-31T00:00Z')})
    try {
      expect(next('0 4 * * *', '2026-03-01T10:00Z')).toBe('2026-03-02T04:00Z')
    } finally {
      vi.useRealTimers()
    }
  })
})

test('hours of each zone and day are where Intl says', () => {
  for (const zone of [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/Santiago',
  ]) {
    const local = compileLocalDays(zone)
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'short',
      hourCycle: 'h23',
    })
    let gaps = 0
    for (let day = 20_454; day < 20_454 + 366; day++) {
      for (const hour of [0, 2, 4, 23]) {
        const instant = local.instantOf(day, hour)
        const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
        if (format.format(instant) !== `${date}, ${String(hour).padStart(2, '0')}:00`) gaps++
        expect(local.dayOf(instant), `${zone} ${date} ${hour}`).toBe(day)
      }
    }
    // Clocks that jump over one of these hours do so once a year.
    expect(gaps, zone).toBeLessThanOrEqual(1)
  }
})
