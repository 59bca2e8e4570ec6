import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {civilFromDays, daysFromCivil, isoWeek} from '../../../../src/rules/civil.ts'
import {compileTimeBucket, type TimeBucket} from '../../../../src/rules/time.ts'
import {checkZone, compileZoneOffset} from '../../../../src/rules/time-zone.ts'

const bucketOf = (bucket: TimeBucket, value: unknown, zone = 'UTC', unit: 'auto' | 's' | 'ms' | 'us' | 'ns' = 'auto') =>
  compileTimeBucket(bucket, zone, unit)(value)
const minuteOf = (value: unknown, zone = 'UTC') => bucketOf('minute', value, zone)

describe('calendar', () => {
  test.each([
    [0, 1970, 1, 1],
    [-1, 1969, 12, 31],
    [11016, 2000, 2, 29],
    [11017, 2000, 3, 1],
    [-25509, 1900, 2, 28],
    [-25508, 1900, 3, 1],
    [15404, 2012, 3, 5],
    [-719162, 1, 1, 1],
    [2932896, 9999, 12, 31],
  ])('day %i is %i-%i-%i', (days, year, month, day) => {
    expect(civilFromDays(days)).toEqual({year, month, day})
    expect(daysFromCivil(year, month, day)).toBe(days)
  })

  test('dates go to days and back, one by one, through four hundred years', () => {
    for (let days = daysFromCivil(1999, 12, 31), steps = 0; steps < 150_000; days++, steps++) {
      const {year, month, day} = civilFromDays(days)
      const expected = new Date(days * 86_400_000)
      expect(
        year === expected.getUTCFullYear() && month === expected.getUTCMonth() + 1 && day === expected.getUTCDate(),
      ).toBe(true)
      if (daysFromCivil(year, month, day) !== days) throw new Error(`day ${days}`)
    }
  })

  test.each([
    ['2012-03-05', '2012-W10'],
    ['2012-01-01', '2011-W52'],
    ['2008-12-29', '2009-W01'],
    ['2009-12-31', '2009-W53'],
    ['2010-01-03', '2009-W53'],
    ['2010-01-04', '2010-W01'],
    ['2020-12-31', '2020-W53'],
    ['2021-01-01', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['1969-12-28', '1969-W52'],
    ['1969-12-29', '1970-W01'],
  ])('%s is in %s', (day, week) => expect(bucketOf('week', day)).toBe(week))

  test('weeks of negative days count the same', () => expect(isoWeek(-4)).toEqual({year: 1969, week: 52}))
})

describe('reading timestamps', () => {
  test("the talk's time, text of milliseconds, gives its minute, hour, day and week", () => {
    expect(bucketOf('minute', '1330969562706')).toBe('2012-03-05T17:46')
    expect(bucketOf('hour', '1330969562706')).toBe('2012-03-05T17')
    expect(bucketOf('day', '1330969562706')).toBe('2012-03-05')
    expect(bucketOf('week', '1330969562706')).toBe('2012-W10')
  })

  test.each([
    1330969562,
    1330969562706,
    1330969562706123,
    1330969562706123456n,
    '1330969562',
    '1330969562.706',
    '1330969562706123',
    '1330969562706123456',
    ' 1330969562706 ',
    '2012-03-05T17:46',
    '2012-03-05T17:46:02Z',
    '2012-03-05T17:46:02.706Z',
    '2012-03-05 17:46:02',
    '2012-03-05 17:46:02,706',
    '2012-03-05T17:46:60',
    '2012-03-05T18:46:02+01:00',
    '2012-03-05T18:46:02+0100',
    '2012-03-05 12:16:02.5 -0530',
    '2012-03-05 18:46:02+01',
    '2012-03-05 17:46:02 UTC',
    ' 2012-03-05 17:46:02 ',
    '05/Mar/2012:17:46:02 +0000',
    '[05/Mar/2012:12:46:02 -0500]',
    '05/Mar/2012:17:46:02',
    'Mon, 05 Mar 2012 17:46:02 GMT',
    '5 Mar 2012 18:46 +0100',
    new Date(1330969562706),
  ])('%s is the same minute', value => expect(minuteOf(value)).toBe('2012-03-05T17:46'))

  test.each([
    ['10/Oct/2000:13:55:36 -0700', '2000-10-10T20:55'],
    ['2012-03-05', '2012-03-05T00:00'],
    ['2012-03-05T17', '2012-03-05T17:00'],
    [0, '1970-01-01T00:00'],
    [-1, '1969-12-31T23:59'],
    [-1e12, '1938-04-24T22:13'],
    ['-60.5', '1969-12-31T23:58'],
    [-1330969562706123456n, '1927-10-29T06:13'],
    ['2000-02-29T23:59:59.999Z', '2000-02-29T23:59'],
    ['1999-12-31T23:59:59-00:30', '2000-01-01T00:29'],
    ['1330969619999999999', '2012-03-05T17:46'],
    ['0001-01-01T00:00', '0001-01-01T00:00'],
  ])('%s is %s', (value, minute) => expect(minuteOf(value)).toBe(minute))

  test.each([
    null,
    undefined,
    true,
    '',
    ' ',
    'soon',
    '2012-02-30',
    '2011-02-29',
    '1900-02-29',
    '2012-13-01',
    '2012-00-10',
    '2012-03-05T24:00',
    '2012-03-05T17:60',
    '2012-03-05T17:4',
    '2012-03-05T17:46:',
    '2012-03-05T17:46:02.',
    '2012-03-05T17:46:02 somewhere',
    '2012-3-5',
    '32/Mar/2012:17:46:02 +0000',
    '05/Foo/2012:17:46:02 +0000',
    '05/Mar/2012 17:46:02 +0000',
    '[05/Mar/2012:17:46:02 +0000',
    '05/Mar/2012:17:46',
    '05/Mar/2012:17:46:02 +0000]',
    '0000-01-01',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '1e400',
    10n ** 40n,
    {},
    [1330969562],
  ])('%s is no timestamp', value => expect(minuteOf(value)).toBeNull())

  test('a unit given beats the size', () => {
    expect(bucketOf('day', 86_400_000, 'UTC', 'ms')).toBe('1970-01-02')
    expect(bucketOf('day', 86_400_000, 'UTC', 's')).toBe('1972-09-27')
    expect(bucketOf('day', '86400000000', 'UTC', 'us')).toBe('1970-01-02')
    expect(bucketOf('day', 86_400_000_000_000, 'UTC', 'ns')).toBe('1970-01-02')
    expect(bucketOf('day', 1e14, 'UTC', 's')).toBeNull()
  })

  test('the size decides between the units at its bounds', () => {
    expect(bucketOf('day', 99_999_999_999)).toBe('5138-11-16')
    expect(bucketOf('day', 100_000_000_000)).toBe('1973-03-03')
    expect(bucketOf('day', 99_999_999_999_999)).toBe('5138-11-16')
    expect(bucketOf('day', 100_000_000_000_000)).toBe('1973-03-03')
  })

  test('answers do not depend on what came before', () => {
    const values = fc.array(
      fc.oneof(
        fc.integer({min: 1e9, max: 1e9 + 5000}),
        fc.constantFrom('x', null, '2012-03-05', '1330969562706', 1e300),
        fc.double(),
      ),
    )
    fc.assert(
      fc.property(values, list => {
        const shared = compileTimeBucket('minute', 'Europe/Berlin', 'auto')
        for (const value of list)
          expect(shared(value)).toBe(compileTimeBucket('minute', 'Europe/Berlin', 'auto')(value))
      }),
      {numRuns: 30},
    )
  })
})

describe('zones', () => {
  test('an instant falls on the day of the zone', () => {
    expect(minuteOf('2012-03-05T23:30:00Z', 'Europe/Berlin')).toBe('2012-03-06T00:30')
    expect(minuteOf('2012-03-05T23:30:00Z', 'America/New_York')).toBe('2012-03-05T18:30')
    expect(minuteOf('2012-03-05T23:30:00Z', 'Asia/Kolkata')).toBe('2012-03-06T05:00')
    expect(minuteOf('2012-03-05T23:30:00Z', 'Asia/Kathmandu')).toBe('2012-03-06T05:15')
  })

  test('a text without a zone is in the zone already, also in the hour that does not exist', () => {
    expect(minuteOf('2012-03-05 23:30:00', 'Europe/Berlin')).toBe('2012-03-05T23:30')
    expect(minuteOf('2012-03-25 02:30:00', 'Europe/Berlin')).toBe('2012-03-25T02:30')
  })

  test('summer time begins and ends to the second', () => {
    expect(minuteOf('2012-03-25T00:59:59Z', 'Europe/Berlin')).toBe('2012-03-25T01:59')
    expect(minuteOf('2012-03-25T01:00:00Z', 'Europe/Berlin')).toBe('2012-03-25T03:00')
    expect(minuteOf('2012-10-28T00:59:59Z', 'Europe/Berlin')).toBe('2012-10-28T02:59')
    expect(minuteOf('2012-10-28T01:00:00Z', 'Europe/Berlin')).toBe('2012-10-28T02:00')
    expect(minuteOf('2012-10-28T02:00:00Z', 'Europe/Berlin')).toBe('2012-10-28T03:00')
    expect(minuteOf('2012-03-11T06:59:59Z', 'America/New_York')).toBe('2012-03-11T01:59')
    expect(minuteOf('2012-03-11T07:00:00Z', 'America/New_York')).toBe('2012-03-11T03:00')
    expect(minuteOf('2012-03-31T14:59:59Z', 'Australia/Lord_Howe')).toBe('2012-04-01T01:59')
    expect(minuteOf('2012-03-31T15:00:00Z', 'Australia/Lord_Howe')).toBe('2012-04-01T01:30')
  })

  test('offsets equal those that the platform gives for every instant', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Africa/Casablanca',
      'Australia/Lord_Howe',
      'Pacific/Apia',
    ]) {
      const offsetAt = compileZoneOffset(zone)
      const clock = new Intl.DateTimeFormat('sv-SE', {timeZone: zone, dateStyle: 'short', timeStyle: 'medium'})
      fc.assert(
        fc.property(fc.integer({min: 0, max: 2_000_000_000}), seconds => {
          const shown = Date.parse(`${clock.format(seconds * 1000).replace(' ', 'T')}Z`) / 1000
          expect(offsetAt(seconds)).toBe(shown - seconds)
        }),
        {numRuns: 300},
      )
    }
  })

  test('an unknown zone is refused with a suggestion', () => {
    expect(() => checkZone('Europe/Berlim')).toThrow(
      'there is no time zone "Europe/Berlim". Did you mean "Europe/Berlin"?',
    )
    expect(() => checkZone('new york')).toThrow('Did you mean "America/New_York"?')
    expect(() => checkZone(7)).toThrow(expect.objectContaining({code: 'BAD_RULE'}))
    expect(() => checkZone('UTC')).not.toThrow()
  })
})

