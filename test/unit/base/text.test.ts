import {expect, test} from 'vitest'
import {
  compareText,
  didYouMean,
  excerptOf,
  formatBytes,
  groupDigits,
  nearest,
  parseBytes,
  printable,
} from '../../../src/base/index.ts'

test('the nearest name is a slip of the finger away, or begins with the word', () => {
  const names = ['keyParts', 'valueParts', 'by_campaign']
  expect(nearest('keyPart', names)).toBe('keyParts')
  expect(nearest('KEYPARTS', names)).toBe('keyParts')
  expect(nearest('kyeParts', names)).toBe('keyParts')
  expect(nearest('by_camp', names)).toBe('by_campaign')
  expect(nearest('table', names)).toBeUndefined()
  expect(nearest('x', [])).toBeUndefined()
  expect(didYouMean('keyPart', names)).toBe(' Did you mean "keyParts"?')
  expect(didYouMean('table', names)).toBe('')
})

test('control characters and direction overrides become visible', () => {
  expect(printable('a\x1b[31mb\u009b\u202e\n\t\x7f')).toBe('a\\u001b[31mb\\u009b\\u202e\\n\\t\\u007f')
  expect(printable('grüße 日本 😀')).toBe('grüße 日本 😀')
})

test('an excerpt is cut and printable', () => {
  expect(excerptOf('ab\u0000cdef', 4)).toBe('ab\\u0000c…')
  expect(excerptOf('short', 10)).toBe('short')
})

test('digits are grouped before the point only', () => {
  expect(['0', '999', '1000', '-1234567', '1234.56789'].map(groupDigits)).toEqual([
    '0',
    '999',
    '1,000',
    '-1,234,567',
    '1,234.56789',
  ])
  expect(groupDigits(12345678901234567890n)).toBe('12,345,678,901,234,567,890')
})

test('sizes print in powers of ten and parse in both', () => {
  expect([0, 999, 1000, 1500, 999_400, 191_286_707, 1e12].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '999 kB',
    '191 MB',
    '1.0 TB',
  ])
  expect(['512MiB', '1.5GB', '64k', '4096', '1 TB'.replace(' ', '')].map(parseBytes)).toEqual([
    536870912, 1.5e9, 65536, 4096, 1e12,
  ])
  expect(['', 'MiB', '12XB', '-5', '1e3'].map(parseBytes)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('text orders by code point, not by 16-bit unit', () => {
  expect(compareText('\uffee', '😀')).toBeLessThan(0)
  expect(compareText('10', '9')).toBeLessThan(0)
  expect(compareText('a', 'ab')).toBeLessThan(0)
  expect(compareText('é', 'z')).toBeGreaterThan(0)
  expect(compareText('x', 'x')).toBe(0)
})
