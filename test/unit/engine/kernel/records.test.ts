import {expect, test} from 'vitest'
import {recordsPlan} from '../../../../src/engine/kernel/index.ts'
import {compilePlan} from '../../../../src/rules/compile-plan.ts'
import {
  count,
  defineRule,
  distinct,
  type Parts,
  type Preprocess,
  type RuleOptions,
  where,
} from '../../../../src/rules/index.ts'
import {byKernel, byRows, type KernelOutcome, type Outcome} from './both-ways.ts'

interface BothWays {
  readonly kernel: KernelOutcome
  readonly rows: Outcome
}

/** The kernel does not take the first line of an input, so these are the middle of one. */
function bothWays(options: Partial<RuleOptions>, lines: readonly string[]): BothWays {
  const {plan, functions} = compilePlan(defineRule({name: 'a', ...options} as RuleOptions), {module: 'logs'})
  const supported = recordsPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const input = {
    chunks: [Buffer.from(lines.map(line => `${line}\n`).join(''))],
    isFirst: false,
    resolve: (ref: {readonly hook: string}) => functions.get(ref.hook) as (...args: never[]) => unknown,
  }
  return {kernel: byKernel(plan, supported, input), rows: byRows(plan, input)}
}

/** What functions of the rule see of records, by the kernel; the row path shows the same. */
function seenBy(fields: readonly string[], lines: readonly string[], steps: readonly Preprocess[] = []): unknown[] {
  const seen: unknown[] = []
  const see = (parts: Parts): Parts => {
    seen.push(structuredClone(parts))
    return parts
  }
  const {kernel, rows} = bothWays({fields, partsPreprocess: [...steps, see], valueParts: {n: count()}}, lines)
  expect(kernel.passed).toBe(0)
  const half = seen.length / 2
  expect(seen.slice(half)).toEqual(seen.slice(0, half))
  expect(kernel.rows).toEqual(rows.rows)
  expect(kernel.account).toEqual(rows.account)
  return seen.slice(0, half)
}

test('functions get the declared fields and nothing else', () => {
  expect(seenBy(['b', 'a'], ['{"a":1,"b":"x","c":true}', '{"c":null,"b":null}'])).toEqual([{b: 'x', a: 1}, {b: null}])
})

test('values are those of JSON.parse, whatever they are', () => {
  const values = [
    ...['0', '-0', '1.50', '1e400', '-12.5e-3', '123456789012345678', '9007199254740993', '0.1', '1e21'],
    ...[
      '""',
      '"x"',
      '"a\\"b\\\\c\\n\\u0041\\ud83d\\ude00"',
      '"\\ud800"',
      '"\\u0000\\u0001"',
      '"ü日本😀"',
      '" 1234567890123456"',
    ],
    ...['true', 'false', 'null', '[1,[2,{"x":"]"}]]', '{"x" : {"y":[ ]},"z":18446744073709551615}', '[]', '{}'],
    `"${'long text '.repeat(50)}"`,
  ]
  const exact = (_: string, value: unknown, context?: {readonly source?: string}): unknown =>
    typeof value === 'number' && /^-?\d{16,}$/.test(context?.source ?? '') ? BigInt(context!.source!) : value
  const expected = values.map(value => JSON.parse(`{"v":${value}}`, exact as (name: string, value: unknown) => unknown))
  const inSafeRange = (parts: {v: unknown}): unknown => parts
  expect(
    seenBy(
      ['v'],
      values.map(value => `{"other":[${value}],"v":${value}}`),
    ),
  ).toEqual(expected.map(inSafeRange))
})

test('control characters and quotes in decoded text come out as they went in', () => {
  const text = Array.from({length: 0x80 - 2}, (_, code) => String.fromCharCode(code + 2)).join('')
  for (let shift = 0; shift < 20; shift++) {
    const value = 'x'.repeat(shift) + text
    expect(seenBy(['v'], [JSON.stringify({v: value})])).toEqual([{v: value}])
  }
})

test('nested fields keep their place, and objects are there when they are there', () => {
  const lines = [
    '{"user":{"id":5,"geo":{"city":"Ulm","zip":1},"name":"x"},"z":1}',
    '{"user":{"name":"x"}}',
    '{"user":{"geo":{},"id":[1]}}',
    '{"z":1}',
  ]
  expect(seenBy(['user.geo.city', 'z', 'user.id'], lines)).toEqual([
    {user: {geo: {city: 'Ulm'}, id: 5}, z: 1},
    {user: {}},
    {user: {geo: {}, id: [1]}},
    {z: 1},
  ])
})

test('lists are kept whole', () => {
  expect(seenBy(['items[0].id', 'n'], ['{"items":[{"id":1,"x":2},3],"m":1}', '{"n":1}'])).toEqual([
    {items: [{id: 1, x: 2}, 3]},
    {n: 1},
  ])
})

test('what is neither object nor missing where a path goes through goes to the row path', () => {
  const {kernel, rows} = bothWays({fields: ['u.x'], partsPreprocess: [parts => parts], valueParts: {n: count()}}, [
    '{"u":{"x":1}}',
    '{"u":[1]}',
    '{"u":null}',
    '{"u.x":3}',
  ])
  expect((kernel.smallRecords ?? 0) + kernel.passed).toBe(4)
  expect(kernel.passed).toBe(2)
  expect(kernel.rows).toEqual(rows.rows)
})

test('the conditions that come first filter before anything is handed on', () => {
  const {kernel, rows} = bothWays(
    {
      fields: ['b'],
      partsPreprocess: [where('a > 1'), where('b != "x"'), parts => parts, where('a < 9')],
      valueParts: {n: count()},
    },
    ['{"a":1,"b":"y"}', '{"a":2,"b":"y"}', '{"a":3,"b":"x"}', '{"a":12,"b":"y"}'],
  )
  expect(kernel.smallRecords).toBe(2)
  expect(kernel.account).toEqual(rows.account)
  expect(kernel.account).toMatchObject({in: 4, used: 1, filtered: 3, filteredByReason: {preprocess: 3}})
})

