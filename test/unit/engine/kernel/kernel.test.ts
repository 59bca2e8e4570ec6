import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {avg, count, max, min, sum, where} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows, type KernelOutcome} from './both-ways.ts'
import {same} from './same.ts'

const repeat = (count: number, line: (index: number) => string): string[] =>
  Array.from({length: count}, (_, index) => line(index))
const valuesOf = ({rows}: KernelOutcome) => rows.map(row => [...row.key, ...row.values].map(String))

test('plain lines are added up without the row path', () => {
  const found = same({valueParts: ['count', 'n']}, ['{"k":"a","n":1.5}', '{"k":"b","n":2}', '{"k":"a","n":1}'])
  expect(valuesOf(found)).toEqual([
    ['a', '2', '2.5'],
    ['b', '1', '2'],
  ])
  expect(found.passed).toBe(0)
  expect(found.account).toMatchObject({in: 3, used: 3})
})

test('numbers in keys print as JavaScript prints them', () => {
  const numbers = ['1', '1.0', '1.50', '0.10', '-0.5', '0.000001', '12345678901234567890', '100', '0']
  const found = same(
    {valueParts: ['count']},
    numbers.map(number => `{"k":${number}}`),
  )
  expect(found.passed).toBe(0)
  expect(found.rows.map(row => row.key[0])).toEqual([
    '-0.5',
    '0',
    '0.000001',
    '0.1',
    '1',
    '1.5',
    '100',
    '12345678901234567890',
  ])
})

test('texts with escapes are decoded in the kernel', () => {
  const found = same({valueParts: ['count']}, ['{"k":"a\\n\\u00e9\\/\\ud83d\\ude00"}', '{"k":"a\\né/😀"}'])
  expect(found.passed).toBe(0)
  expect(valuesOf(found)).toEqual([['a\né/😀', '2']])
})

test.each([
  ['half a surrogate pair', '{"k":"\\ud83d"}'],
  ['the characters 0 and 1', '{"k":"\\u0000\\u0001"}'],
  ['an exponent', '{"k":1e3}'],
  ['a negative zero', '{"k":-0}'],
  ['a doubled name', '{"k":"a","k":"b"}'],
  ['a name with escapes', '{"\\u006b":"a"}'],
  ['an object as key part', '{"k":{"x":1}}'],
  ['text that is no plain number', '{"k":"a","n":" 5"}'],
  ['a list as a number', '{"k":"a","n":[5]}'],
  ['more than 15 digits', '{"k":"a","n":0.12345678901234567}'],
])('a line with %s goes to the row path and counts there', (_, line) => {
  expect(same({}, ['{"k":"z","n":1}', line, '{"k":"z","n":1}']).passed).toBe(1)
})

test('names that are not needed may come twice, hold escapes and any value', () => {
  const found = same({}, [
    '{"x":1,"x":2,"k":"a","n":1}',
    '{"\\u0078":[{"k":"inner"}],"k":"a","n":1}',
    '{"x":-1.5e-7,"k":"a","n":1}',
  ])
  expect(valuesOf(found)).toEqual([['a', '3']])
  expect(found.passed).toBe(1)
})

test('half a surrogate pair is compared by the row path', () => {
  const lines = ['{"k":"\\ud800","n":1}', '{"k":"a","n":1}', '{"k":"zzzz","n":1}']
  expect(same({partsPreprocess: [where('k > "zzz"')], keyParts: ['n']}, lines)).toMatchObject({
    passed: 1,
    account: {used: 2, filtered: 1},
  })
})

test('a member with the path as its name wins over the nested one, by the row path', () => {
  const found = same({keyParts: ['u.k']}, [
    '{"u":{"k":"in"},"n":1}',
    '{"u.k":"flat","u":{"k":"in"},"n":1}',
    '{"u":[1],"n":1}',
    '{"u":null,"n":1}',
  ])
  expect(valuesOf(found)).toEqual([
    ['flat', '1'],
    ['in', '1'],
  ])
  expect(found.account.dropped).toEqual({'_default.u.k': 2})
})

test('the first line may begin with a byte order mark, later ones may not', () => {
  const found = same({}, ['\ufeff{"k":"a","n":1}', '{"k":"a","n":1}', '\ufeff{"k":"a","n":1}'], {isFirst: true})
  expect(found.account).toMatchObject({in: 3, used: 2, bad: 1})
  expect(found.bad[0]?.[0]).toBe(3)
})

test('a line longer than the input buffer passes by, and the next ones have their numbers', () => {
  const long = `{"k":"long","n":1,"x":"${'y'.repeat(2_000_000)}"}`
  const lines = ['{"k":"a","n":1}', long, 'broken {', '{"k":"a","n":1}', long]
  const found = same({}, lines)
  expect(same({}, lines, {isInPlace: true}).account).toEqual(found.account)
  expect(found.account).toMatchObject({in: 5, used: 4, bad: 1})
  expect(found.bad[0]?.[0]).toBe(3)
  expect(found.lines).toBe(5)
})

test('a line that is too long is bad once', () => {
  const long = `{"k":"${'y'.repeat(300)}","n":1}`
  const found = same({}, ['{"k":"a","n":1}', long, '{"k":"a","n":1}'], {recordBytesMax: 200})
  expect(found.account).toMatchObject({in: 3, used: 2, bad: 1})
})

test('an input without a last newline and an empty one are read', () => {
  expect(same({}, [], {chunks: [Buffer.from('{"k":"a","n":1}\n{"k":"a","n":2}')]}).lines).toBe(2)
  expect(same({}, [], {chunks: []}).lines).toBe(0)
  expect(same({}, [], {chunks: [], isFirst: true}).lines).toBe(0)
})

