import {expect, test} from 'vitest'
import {compileSchedule, loadCron, type ScheduleOptions} from '../../../../src/daemon/schedule/index.ts'
import {aRule} from './a-rule.ts'
import {type Fault, hourMs, minuteMs, type Start, World} from './world.ts'

const startMs = Date.parse('2027-11-01T00:00Z')
/** A leap year from there: both changes of clocks and the 29th of February. */
const endMs = Date.parse('2028-11-06T00:00Z')
/** Runs take up to 20 minutes, five rules share two places. */
const slackMs = 2 * hourMs

const schedules: Readonly<Record<string, ScheduleOptions>> = {
  hourly: {timeDelta: {hours: 1}},
  daily: {timeDelta: {oclock: 2}, timeZone: 'Europe/Berlin', catchUp: 'once'},
  weekly: {timeDelta: {weekday: 'sunday', oclock: 1}, timeZone: 'America/New_York'},
  nightly: {cron: '30 2 * * *', timeZone: 'America/New_York'},
  quarters: {cron: '0 */6 * * *', timeZone: 'Europe/Berlin', catchUp: 'skip'},
}

const seeds = [1, 2]
/** Over all seeds. */
const fired = new Map<Fault, number>()

test.each(seeds)('a year of runs, failures, kills and changes of clocks, seed %i', {timeout: 60_000}, async seed => {
  const cron = await loadCron()
  const retry = {countMax: 2, delayMs: 30 * minuteMs}
  const rules = Object.entries(schedules).map(([name, schedule]) =>
    aRule(name, {schedule, retry, maxAgeMs: 900 * hourMs}, cron),
  )
  const world = new World(seed, startMs, rules, 2)
  world.runUntil(endMs - 3 * 24 * hourMs)
  world.isHealed = true
  world.runUntil(endMs)

  const startsOf = (name: string): Start[] => world.starts.filter(({rule}) => rule === `m.${name}`)
  /** Time between two moments in which no daemon could start anything. */
  const outMs = (fromMs: number, toMs: number): number =>
    world.outages.reduce(
      (sum, {fromMs: from, toMs: to}) => sum + Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs)),
      0,
    )

  for (const [fault, count] of world.fired) fired.set(fault, (fired.get(fault) ?? 0) + count)

  // Numbers of runs are given once and grow.
  const numbers = world.starts.map(({run}) => run)
  expect(new Set(numbers).size).toBe(numbers.length)

  // Each due time that is to be made up for has a start after it, as soon as one could be.
  for (const name of ['daily', 'nightly']) {
    const options = schedules[name] ?? {}
    for (const dueMs of dueTimes({...options, catchUp: 'once'})) {
      const next = startsOf(name).find(({atMs}) => atMs > dueMs)
      const waitedMs = (next?.atMs ?? Number.POSITIVE_INFINITY) - dueMs
      expect(waitedMs - outMs(dueMs, next?.atMs ?? dueMs), `${name} at ${new Date(dueMs).toISOString()}`).toBeLessThan(
        slackMs,
      )
    }
  }
  const hourly = startsOf('hourly')
  for (const [index, {atMs}] of hourly.slice(1).entries()) {
    const before = hourly[index]?.atMs ?? 0
    expect(atMs - before - outMs(before, atMs)).toBeLessThan(hourMs + slackMs)
  }

  // What is to be skipped is started at its time or not at all.
  const quarterTimes = dueTimes(schedules.quarters ?? {})
  for (const {atMs} of startsOf('quarters').filter(({trigger}) => trigger === 'schedule')) {
    const dueMs = quarterTimes.findLast(time => time < atMs) ?? 0
    expect(atMs - dueMs, new Date(atMs).toISOString()).toBeLessThanOrEqual(minuteMs)
  }
  // A weekday fires on its day, on the clocks there, once.
  const weekday = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    weekday: 'long',
    dateStyle: undefined,
  })
  const date = new Intl.DateTimeFormat('en-CA', {timeZone: 'America/New_York'})
  const sundays = startsOf('weekly').filter(({trigger}) => trigger === 'schedule')
  for (const {atMs} of sundays) expect(weekday.format(atMs)).toBe('Sunday')
  expect(new Set(sundays.map(({atMs}) => date.format(atMs))).size).toBe(sundays.length)

  // A daily rule is started by schedule once a day at most.
  const berlin = new Intl.DateTimeFormat('en-CA', {timeZone: 'Europe/Berlin'})
  const days = startsOf('daily').filter(({trigger}) => trigger === 'schedule')
  expect(new Set(days.map(({atMs}) => berlin.format(atMs))).size).toBe(days.length)

  // Retries are bounded by what the rule says.
  for (const name of Object.keys(schedules)) {
    let retries = 0
    for (const {trigger} of world.planned.filter(({rule}) => rule === `m.${name}`)) {
      retries = trigger === 'retry' ? retries + 1 : trigger === 'again' ? retries : 0
      expect(retries).toBeLessThanOrEqual(retry.countMax)
    }
  }

  // People hear of a failure once, and of the success after it.
  for (const name of Object.keys(schedules)) {
    let isTold = false
    let last = ''
    for (const {kind, atMs} of world.notices.filter(({rule}) => rule === `m.${name}`)) {
      if (last === `${kind} ${atMs}`) continue
      last = `${kind} ${atMs}`
      if (kind === 'recovered') expect(isTold).toBe(true)
      if (kind === 'failed') expect(isTold).toBe(false)
      isTold = kind !== 'recovered'
    }
  }

  // Healed, all is well within three days, but for what runs once a week.
  for (const record of world.records.values()) {
    if (record.name !== 'm.weekly')
      expect(record, record.name).toMatchObject({lastState: 'done', told: 'fine', retryCount: 0})
  }

  /** By the schedule itself, from each to the next: that they are right is what its own tests say. */
  function dueTimes(options: ScheduleOptions): number[] {
    const schedule = compileSchedule(options, cron)
    const times: number[] = []
    for (let lastMs = startMs; ; ) {
      const next = schedule.dueAfter({startedAtMs: lastMs, firstSeenMs: startMs}, lastMs + 61_000)
      if (next === undefined || next > endMs - hourMs) return times
      times.push(next)
      lastMs = next
    }
  }
})

test('each fault happened', () => {
  for (const [fault, count] of fired) expect(count, fault).toBeGreaterThan(0)
})
