import {expect, test} from 'vitest'
import {assertRule, compilePlan, defineRule, minute} from '../../../../src/rules/index.ts'
import {compileTransforms} from '../../../../src/rules/steps/index.ts'

const refuseFunction = (): never => {
  throw new Error('there is no function')
}

test.each([5, 10, 15, 20, 30])('each minute of an hour falls into its stretch of %i', every => {
  const begin = compileTransforms(minute('time', {every}).transforms, refuseFunction)
  const two = (number: number): string => String(number).padStart(2, '0')
  for (let at = 0; at < 60; at++) {
    const begun = at - (at % every)
    expect(begin(`2012-03-05T17:${two(at)}:59Z`)).toBe(`2012-03-05T17:${two(begun)}`)
  }
  expect(begin('no time')).toBeNull()
})

test('stretches keep name, field and zone, and no other length is taken', () => {
  const key = minute('time', {every: 30, zone: 'Asia/Kolkata', as: 'half'})
  expect([key.name, key.field]).toEqual(['half', 'time'])
  expect(compileTransforms(key.transforms, refuseFunction)('2012-03-05T17:20:00Z')).toBe('2012-03-05T22:30')
  expect(() => minute('time', {every: 7})).toThrow('every is 7, expected one of 5, 10, 15, 20, 30 minutes')
  const rule = defineRule({name: 'a', keyParts: [key], valueParts: ['count']})
  assertRule(rule)
  expect(compilePlan(rule).plan.keysets[0]?.keyParts[0]?.transforms).toHaveLength(3)
})
