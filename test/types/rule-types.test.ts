/** What the editor accepts and refuses in a rule. The checks are made by `tsc`: this file must compile, expected errors included. */
import {expect, test} from 'vitest'
import type {z} from 'zod'
import {
  avg,
  chunkJsonStream,
  day,
  defineRule,
  distinct,
  field,
  first,
  lower,
  type Parts,
  type Preprocess,
  p95,
  type Rule,
  type RuleOptions,
  sortedReduce,
  sum,
  toInt,
  where,
} from '../../src/api.ts'
import type {Plan} from '../../src/rules/plan.ts'
import type {planSchema} from '../../src/rules/plan-schema.ts'

/** Compiles when a `Plan` is a parsed plan and the other way round: neither side has a member that the other lacks. */
const samePlan: [Plan] extends [z.infer<typeof planSchema>]
  ? [z.infer<typeof planSchema>] extends [Plan]
    ? true
    : never
  : never = true

const talk = defineRule({
  name: 'clicks',
  mapInputStream: chunkJsonStream,
  sourceTags: ['adserver:chunk:clicks'],
  reduceFunction: sortedReduce,
  keyParts: ['ad_id', 'site_id'],
  valueParts: ['count'],
  fieldTransforms: {ad_id: toInt},
})

const onlyClicked: Preprocess = parts => (parts.clicked === true ? parts : null)

const several = defineRule({
  name: 'several',
  format: {type: 'csv', fields: 'header', delimiter: ';'},
  sourceTags: ['logs:clicks', talk],
  timeDelta: {weekday: 'monday', oclock: 5},
  fieldTransforms: {domain: [lower, value => String(value).trim()]},
  partsPreprocess: [where(field('price').gt(0)), onlyClicked],
  keysets: {
    by_site: {keyParts: ['site_id'], valueParts: ['count', 'price'], columnMappings: {price: 'Price'}},
    by_day: {
      keyParts: [day('time'), 'campaign.id'],
      valueParts: {
        revenue: sum('price'),
        slow: p95('ms'),
        people: distinct('ip', {exactUpTo: 100}),
        opened: first('page', {by: 'time'}),
      },
      partsPreprocess: [parts => [parts, {...parts, copy: true}]],
      partsPostprocess: [
        function* (key, values, params) {
          if (Number(values[0]) > Number(params.least)) yield [key, [...values, key.length]]
        },
      ],
      extraColumns: ['parts'],
    },
  },
})

/** Every hook written in place: parameters get their types from the option. */
const hooks = defineRule({
  name: 'hooks',
  params: {least: 3},
  keyParts: ['word'],
  valueParts: ['count'],
  mapInputStream: async function* (chunks, context) {
    for await (const chunk of chunks) {
      if (chunk.length === 0) context.bad('empty chunk', context.file)
      yield {bytes: chunk.byteLength}
    }
  },
  sourceUrls: params => [String(params.file)],
  partsPreprocess: [
    function* (parts, params) {
      for (const word of String(parts.text).split(' ')) yield {...parts, word, least: params.least}
    },
    function* (parts) {
      yield parts
      yield null
    },
    (parts, params) => (params.all === true ? parts : null),
  ],
  keysetPartsPreprocess: [
    function* (parts) {
      yield parts
    },
  ],
  partsPostprocess: [
    function* (key, values) {
      yield [key, values.slice(0, 1)]
    },
  ],
  mapInitFunction: params => {
    params.started = true
  },
  mapFunction: function* (parts, params) {
    yield [
      ['_default', parts.word],
      [1, params.least],
    ]
  },
  combinerFunction: function* (key, values, buffer, done) {
    if (done) yield [['all'], [Number(buffer.total)]]
    else if (key && values) buffer.total = Number(buffer.total ?? 0) + Number(values[0])
  },
  partitionFunction: (key, partitions) => key.length % partitions,
  reduceFunction: function* (pairs, params) {
    for (const [key, values] of pairs) yield [key, [...values, params.least]]
  },
  resultProcessor: async (rows, {keysets, jobId}) => {
    for await (const [key, values] of rows) if (keysets[key[0]!]?.table === jobId) values.length = 0
  },
  ruleCleanup: async job => {
    if (job.jobId === '') throw new Error('no job')
  },
})

