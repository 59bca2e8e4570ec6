/** What a rule does to rows after they were added up: here, to rows that a query gave, as to rows that were added up here. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {
  avg,
  collect,
  count,
  defineRule,
  distinct,
  first,
  histogram,
  last,
  max,
  min,
  type Params,
  type Postprocess,
  quantile,
  type RuleOptions,
  stddev,
  sum,
  topK,
  where,
} from '../../../src/rules/index.ts'
import {here, there} from './fixture.ts'
import {type Front, hasEngine, startFront} from './front.ts'

/** Sums beyond 2^53 and beyond 15 digits, numbers as text, texts alone, nothing at all. */
const lines = [
  {k: 'a', n: 1, ids: 'x', t: '2012-01-01'},
  {k: 'a', n: 0.1, ids: 'y', t: '2012-01-02'},
  {k: 'b', n: '9007199254740993', ids: 1, t: 'z'},
  {k: 'b', n: '9007199254740993', ids: '1', t: '12.50'},
  {k: 'c', n: '0.0000001', ids: null},
  {k: 'd', n: null},
  {k: 'e'},
  {k: 'f', n: '100000000000000.00001', t: '  '},
  {k: 'f', n: 'n/a', t: true},
  {k: 'g', n: 0.5},
]
const text = lines.map(line => `${JSON.stringify(line)}\n`).join('')

const options = {
  name: 'typed',
  format: 'json',
  keyParts: ['k'],
  valueParts: {
    n: count(),
    sum: sum('n'),
    mean: avg('n'),
    least: min('n'),
    most: max('t'),
    ids: distinct('ids'),
    sizes: histogram('n', [1, 10]),
    middle: quantile('n', 0.5),
    spread: stddev('n'),
    often: topK('ids', 2),
    kept: collect('ids', {max: 2}),
    one: first('n', {by: 't'}),
    other: last('ids', {by: 'n'}),
  },
} as const

const typeOf = (value: unknown): string => (value === null ? 'null' : typeof value)

describe.skipIf(!hasEngine())('rows of a query', () => {
  let front: Front
  beforeAll(async () => {
    front = await startFront()
    await front.rows('CREATE TABLE logs (line String) ENGINE = Memory')
    await front.insertLines('logs', text)
  })
  afterAll(() => front.close())

  async function both(more: Partial<RuleOptions>, params: Params = {}) {
    // Two rules: parameters of one are one object, which its functions may change.
    const rule = () => defineRule({...options, ...more} as RuleOptions)
    const expected = await here(rule(), text, params)
    expect(await there(front, rule(), ['table:logs'], {params})).toEqual(expected)
    return expected
  }

  test('go through postprocessors, which see the values and types that they see here', async () => {
    const told: Postprocess = function* (key, values) {
      yield [key, [...values, values.map(typeOf).join()]]
      if (key[1] === 'a') yield [[key[0]!, 'again'], values.slice(0, 2)]
    }
    const {rows} = await both({partsPostprocess: [told], extraColumns: ['types']})
    expect(rows.map(row => (JSON.parse(row) as unknown[][])[2]!.at(-1))).toContain(
      'number,bigint,number,bigint,number,number,object,number,number,object,object,string,string',
    )
  })

  test('go through several postprocessors of several keysets, with the parameters of the run', async () => {
    const rare: Postprocess = function* (key, values, {least}) {
      if (Number(values[0]) >= Number(least)) yield [key, values]
    }
    const share: Postprocess = function* (key, values) {
      yield [key, [...values, Number(values[1]) / Number(values[0])]]
    }
    const {keyParts, valueParts} = options
    const keysets = {
      z: {keyParts, valueParts, partsPostprocess: [rare, share]},
      y: {keyParts: ['ids'], valueParts: ['count', 'n']},
      x: {keyParts: [], valueParts, partsPostprocess: [share]},
    }
    const more = {keyParts: undefined, valueParts: undefined, keysets, params: {least: 1}} as never
    const {rows} = await both(more, {least: 2})
    expect(rows.filter(row => row.startsWith('["z"'))).toHaveLength(3)
  })

  test('are counted where a postprocessor throws', async () => {
    const picky: Postprocess = function* (key, values) {
      yield [[...key], [1]]
      if (values[1] === 0) throw new Error(`nothing in ${key[1]}`)
      yield [key, values]
    }
    const {account} = await both({partsPostprocess: [picky]})
    expect(account).toMatchObject({hookErrors: {'partsPostprocess[0] (picky)': {count: 2, message: 'nothing in d'}}})
  })

  test('come after the init functions of the rule, whose parameters conditions and postprocessors see', async () => {
    const called: string[] = []
    const initialised = {
      params: {},
      partsPreprocess: [where('k != $gone and k != $lost')],
      ruleInitFunction: (params: Record<string, unknown>) => {
        called.push('rule')
        params['gone'] = 'a'
      },
      mapInitFunction: (params: Record<string, unknown>) => {
        params['lost'] = 'b'
      },
      reduceInitFunction: (params: Record<string, unknown>) => {
        called.push('reduce')
        params['word'] = 'ready'
      },
      partsPostprocess: [
        function* (key: string[], values: unknown[], {word}: Params) {
          yield [key, [...values, word]]
        },
      ],
    }
    const rule = defineRule({...options, ...initialised, params: {gone: '', lost: ''}} as never)
    const {rows} = await there(front, rule, ['table:logs'])
    expect(called).toEqual(['rule', 'reduce'])
    expect(rows.map(row => (JSON.parse(row) as unknown[][])[1]![0])).toEqual(['c', 'd', 'e', 'f', 'g'])
    expect(rows.every(row => row.endsWith(',"ready"]]'))).toBe(true)
  })
})
