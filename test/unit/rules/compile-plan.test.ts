import {describe, expect, test} from 'vitest'
import {distinct, first, histogram, p95, topK} from '../../../src/rules/aggregates.ts'
import {checkRule} from '../../../src/rules/check-rule.ts'
import {compilePlan} from '../../../src/rules/compile-plan.ts'
import {defineRule} from '../../../src/rules/define-rule.ts'
import {field, literal} from '../../../src/rules/expressions/index.ts'
import {chunkDynamicStream, chunkJsonStream} from '../../../src/rules/named-readers.ts'
import type {Plan} from '../../../src/rules/plan.ts'
import {canonicalJson, planHash} from '../../../src/rules/plan-hash.ts'
import {parsePlan} from '../../../src/rules/plan-schema.ts'
import {functionsOf} from '../../../src/rules/rule-functions.ts'
import {sortedReduce} from '../../../src/rules/sorted-reduce.ts'
import {
  alphanumeric,
  day,
  derive,
  explode,
  extract,
  from,
  hashed,
  lower,
  padInt,
  parseJson,
  replace,
  select,
  splitWords,
  toInt,
  trimTo,
  urlHost,
  where,
} from '../../../src/rules/steps/index.ts'
import type {Parts, RuleOptions} from '../../../src/rules/types.ts'
import {planOf} from './plan-of.ts'

const small = {name: 'small', keyParts: ['site']} as const

/** Everything that a plan can hold, more than goes together in one rule. */
const rich = defineRule({
  name: 'rich',
  format: {type: 'csv', fields: ['a', 'b'], dialect: 'excel-tab'},
  fields: ['a'],
  partitions: 4,
  sort: false,
  sortedResults: false,
  partsPreprocess: [
    where(
      field('price')
        .gt(0)
        .and(field('domain').in(['x', null]))
        .or(field('url').matches('^h').not()),
    ),
    select('price', 'url'),
    derive({host: from('url', urlHost), half: field('price').dividedBy(2), note: literal('n')}),
    explode('items'),
    splitWords('term'),
    parseJson('log', {as: 'inner'}),
    function keepAll(parts) {
      return parts
    },
  ],
  fieldTransforms: {
    ad_id: toInt,
    'odd[0]': value => value,
    term: [
      lower,
      alphanumeric,
      value => value,
      trimTo(5),
      padInt(3, '0'),
      replace('a', 'b'),
      extract('(x)'),
      hashed({salt: 's'}),
    ],
  },
  combinerFunction: () => undefined,
  partitionFunction: () => 0,
  reduceFunction: sortedReduce,
  mapInitFunction: () => undefined,
  resultProcessor: async () => undefined,
  keysets: {
    by_day: {
      keyParts: [day('time', {zone: 'Europe/Berlin', unit: 'ms'}), from('url', urlHost).as('host')],
      valueParts: {
        slow: p95('ms'),
        people: distinct('ip'),
        opened: first('page', {by: 'time'}),
        top: topK('page'),
        sizes: histogram('ms', [1, 2]),
      },
      partsPreprocess: [parts => parts],
      columnMappings: {host: 'Host', slow: 'Slow', day: ''},
    },
    total: {valueParts: ['count', 'price'], table: 't', extraColumns: ['share']},
  },
})

test('a plan is JSON: written and read it is the same', () => {
  const {plan} = compilePlan(rich, {module: 'logs'})
  const read = parsePlan(JSON.parse(JSON.stringify(plan)))
  expect(read).toEqual(plan)
  expect(planHash(read)).toBe(planHash(plan))
})

test('the rule of the talk', () => {
  const plan = planOf({
    name: 'clicks',
    mapInputStream: chunkJsonStream,
    sourceTags: ['adserver:chunk:clicks'],
    reduceFunction: sortedReduce,
    keyParts: ['ad_id', 'site_id'],
    valueParts: ['count'],
    fieldTransforms: {ad_id: toInt},
  })
  expect(plan).toEqual({
    version: 1,
    rule: 'logs.clicks',
    format: {format: 'json'},
    steps: [],
    transforms: [{field: 'ad_id', chain: [{transform: 'toInt'}]}],
    keysets: [
      {
        name: '_default',
        keyParts: [
          {name: 'ad_id', field: 'ad_id', transforms: []},
          {name: 'site_id', field: 'site_id', transforms: []},
        ],
        values: [{column: 'count', aggregate: 'sum', field: 'count', absent: 1}],
        steps: [],
        postprocess: [],
        columns: ['ad_id', 'site_id', 'count'],
        extraColumns: [],
        table: null,
      },
    ],
    fields: null,
    map: null,
    combiner: null,
    partitioner: null,
    reduce: 'sorted',
    partitions: 1,
    sort: true,
    sortedResults: true,
  } satisfies Plan)
})

