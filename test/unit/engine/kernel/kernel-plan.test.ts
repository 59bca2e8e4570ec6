import {describe, expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {
  avg,
  collect,
  count,
  day,
  distinct,
  first,
  from,
  histogram,
  hour,
  last,
  lower,
  max,
  min,
  p95,
  quantile,
  type RuleOptions,
  stddev,
  sum,
  toInt,
  topK,
  trimTo,
  urlHost,
  where,
} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'

function reasonOf(options: Partial<RuleOptions>, params = {}): string | undefined {
  const plan = planOf({name: 'a', format: 'json', keyParts: ['k'], valueParts: ['count'], ...options} as RuleOptions)
  const result = kernelPlan(plan, params)
  return 'reason' in result ? result.reason : undefined
}

describe('the kernel takes', () => {
  test.each<[string, Partial<RuleOptions>]>([
    ['keys and sums', {}],
    [
      'every aggregate of one number',
      {valueParts: {a: sum('x'), b: count(), c: count('x'), d: avg('x'), e: min('x'), f: max('x'), g: stddev('x')}},
    ],
    ['sketches of numbers', {valueParts: {a: p95('x'), b: quantile('x', 0.1), c: histogram('x', [1, 2])}}],
    ['sets of values', {valueParts: {a: distinct('ip'), b: collect('ip'), c: topK('ip')}}],
    ['values of the first and last record', {valueParts: {a: first('x', {by: 'time'}), b: last('x', {by: 'time'})}}],
    ['dotted paths', {keyParts: ['user.geo.city']}],
    ['conditions', {partsPreprocess: [where('price > 5 and not (a in ("x", null) or exists(b))')]}],
    ['arithmetic, patterns, two fields', {partsPreprocess: [where("a + 1 > b or c ~ '^x' or d == e")]}],
    ['the name of the keyset', {keyParts: ['_keyset']}],
    ['conditions on text', {partsPreprocess: [where('a contains "x" or a startsWith "y" or a endsWith "z" or b')]}],
  ])('%s', (_, options) => {
    expect(reasonOf(options)).toBeUndefined()
  })

  test.each<[string, Partial<RuleOptions>]>([
    ['key parts', {keyParts: [day('time'), hour('time', {zone: 'Europe/Berlin', as: 'local'}), from('url', urlHost)]}],
    ['fields', {fieldTransforms: {k: toInt, n: [lower, trimTo(3)]}}],
    ['conditions', {partsPreprocess: [where('lower(a) == "x" and 9007199254740993 > toInt(b)')]}],
  ])('built-in transforms of %s', (_, options) => {
    expect(reasonOf(options)).toBeUndefined()
  })

  test.each<[string, Partial<RuleOptions>]>([
    ['CSV', {format: 'csv'}],
    ['CSV with names and a separator', {format: {type: 'csv', fields: ['k', 'count'], delimiter: ';'}}],
    ['logfmt', {format: 'logfmt'}],
    ['common logs', {format: 'common-log'}],
    ['combined logs', {format: 'combined-log'}],
  ])('%s', (_, options) => {
    expect(reasonOf(options)).toBeUndefined()
  })

  test('conditions with parameters that are plain values', () => {
    expect(reasonOf({partsPreprocess: [where('price > $least')], params: {least: 5}}, {least: 5})).toBeUndefined()
  })
})

describe('the kernel says what it does not take:', () => {
  test.each<[string, Partial<RuleOptions>]>([
    ['the format is regex', {format: {type: 'regex', pattern: '(?P<k>.)'}}],
    ['the format is dynamic', {format: 'dynamic'}],
    ['the rule has a map function', {mapFunction: () => []}],
    ['the rule has the step function', {partsPreprocess: [parts => parts]}],
    [
      'the transform twice is a function of the rule',
      {
        fieldTransforms: {
          k: function twice(value) {
            return value
          },
        },
      },
    ],
    ['the rule transforms u and reads u.x', {fieldTransforms: {u: toInt}, keyParts: ['u.x']}],
    ['the rule transforms u.x and reads u', {fieldTransforms: {'u.x': toInt}, keyParts: ['u']}],
    [
      'the rule makes 17 fields by transforms, more than 16',
      {keyParts: Array.from({length: 17}, (_, index) => from(`k${index}`, lower).as(`d${index}`))},
    ],
    [
      'the rule takes more than 262144 bytes in the kernel',
      {
        valueParts: Object.fromEntries(
          Array.from({length: 35}, (_, index) => [
            `h${index}`,
            histogram(
              'x',
              Array.from({length: 1000}, (_, bound) => bound),
            ),
          ]),
        ),
      },
    ],
    ['the path items[0].id goes into a list', {keyParts: ['items[0].id']}],
    [
      'the rule reads 65 fields and objects, more than 64',
      {keyParts: Array.from({length: 65}, (_, index) => `k${index}`), valueParts: {n: count()}},
    ],
  ])('%s', (reason, options) => {
    expect(reasonOf(options)).toBe(reason)
  })
})
