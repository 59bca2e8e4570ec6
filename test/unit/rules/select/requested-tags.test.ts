import fc from 'fast-check'
import {expect, test} from 'vitest'
import {
  dayAt,
  dayText,
  defineRule,
  parseDay,
  type RuleOptions,
  requestedTags,
  type SelectOverrides,
} from '../../../../src/rules/index.ts'

const noonMs = Date.UTC(2012, 11, 3, 12)
const ruleOf = (options: Partial<RuleOptions>) =>
  defineRule({name: 'r', sourceTags: ['logs:clicks'], keyParts: ['a'], ...options} as RuleOptions)
const tagsOf = (options: Partial<RuleOptions>, overrides: SelectOverrides = {}, nowMs = noonMs) =>
  requestedTags(ruleOf(options), overrides, nowMs).tags

test('without days the tags are as they are written, each once', () => {
  expect(tagsOf({sourceTags: ['b', 'a', 'b']})).toEqual(['b', 'a'])
  expect(tagsOf({sourceTags: 'lone'})).toEqual(['lone'])
  expect(tagsOf({sourceTags: null})).toEqual([])
})

test('dayRange gives tag by tag the newest day first', () => {
  expect(tagsOf({sourceTags: ['a', 'b'], dayRange: 2})).toEqual([
    'a:2012-12-03',
    'a:2012-12-02',
    'b:2012-12-03',
    'b:2012-12-02',
  ])
})

test('a source that ends in a colon has its days right behind it', () => {
  expect(tagsOf({sourceTags: ['in:clicks:'], dayRange: 2})).toEqual(['in:clicks:2012-12-03', 'in:clicks:2012-12-02'])
  expect(tagsOf({sourceTags: ['in:clicks:']}, {dayStart: '2012-03-01'})).toEqual(['in:clicks:2012-03-01'])
  expect(tagsOf({sourceTags: ['in:clicks:']})).toEqual(['in:clicks:'])
})

test('days go over the ends of months and years, and over a leap day where there is one', () => {
  const days = (dayStart: string, dayRange: number, more: SelectOverrides = {}): string[] =>
    tagsOf({sourceTags: ['a']}, {dayStart, dayRange, ...more}).map(tag => tag.slice(2))
  expect(days('2024-03-01', 3)).toEqual(['2024-03-01', '2024-02-29', '2024-02-28'])
  expect(days('2025-03-01', 2)).toEqual(['2025-03-01', '2025-02-28'])
  expect(days('2100-03-01', 2)).toEqual(['2100-03-01', '2100-02-28'])
  expect(days('2026-01-01', 2)).toEqual(['2026-01-01', '2025-12-31'])
  expect(days('2024-03-02', 3, {dayOffset: 1})).toEqual(['2024-03-01', '2024-02-29', '2024-02-28'])
})

test('dayOffset steps back from today or from dayStart', () => {
  expect(tagsOf({dayRange: 1, dayOffset: 1})).toEqual(['logs:clicks:2012-12-02'])
  expect(tagsOf({dayRange: 1, dayOffset: 1, dayStart: '2012-03-01'})).toEqual(['logs:clicks:2012-02-29'])
})

test('dayStart or dayOffset of a rule without a range read everything', () => {
  expect(tagsOf({dayStart: '2012-03-01'})).toEqual(['logs:clicks'])
  expect(tagsOf({dayOffset: 3})).toEqual(['logs:clicks'])
})

test('-t beats all day options, also those given beside it, also when it is empty', () => {
  expect(tagsOf({dayRange: 3}, {tags: ['x', 'x', 'y'], dayStart: '2012-01-01', dayRange: 9})).toEqual(['x', 'y'])
  expect(tagsOf({dayRange: 3}, {tags: []})).toEqual([])
})

test('-S or -O alone mean one day, whatever the range of the rule', () => {
  expect(tagsOf({dayRange: 5}, {dayStart: '2012-11-05'})).toEqual(['logs:clicks:2012-11-05'])
  expect(tagsOf({dayRange: 5}, {dayOffset: 0})).toEqual(['logs:clicks:2012-12-03'])
})

