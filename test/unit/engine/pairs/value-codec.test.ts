import {expect, test} from 'vitest'
import {ByteBuffer, ByteCursor} from '../../../../src/engine/bytes/index.ts'
import {Decimal} from '../../../../src/engine/numbers/index.ts'
import {readValues, writeValues} from '../../../../src/engine/pairs/value-codec.ts'

function roundTrip(values: readonly unknown[]): unknown[] {
  const out = new ByteBuffer()
  writeValues(out, values)
  return readValues(new ByteCursor(out.view()))
}

test('JSON values come back as they were', () => {
  const values = [
    null,
    true,
    false,
    0,
    -0,
    7,
    -7,
    2 ** 53 - 1,
    -(2 ** 53 - 1),
    2 ** 60,
    0.1,
    -1e300,
    '',
    'é😀',
    [],
    [[1], {}],
    {a: {b: [null]}},
  ]
  expect(roundTrip(values)).toEqual(values)
})

test('what JSON cannot say comes back too', () => {
  const values = [
    12345678901234567890n,
    -1n,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '\ud800x',
    {'\udc00': 1},
    new Decimal(-12345678901234567891n, 5),
  ]
  expect(roundTrip(values)).toEqual(values)
})

test('what JSON leaves out is null in a list and absent in an object', () => {
  expect(roundTrip([undefined, () => 1, Symbol('x'), {a: undefined, b: 1, c: () => 1}])).toEqual([
    null,
    null,
    null,
    {b: 1},
  ])
})

test('dates become ISO text', () => {
  expect(roundTrip([new Date(0)])).toEqual(['1970-01-01T00:00:00.000Z'])
})

test('a member called __proto__ stays a member', () => {
  const [value] = roundTrip([JSON.parse('{"__proto__": {"x": 1}, "y": 2}')])
  expect(JSON.stringify(value)).toBe('{"__proto__":{"x":1},"y":2}')
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})

test('values nested too deeply, cyclic ones among them, are refused', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  expect(() => roundTrip([cycle])).toThrow('nested deeper than 500 levels')
  expect(() => roundTrip([{toJSON: () => cycle}])).toThrow(RangeError)
})
