import {expect, test} from 'vitest'
import {type Aggregate, avg, collect, distinct, first, max, quantile, stddev, sum, topK} from '../../../../src/api.ts'
import {finishedRow} from '../../../../src/project/sql/finish.ts'
import {clickhouse, compileSql} from '../../../../src/sql/index.ts'
import {planOf} from '../../rules/plan-of.ts'

const plan = planOf({
  name: 'r',
  format: 'json',
  keyParts: ['k'],
  valueParts: {s: sum('x'), mean: avg('x'), m: max('x')},
})
const compiled = compileSql({plan, params: {}, dialect: clickhouse})
if ('refused' in compiled) throw new Error(compiled.refused.join('; '))
const {name} = plan.keysets[0]!
const valuesOf = (...values: (string | null)[]) => finishedRow(compiled, {keyset: name, key: ['a'], values}).values

test('sums are numbers while a double holds all their digits, and bigints and decimals beyond, as here', () => {
  expect(valuesOf('12.5', null, '0', null)[0]).toBe(12.5)
  expect(valuesOf('9007199254740991', null, '0', null)[0]).toBe(9007199254740991)
  expect(valuesOf('9007199254740993', null, '0', null)[0]).toBe(9007199254740993n)
  const fine = valuesOf('-0.1000000000000000000001', null, '0', null)[0]
  expect(fine).toMatchObject({coefficient: -1000000000000000000001n, scale: 22})
})

test('a mean is the double nearest to the exact ratio, and null of nothing', () => {
  expect(valuesOf('0', '0.3', '3', null)[1]).toBe(0.1)
  expect(valuesOf('0', '-10', '3', null)[1]).toBe(-10 / 3)
  expect(valuesOf('0', '0', '0', null)[1]).toBeNull()
})

test('an extreme is a number where there was one, else text', () => {
  expect(valuesOf('0', null, '0', '12.5')[2]).toBe(12.5)
  expect(valuesOf('0', null, '0', '-9007199254740993')[2]).toBe(-9007199254740993n)
  expect(valuesOf('0', null, '0', '2012-03-05')[2]).toBe('2012-03-05')
  expect(valuesOf('0', null, '0', null)[2]).toBeNull()
})

/** The one cell of a column, from its parts. */
function cellOf(aggregate: Aggregate, ...values: (string | null)[]): unknown {
  const one = planOf({name: 'r', format: 'json', keyParts: ['k'], valueParts: {x: aggregate}})
  const found = compileSql({plan: one, params: {}, dialect: clickhouse, isFinishedHere: true})
  if ('refused' in found) throw new Error(found.refused.join('; '))
  return finishedRow(found, {keyset: name, key: ['a'], values}).values[0]
}

test('a quantile is worked out of counts by bucket and the extremes', () => {
  // 2 and 3 of ten numbers, the rest zeros.
  expect(cellOf(quantile('x', 0.5), '0:8,262145:1,262273:1', '0', '3')).toBe(0)
  expect(cellOf(quantile('x', 0.9), '0:8,262145:1,262273:1', '0', '3')).toBe(2)
  expect(cellOf(quantile('x', 1), '0:8,262145:1,262273:1', '0', '3')).toBe(3)
  expect(cellOf(quantile('x', 0.5), '', null, null)).toBeNull()
})

test('a deviation is worked out of sums of squares, and null below two numbers', () => {
  expect(cellOf(stddev('x'), '3', '6', '14000000', '0')).toBe(1)
  expect(cellOf(stddev('x'), '2', '0.2', '0', `2${'0'.repeat(42)}`)).toBe(0)
  expect(cellOf(stddev('x'), '1', '5', '25000000', '0')).toBeNull()
})

test('texts that are counted or collected are what their JSON says', () => {
  expect(cellOf(topK('x', 2), '[{"value":"a\\n","count":3}]')).toEqual([{value: 'a\n', count: 3}])
  expect(cellOf(collect('x'), '["","é"]')).toEqual(['', 'é'])
})

test('a first value has the type that it has in its record', () => {
  const cell = (kind: string | null, text: string | null): unknown => cellOf(first('x', {by: 't'}), kind, text)
  expect(cell('s', '12')).toBe('12')
  expect(cell('b', 'true')).toBe(true)
  expect(cell('n', '12')).toBe(12)
  expect(cell('n', '9007199254740993')).toBe(9007199254740993n)
  expect(cell('n', '1.5e-7')).toBe(1.5e-7)
  expect(cell(null, null)).toBeNull()
})

test('different values are counted up to the limit of the rule, and estimated from registers beyond', () => {
  const one = planOf({name: 'r', format: 'json', keyParts: ['k'], valueParts: {x: distinct('x', {exactUpTo: 3})}})
  const found = compileSql({plan: one, params: {}, dialect: clickhouse, isFinishedHere: true, estimates: true})
  if ('refused' in found) throw new Error(found.refused.join('; '))
  const row = (...values: string[]) => finishedRow(found, {keyset: name, key: ['a'], values})
  expect(row('3', '')).toMatchObject({values: [3], approximate: []})
  expect(row('4', '1:2,2:1,7:1')).toMatchObject({values: [4], approximate: [0]})
})
