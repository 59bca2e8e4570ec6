import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import * as api from '../../../src/api.ts'
import {queryRule} from '../../../src/project/index.ts'
import {assertLoadedRule, checkRule, defineRule, isPlainRule, type Rule} from '../../../src/rules/index.ts'
import {loadRuleModule} from '../../../src/worker/index.ts'

const ruleOf = (options: unknown): Rule => ({kind: 'rule', options: options as Rule['options'], definedAt: undefined})

/** What may stand anywhere in a rule, and often should not. */
const junk = fc.constantFrom<unknown>(
  ...[undefined, null, '', 'a', 'x y', '__proto__', 0, -1, 1.5, 10_001, Number.NaN, true, 7n, Symbol('s')],
  ...[
    [],
    ['a', ''],
    [undefined],
    new Array(2),
    {},
    {a: 1},
    {constructor: 1},
    Object.create({a: 1}),
    new Date(0),
    new Map(),
  ],
  ...[
    () => [],
    async () => [],
    api.where('a > 1'),
    api.where,
    api.lower,
    api.sum('a'),
    api.sum,
    api.day('t'),
    api.sortedReduce,
  ],
  ruleOf({name: 'inner', keyParts: ['a']}),
)
const rarely = <T>(good: fc.Arbitrary<T>, weight = 24): fc.Arbitrary<unknown> =>
  fc.oneof({weight, arbitrary: good as fc.Arbitrary<unknown>}, {weight: 1, arbitrary: junk})
const name = rarely(fc.constantFrom('a', 'b.c', 'count', 'constructor', 'day'))
const word = fc.oneof(
  {weight: 12, arbitrary: fc.constantFrom('a', 'b', '_default')},
  {weight: 1, arbitrary: fc.constantFrom('constructor', '__proto__', 'x y')},
)
const list = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => rarely(fc.array(item, {maxLength: 3}))
const map = (item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => rarely(fc.dictionary(word, item, {maxKeys: 2}))

const aggregate = rarely(
  fc.oneof(
    fc.constantFrom(
      api.count(),
      api.count('a'),
      api.min('a'),
      api.first('a', {by: 't'}),
      api.histogram('a', [1, 2]),
      api.collect('a'),
    ),
    fc.constantFrom(api.p95('a'), api.distinct('a'), api.topK('a', 3), api.avg('a')),
    fc.record({
      kind: fc.constant('aggregate'),
      node: fc.record(
        {
          aggregate: fc.constantFrom<unknown>(
            'sum',
            'quantile',
            'topK',
            'distinct',
            'first',
            'count',
            'constructor',
            1,
          ),
          ...{field: name, absent: junk, q: junk, k: junk, by: name, exactUpTo: junk},
        },
        {requiredKeys: ['aggregate']},
      ),
    }),
  ),
)
const step = rarely(fc.constantFrom<unknown>(api.where('a > 1'), api.explode('a'), (parts: unknown) => parts))
const transform = rarely(fc.constantFrom<unknown>(api.lower, api.toInt, (value: unknown) => value))
const keysetOptions = {
  keyParts: list(fc.oneof(name, rarely(fc.constantFrom(api.day('t'), api.from('a', api.lower).as('b'))))),
  valueParts: fc.oneof(list(name), map(aggregate)),
  columnMappings: map(name),
  partsPostprocess: list(fc.constant((key: unknown) => [key])),
}
const json = fc.oneof(fc.jsonValue({maxDepth: 2}), junk)
const rows = list(list(json))
const example = rarely(
  fc.record(
    {
      ...{
        name,
        input: fc.oneof(name, list(rarely(fc.constantFrom<unknown>('l', {a: 1})))),
        params: rarely(fc.constant({})),
      },
      ...{rows: fc.oneof(rows, map(rows)), bad: rarely(fc.constant(1))},
    },
    {requiredKeys: ['rows']},
  ),
)
const keyset = rarely(fc.record({...keysetOptions, partsPreprocess: list(step)}, {requiredKeys: ['keyParts']}))
const csv = fc.record({type: rarely(fc.constant('csv')), fields: fc.oneof(list(name), rarely(fc.constant('header')))})
const word1 = fc.constantFrom('a', 'a.b', 'x y', '__proto__')
const shared = {
  name: rarely(fc.constantFrom('a', 'a.b'), 60),
  description: name,
  format: fc.oneof(rarely(fc.constantFrom('json', 'csv', 'logfmt')), csv),
  fields: list(name),
  params: rarely(fc.constant({})),
  sourceTags: fc.oneof(name, list(name)),
  partsPreprocess: list(step),
  fieldTransforms: map(fc.oneof(transform, list(transform))),
  examples: rarely(fc.array(example, {maxLength: 2})),
}
const options = fc.oneof(
  {weight: 10, arbitrary: fc.record({...shared, ...keysetOptions}, {requiredKeys: ['name', 'keyParts']})},
  {weight: 10, arbitrary: fc.record({...shared, keysets: map(keyset)}, {requiredKeys: ['name', 'keysets']})},
  {weight: 1, arbitrary: fc.record({...shared, ...keysetOptions, keysets: map(keyset)}, {requiredKeys: ['name']})},
  {
    weight: 1,
    arbitrary: fc.record({name: word1, keyParts: list(name), sort: junk, minBlobs: junk}, {requiredKeys: ['name']}),
  },
)

test('checking finds nothing in a plain rule', () => {
  let plain = 0
  fc.assert(
    fc.property(options, made => {
      if (!isPlainRule(ruleOf(made))) return
      plain++
      expect(checkRule(ruleOf(made))).toEqual([])
    }),
    {numRuns: 20_000, seed: 7},
  )
  // Else the test says nothing.
  expect(plain).toBeGreaterThan(500)
})

const templates = join(import.meta.dirname, '../../../templates')
const ruleFiles = readdirSync(templates, {recursive: true, encoding: 'utf8'}).filter(file =>
  /rules\/[^/]*\.ts$/.test(file),
)

test('rules of templates are plain, but those that say when they run, or how they read and reduce', async () => {
  const notPlain = []
  for (const file of ruleFiles) {
    for (const rule of (await loadRuleModule(join(templates, file))).rules) if (!isPlainRule(rule)) notPlain.push(file)
  }
  expect(notPlain.toSorted()).toEqual(['ad-clicks/rules/talk.ts', ...new Array(3).fill('live-clicks/rules/clicks.ts')])
})

test('queries are plain, but those that read a format of several words', () => {
  const query = (keys: readonly string[], format: Parameters<typeof queryRule>[0]['format'] = 'json') =>
    isPlainRule(queryRule({keys, values: ['count', 'x=max(y)', 'topK(b,3)'], where: 'a > 1', format}))
  expect(query(['a', 'b.c', 'day(time)'])).toBe(true)
  expect(query(['a'], {type: 'regex', pattern: 'x'})).toBe(false)
})

test('a rule that is not plain is checked', async () => {
  await assertLoadedRule(defineRule({name: 'a', keyParts: ['a'], save: true}))
  await expect(assertLoadedRule(ruleOf({name: 'a', keyPart: ['a']}))).rejects.toMatchObject({code: 'BAD_RULE'})
})
