import {expect, test} from 'vitest'
import type {Cell} from '../../../src/rules/index.ts'
import {cellJson, cellText} from '../../../src/sinks/index.ts'
import {decimal} from './rows.ts'

test('whole numbers never get an exponent', () => {
  expect(cellText(1e21)).toBe('1000000000000000000000')
  expect(cellText(-1.5e22)).toBe('-15000000000000000000000')
  expect(cellText(123456789012345)).toBe('123456789012345')
  expect(Number(cellText(1.7976931348623157e308))).toBe(Number.MAX_VALUE)
  expect(cellText(300)).toBe('300')
  expect(cellText(-0)).toBe('0')
})

test('fractions are the shortest text that reads back', () => {
  expect(cellText(0.1 + 0.2)).toBe('0.30000000000000004')
  expect(cellText(1e-7)).toBe('1e-7')
})

test('bigint and Decimal keep their digits, in JSON too', () => {
  expect(cellText(12345678901234567890n)).toBe('12345678901234567890')
  expect(cellText(decimal('0.10000000000000000001'))).toBe('0.10000000000000000001')
  expect(cellJson([1n, decimal('2.50')])).toBe('[1,2.50]')
})

test('arrays and objects are compact JSON', () => {
  expect(
    cellText([
      ['a', 3],
      ['b"', null],
    ]),
  ).toBe('[["a",3],["b\\"",null]]')
  expect(cellText({a: {b: [true, 10n]}})).toBe('{"a":{"b":[true,10]}}')
  expect(cellText({valueOf: 3, toString: 'x'})).toBe('{"valueOf":3,"toString":"x"}')
})

test('null is empty in text, and what JSON cannot say is null there', () => {
  expect(cellText(null)).toBe('')
  expect(cellText(true)).toBe('true')
  expect(cellJson(null)).toBe('null')
  expect(cellJson(Number.NaN)).toBe('null')
})

test('values that only a careless postprocessor makes do not throw', () => {
  expect(cellText(undefined as unknown as Cell)).toBe('')
  expect(cellText(new Date(0) as unknown as Cell)).toBe('1970-01-01T00:00:00.000Z')
  expect(cellJson(undefined as unknown as Cell)).toBe('null')
})