test('a rule without a file is called by its name alone', () => {
  expect(compilePlan(defineRule({...small, name: 'query'})).plan.rule).toBe('query')
})

describe('functions', () => {
  test('are named by the place where they stand, built-in steps are data', () => {
    const {plan} = compilePlan(rich, {module: 'logs'})
    expect(plan.steps.map(step => step.step)).toEqual([
      'where',
      'select',
      'derive',
      'explode',
      'splitWords',
      'parseJson',
      'function',
    ])
    expect(plan.steps.at(-1)).toEqual({step: 'function', hook: 'partsPreprocess[6]', name: 'keepAll'})
    expect(plan.transforms[1]).toEqual({
      field: 'odd[0]',
      chain: [{transform: 'function', ref: {step: 'function', hook: 'fieldTransforms["odd[0]"]', name: 'odd[0]'}}],
    })
    expect(plan.reduce).toBe('sorted')
  })

  test('are found by every hook path of the plan', () => {
    const {plan, functions} = compilePlan(rich, {module: 'logs'})
    const hooks = [...JSON.stringify(plan).matchAll(/"hook":("(?:[^"\\]|\\.)*")/g)].map(
      match => JSON.parse(match[1]!) as string,
    )
    expect(hooks).toHaveLength(6)
    for (const hook of hooks) expect(functions.get(hook), hook).toBeTypeOf('function')
  })

  test('of init and result stand in the table only', () => {
    expect([...functionsOf(rich).keys()]).toEqual([
      'mapInitFunction',
      'combinerFunction',
      'partitionFunction',
      'resultProcessor',
      'partsPreprocess[6]',
      'fieldTransforms["odd[0]"]',
      'fieldTransforms.term[2]',
      'keysets.by_day.partsPreprocess[0]',
    ])
  })

  test('of a single keyset have the names of its options', () => {
    const drop = (): null => null
    const rule = defineRule({...small, keysetPartsPreprocess: [drop], partsPostprocess: [() => []]})
    expect([...functionsOf(rule).keys()]).toEqual(['keysetPartsPreprocess[0]', 'partsPostprocess[0]'])
    expect(functionsOf(rule).get('keysetPartsPreprocess[0]')).toBe(drop)
    const keyset = compilePlan(rule).plan.keysets[0]!
    expect(keyset.steps).toEqual([{step: 'function', hook: 'keysetPartsPreprocess[0]', name: 'drop'}])
    expect(keyset.postprocess).toEqual([{step: 'function', hook: 'partsPostprocess[0]', name: ''}])
  })
})

describe('keysets', () => {
  test('one can be chosen; its hooks keep their names', () => {
    const {plan} = compilePlan(rich, {module: 'logs', keyset: 'by_day'})
    expect(plan.keysets.map(({name}) => name)).toEqual(['by_day'])
    expect(plan.keysets[0]?.steps).toEqual([{step: 'function', hook: 'keysets.by_day.partsPreprocess[0]', name: ''}])
  })

  test('an unknown one is refused with the nearest and all names', () => {
    expect(() => compilePlan(rich, {keyset: 'by_dya'})).toThrow(
      expect.objectContaining({
        code: 'RULE_NOT_FOUND',
        message: 'the rule rich has no keyset "by_dya". Did you mean "by_day"?',
        hint: 'its keysets are: by_day, total',
        exitCode: 2,
      }),
    )
  })

  test('the header follows columnMappings; empty and null mappings change nothing', () => {
    const {keysets} = planOf({
      name: 'a',
      keyParts: ['a', 'both', 'toString'],
      valueParts: ['both', 'count', 'n'],
      columnMappings: {both: 'Both', count: '', n: null, elsewhere: 'X'},
    })
    expect(keysets[0]?.columns).toEqual(['a', 'Both', 'toString', 'Both', 'count', 'n'])
  })

  test('derived fields are key parts under their own name', () => {
    expect(compilePlan(rich).plan.keysets[0]?.keyParts).toEqual([
      {name: 'day', field: 'time', transforms: [{transform: 'day', zone: 'Europe/Berlin', unit: 'ms'}]},
      {name: 'host', field: 'url', transforms: [{transform: 'urlHost'}]},
    ])
    expect(compilePlan(rich).plan.keysets[0]?.columns.slice(0, 3)).toEqual(['day', 'Host', 'Slow'])
  })

  test('a name listed twice is there twice', () => {
    expect(planOf({name: 'a', keyParts: ['x', 'x']}).keysets[0]?.columns).toEqual(['x', 'x'])
  })
})

