import {describe, expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {
  count,
  day,
  derive,
  type Expression,
  explode,
  field,
  hour,
  lookup,
  lower,
  minute,
  type Preprocess,
  param,
  type RuleOptions,
  select,
  splitWords,
  sum,
  where,
} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows} from './both-ways.ts'

const params = {p: 2, text: 'x'}

/** Rows of the kernel, as key and values; the row path gives the same and was needed for `passed` lines. */
function rowsOf(options: Partial<RuleOptions>, lines: readonly string[], passed = 0): unknown[] {
  const plan = planOf({name: 'a', params, valueParts: {n: count()}, ...options} as RuleOptions)
  const supported = kernelPlan(plan, params)
  if ('reason' in supported) throw new Error(supported.reason)
  const input = {chunks: [Buffer.from(lines.map(line => `${line}\n`).join(''))], isFirst: false, params}
  const kernel = byKernel(plan, supported, input)
  const rows = byRows(plan, input)
  expect(kernel.rows).toEqual(rows.rows)
  expect(kernel.account).toEqual(rows.account)
  expect(kernel.passed).toBe(passed)
  return kernel.rows.map(({key, values}) => [...key, ...values])
}

/** What a value comes to, as a key; for each of the lines that has one. */
function keysOf(value: Expression, lines: readonly string[], passed = 0): unknown[] {
  const options = {partsPreprocess: [derive({made: value})], keyParts: ['i', 'made']}
  const rows = rowsOf(
    options,
    lines.map((line, index) => line.replace('{', `{"i":${100 + index},`)),
    passed,
  )
  return rows.map(row => (row as unknown[])[1])
}

describe('derive', () => {
  const numbers = [
    '{"a":7,"b":2}',
    '{"a":-1.5,"b":1.5}',
    '{"a":"12.5","b":true}',
    '{"a":100,"b":0.25}',
    '{"a":0.05,"b":-5}',
  ]

  test.each<[string, Expression, readonly string[]]>([
    ['sums', field('a').plus(field('b')), ['9', '0', '13.5', '100.25', '-4.95']],
    ['differences', field('a').minus(field('b')), ['5', '-3', '11.5', '99.75', '5.05']],
    ['products', field('a').times(field('b')), ['14', '-2.25', '12.5', '25', '-0.25']],
    ['quotients', field('a').dividedBy(field('b')), ['3.5', '-1', '12.5', '400', '-0.01']],
  ])('%s print as in JavaScript', (_, value, expected) => {
    expect(keysOf(value, numbers)).toEqual(expected)
  })

  test('a result of more than 15 digits is for the row path', () => {
    expect(keysOf(field('a').plus(field('b')), ['{"a":0.1,"b":0.2}'], 1)).toEqual(['0.30000000000000004'])
  })

  test('there is no result without two numbers, or divided by 0', () => {
    const lines = ['{"a":1}', '{"a":null,"b":1}', '{"a":"x","b":1}', '{"a":{},"b":1}', '{"a":1,"b":0}']
    const filled = derive({made: field('a').dividedBy(field('b'))})
    expect(rowsOf({partsPreprocess: [filled, where('made == null and exists(made)')]}, lines)).toEqual([[5]])
  })

  test('later fields see earlier ones, and what was there before', () => {
    const steps = [derive({a: field('a').plus(1), b: field('a').times(10)}), derive({a: field('a').plus(field('b'))})]
    expect(rowsOf({partsPreprocess: steps, keyParts: ['a', 'b']}, ['{"a":1,"b":7}'])).toEqual([['22', '20', 1]])
  })

  test('a value that is absent takes the field away', () => {
    expect(
      rowsOf({partsPreprocess: [derive({a: field('b')}), where('not exists(a)')]}, ['{"a":1}', '{"b":1}']),
    ).toEqual([[1]])
  })

  test('constants, parameters, conditions and transforms are values', () => {
    const made = {
      one: 'text',
      two: param('p'),
      three: field('a').gt(1),
      four: field('b').transform(lower),
      five: day('t'),
    }
    expect(
      rowsOf({partsPreprocess: [derive(made)], keyParts: Object.keys(made)}, [
        '{"a":2,"b":"X","t":"2012-03-05T01:02:03Z"}',
        '{"a":"0","b":"Y","t":0}',
      ]),
    ).toEqual([
      ['text', '2', 'false', 'y', '1970-01-01', 1],
      ['text', '2', 'true', 'x', '2012-03-05', 1],
    ])
  })

  test('sums add up what was computed, exactly', () => {
    const options = {
      partsPreprocess: [derive({cost: field('price').times(field('n'))})],
      valueParts: {cost: sum('cost')},
    }
    expect(rowsOf(options, ['{"price":0.25,"n":3}', '{"price":1.5,"n":"7"}', '{"price":"x","n":1}'])).toEqual([[11.25]])
  })
})

