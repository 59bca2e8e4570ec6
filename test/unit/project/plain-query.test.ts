import fc from 'fast-check'
import {expect, test} from 'vitest'
import {isPlainQuery, queryRule} from '../../../src/project/index.ts'
import {checkRule, type Rule} from '../../../src/rules/index.ts'

const field = fc.oneof(fc.constantFrom('', 'a', 'a.b', 'count', 'x y', '-', '\u0000', '__proto__'), fc.string())
const call = fc.constantFrom(
  'sum',
  'count',
  'min',
  'avg',
  'distinct',
  'p95',
  'topK',
  'first',
  'day',
  'lower',
  'quantile',
)
const item = fc.oneof(
  field,
  fc.tuple(call, field).map(([name, inner]) => `${name}(${inner})`),
  fc.tuple(field, call, field).map(([column, name, inner]) => `${column}=${name}(${inner})`),
)

function made(keys: readonly string[], values: readonly string[]): Rule | undefined {
  try {
    return {...queryRule({keys, values, where: undefined, format: 'json'}), definedAt: undefined}
  } catch {
    return undefined
  }
}

test('checking finds nothing in a plain query', () => {
  fc.assert(
    fc.property(fc.array(item, {maxLength: 3}), fc.array(item, {maxLength: 3}), (keys, values) => {
      fc.pre(keys.length + values.length > 0)
      const rule = made(keys, values)
      if (rule !== undefined && isPlainQuery(rule)) expect(checkRule(rule)).toEqual([])
    }),
    {numRuns: 3000},
  )
})

test('fields and usual aggregates are plain; arguments, derived fields and formats of several words are not', () => {
  const isPlain = (keys: readonly string[], values: readonly string[]): boolean => isPlainQuery(made(keys, values)!)
  expect(isPlain(['a', 'b.c'], ['count', 'price', 'x=max(y)'])).toBe(true)
  expect(isPlain(['day(time)'], ['count'])).toBe(false)
  expect(isPlain(['a'], ['topK(b,3)'])).toBe(false)
  expect(
    isPlainQuery(queryRule({keys: ['a'], values: [], where: undefined, format: {type: 'regex', pattern: 'x'}})),
  ).toBe(false)
})
