import {createHash} from 'node:crypto'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {TransformNode} from '../../../../src/rules/plan.ts'
import {
  alphanumeric,
  compileTransform,
  compileTransforms,
  day,
  describeTransform,
  extract,
  from,
  hashed,
  hour,
  lower,
  minute,
  padInt,
  replace,
  toFloat,
  toInt,
  trimTo,
  truncateIp,
  upper,
  urlHost,
  week,
  withYear,
} from '../../../../src/rules/steps/index.ts'
import {planNode, type TransformStep} from '../../../../src/rules/types.ts'
import {textOf} from '../../../../src/rules/value-text.ts'

const noFunctions = (): never => {
  throw new Error('no functions here')
}

const everyTransform: readonly TransformStep[] = [
  toInt,
  toFloat,
  lower,
  upper,
  alphanumeric,
  urlHost,
  truncateIp,
  trimTo(3),
  padInt(10),
  padInt(5, '0'),
  replace('[aeiou]+', '<$&>'),
  extract('(\\d+)'),
  hashed({salt: 's'}),
  minute(),
  hour({zone: 'Europe/Berlin'}),
  day({unit: 'ms'}),
  week(),
]

describe('textOf', () => {
  test.each([
    ['a', 'a'],
    ['', ''],
    [1, '1'],
    [5.0, '5'],
    [0.1, '0.1'],
    [-0, '0'],
    [1e21, '1e+21'],
    [9007199254740993n, '9007199254740993'],
    [true, 'true'],
    [false, 'false'],
    [{a: 1, b: [null, 'x']}, '{"a":1,"b":[null,"x"]}'],
    [{id: 9007199254740993n}, '{"id":9007199254740993}'],
    [[], '[]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('%o is %s', (value, text) => expect(textOf(value)).toBe(text))
})

describe('toInt', () => {
  test.each<[unknown, number | bigint]>([
    [11056, 11056],
    ['11056', 11056],
    ['011056', 11056],
    [' 7 ', 7],
    ['-7', -7],
    ['+7', 7],
    ['-0', 0],
    [-0, 0],
    [5.0, 5],
    ['5.0', 5],
    ['1e3', 1000],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9007199254740993.00', 9007199254740993n],
    [1234567890123456789n, 1234567890123456789n],
    [5n, 5],
    [true, 1],
    [5.5, 0],
    ['5.5', 0],
    ['', 0],
    [' ', 0],
    ['abc', 0],
    ['0x10', 0],
    ['1,000', 0],
    ['1_000', 0],
    ['12abc', 0],
    ['1e400', 0],
    ['9'.repeat(400), 0],
    [null, 0],
    [undefined, 0],
    [Number.NaN, 0],
    [[7], 0],
    [{}, 0],
  ])('%o becomes %o', (value, expected) => expect(toInt(value)).toBe(expected))
})

test.each<[unknown, number]>([
  ['1.5', 1.5],
  [' -.5 ', -0.5],
  ['1.', 1],
  ['1e3', 1000],
  [2.5, 2.5],
  [false, 0],
  ['nan', 0],
  ['Infinity', 0],
  ['1e400', 0],
  [null, 0],
  [{}, 0],
])('toFloat makes %o %d', (value, expected) => expect(toFloat(value)).toBe(expected))

describe('text', () => {
  test('null passes, other values are cast as for keys', () => {
    for (const transform of [
      lower,
      upper,
      alphanumeric,
      trimTo(2),
      padInt(3),
      replace('a', 'b'),
      extract('a'),
      hashed({salt: ''}),
    ]) {
      expect(transform(null)).toBeNull()
      expect(transform(undefined)).toBeNull()
    }
    expect(upper(true)).toBe('TRUE')
    expect(trimTo(2)(12345)).toBe('12')
    expect(lower({A: 1})).toBe('{"a":1}')
  })

  test('alphanumeric makes one blank of everything else', () => {
    expect(alphanumeric('  Émile O’Neil--Smith, Jr. ')).toBe('mile o neil smith jr')
    expect(alphanumeric('snake_case 42')).toBe('snake_case 42')
    expect(alphanumeric('already_clean')).toBe('already_clean')
    expect(alphanumeric('***')).toBe('')
  })

  test('trimTo counts characters and never cuts one in half', () => {
    expect(trimTo(2)('👍👎x')).toBe('👍👎')
    expect(trimTo(3)('ab')).toBe('ab')
    expect(trimTo(0)('ab')).toBe('')
    expect(trimTo(1)('\ud83d')).toBe('\ud83d')
  })

  test('padInt pads integers on the left', () => {
    expect(padInt(10)(42)).toBe('        42')
    expect(padInt(5)('-0042')).toBe('  -42')
    expect(padInt(5, '0')('-42')).toBe('-0042')
    expect(padInt(3, '0')(12345)).toBe('12345')
    expect(padInt(4, '*')('x')).toBe('***0')
  })

  test('replace knows groups by number and by name', () => {
    expect(replace('(\\w+)@(\\w+)', '$2 at $1')('a@b, c@d')).toBe('b at a, d at c')
    expect(replace('(?<first>\\w)(\\w*)', '$<first>.')('anna bob')).toBe('a. b.')
    expect(replace('\\d', '[$&]$$')('a1')).toBe('a[1]$')
    expect(replace('x', 'y')('abc')).toBe('abc')
  })

  test('extract gives a group, the first one or the match', () => {
    expect(extract('id=(\\d+)')('x?id=42&y')).toBe('42')
    expect(extract('\\d+')('x42')).toBe('42')
    expect(extract('(a)(b)', 2)('ab')).toBe('b')
    expect(extract('(a)(b)', 0)('xab')).toBe('ab')
    expect(extract('(?P<year>\\d{4})-(?<month>\\d\\d)', 'month')('2012-03-05')).toBe('03')
    expect(extract('(a)|b')('b')).toBeNull()
    expect(extract('z')('abc')).toBeNull()
  })

  test('an evil pattern takes linear time', () => {
    const text = `${'a'.repeat(50_000)}!`
    expect(extract('(a+)+$')(text)).toBeNull()
    expect(replace('(a+)+$', '')(text)).toBe(text)
  })

  test('hashed is the beginning of SHA-256 over salt and text', () => {
    const whole = createHash('sha256').update('pepperJosé').digest('hex')
    expect(hashed({salt: 'pepper', length: 64})('José')).toBe(whole)
    expect(hashed({salt: 'pepper', length: 8})('José')).toBe(whole.slice(0, 8))
    expect(hashed({salt: 'pepper'})('José')).toHaveLength(32)
    expect(hashed({salt: 'a'})(7)).toBe(hashed({salt: 'a'})('7'))
  })
})

describe('urlHost', () => {
  test.each([
    ['http://example.com/path?q=1#x', 'example.com'],
    ['HTTPS://User:Pw@WWW.Example.COM:8080/x@y', 'www.example.com'],
    ['http://example.com', 'example.com'],
    ['http://example.com.:80', 'example.com'],
    ['http://example.com?x=http://other.com/', 'example.com'],
    ['ftp://localhost/x', 'localhost'],
    ['//cdn.example.com/a.js', 'cdn.example.com'],
    ['example.com/path', 'example.com'],
    ['example.com/?u=http://other.com', 'example.com'],
    ['Example.com:8080', 'example.com'],
    ['localhost:3000/x', 'localhost'],
    [' http://a-b.example.co.uk/ ', 'a-b.example.co.uk'],
    ['http://192.168.0.1:80/', '192.168.0.1'],
    ['http://[2001:DB8::1]:80/', '[2001:db8::1]'],
    ['http://bücher.example/', 'bücher.example'],
    ['http://under_score.example/', 'under_score.example'],
  ])('of %s is %s', (url, host) => expect(urlHost(url)).toBe(host))

  test.each([
    '',
    ' ',
    '-',
    'rubbish',
    'hello world.com',
    '/path/only',
    'http://',
    'http:///x',
    'http://?x',
    'file:///etc/passwd',
    'mailto:me@example.com',
    'me@example.com',
    'javascript:alert(1)',
    'data:text/plain,a.b',
    'http://a..b/',
    'http://exa mple.com/',
    'http://example.com:port/',
    'http://[::g]/',
    'http://[::1/',
    `http://${'a'.repeat(300)}.com/`,
    7,
    null,
    {},
  ])('of %o is null', url => expect(urlHost(url)).toBeNull())
})

describe('truncateIp', () => {
  test.each([
    ['192.0.2.77', '192.0.2.0'],
    [' 10.0.0.1 ', '10.0.0.0'],
    ['255.255.255.255', '255.255.255.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
    ['2001:0DB8:0001::1', '2001:db8:1::'],
    ['2001:db8::1', '2001:db8::'],
    ['::1', '::'],
    ['::', '::'],
    ['0:0:1:2:3:4:5:6', '0:0:1::'],
    ['fe80::1%eth0', 'fe80::'],
    ['::ffff:192.0.2.77', '192.0.2.0'],
    ['::ffff:c000:24d', '192.0.2.0'],
    ['64:ff9b:1::192.0.2.33', '64:ff9b:1::'],
  ])('of %s is %s', (address, network) => expect(truncateIp(address)).toBe(network))

  test.each([
    '',
    'rubbish',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4:80',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '1:2:3:4:5:6:7::8',
    'g::',
    null,
    7,
    {},
  ])('of %o is null', address => expect(truncateIp(address)).toBeNull())
})

describe('withYear', () => {
  test.each([
    ['2026-11-24', 'Nov 24 10:39:39', '2026-11-24 10:39:39'],
    ['2026-11-24', 'Nov  5 10:39:39.123', '2026-11-05 10:39:39.123'],
    ['2026-11-24', 'nov 25 00:00:00', '2025-11-25 00:00:00'],
    ['2026-11-24', 'Dec 31 23:59', '2025-12-31 23:59'],
    ['2026-11-24', 'Feb 29 01:00:00', '2024-02-29 01:00:00'],
  ])('up to %s: %s is %s', (lastDay, time, full) => {
    expect(withYear(lastDay)(time)).toBe(full)
    expect(day()(withYear(lastDay)(time))).toBe(full.slice(0, 10))
  })

  test.each(['2026-11-24T10:00:00Z', 'Nov 31 10:00:00', 'Foo 24 10:00:00', 'Nov 24', '', null, 7, undefined])(
    'leaves %o as it is',
    value => expect(withYear('2026-11-24')(value)).toBe(value),
  )
})

describe('steps and nodes', () => {
  test('a step carries its node and works as a function', () => {
    expect(trimTo(3)[planNode]).toEqual({transform: 'trimTo', length: 3})
    expect(padInt(4)[planNode]).toEqual({transform: 'padInt', width: 4, fill: ' '})
    expect(day({zone: 'Europe/Berlin'})[planNode]).toEqual({transform: 'day', zone: 'Europe/Berlin', unit: 'auto'})
    expect(day({zone: 'Europe/Berlin'})('2012-03-05T23:30:00Z')).toBe('2012-03-06')
  })

  test('a compiled node does what its step does, after a trip through JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        for (const step of everyTransform) {
          const node = JSON.parse(JSON.stringify(step[planNode])) as TransformNode
          expect(compileTransform(node, noFunctions)(value)).toStrictEqual(step(value))
        }
      }),
      {numRuns: 50},
    )
  })

  test('no transform throws on any JSON value', () => {
    const dirty = fc.oneof(
      fc.jsonValue(),
      fc.string({unit: 'binary', maxLength: 40}),
      fc.webUrl(),
      fc.ipV6(),
      fc.bigInt(),
      fc.date({noInvalidDate: false}).map(date => String(date)),
      fc.stringMatching(/^[0-9:.[\]/@a-f%-]{0,20}$/),
      fc.constantFrom('\ud800', '\udc00x', '::::', 'http://[', '9'.repeat(5000)),
    )
    fc.assert(
      fc.property(dirty, value => {
        for (const step of everyTransform) {
          const result = step(value)
          expect(result === null || ['string', 'number', 'bigint'].includes(typeof result)).toBe(true)
        }
      }),
      {numRuns: 500},
    )
  })

  test('a chain hands on from one to the next, functions of the rule included', () => {
    const ref = {step: 'function', hook: 'fieldTransforms.x[1]', name: 'twice'} as const
    const chain: TransformNode[] = [
      {transform: 'toInt'},
      {transform: 'function', ref},
      {transform: 'padInt', width: 4, fill: '0'},
    ]
    const resolve = (): ((value: number) => number) => value => value * 2
    expect(compileTransforms(chain, resolve)('021')).toBe('0042')
    expect(compileTransforms(chain.slice(0, 2), resolve)('021')).toBe(42)
    expect(compileTransforms(chain.slice(0, 1), resolve)('021')).toBe(21)
    expect(compileTransforms([], resolve)('021')).toBe('021')
  })

  test('a time with a field is a derived key part, without one a transform', () => {
    expect(day('time')).toMatchObject({
      kind: 'derived',
      name: 'day',
      field: 'time',
      transforms: [{transform: 'day', zone: 'UTC', unit: 'auto'}],
    })
    expect(hour('time', {as: 'at', unit: 's'})).toMatchObject({
      name: 'at',
      transforms: [{transform: 'hour', zone: 'UTC', unit: 's'}],
    })
    expect(minute()[planNode]).toMatchObject({transform: 'minute'})
    expect(week('t').as('w')).toMatchObject({kind: 'derived', name: 'w', field: 't'})
  })

  test('from names a derived part after its field until it is renamed', () => {
    const host = from('user.url', urlHost, upper)
    expect(host).toMatchObject({
      kind: 'derived',
      name: 'user.url',
      field: 'user.url',
      transforms: [{transform: 'urlHost'}, {transform: 'upper'}],
    })
    expect(host.as('host')).toMatchObject({name: 'host', field: 'user.url'})
  })

  test('each transform is described in one line, salts hidden', () => {
    expect(
      [
        toInt,
        trimTo(254),
        padInt(5, '0'),
        hashed({salt: 'secret'}),
        day(),
        hour({zone: 'Europe/Berlin', unit: 'ms'}),
      ].map(step => describeTransform(step[planNode])),
    ).toEqual(['toInt', 'trimTo(254)', 'padInt(5, "0")', 'hashed(salt, 32)', 'day', 'hour("Europe/Berlin", "ms")'])
    expect(
      describeTransform({transform: 'function', ref: {step: 'function', hook: 'fieldTransforms.a[0]', name: 'clean'}}),
    ).toBe('function clean (fieldTransforms.a[0])')
  })
})