describe('select', () => {
  test('fields that are not kept are absent', () => {
    const steps = [select('a', 'u.x'), where('b == null'), derive({b: field('a')})]
    expect(rowsOf({partsPreprocess: steps, keyParts: ['b', 'u.x']}, ['{"a":1,"b":2,"u":{"x":3,"y":4}}'])).toEqual([
      ['1', '3', 1],
    ])
    expect(rowsOf({partsPreprocess: [select('a')], keyParts: ['u.x']}, ['{"a":1,"u":{"x":3}}'])).toEqual([])
  })

  test('what was set before is kept when it is named', () => {
    const steps = [derive({m: field('a').plus(1), l: field('a')}), select('m')]
    expect(rowsOf({partsPreprocess: steps, keyParts: ['m'], valueParts: {n: count('l')}}, ['{"a":1}'])).toEqual([
      ['2', 0],
    ])
  })
})

describe('lookup', () => {
  const table = {DE: {name: 'Germany', tax: 19}, '7': {name: 'seven'}, true: {name: 'yes'}}
  const lines = [
    '{"k":"DE","name":"before"}',
    '{"k":7}',
    '{"k":true}',
    '{"k":"FR","name":"before"}',
    '{"k":null}',
    '{}',
  ]

  test('columns of the row are set; without one the record stays as it is', () => {
    const steps = [lookup('k', {table, columns: ['name', 'tax']})]
    expect(rowsOf({partsPreprocess: steps, keyParts: ['name'], valueParts: {tax: sum('tax')}}, lines)).toEqual([
      ['Germany', 19],
      ['before', 0],
      ['seven', 0],
      ['yes', 0],
    ])
  })

  test('records without a row may be dropped', () => {
    const steps = [lookup('k', {table, columns: {name: 'land'}, unmatched: 'drop'})]
    expect(rowsOf({partsPreprocess: steps, keyParts: ['land']}, lines)).toEqual([
      ['Germany', 1],
      ['seven', 1],
      ['yes', 1],
    ])
  })
})

describe('explode', () => {
  test('makes a record of each element; of what is no list, one; of nothing, none', () => {
    const lines = [
      '{"t":["a", "b" ,"a"],"n":1}',
      '{"t":"c","n":2}',
      '{"t":[],"n":4}',
      '{"t":null}',
      '{"n":8}',
      '{"t":[1,2.50,true,"\\u0041"],"n":16}',
    ]
    expect(rowsOf({partsPreprocess: [explode('t')], keyParts: ['t'], valueParts: {n: sum('n')}}, lines)).toEqual([
      ['1', 16],
      ['2.5', 16],
      ['A', 16],
      ['a', 2],
      ['b', 1],
      ['c', 2],
      ['true', 16],
    ])
  })

  test('steps before and after it see the record and its parts', () => {
    const steps = [
      where('n < 3'),
      derive({m: field('n').times(2)}),
      explode('t', {as: 'e'}),
      where('e != "a"'),
      derive({e: field('e').plus(field('m'))}),
    ]
    expect(rowsOf({partsPreprocess: steps, keyParts: ['e']}, ['{"t":["a",1,2],"n":2}', '{"t":[5],"n":3}'])).toEqual([
      ['5', 1],
      ['6', 1],
    ])
  })

  test('a record counts once, as the best that became of its parts', () => {
    const options = {partsPreprocess: [explode('t'), where('t != 1')], keyParts: ['t']}
    const plan = planOf({name: 'a', valueParts: {n: count()}, ...options} as RuleOptions)
    const supported = kernelPlan(plan)
    if ('reason' in supported) throw new Error(supported.reason)
    const lines = ['{"t":[1,1]}', '{"t":[1,null]}', '{"t":[null,2,3]}', '{"t":[]}']
    const input = {chunks: [Buffer.from(lines.map(line => `${line}\n`).join(''))], isFirst: false}
    const {account} = byKernel(plan, supported, input)
    expect(account).toEqual(byRows(plan, input).account)
    expect(account).toMatchObject({in: 4, used: 1, filtered: 3, dropped: {'_default.t': 2}})
    expect(account.filteredByReason).toEqual({preprocess: 2, 'key part missing': 1})
  })

  test('parts of many records fill many batches', () => {
    const lines = Array.from({length: 2000}, (_, index) =>
      JSON.stringify({t: Array.from({length: index % 40}, (_, n) => n / 8)}),
    )
    expect(
      rowsOf({partsPreprocess: [explode('t')], keyParts: [], valueParts: {n: count(), s: sum('t')}}, lines),
    ).toEqual([[39_000, 61_750]])
  })

  test('long lists, and elements that the kernel does not read, are for the row path', () => {
    const lines = [JSON.stringify({t: Array.from({length: 65}, () => 1)}), '{"t":[{"x":1}]}', '{"t":[1,1e3]}']
    expect(rowsOf({partsPreprocess: [explode('t')], keyParts: ['t']}, lines, 3)).toHaveLength(3)
  })
})