const empty: RuleOptions = {name: 'pairs', mapFunction: null, resultProcessor: null, sourceTags: null}

/** Never called: only compiled. Each wrong line is an error, or `tsc` says that the expectation is unused. */
const refusedByTheEditor = (): Rule[] => [
  // @ts-expect-error a misspelt option
  defineRule({name: 'a', keyPart: ['x'], valueParts: ['count']}),
  // @ts-expect-error Inferno's own spelling
  defineRule({name: 'a', key_parts: ['x']}),
  // @ts-expect-error a misspelt option of a keyset
  defineRule({name: 'a', keysets: {one: {keyParts: ['x'], valuePart: ['count']}}}),
  // @ts-expect-error keysets beside keyParts
  defineRule({name: 'a', keyParts: ['x'], keysets: {one: {keyParts: ['x']}}}),
  // @ts-expect-error keysets beside partsPostprocess
  defineRule({name: 'a', partsPostprocess: [], keysets: {one: {keyParts: ['x']}}}),
  // @ts-expect-error no name
  defineRule({keyParts: ['x']}),
  defineRule({
    name: 'a',
    keyParts: ['x'],
    partsPreprocess: [
      // @ts-expect-error a preprocessor that forgets its result
      parts => {
        parts.x = 1
      },
    ],
  }),
  defineRule({
    name: 'a',
    keyParts: ['x'],
    partsPreprocess: [
      // @ts-expect-error a preprocessor that yields no records
      function* () {
        yield 5
      },
    ],
  }),
  // @ts-expect-error a lone preprocessor
  defineRule({name: 'a', keyParts: ['x'], partsPreprocess: (parts: Parts) => parts}),
  // @ts-expect-error an async preprocessor
  defineRule({name: 'a', keyParts: ['x'], partsPreprocess: [async (parts: Parts) => parts]}),
  defineRule({
    name: 'a',
    keyParts: ['x'],
    partsPostprocess: [
      // @ts-expect-error a postprocessor that yields rows without keys
      function* (_key, values) {
        yield values
      },
    ],
  }),
  defineRule({
    name: 'a',
    keyParts: ['x'],
    // @ts-expect-error a map function that yields no pairs
    mapFunction: function* (parts) {
      yield parts
    },
  }),
  // @ts-expect-error a partition function that gives text
  defineRule({name: 'a', keyParts: ['x'], partitionFunction: key => key}),
  // @ts-expect-error aggregates without column names
  defineRule({name: 'a', valueParts: [sum('price')]}),
  // @ts-expect-error a name where an aggregate belongs
  defineRule({name: 'a', valueParts: {price: 'price'}}),
  // @ts-expect-error an aggregate that was not called
  defineRule({name: 'a', valueParts: {price: avg}}),
  // @ts-expect-error first without the field that says which is first
  defineRule({name: 'a', valueParts: {page: first('page')}}),
  // @ts-expect-error a format that does not exist
  defineRule({name: 'a', keyParts: ['x'], format: 'xml'}),
  // @ts-expect-error an unknown weekday
  defineRule({name: 'a', keyParts: ['x'], timeDelta: {weekday: 'caturday'}}),
  // @ts-expect-error an hour together with a duration
  defineRule({name: 'a', keyParts: ['x'], timeDelta: {oclock: 4, minutes: 5}}),
  // @ts-expect-error a number for a list of names
  defineRule({name: 'a', keyParts: [5]}),
]

test('rules of every form compile', () => {
  expect(samePlan).toBe(true)
  expect([talk, several, hooks].map(rule => rule.options.name)).toEqual(['clicks', 'several', 'hooks'])
  expect(empty.name).toBe('pairs')
  expect(refusedByTheEditor).toBeTypeOf('function')
})