describe('a time that is like the one before', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu']
  // The hour in which summer time begins in Berlin, and hours around it.
  const iso = fc
    .tuple(
      fc.constantFrom('2026-03-29', '2026-03-28', '2026-02-30'),
      fc.constantFrom('T', ' ', 't', '_'),
      fc.constantFrom('00:59:', '01:00:', '02:30:', '02:30', '24:00:', '02:60:'),
      fc.constantFrom('00', '01', '59', '60', '5', '1x', '61'),
      fc.constantFrom('', '.000', '.706', ',706', '.70', '.7x6', '706', '.', '.123456'),
      fc.constantFrom('', 'Z', 'z', '+01:00', '+0100', '-05:00', ' UTC', '+01:0', '+99:99'),
    )
    .map(parts => parts.join(''))
  const other = fc.constantFrom<unknown>(
    1774746000,
    1774746001000,
    '1774746000',
    null,
    undefined,
    'x',
    '29/Mar/2026:01:00:00 +0000',
  )

  test('is read like any other', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<TimeBucket>('minute', 'hour', 'day', 'week'),
        fc.constantFrom(...zones),
        fc.array(fc.oneof({weight: 6, arbitrary: iso}, other), {minLength: 2, maxLength: 12}),
        (bucket, zone, values) => {
          const together = compileTimeBucket(bucket, zone, 'auto')
          expect(values.map(value => together(value))).toEqual(values.map(value => bucketOf(bucket, value, zone)))
        },
      ),
      {numRuns: 4000, seed: 9},
    )
  })

  test('in long runs of one minute, too', () => {
    const near = fc
      .tuple(fc.constantFrom('02:30:', '02:31:'), fc.nat(60), fc.nat(999), fc.constantFrom('Z', '+01:00', ''))
      .map(
        ([minute, second, ms, zone]) =>
          `2026-03-29T${minute}${String(second).padStart(2, '0')}.${String(ms).padStart(3, '0')}${zone}`,
      )
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.array(near, {minLength: 5, maxLength: 40}), (zone, values) => {
        const together = compileTimeBucket('minute', zone, 'auto')
        expect(values.map(value => together(value))).toEqual(values.map(value => minuteOf(value, zone)))
      }),
      {numRuns: 1000, seed: 9},
    )
  })
})
