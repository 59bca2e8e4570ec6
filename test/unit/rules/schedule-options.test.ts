import {describe, expect, test} from 'vitest'
import {cronError} from '../../../src/rules/cron-text.ts'
import {checkRule, defineRule, effectiveOptions, type RuleOptions, type RuleProblem} from '../../../src/rules/index.ts'

const problems = (options: object): RuleProblem[] =>
  checkRule(defineRule({name: 'a', keyParts: ['x'], valueParts: ['count'], ...options} as RuleOptions))

describe('a cron expression', () => {
  test.each(['* * * * *', '*/15 0-6,22 1,15 jan-mar mon-fri', '0 4 L * *', '0 0 29 2 *', '0 0 31 2 1', ' 5  4 * * 7 '])(
    'may be %s',
    text => expect(cronError(text)).toBeUndefined(),
  )

  test.each([
    ['* * * *', 'five fields'],
    ['0 0 4 * * *', 'five fields'],
    ['60 * * * *', 'a minute from 0 to 59'],
    ['* 24 * * *', 'an hour'],
    ['* * 0 * *', 'a day of the month from 1'],
    ['* * * 13 *', 'a month'],
    ['* * * * mom', 'a day of the week'],
    ['5-1 * * * *', 'a minute'],
    ['*/0 * * * *', 'a minute'],
    ['5/10 * * * *', 'a minute'],
    ['1,,2 * * * *', 'a minute'],
    ['@daily', 'five fields'],
    ['0 0 31 2,4 *', 'a day of the month that one of the months has'],
  ])('may not be %s', (text, expected) => {
    expect(cronError(text)?.replace('a hour', 'an hour')).toContain(expected)
  })
})

test('options of schedule and notification are taken', () => {
  expect(problems({cron: '0 4 * * *', timeZone: 'Europe/Berlin', catchUp: 'skip', maxAge: {days: 2}})).toEqual([])
  expect(problems({notifyOnFail: true, notifyWebhook: 'env:HOOK', notifyWebhookFormat: 'slack'})).toEqual([])
  expect(problems({notifyWebhook: 'https://hooks.example.com/x', notifyPagerdutyKey: 'file:/etc/key'})).toEqual([])
})

test.each([
  [{cron: '0 4 * *'}, 'cron', 'five fields'],
  [{cron: '0 4 * * *', timeDelta: {days: 1}}, 'cron', 'one of the two'],
  [{catchUp: 'twice'}, 'catchUp', "'once' or 'skip'"],
  [{maxAge: {hour: 3}}, 'maxAge.hour', 'hours'],
  [{maxAge: {hours: 0}}, 'maxAge', 'a duration above 0'],
  [{timeDelta: {minutes: 0}}, 'timeDelta', 'a duration above 0'],
  [{notifyWebhook: 'hooks.example.com'}, 'notifyWebhook', 'an http(s) address'],
  [{notifyWebhookFormat: 'teams'}, 'notifyWebhookFormat', "'json' or 'slack'"],
])('%o is refused', (options, path, expected) => {
  expect(problems(options)).toEqual([expect.objectContaining({path, expected: expect.stringContaining(expected)})])
})

test('where notices go is not shown', () => {
  const rule = defineRule({name: 'a', keyParts: ['x'], notifyWebhook: 'https://hooks.example.com/SECRET'})
  const shown = effectiveOptions(rule).find(({name}) => name === 'notifyWebhook')
  expect(shown?.value).toBe('(hidden)')
})
