import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {count, hour, type RuleOptions, sum} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows} from './both-ways.ts'

/** Runs a rule over lines both ways, demands the same, and gives what it was. */
function same(options: Partial<RuleOptions>, lines: readonly string[]) {
  const plan = planOf({name: 'a', ...options} as RuleOptions)
  const supported = kernelPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const input = {chunks: [Buffer.from(lines.map(line => `${line}\n`).join(''))], isFirst: false}
  const {passed, runs, ...found} = byKernel(plan, supported, input)
  const {runs: expectedRuns, ...expected} = byRows(plan, input)
  expect(found).toEqual(expected)
  return {passed, bad: found.account.bad, rows: found.rows.map(row => [...row.key, ...row.values].map(String))}
}

const allFields = ['host', 'ident', 'user', 'time', 'method', 'path', 'protocol', 'status', 'bytes', 'referer', 'agent']
const good = '10.2.3.4 - frank b [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 2326 "http://x/" "curl/8" 0.5 x'

test('every field of a combined log is what the row path makes of it', () => {
  const {rows, passed} = same(
    {format: 'combined-log', keyParts: [...allFields.filter(name => name !== 'ident'), 'extra'], valueParts: ['count']},
    [good, `${good}\r`],
  )
  const fields = ['10.2.3.4', 'frank b', '10/Oct/2000:13:55:36 -0700', 'GET', '/a?b=c', 'HTTP/1.1', '200', '2326']
  expect(rows).toEqual([[...fields, 'http://x/', 'curl/8', '0.5 x', '2']])
  expect(passed).toBe(0)
})

test.each(['common-log', 'combined-log'] as const)('hyphens are nothing, other requests are kept whole: %s', format => {
  const tail = format === 'combined-log' ? ' "-" "-"' : ''
  const lines = ['"-" - -', '"GET /" 400 -', '"GET /a b HTTP/1.0" 200 7', '" GET / HTTP/1.0" 400 0']
  const {passed, bad} = same(
    {
      format,
      keyParts: ['status'],
      valueParts: {b: sum('bytes'), r: count('request'), p: count('path'), u: count('user'), x: count('extra')},
    },
    lines.map(line => `h - - [t] ${line}${tail}`),
  )
  expect({passed, bad}).toEqual({passed: 0, bad: 0})
})

test.each<[string, string, number]>([
  ['bytes beyond ASCII', good.replace('curl', 'cürl'), 1],
  ['a backslash in quotes', good.replace('curl', '\\"curl'), 1],
  ['a status with zeros in front', good.replace(' 200 ', ' 0200 '), 1],
  ['a tab', good.replace('curl', 'cu\trl'), 1],
  ['no time', good.replace(/\[.*?\] /, ''), 0],
  ['an open quote', good.replace('curl/8"', 'curl/8'), 0],
])('a line of an access log with %s goes to the row path', (_, line, passed) => {
  const found = same({format: 'combined-log', keyParts: ['host'], valueParts: ['bytes']}, [good, line, good])
  expect(found).toMatchObject({passed, bad: 1 - passed})
})

const pairs = {format: 'logfmt', keyParts: ['k'], valueParts: {records: count(), n: sum('n')}} as const

test('logfmt in any order, with quotes, escapes and keys without value', () => {
  const found = same(pairs, [
    'k=a n=1.50 msg="two words" debug',
    '  n=2\tk="a"  msg="say \\"so\\"" ',
    'k="\\u00e4" n="3" x=',
    'k=ä x=a=b"c n=4\r',
  ])
  expect(found.rows).toEqual([
    ['a', '2', '3.5'],
    ['ä', '2', '7'],
  ])
  expect(found.passed).toBe(0)
})

test.each<[string, string, number]>([
  ['a needed key twice', 'k=a k=b', 1],
  ['a needed key without value', 'k=a n', 1],
  ['an escape that JSON has not', 'k="a\\x" n=1', 1],
  ['a line break that is none', 'k="a\u000bb" n=1', 1],
  ['no pair at all', 'k n', 0],
  ['text behind a closing quote', 'k="a"b n=1', 0],
  ['a quote in a key', 'k"=a n=1', 0],
  ['a value without key', 'k=a =1', 0],
])('a line of logfmt with %s goes to the row path', (_, line, passed) => {
  const found = same(pairs, ['k=z n=1', line, 'k=z n=1'])
  expect(found).toMatchObject({passed, bad: 1 - passed})
})

test('times of access logs and logfmt are transformed as in the row path', () => {
  expect(same({...pairs, keyParts: [hour('at')]}, ['at=2012-03-05T17:46:02Z n=1']).rows).toEqual([
    ['2012-03-05T17', '1', '1'],
  ])
  const log = same({format: 'combined-log', keyParts: [hour('time')], valueParts: ['count']}, [good])
  expect(log.rows).toEqual([['2000-10-10T20', '1']])
})
