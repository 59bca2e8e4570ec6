import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {Coercion, decimalText, numberOf} from '../../../../src/engine/numbers/index.ts'

/** `exact digits`, `~double` or `unusable`. */
function read(value: unknown): string {
  const number = new Coercion()
  switch (number.read(value)) {
    case 'small':
      return decimalText(BigInt(number.coefficient), number.scale)
    case 'big':
      return decimalText(number.big, number.scale)
    case 'inexact':
      return `~${number.double}`
    default:
      return 'unusable'
  }
}

test.each([
  ['12', '12'],
  [' 7 ', '7'],
  ['\t\n\v\f\r7', '7'],
  ['-2.5', '-2.5'],
  ['+5', '5'],
  ['-.5', '-0.5'],
  ['1.', '1'],
  ['1e3', '1000'],
  ['1E+3', '1000'],
  ['1.5e-1', '0.15'],
  ['007', '7'],
  ['-0', '0'],
  ['0.0', '0'],
  ['000.100', '0.1'],
  ['0.10000000000000000000000000', '0.1'],
  ['1e-400', '0'],
  ['12345678901234567890', '12345678901234567890'],
  ['-9007199254740993', '-9007199254740993'],
  ['0000000000000000000000012', '12'],
  ['123456789012.345', '123456789012.345'],
  ['0.0000001', '0.0000001'],
  ['0.1234567890123456', '~0.1234567890123456'],
  ['1e21', '~1e+21'],
  ['1e20', '100000000000000000000'],
])('the text %j counts as %s', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test.each([
  '0x10',
  '0b1',
  '0o7',
  '1_000',
  '1,000',
  '$5',
  '12abc',
  '5 6',
  '.',
  '',
  ' ',
  '+',
  '-',
  '--1',
  '1e',
  '1e+',
  'e5',
  '.e5',
  '1.2.3',
  'nan',
  'NaN',
  'inf',
  'Infinity',
  '-Infinity',
  '1e400',
  '\u00a07',
  '٣',
])('the text %j does not count as a number', text => {
  expect(read(text)).toBe('unusable')
})

test.each([
  [true, '1'],
  [false, '0'],
  [-0, '0'],
  [0.1, '0.1'],
  [0.1 + 0.2, '~0.30000000000000004'],
  [1e-7, '0.0000001'],
  [1.5e-22, '~1.5e-22'],
  [123.456, '123.456'],
  [2 ** 53, '~9007199254740992'],
  [2n ** 53n, '9007199254740992'],
  [5n, '5'],
  [1e20, '100000000000000000000'],
  [1e21, '~1e+21'],
  [Number.MIN_VALUE, '~5e-324'],
  [Number.MAX_VALUE, '~1.7976931348623157e+308'],
  [Number.NaN, 'unusable'],
  [Number.POSITIVE_INFINITY, 'unusable'],
  [null, 'unusable'],
  [undefined, 'unusable'],
  [[7], 'unusable'],
  [{a: 1}, 'unusable'],
])('the value %s counts as %s', (value, expected) => {
  expect(read(value)).toBe(expected)
})

test('every decimal of at most 15 digits and 22 places is exact, as text and as a double alike', () => {
  const random = seededRandom(1)
  for (let round = 0; round < 20_000; round++) {
    const digits = 1 + random.int(15)
    const scale = random.int(23)
    const coefficient = BigInt(Math.floor(random.next() * 10 ** digits)) * (random.next() < 0.5 ? -1n : 1n)
    const text = decimalText(coefficient, scale)
    const expected = text.includes('.') ? text.replace(/\.?0+$/, '') : text
    expect(read(text)).toBe(expected === '-0' ? '0' : expected)
    expect(read(Number(text))).toBe(read(text))
  }
})

test('doubles with more digits stay themselves, as text and as a double alike', () => {
  const random = seededRandom(2)
  for (let round = 0; round < 5000; round++) {
    const value = (random.next() - 0.5) * 10 ** (random.int(35) - 20)
    const digits = value.toExponential().replace(/e.*/, '').replace(/\D/g, '').length
    if (digits > 15) expect(read(value)).toBe(`~${value}`)
    expect(read(String(value))).toBe(read(value))
  }
})

test('the nearest double of whatever counts as a number', () => {
  expect([numberOf('1.5'), numberOf(2n ** 64n), numberOf(true), numberOf('x'), numberOf(null)]).toEqual([
    1.5,
    2 ** 64,
    1,
    undefined,
    undefined,
  ])
})

test('integers of more than 4096 digits do not count', () => {
  const digits = '9'.repeat(4096)
  expect([read(digits), read(`-${digits}`), read(`${digits}9`)]).toEqual([digits, `-${digits}`, 'unusable'])
  expect([read(10n ** 4096n - 1n), read(-(10n ** 4096n))]).toEqual([digits, 'unusable'])
})

test('an integer keeps its digits as text, where a double of that size has lost them', () => {
  expect([read('9007199254740993'), read(Number('9007199254740993'))]).toEqual([
    '9007199254740993',
    '~9007199254740992',
  ])
})