test('more broken places than the kernel notes at once are all passed on', () => {
  const lines = repeat(5000, index => (index % 2 === 0 ? '{"k":"a","n":1}' : '{"k":"a","n":"+1"}'))
  expect(same({}, lines).passed).toBe(2500)
})

test('a sum beyond 64 bits stays exact', () => {
  const found = same(
    {valueParts: {total: sum('n'), mean: avg('n')}},
    repeat(20_000, () => '{"k":"a","n":999999999999999}'),
  )
  expect(found.rows[0]?.values[0]).toBe(999999999999999n * 20_000n)
  expect(found.passed).toBe(0)
})

test('a finer number than all before rescales the sums, or has them written out when they do not fit', () => {
  const small = ['{"k":"a","n":5}', '{"k":"b","n":7.25}', '{"k":"a","n":0.000000001}']
  expect(valuesOf(same({}, small))).toEqual([
    ['a', '5.000000001'],
    ['b', '7.25'],
  ])
  const large = [...repeat(100, () => '{"k":"a","n":999999999999999}'), '{"k":"a","n":0.000000001}', '{"k":"a","n":1}']
  expect(String(same({}, large).rows[0]?.values[0])).toBe('99999999999999901.000000001')
})

test('extremes and averages are those of the numbers', () => {
  const columns = {least: min('n'), most: max('n'), mean: avg('n'), some: count('n'), records: count()}
  const found = same({valueParts: columns}, [
    '{"k":"a","n":-1.5}',
    '{"k":"a","n":2}',
    '{"k":"a","n":null}',
    '{"k":"a"}',
    '{"k":"b"}',
    '{"k":"a","n":true}',
  ])
  expect(found.rows.map(row => row.values)).toEqual([
    [-1.5, 2, 0.5, 3, 5],
    [null, null, null, 0, 1],
  ])
  expect(found.passed).toBe(0)
})

test('a hundred thousand groups are written as the same run, byte for byte, as from a group table', () => {
  const lines = repeat(150_000, index => `{"k":"key ${(index * 7919) % 100_003} of many","n":${index}.5}`)
  const plan = planOf({name: 'a', format: 'json', keyParts: ['k', 'n'], valueParts: ['count', 'n']})
  const supported = kernelPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const input = {chunks: [Buffer.from(lines.join('\n'))], isFirst: false}
  const found = byKernel(plan, supported, input)
  expect(found.runs[0]).toHaveLength(1)
  expect(found.runs[0]![0]!.length).toBeGreaterThan(10)
  expect(Buffer.concat(found.runs[0]![0]!).equals(Buffer.concat(byRows(plan, input).runs[0]![0]!))).toBe(true)
})

test('groups whose keys share long beginnings, or differ in one byte among many, are written in order', () => {
  const shared = 'the same beginning of every key '.repeat(4)
  const keys = [
    ...repeat(3000, index => `${shared}${index}`),
    ...repeat(3000, index => `${shared}${'x'.repeat(index % 300)}${index}`),
    ...repeat(200, index => 'z'.repeat(index)),
    ...repeat(3000, index => String.fromCodePoint(0x20ac + index)),
  ]
  same(
    {},
    keys.map(key => JSON.stringify({k: key, n: 1})),
  )
})

test('past the budget the groups are written out and begin anew', () => {
  const lines = repeat(60_000, index => `{"k":"key ${index % 30_000}","n":1}`)
  const found = same({}, lines, {budgetBytes: 1_000_000, chunks: lines.map(line => Buffer.from(`${line}\n`))})
  expect(found.runs[0]!.length).toBeGreaterThan(1)
  expect(found.rows).toHaveLength(30_000)
})

test('more names, and more orders of names, than the kernel remembers cost speed only', () => {
  const lines = repeat(6000, index => {
    const members = [
      `"id${index % 3000}":${index}`,
      `"k":"${index % 7}"`,
      `"o":{"x${index % 500}":[${index}]}`,
      '"n":1',
      `"${'long'.repeat(30)}":null`,
    ]
    return `{${members.map((_, place) => members[(place + index) % members.length]).join(',')}}`
  })
  expect(same({}, lines).passed).toBe(0)
})

test('objects within objects deeper than the kernel looks go to the row path', () => {
  const deep = (depth: number): string => `{"k":"a","n":1,"x":${'['.repeat(depth)}${']'.repeat(depth)}}`
  expect(same({}, [deep(60), deep(64), deep(5000)]).passed).toBe(2)
})

test('zeros at the end of a fraction do not count in keys, however many digits there are', () => {
  const wholes = ['0', '1', '10', '100', '1234567']
  const numbers = wholes.flatMap(whole =>
    ['0', '5', '00', '50', '05', '500', '050', '0000000', '1000000'].map(fraction => `${whole}.${fraction}`),
  )
  const found = same(
    {valueParts: ['count', 'n']},
    numbers.map(number => `{"k":${number},"n":${number}}`),
  )
  expect(found.passed).toBe(0)
  expect(found.rows.map(row => row.key[0]).toSorted()).toEqual(
    [...new Set(numbers.map(number => String(Number(number))))].toSorted(),
  )
})

test.each([0, 1, 3, 6, 9])('a sum over %i places takes numbers of fewer places as long as they fit', places => {
  const finest = places === 0 ? '1' : `1.${'1'.padStart(places, '0')}`
  const lines = [
    '1',
    '9',
    '999999999999999',
    '99999999999999',
    '36028797',
    '36028798',
    '-36028798',
    '360287970189',
  ].map(number => `{"k":"a","n":${number}}`)
  same({valueParts: ['count', 'n']}, [`{"k":"a","n":${finest}}`, ...lines, ...lines.toReversed()])
})
