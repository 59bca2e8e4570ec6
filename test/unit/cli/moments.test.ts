import {expect, test} from 'vitest'
import {minuteOf} from '../../../src/cli/moments.ts'

const nowMs = Date.parse('2026-11-24T12:34:56Z')

test.each([
  ['1h', '2026-11-24T11:34'],
  ['90m', '2026-11-24T11:04'],
  ['30s', '2026-11-24T12:34'],
  ['7d', '2026-11-17T12:34'],
  ['2w', '2026-11-10T12:34'],
  ['2026-11-24', '2026-11-24T00:00'],
  ['2026-11-24T10', '2026-11-24T10:00'],
  ['2026-11-24 10:30', '2026-11-24T10:30'],
  ['2026-11-24T10:30:59.5Z', '2026-11-24T10:30'],
  ['2026-11-24T10:30+01:00', '2026-11-24T09:30'],
  ['2026-11-24T10:30-0530', '2026-11-24T16:00'],
  ['2026-11-24T00:30+02', '2026-11-23T22:30'],
])('%s is the minute %s', (text, minute) => expect(minuteOf('--since', text, nowMs)).toBe(minute))

test.each(['', 'yesterday', '1y', '-1h', '2026-02-30', '2026-11-24T25:00', '24/Nov/2026', '2026-11-24T10:30+99:00'])(
  '"%s" is refused',
  text => expect(() => minuteOf('--since', text, nowMs)).toThrow(`--since is "${text}", expected a moment`),
)