describe('what a rule says wrongly', () => {
  const wrong = (act: () => unknown) => expect(act)
  test('is refused with what was found and what was expected', () => {
    wrong(() => trimTo(-1)).toThrow('trimTo: the length is -1, expected an integer from 0')
    wrong(() => trimTo('5' as never)).toThrow('the length is "5"')
    wrong(() => padInt(10, '')).toThrow('padInt: the fill is "", expected one character')
    wrong(() => replace('(a', 'b')).toThrow('the pattern "(a" is not a regular expression: missing closing )')
    wrong(() => extract('(?=a)')).toThrow(
      expect.objectContaining({code: 'BAD_RULE', hint: expect.stringContaining('RE2')}),
    )
    wrong(() => extract('a', 1)).toThrow('extract: the pattern "a" has no group 1')
    wrong(() => extract('(?<host>a)', 'hots')).toThrow('Did you mean "host"?')
    wrong(() => hashed({} as never)).toThrow('hashed: the salt is missing, expected text')
    wrong(() => hashed({salt: 'a', lenght: 4} as never)).toThrow('there is no option "lenght". Did you mean "length"?')
    wrong(() => day({zone: 'Europe/Berlni'})).toThrow('Did you mean "Europe/Berlin"?')
    wrong(() => day('time', {unit: 'sec' as never})).toThrow(
      'day: the unit is "sec", expected one of auto, s, ms, us, ns',
    )
    wrong(() => withYear('2026-02-30')).toThrow(
      'withYear: the last day is "2026-02-30", expected a date like 2026-11-24',
    )
    wrong(() => from('url', ((value: unknown) => value) as never)).toThrow('is not a built-in transform')
    wrong(() => from('')).toThrow('expected the name of a field')
  })
})