test('splitWords makes a record of each word', () => {
  const lines = ['{"q":"to be, or not to_be"}', '{"q":" -- "}', '{"q":12.5}', '{"q":null}', '{"q":"schön"}']
  expect(rowsOf({partsPreprocess: [splitWords('q', {as: 'w'})], keyParts: ['w']}, lines, 1)).toEqual([
    ['12', 1],
    ['5', 1],
    ['be', 2],
    ['not', 1],
    ['or', 1],
    ['schön', 1],
    ['to', 2],
  ])
})

test('words that are added up are for the row path', () => {
  const options = {partsPreprocess: [splitWords('q')], valueParts: {s: sum('q')}}
  expect(rowsOf(options, ['{"q":"1 and 25"}'], 1)).toEqual([[26]])
})

describe('conditions', () => {
  const lines = [
    ...['{"a":1,"b":1.0}', '{"a":1,"b":"1"}', '{"a":"1","b":"1.0"}', '{"a":true,"b":"true"}', '{"a":false,"b":false}'],
    ...[
      '{"a":2,"b":1}',
      '{"a":"x","b":"y"}',
      '{"a":null,"b":null}',
      '{"a":"x","b":1}',
      '{"a":true,"b":1}',
      '{}',
      '{"a":[1],"b":[1]}',
    ],
  ]

  test.each(['a == b', 'a != b', 'a < b', 'a <= b', 'a > b', 'a >= b'])('fields compare with fields: %s', condition => {
    expect(rowsOf({partsPreprocess: [where(condition)]}, lines)).toHaveLength(1)
  })

  test.each([
    'a + 1 > b',
    'a * 2 == b + b',
    'a - b',
    'b / a in (1, 0.5)',
    '(a == b) == true',
    'a + b > $p',
    'exists(a + b)',
  ])('arithmetic and conditions are values: %s', condition => {
    expect(rowsOf({partsPreprocess: [where(condition)]}, lines)).toHaveLength(1)
  })

  test('patterns are found in text and in what prints as text', () => {
    const keys = rowsOf({partsPreprocess: [where("k ~ '^[1t]'")], keyParts: ['k']}, [
      ...['{"k":"1x"}', '{"k":17}', '{"k":true}', '{"k":"x1"}', '{"k":null}', '{}', '{"k":"t"}', '{"k":"t"}'],
    ])
    expect(keys).toEqual([
      ['17', 1],
      ['1x', 1],
      ['t', 2],
      ['true', 1],
    ])
  })
})

test('the name of the keyset is a field in the keyset', () => {
  const keyset = {keyParts: ['_keyset', 'k'], valueParts: {n: count()}, partsPreprocess: [where('_keyset == "two"')]}
  expect(
    rowsOf({valueParts: undefined, keysets: {one: keyset, two: keyset}} as never, ['{"k":1,"_keyset":"data"}']),
  ).toEqual([['two', '1', 1]])
})

describe('time zones', () => {
  test.each(['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe'])(
    'hours and minutes of %s are those of the row path, across changes of its offset',
    zone => {
      const instants = Array.from({length: 3000}, (_, index) => 1_289_000_000 + index * 40_009)
      const lines = instants.flatMap(seconds => [
        `{"t":${seconds}}`,
        `{"t":"${new Date(seconds * 1000).toISOString()}"}`,
        `{"t":"${new Date(seconds * 1000).toISOString().slice(0, -1)}"}`,
      ])
      expect(rowsOf({keyParts: [hour('t', {zone}), minute('t', {zone})]}, lines).length).toBeGreaterThan(3000)
    },
  )

  test('what falls out of the calendar in the zone has no text', () => {
    const lines = ['{"t":-62135596800}', '{"t":253402300799}', '{"t":"0001-01-01"}']
    expect(rowsOf({keyParts: [day('t', {zone: 'America/New_York', unit: 's'})]}, lines)).toEqual([
      ['0001-01-01', 1],
      ['9999-12-31', 1],
    ])
  })
})

test.each<[string, readonly Preprocess[], Partial<RuleOptions>]>([
  ['the rule sets a and reads a.b', [derive({a: 1})], {keyParts: ['a.b']}],
  ['the rule has a step that sets the field a.b', [derive({'a.b': 1})], {}],
  ['the rule selects fields of u and reads it', [select('u.x')], {keyParts: ['u']}],
  // Seed 21302485 of the fuzz: where u is a text, u.x lies beside it and select('u') drops it.
  ['the rule sets u.x and selects fields of it', [splitWords('u', {as: 'u.x'}), select('u')], {keyParts: ['u.x']}],
  ['the rule has two steps that make several records of one', [explode('a'), splitWords('b')], {}],
  ['keyset _default has the step explode', [], {keysetPartsPreprocess: [explode('a')]}],
])('the kernel says what it does not take: %s', (reason, partsPreprocess, options) => {
  const plan = planOf({name: 'a', valueParts: {n: count()}, partsPreprocess, ...options} as RuleOptions)
  expect(kernelPlan(plan)).toEqual({reason})
})
