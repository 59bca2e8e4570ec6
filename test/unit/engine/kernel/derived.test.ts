import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {
  alphanumeric,
  count,
  day,
  extract,
  from,
  hour,
  lower,
  minute,
  type Plan,
  padInt,
  type RuleOptions,
  sum,
  type TransformStep,
  toFloat,
  toInt,
  trimTo,
  truncateIp,
  upper,
  urlHost,
  week,
} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows, type KernelOutcome} from './both-ways.ts'
import {allValues} from './dirty-data.ts'

/** The keys that lines give, in the kernel alone, and as the row path has them. */
function keysOf(options: Partial<RuleOptions>, lines: readonly string[]): readonly string[] {
  const found = same(planOf({name: 'a', format: 'json', valueParts: ['count'], ...options} as RuleOptions), lines)
  expect(found.passed).toBe(0)
  return found.rows.flatMap(row => row.key)
}

function same(plan: Plan, lines: readonly string[]): KernelOutcome {
  const supported = kernelPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const input = {chunks: [Buffer.from(lines.join('\n'))], isFirst: false}
  const found = byKernel(plan, supported, input)
  const {runs, ...expected} = byRows(plan, input)
  expect(found).toMatchObject(expected)
  return found
}

const lineOf = (value: unknown): string => JSON.stringify({k: value})

test.each<[string, TransformStep, unknown, string]>([
  ['minute of text digits', minute(), '1330905600057', '2012-03-05T00:00'],
  ['hour of a number', hour(), 1330905600, '2012-03-05T00'],
  ['day of ISO text', day(), '2012-03-05T17:46:02.706Z', '2012-03-05'],
  ['day before 1970', day(), -1, '1969-12-31'],
  ['week of the first days of a year', week(), '2021-01-03', '2020-W53'],
  ['week of the last days of a year', week(), '2019-12-30', '2020-W01'],
  ['leap day', day(), '2000-02-29 23:59:59', '2000-02-29'],
  ['hour in another zone', hour({zone: 'Europe/Berlin'}), '1330905600057', '2012-03-05T01'],
  ['access log time', minute(), '10/Oct/2000:13:55:36 -0700', '2000-10-10T20:55'],
  ['integer of digits', toInt, '11056', '11056'],
  ['integer of zeros and digits', toInt, '011056', '11056'],
  ['integer of a fraction', toInt, 1.5, '0'],
  ['integer of null', toInt, null, '0'],
  ['integer of rubbish', toInt, 'x', '0'],
  ['lower case', lower, 'ABCdef@[`{ of more than sixteen', 'abcdef@[`{ of more than sixteen'],
  ['upper case', upper, 'abc-ß', 'ABC-SS'],
  ['lower case of a boolean', lower, true, 'true'],
  ['network of an IPv4 address', truncateIp, '10.2.36.161', '10.2.36.0'],
  ['network of an IPv6 address', truncateIp, '2001:db8:85a3::8a2e:370:7334', '2001:db8:85a3::'],
  ['host of a URL', urlHost, 'https://www.example.com/a?b', 'www.example.com'],
  ['host of a URL with port and capitals', urlHost, 'HTTP://Example.com:80', 'example.com'],
  ['words', alphanumeric, 'A  (long) title!', 'a long title'],
])('%s', (_, transform, value, key) => {
  expect(keysOf({keyParts: [from('k', transform)]}, [lineOf(value), lineOf(value)])).toEqual([key])
})

test.each([
  [[toInt], [toFloat], [lower], [upper], [alphanumeric], [truncateIp], [urlHost]],
  [[minute()], [hour()], [day()], [week()], [day({unit: 's'})], [hour({unit: 'ms'})], [minute({unit: 'us'})]],
  [[week({unit: 'ns'})], [hour({zone: 'Europe/Berlin'})], [lower, trimTo(3)], [padInt(5, '0')], [extract('([0-9]+)')]],
])('every kind of value becomes what it becomes in the row path', (...chains) => {
  for (const chain of chains) {
    const plan = planOf({
      name: 'a',
      format: 'json',
      keyParts: [from('k', ...chain), 'line'],
      valueParts: {n: sum('m'), c: count('m')},
      fieldTransforms: {m: chain},
    })
    // Apart and together: a value that is remembered must not be taken for another one.
    const lines = [...allValues, ...allValues].map((value, line) => `{"line":${line},"k":${value},"m":${value}}`)
    same(plan, [...lines, ...allValues.map(value => `{"line":0,"k":${value}}`)])
  }
})

test('what a transform makes nothing of is a missing key part', () => {
  expect(keysOf({keyParts: [day('k')]}, [lineOf('2012-02-30'), lineOf(null), lineOf(true), '{}'])).toEqual([])
})

test('chains, and key parts of fields that the rule has transformed', () => {
  const options = {fieldTransforms: {k: lower}, keyParts: ['k', from('k', upper).as('upper')]}
  expect(keysOf(options, [lineOf('Ab'), lineOf('aB')])).toEqual(['ab', 'AB'])
  expect(keysOf({keyParts: [from('k', urlHost, upper)]}, [lineOf('http://example.com/')])).toEqual(['EXAMPLE.COM'])
})

test('many different values go through the transform one by one', () => {
  const lines = Array.from({length: 5000}, (_, index) => lineOf(`Title ${index}!`))
  expect(new Set(keysOf({keyParts: [from('k', alphanumeric)]}, lines)).size).toBe(5000)
})

test('a long value is transformed although it is not remembered', () => {
  const long = 'Word '.repeat(2000)
  expect(keysOf({keyParts: [from('k', alphanumeric)]}, [lineOf(long), lineOf(long)])).toEqual([
    long.trim().toLowerCase(),
  ])
})