test('the offset of a rule moves no start day that is given', () => {
  expect(tagsOf({dayOffset: 7}, {dayStart: '2012-11-05'})).toEqual(['logs:clicks:2012-11-05'])
  expect(tagsOf({dayOffset: 7}, {dayStart: '2012-11-05', dayOffset: 1})).toEqual(['logs:clicks:2012-11-04'])
})

test('-R is the number of days; -R 0 switches the days off', () => {
  expect(tagsOf({dayRange: 5}, {dayRange: 2})).toEqual(['logs:clicks:2012-12-03', 'logs:clicks:2012-12-02'])
  expect(tagsOf({dayRange: 5}, {dayRange: 0})).toEqual(['logs:clicks'])
  expect(tagsOf({}, {dayStart: '2012-03-01', dayRange: 2})).toEqual([
    'logs:clicks:2012-03-01',
    'logs:clicks:2012-02-29',
  ])
})

test('archiveLookback reads N + 1 days that end on the day of the run', () => {
  const lookback = {archive: true, archiveLookback: 2}
  expect(tagsOf(lookback)).toEqual(['logs:clicks:2012-12-03', 'logs:clicks:2012-12-02', 'logs:clicks:2012-12-01'])
  expect(tagsOf(lookback, {}, noonMs + 86_400_000)[0]).toBe('logs:clicks:2012-12-04')
})

test('today is the day of the zone', () => {
  const lateMs = Date.UTC(2012, 11, 3, 23, 30)
  expect(tagsOf({dayRange: 1}, {}, lateMs)).toEqual(['logs:clicks:2012-12-03'])
  expect(tagsOf({dayRange: 1, timeZone: 'Europe/Berlin'}, {}, lateMs)).toEqual(['logs:clicks:2012-12-04'])
  expect(tagsOf({dayRange: 1, timeZone: 'America/New_York'}, {}, Date.UTC(2012, 11, 3, 2))).toEqual([
    'logs:clicks:2012-12-02',
  ])
})

test.each([
  ['the day the clocks go forward', Date.UTC(2026, 2, 29, 22, 30), '2026-03-30'],
  ['the last minute before the clocks go forward', Date.UTC(2026, 2, 29, 0, 59), '2026-03-29'],
  ['the hour that comes twice', Date.UTC(2026, 9, 25, 0, 30), '2026-10-25'],
  ['midnight of winter time', Date.UTC(2026, 9, 25, 23, 0), '2026-10-26'],
])('in Berlin, %s', (_what, nowMs, day) => {
  expect(dayText(dayAt(nowMs, 'Europe/Berlin'))).toBe(day)
})

test('a range over a change of clocks has every day once', () => {
  expect(tagsOf({dayRange: 3, timeZone: 'Europe/Berlin'}, {}, Date.UTC(2026, 2, 30, 12))).toEqual([
    'logs:clicks:2026-03-30',
    'logs:clicks:2026-03-29',
    'logs:clicks:2026-03-28',
  ])
})

test.each(['2011-02-29', '2012-13-01', '2012-00-10', '2012-1-01', ' 2012-01-01', '2012-01-01x', '0000-01-01'])(
  '%s is no day',
  text => {
    expect(parseDay(text)).toBeUndefined()
  },
)

test('days of any range follow one another without gap or repetition', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Pacific/Apia')
  fc.assert(
    fc.property(
      fc.date({min: new Date(0), max: new Date(4e12), noInvalidDate: true}),
      fc.integer({min: 1, max: 900}),
      zones,
      (now, count, timeZone) => {
        const {days} = requestedTags(ruleOf({dayRange: count, timeZone}), {}, now.getTime())
        const numbers = (days ?? []).map(day => parseDay(day) ?? Number.NaN)
        expect(numbers).toHaveLength(count)
        expect(numbers.every((number, index) => number === numbers[0]! - index)).toBe(true)
        expect(numbers[0]).toBe(dayAt(now.getTime(), timeZone))
      },
    ),
    {numRuns: 100},
  )
})

test('a day as text and its number are the same thing, and as Date has it', () => {
  fc.assert(
    fc.property(fc.integer({min: -700_000, max: 2_900_000}), days => {
      const text = dayText(days)
      expect(parseDay(text)).toBe(days)
      expect(new Date(days * 86_400_000).toISOString().slice(0, 10)).toBe(text)
    }),
  )
})
