import {describe, expect, test} from 'vitest'
import {
  collect,
  count,
  derive,
  explode,
  extract,
  field,
  first,
  from,
  histogram,
  last,
  lookup,
  p95,
  padInt,
  type RuleOptions,
  replace,
  select,
  sortedReduce,
  splitWords,
  stddev,
  toInt,
  topK,
  upper,
  where,
} from '../../../src/api.ts'
import {reasons} from './compiled-rule.ts'

const isFunction = 'it is a function of the rule, which only Node.js can run'
const two = {one: {keyParts: ['a']}, two: {keyParts: ['b']}}

describe('refused by name is', () => {
  test.each<[string, Partial<RuleOptions>, string]>([
    [
      'a format whose field names may stand on any line',
      {format: {type: 'dynamic', fields: 'header'}},
      'format dynamic: it is not translated yet without names of its fields; the first line of CSV may stand anywhere',
    ],
    [
      'a pattern of lines with a group that may match nothing or be left out',
      {format: {type: 'regex', pattern: '(?<a>x*)|(?<b>y)'}},
      'the field a: a group of the pattern is optional, and no match of it and an empty one could not be told apart',
    ],
    [
      'a transform of the rule',
      {fieldTransforms: {a: (value: unknown) => value} as never},
      `fieldTransforms.a: ${isFunction}`,
    ],
    ['a step of the rule', {partsPreprocess: [(parts: object) => parts] as never}, `partsPreprocess[0]: ${isFunction}`],
    [
      'a postprocessor of a script, which nobody finishes',
      {partsPostprocess: [() => []] as never},
      `partsPostprocess[0]: ${isFunction}`,
    ],
    ['the order of the input', {sort: false}, 'sort: false: the rows of a query are grouped as a whole'],
    [
      'a quantile of a script',
      {valueParts: {slow: p95('ms')}},
      'slow = quantile: a query counts by bucket, and what becomes of the counts is worked out by `inferno run`',
    ],
    [
      'a standard deviation of a script',
      {valueParts: {spread: stddev('x')}},
      'spread = stddev: a query gives exact sums of squares, and the one rounding of them is done by `inferno run`',
    ],
    [
      'a bound that decimals of a query do not hold',
      {valueParts: {sizes: histogram('x', [1e-30])}},
      'histogram: the bound 1e-30 is beyond the decimals of a query',
    ],
    [
      'a number that is several integers',
      {partsPreprocess: [where('a > 1e300')]},
      'the number 1e+300: beyond 2^53 a double stands for several integers',
    ],
    ['a missing parameter', {partsPreprocess: [where('a > $least')]}, 'the parameter least: it is not given'],
    [
      'a class of Unicode',
      {partsPreprocess: [where("a ~ '[\\\\p{L}]'")]},
      'matches: classes of Unicode such as \\p{L} differ between versions of it',
    ],
    [
      'a replacement of empty text',
      {fieldTransforms: {a: replace('x*', '-')}},
      'replace: its pattern can match empty text, and libraries differ in where they find it',
    ],
    [
      'a replacement with the text before it',
      {fieldTransforms: {a: replace('x', '$`')}},
      'replace: $` in the replacement: it is not translated yet',
    ],
    [
      'an extract whose group may match nothing or be left out',
      {keyParts: [from('a', extract('x(y*)?', 1)).as('b')]},
      'extract: a group of the pattern is optional, and no match of it and an empty one could not be told apart',
    ],
    [
      'a fill beyond ASCII',
      {fieldTransforms: {a: padInt(5, 'ü')}},
      'padInt: a fill other than one ASCII character: it is not translated yet',
    ],
    [
      'several records of one for a single keyset',
      {
        keyParts: undefined,
        valueParts: undefined,
        keysets: {...two, two: {keyParts: ['b'], partsPreprocess: [explode('b')]}},
      } as never,
      'explode and splitWords in a keyset: one scan gives all keysets the same records',
    ],
    [
      'a part of a field that a step set',
      {fieldTransforms: {'u.x': upper}, keyParts: ['u']},
      'reading u: it is not translated yet after a step that sets u.x, which holds it or is held by it',
    ],
    [
      'a place in what may be an array of which nothing else was selected',
      {partsPreprocess: [select('u.x')], keyParts: ['u.1']},
      'reading u.1: it is not translated yet after a select that keeps an array on its way, but nothing of an object',
    ],
    [
      'a part of what a part was selected of',
      {partsPreprocess: [select('u.x'), derive({copy: field('u')})], keyParts: ['copy.y']},
      'reading copy.y: it is not translated yet after a select that keeps a part of copy',
    ],
    [
      'exploding what a part was selected of',
      {partsPreprocess: [select('u.x'), explode('u')]},
      'explode: it is not translated yet after a select that keeps a part of u',
    ],
    [
      'a large table',
      {
        partsPreprocess: [
          lookup('a', {
            table: Object.fromEntries(Array.from({length: 10_001}, (_, index) => [index, {name: 'x'}])),
            columns: ['name'],
          }),
        ],
      },
      'lookup: a table of more than 10000 rows does not fit into a query',
    ],
  ])('%s', (_, options, reason) => {
    expect(reasons(options)).toEqual([reason])
  })

  test('everything at once', () => {
    expect(
      reasons({sort: false, format: {type: 'dynamic'}, valueParts: {slow: p95('ms')}}).map(
        reason => reason.split(':')[0],
      ),
    ).toEqual(['sort', 'slow = quantile', 'format dynamic'])
    expect(reasons({sort: false, fieldTransforms: {a: padInt(5, 'ü')}}).map(reason => reason.split(':')[0])).toEqual([
      'sort',
      'padInt',
    ])
  })

  test('a query that no engine would plan', () => {
    const texts = Array.from({length: 100}, (_, index) => `'${'x'.repeat(60)}${index}'`).join(', ')
    expect(
      reasons({partsPreprocess: Array.from({length: 30}, (_, index) => where(`a in (${index}, ${texts})`))}),
    ).toEqual([
      expect.stringMatching(/^the query: it would have \d+ characters, and engines plan those of up to 200000$/),
    ])
    const deep = Array.from({length: 100}, () => toInt)
    expect(reasons({keyParts: [from('a', ...(deep as [typeof toInt])).as('deep')]})).toContainEqual(
      expect.stringMatching(/^the query: it would have \d+ (?:subqueries inside each other|characters)/),
    )
  })
})

test('nothing else that has no function is refused', () => {
  const formats = [
    'json',
    'logfmt',
    'common-log',
    'combined-log',
    {type: 'csv', fields: 'header'},
    {type: 'csv'},
  ] as const
  for (const format of formats) expect(reasons({format} as never)).toEqual([])
  expect(reasons({reduceFunction: sortedReduce})).toEqual([])
  expect(
    reasons({
      partsPreprocess: [
        explode('a.b', {as: 'a.b'}),
        splitWords('c'),
        derive({'d.e': 1, f: 'x'}),
        select('a.b', 'c', 'd.e', 'f', 'n'),
      ],
      keyParts: ['a.b', 'c', 'f'],
      valueParts: {
        n: count(),
        sizes: histogram('n', [0, 10]),
        top: topK('x', 3),
        some: collect('x', {max: 3}),
        one: first('x', {by: 'time'}),
        other: last('x', {by: 'time'}),
      },
    }),
  ).toEqual([])
})