describe('formats', () => {
  test.each<[Partial<RuleOptions>, unknown]>([
    [{}, {format: 'json'}],
    [{format: 'logfmt'}, {format: 'logfmt'}],
    [{format: 'csv'}, {format: 'csv', fields: null, delimiter: ','}],
    [
      {format: {type: 'csv', fields: 'header', delimiter: ';', dialect: 'excel-tab'}},
      {format: 'csv', fields: 'header', delimiter: ';'},
    ],
    [
      {format: {type: 'dynamic', fields: ['a'], dialect: 'excel-tab'}},
      {format: 'dynamic', fields: ['a'], delimiter: '\t'},
    ],
    [{format: {type: 'regex', pattern: '(?<a>.)'}}, {format: 'regex', pattern: '(?<a>.)'}],
    [{mapInputStream: chunkDynamicStream}, {format: 'dynamic', fields: null, delimiter: ','}],
  ])('%j', (options, node) => {
    expect(planOf({...small, ...options} as RuleOptions).format).toEqual(node)
  })

  test('a reader of the author', () => {
    const mapInputStream = async function* read(): AsyncGenerator<Parts> {
      yield {}
    }
    const {plan, functions} = compilePlan(defineRule({...small, mapInputStream}))
    expect(plan.format).toEqual({format: 'custom', ref: {step: 'function', hook: 'mapInputStream', name: 'read'}})
    expect(functions.get('mapInputStream')).toBe(mapInputStream)
  })

  test('a map function of the author', () => {
    const rule = defineRule({
      name: 'words',
      mapFunction: function* pairs(parts) {
        yield [['_default', parts.word], [1]]
      },
    })
    expect(checkRule(rule)).toEqual([])
    const {plan, functions} = compilePlan(rule)
    expect(plan.map).toEqual({step: 'function', hook: 'mapFunction', name: 'pairs'})
    expect(functions.get('mapFunction')).toBe(rule.options.mapFunction)
  })

  test('no map function at all: the input already is pairs', () => {
    expect(planOf({...small, mapFunction: null}).map).toBe('pairs')
  })
})

describe('the hash of a plan', () => {
  test('does not depend on the order of options', () => {
    const one = planOf({name: 'a', keyParts: ['x'], valueParts: ['count'], sort: true})
    const other = planOf({sort: true, valueParts: ['count'], keyParts: ['x'], name: 'a'})
    expect(planHash(one)).toBe(planHash(other))
    expect(planHash(one)).toMatch(/^[0-9a-f]{64}$/)
    expect(canonicalJson({b: [{d: 1, c: 2}], a: null})).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
  })

  test('changes with what the rule does', () => {
    expect(planHash(planOf({name: 'a', keyParts: ['x']}))).not.toBe(planHash(planOf({name: 'a', keyParts: ['y']})))
  })
})

describe('a plan from elsewhere', () => {
  test.each([
    [null, /not a plan/],
    [{}, /version/],
    [{...planOf(small), version: 2}, /version/],
    [{...planOf(small), extra: 1}, /extra/],
    [{...planOf(small), keysets: []}, /keysets/],
    [{...planOf(small), steps: [{step: 'sing'}]}, /steps\.0/],
    [{...planOf(small), transforms: [{field: 'a', chain: [{transform: 'trimTo', length: -1}]}]}, /length/],
  ])('%j is refused with the place', (json, message) => {
    expect(() => parsePlan(json)).toThrow(message)
  })
})
