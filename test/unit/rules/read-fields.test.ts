import {expect, test} from 'vitest'
import {
  count,
  derive,
  explode,
  first,
  from,
  lookup,
  lower,
  type RuleOptions,
  readFields,
  select,
  splitWords,
  toInt,
  where,
} from '../../../src/rules/index.ts'
import {planOf} from './plan-of.ts'

const fieldsOf = (options: Omit<RuleOptions, 'name'>) =>
  readFields(planOf({name: 'a', ...options} as RuleOptions)).fields

test('steps, transforms, keys and values name what they read', () => {
  expect(
    fieldsOf({
      partsPreprocess: [
        where('a > b + 1 and not (lower(c) in ("x") or exists(d.e))'),
        select('unread', 'f'),
        derive({made: 'ok'}),
        explode('g', {as: 'h'}),
        splitWords('i', {as: 'j'}),
        lookup('k', {table: {x: {y: 1}}}),
      ],
      fieldTransforms: {l: toInt},
      keyParts: ['m', from('n', lower).as('o')],
      valueParts: {p: count(), q: count('q'), r: first('r', {by: 's'})},
    }),
  ).toEqual(['a', 'b', 'c', 'd.e', 'g', 'i', 'k', 'l', 'm', 'n', 'q', 'r', 's'])
})

test('declared fields count where functions see records', () => {
  const step = (): null => null
  expect(fieldsOf({fields: ['x', 'k'], partsPreprocess: [step], keyParts: ['k', '_keyset']})).toEqual(['x', 'k'])
  expect(fieldsOf({fields: ['x'], keyParts: ['k']})).toEqual(['k'])
  expect(fieldsOf({fields: ['x'], mapFunction: () => [], keyParts: ['k']})).toEqual(['x'])
})

test('what functions read that do not say so is not known', () => {
  expect(fieldsOf({partsPreprocess: [() => null], keyParts: ['k']})).toBeNull()
  expect(fieldsOf({mapFunction: null})).toBeNull()
})

test('paths into lists read the whole list', () => {
  expect(fieldsOf({keyParts: ['a.b[0].c', 'd.0']})).toEqual(['a["b"]', 'a.b[0].c', 'd', 'd.0'])
})