test('what a function throws on is reported with its whole line, in the order of the input', () => {
  const options: Partial<RuleOptions> = {
    fields: ['a'],
    partsPreprocess: [
      function strict(parts) {
        if (Number(parts['a']) % 2 === 1) throw new TypeError(`odd ${String(parts['a'])}`)
        return parts
      },
    ],
    valueParts: {n: count()},
  }
  const lines = ['{"a":1,"b":"whole"}', '{"a":2}', '{"a":3,', '{"a":5,"a":7}', '{"a":9,"c":9007199254740993}']
  const {kernel, rows} = bothWays(options, lines)
  expect(kernel.account.badSamples.map(({line, excerpt}) => [line, excerpt])).toEqual([
    [1, '{"a":1,"b":"whole"}'],
    [3, '{"a":3,'],
    [4, '{"a":7}'],
    [5, '{"a":9,"c":9007199254740993}'],
  ])
  expect(kernel.account).toEqual(rows.account)
  expect(kernel.bad).toEqual(rows.bad)
})

test('more records than fit at once come in their order', () => {
  const lines = Array.from({length: 30_000}, (_, index) => `{"x":0,"a":"${'text '.repeat(index % 7)}","n":${index}}`)
  const seen = seenBy(['n', 'a'], lines) as {n: number}[]
  expect(seen.map(({n}) => n)).toEqual(lines.map((_, index) => index))
})

test('a record too long for the buffer goes to the row path', () => {
  const {kernel, rows} = bothWays({fields: ['a'], partsPreprocess: [parts => parts], valueParts: {n: count()}}, [
    '{"a":1}',
    `{"a":"${'x'.repeat(200_000)}"}`,
    '{"a":2}',
  ])
  expect([kernel.passed, kernel.smallRecords]).toEqual([1, 2])
  expect(kernel.account).toEqual(rows.account)
})

test('columns that the kernel does not know get their fields from it', () => {
  const {kernel, rows} = bothWays({keyParts: ['k'], valueParts: {d: distinct('u.id')}}, [
    '{"k":"a","u":{"id":1,"x":2}}',
    '{"k":"a","u":{"id":2},"z":[]}',
  ])
  expect(kernel.smallRecords).toBe(2)
  expect(kernel.rows).toEqual(rows.rows)
})

test('a map function gets the declared fields', () => {
  const {kernel, rows} = bothWays(
    {
      fields: ['k'],
      mapFunction: parts => [[['_default', JSON.stringify(parts)], [1]]],
      keyParts: ['k'],
      valueParts: ['n'],
    },
    ['{"k":"a","z":1}', '{"k":"b"}'],
  )
  expect(kernel.rows).toEqual(rows.rows)
  expect(kernel.rows.map(({key}) => key)).toEqual([['{"k":"a"}'], ['{"k":"b"}']])
})

test('fields of CSV, logfmt and access logs are handed on too, and whole records in reports', () => {
  const step = function strict(parts: Parts): Parts {
    if (parts['status'] === 'x') throw new TypeError('no status')
    return {...parts, seen: JSON.stringify(parts)}
  }
  const options = {fields: ['status', 'u.x', 'none'], partsPreprocess: [step], keyParts: ['seen']}
  const csv = bothWays({...options, format: {type: 'csv', fields: ['a', 'status', 'u.x']}}, [
    '1,"say ""hi"", é",3',
    '1,x,"two\nlines"',
    '2',
  ])
  expect(csv.kernel.rows.map(({key}) => key[0])).toEqual([
    '{"status":"say \\"hi\\", é","u.x":"3"}',
    '{"status":null,"u.x":null}',
  ])
  expect(csv.kernel.account.badSamples).toMatchObject([
    {line: 2, excerpt: '{"a":"1","status":"x","u.x":"two\\nlines"}'},
  ])
  const logfmt = bothWays({...options, format: 'logfmt'}, ['a=1 status="o k" u.x=3', 'status=x a=2'])
  expect(logfmt.kernel.rows.map(({key}) => key[0])).toEqual(['{"status":"o k","u.x":"3"}'])
  const access = bothWays({...options, format: 'common-log'}, [
    '10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326',
  ])
  expect(access.kernel.rows.map(({key}) => key[0])).toEqual(['{"status":200}'])
  for (const {kernel, rows} of [csv, logfmt, access]) {
    expect(kernel.passed).toBe(0)
    expect(kernel.rows).toEqual(rows.rows)
    expect(kernel.account).toEqual(rows.account)
  }
})

test.each<[string, Partial<RuleOptions>]>([
  ['the format is dynamic', {format: 'dynamic'}],
  ['records are pairs', {mapFunction: null}],
  [
    'partsPreprocess[0] (look) may read any field: name those that it reads in `fields`',
    {
      partsPreprocess: [
        function look(parts) {
          return parts
        },
      ],
    },
  ],
  ['mapFunction may read any field: name those that it reads in `fields`', {mapFunction: () => []}],
  [
    'the rule reads 65 fields and objects, more than 64',
    {valueParts: {n: count()}, keyParts: Array.from({length: 63}, (_, index) => (index === 0 ? 'u.x' : `k${index}`))},
  ],
])('the kernel makes no small records when %s', (reason, options) => {
  const {plan} = compilePlan(defineRule({name: 'a', keyParts: ['k'], ...options} as RuleOptions))
  expect(recordsPlan(plan)).toEqual({reason})
})
