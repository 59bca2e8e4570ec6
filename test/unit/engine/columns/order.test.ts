import {expect, test} from 'vitest'
import {columnOf, filled, resultOf} from './column-kit.ts'

const min = {aggregate: 'min'}
const max = {aggregate: 'max'}

test('numbers order by value, numeric text among them', () => {
  expect([resultOf(min, ['10', 9, '-3.5']), resultOf(max, ['10', 9, '-3.5'])]).toEqual([-3.5, 10])
  expect(resultOf(max, ['9007199254740993', 9007199254740992n, 2 ** 53])).toBe(9007199254740993n)
  expect(resultOf(max, [true, 0.5])).toBe(1)
})

test('text counts only in a group without numbers, by code point', () => {
  expect(resultOf(max, ['abc', 'Zed', '\u{1f600}', '\uffee'])).toBe('\u{1f600}')
  for (const values of [
    [5, 'n/a', 7],
    ['n/a', 7, 5],
    [7, 5, 'n/a'],
  ]) {
    expect([resultOf(min, values), resultOf(max, values)]).toEqual([5, 7])
  }
  const times = ['2026-11-23T10:00:00Z', '2026-01-02T00:00:00Z', '2026-11-23T09:59:59Z']
  expect([resultOf(min, times), resultOf(max, times)]).toEqual([times[1], times[0]])
})

test('null and absent do not count; blank text, objects and not-a-number are reported', () => {
  expect(resultOf(min, [null, undefined])).toBe(null)
  const column = columnOf(max)
  expect(
    [null, undefined, '', ' \t', {}, [1], Number.NaN, Number.POSITIVE_INFINITY, 3].map(value => column.add(0, value)),
  ).toEqual([true, true, false, false, false, false, false, false, true])
  expect(column.finish(0)).toBe(3)
})

test('an extreme is the exact number, without exponent or sign of zero', () => {
  expect(String(resultOf(min, [1e-7, 1]))).toBe('0.0000001')
  expect(Object.is(resultOf(min, [-0]), 0)).toBe(true)
})

test('first and last take the value of the smallest and largest by', () => {
  const inputs = [
    {value: 'b', by: '10'},
    {value: 'a', by: 9},
    {value: 'c', by: '2026-01-01'},
    {value: 'x', by: null},
    {value: null, by: 0},
    {value: 'y', by: undefined},
  ]
  expect(filled({aggregate: 'first', by: 'b'}, inputs).finish(0)).toBe('a')
  expect(filled({aggregate: 'last', by: 'b'}, inputs).finish(0)).toBe('c')
  expect(filled({aggregate: 'last', by: 'b'}, []).finish(0)).toBe(null)
})

test('among equal times the key text decides', () => {
  const inputs = ['b', 'c', 'a'].map(value => ({value, by: 5}))
  expect(filled({aggregate: 'first', by: 'b'}, inputs).finish(0)).toBe('a')
  expect(filled({aggregate: 'last', by: 'b'}, inputs).finish(0)).toBe('c')
})

test('values keep their type; objects are JSON text; a by without a place in the order is reported', () => {
  const last = (value: unknown) => filled({aggregate: 'last', by: 'b'}, [{value, by: 1}]).finish(0)
  expect([1.5, '1.5', true, 2n ** 60n, {a: [1]}].map(last)).toEqual([1.5, '1.5', true, 2n ** 60n, '{"a":[1]}'])
  expect(columnOf({aggregate: 'last', by: 'b'}).add(0, 1, {})).toBe(false)
  expect(columnOf({aggregate: 'last', by: 'b'}).add(0, 1, ' ')).toBe(false)
})
