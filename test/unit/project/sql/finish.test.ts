import {expect, test} from 'vitest'
import {avg, max, sum} from '../../../../src/api.ts'
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
