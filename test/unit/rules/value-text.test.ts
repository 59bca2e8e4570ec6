import {expect, test} from 'vitest'
import {Decimal} from '../../../src/engine/numbers/index.ts'
import {textOf} from '../../../src/rules/index.ts'

test.each([
  ['a b', 'a b'],
  ['', ''],
  [1, '1'],
  [1.0, '1'],
  [-0, '0'],
  [0.1, '0.1'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1e-7, '1e-7'],
  [12345678901234567890n, '12345678901234567890'],
  [true, 'true'],
  [false, 'false'],
  [{a: 1, b: [true, null, 'x']}, '{"a":1,"b":[true,null,"x"]}'],
  [{id: 12345678901234567890n}, '{"id":12345678901234567890}'],
  [[], '[]'],
  [new Date(Date.UTC(2026, 10, 23)), '2026-11-23T00:00:00.000Z'],
  [new Date(Number.NaN), 'Invalid Date'],
  [new Decimal(12345678901234567891n, 2), '123456789012345678.91'],
])('the key text of %s is %s', (value, expected) => {
  expect(textOf(value)).toBe(expected)
})

test('an object nested a hundred thousand levels deep has a key text', () => {
  const depth = 100_000
  let value: unknown = {list: [1, 'x', 2n, null, undefined], date: new Date(0), left: undefined}
  for (let level = 0; level < depth; level++) value = [value]
  const expected = '{"list":[1,"x",2,null,null],"date":"1970-01-01T00:00:00.000Z"}'
  expect(textOf(value)).toBe('['.repeat(depth) + expected + ']'.repeat(depth))
})

test('an object that contains itself is a TypeError', () => {
  const value: Record<string, unknown> = {}
  value.self = value
  expect(() => textOf(value)).toThrow(TypeError)
})
