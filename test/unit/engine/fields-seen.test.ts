import {expect, test} from 'vitest'
import {fieldsSeen} from '../../../src/engine/function-fields.ts'
import {count, extract, from, lower, type RuleOptions, sum, where} from '../../../src/rules/index.ts'
import {planOf} from '../rules/plan-of.ts'

const seenBy = (options: Omit<RuleOptions, 'name'>): string[] | undefined => {
  const seen = fieldsSeen(planOf({name: 'a', ...options} as RuleOptions))
  return seen && [...seen].sort()
}

test('a rule without functions looks at the fields that it names, by their first names', () => {
  expect(
    seenBy({
      partsPreprocess: [where('level == "x" and a.b > 1')],
      fieldTransforms: {host: lower},
      keyParts: ['time', from('message', extract('x')).as('m')],
      valueParts: {n: count(), s: sum('items[0].ms')},
    }),
  ).toEqual(['a', 'host', 'items', 'level', 'message', 'time'])
})

test('a function may look at others', () => {
  expect(seenBy({partsPreprocess: [parts => parts], keyParts: ['a']})).toBeUndefined()
  expect(seenBy({fields: ['b'], partsPreprocess: [parts => parts], keyParts: ['a']})).toBeUndefined()
  expect(seenBy({fieldTransforms: {a: value => value}, keyParts: ['a']})).toBeUndefined()
  expect(
    seenBy({keyParts: ['a'], mapFunction: (parts: Record<string, unknown>) => [[['x'], [parts['b']]]]} as never),
  ).toBeUndefined()
})
