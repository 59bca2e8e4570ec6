import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {field, literal, param} from '../../../../src/rules/expressions/index.ts'
import type {StepNode} from '../../../../src/rules/plan.ts'
import {
  compileStep,
  day,
  derive,
  describeStep,
  explode,
  from,
  lookup,
  lower,
  parseJson,
  select,
  splitWords,
  where,
} from '../../../../src/rules/steps/index.ts'
import {type Params, type Parts, type PreprocessStep, planNode} from '../../../../src/rules/types.ts'

const noFunctions = (): never => {
  throw new Error('no functions here')
}

/** Runs a step as its plan would after a trip through JSON, checks that the plain function agrees and the record stays. */
function run(step: PreprocessStep, parts: Parts, params: Params = {}): (Parts | null)[] {
  const before = structuredClone(parts)
  const node = JSON.parse(JSON.stringify(step[planNode])) as StepNode
  const results = listOf(compileStep(node, params, noFunctions)(parts, params))
  expect(listOf(step(parts, params))).toEqual(results)
  expect(parts).toEqual(before)
  return results
}

function listOf(result: Iterable<Parts | null> | Parts | null): (Parts | null)[] {
  if (result === null) return []
  return Symbol.iterator in result ? [...(result as Iterable<Parts | null>)] : [result]
}

describe('where', () => {
  test('lets the very record pass or nothing', () => {
    const step = where(field('price').gt(0))
    const parts = {price: '1.5'}
    expect(step(parts, {})).toBe(parts)
    expect(step({price: 0}, {})).toBeNull()
    expect(run(where('price > 0 and domain == "x"'), {price: 1, domain: 'x'})).toHaveLength(1)
  })

  test('reads parameters, and reads them again for another run', () => {
    const step = where(field('price').ge(param('least')))
    expect(step({price: 5}, {least: 5})).toEqual({price: 5})
    expect(step({price: 5}, {least: 6})).toBeNull()
    expect(() => step({price: 5}, {leest: 6})).toThrow(
      expect.objectContaining({code: 'BAD_PARAMETERS', message: expect.stringContaining('Did you mean "leest"?')}),
    )
  })

  test('refuses what is no condition', () => {
    expect(() => where(((parts: Parts) => parts.a) as never)).toThrow(
      'where: the condition is a function, expected text or an expression',
    )
    expect(() => where('price >')).toThrow(expect.objectContaining({code: 'BAD_EXPRESSION'}))
  })
})

describe('select', () => {
  test('keeps the named fields in their places', () => {
    const parts = {a: 1, b: {c: {d: 2, e: 3}, f: 4}, list: [{id: 1, x: 2}], other: 5}
    expect(run(select('a', 'b.c.d', 'list[0].id', 'missing', 'a.x'), parts)).toEqual([
      {a: 1, b: {c: {d: 2}}, list: [{id: 1, x: 2}]},
    ])
    expect(run(select('b', 'b.c'), parts)).toEqual([{b: parts.b}])
    expect(run(select('b.f', 'b'), parts)).toEqual([{b: parts.b}])
  })

  test('keeps null, a field with a dotted name, and __proto__', () => {
    expect(run(select('a', 'b.c'), {a: null, 'b.c': 1, 'b.d': 2})).toEqual([{a: null, 'b.c': 1}])
    const [kept] = run(select('__proto__'), JSON.parse('{"__proto__": {"x": 1}, "a": 1}'))
    expect(Object.keys(kept!)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype)
  })

  test('needs at least one field', () => expect(() => select()).toThrow('select: there are no fields'))
})

describe('derive', () => {
  test('computes in order, from expressions, derived parts and constants', () => {
    const step = derive({
      total: field('price').times('count'.length).plus(1),
      twice: field('total').times(2),
      day: day('time'),
      host: from('url', lower),
      source: 'price > 0',
      id: 9007199254740993n,
    })
    expect(run(step, {price: '2', time: '1330969562706', url: 'A.B'})).toEqual([
      {
        price: '2',
        time: '1330969562706',
        url: 'A.B',
        total: 11,
        twice: 22,
        day: '2012-03-05',
        host: 'a.b',
        source: 'price > 0',
        id: 9007199254740993n,
      },
    ])
  })

  test('an absent value leaves no field, a null one leaves null', () => {
    expect(run(derive({a: field('x'), b: from('y', lower), c: field('z')}), {c: 1, y: null})).toEqual([
      {b: null, y: null},
    ])
  })

  test('a field called __proto__ changes no prototype', () => {
    const [parts] = run(derive(JSON.parse('{"__proto__": "x"}')), {a: 1})
    expect(Object.entries(parts!)).toEqual([
      ['a', 1],
      ['__proto__', 'x'],
    ])
  })

  test('refuses functions and numbers that JSON has not', () => {
    expect(() => derive({a: (() => 1) as never})).toThrow(
      'derive: a function is not a value'.replace('a function', 'the function a'),
    )
    expect(() => derive({a: Number.NaN})).toThrow('NaN is not a constant')
  })
})

describe('explode', () => {
  test('gives one record per element', () => {
    expect(run(explode('items'), {id: 1, items: ['a', 'b', null]})).toEqual([
      {id: 1, items: 'a'},
      {id: 1, items: 'b'},
      {id: 1, items: null},
    ])
    expect(run(explode('items', {as: 'item'}), {items: [7]})).toEqual([{items: [7], item: 7}])
  })

  test('replaces a nested array in its place', () => {
    expect(run(explode('order.items'), {order: {id: 1, items: [{sku: 'x'}, {sku: 'y'}]}})).toEqual([
      {order: {id: 1, items: {sku: 'x'}}},
      {order: {id: 1, items: {sku: 'y'}}},
    ])
  })

  test('gives nothing for an empty array, null and absent, and the value itself when it is no array', () => {
    expect(run(explode('items'), {items: []})).toEqual([])
    expect(run(explode('items'), {items: null})).toEqual([])
    expect(run(explode('items'), {})).toEqual([])
    expect(run(explode('items'), {items: 'ab'})).toEqual([{items: 'ab'}])
    expect(run(explode('items', {as: 'x'}), {items: {a: 1}})).toEqual([{items: {a: 1}, x: {a: 1}}])
  })
})

describe('splitWords', () => {
  test('gives one record per word of any script, as written', () => {
    expect(run(splitWords('q', {as: 'word'}), {q: ' Größe-42, 東京 cafe\u0301 !'})).toEqual(
      ['Größe', '42', '東京', 'cafe\u0301'].map(word => ({q: ' Größe-42, 東京 cafe\u0301 !', word})),
    )
    expect(run(splitWords('q'), {q: 'a b'})).toEqual([{q: 'a'}, {q: 'b'}])
    expect(run(splitWords('q'), {q: 42})).toEqual([{q: '42'}])
  })

  test('gives nothing without a word', () => {
    for (const q of ['', ' -- ', null, undefined]) expect(run(splitWords('q'), {q})).toEqual([])
  })
})

describe('lookup', () => {
  const countries = [
    {code: 'DE', name: 'Germany', people: 83},
    {code: 'FR', name: 'France'},
  ]

  test('adds columns of the row with the same key text', () => {
    expect(run(lookup('cc', {table: countries, key: 'code'}), {cc: 'DE'})).toEqual([
      {cc: 'DE', name: 'Germany', people: 83},
    ])
    expect(run(lookup('cc', {table: countries, key: 'code'}), {cc: 'FR'})).toEqual([
      {cc: 'FR', name: 'France', people: null},
    ])
    expect(run(lookup('cc', {table: countries, key: 'code', columns: {name: 'country'}}), {cc: 'DE'})).toEqual([
      {cc: 'DE', country: 'Germany'},
    ])
    expect(run(lookup('id', {table: {'7': {x: 1}}, columns: ['x']}), {id: 7})).toEqual([{id: 7, x: 1}])
    expect(run(lookup('cc', {table: {DE: 'Germany'}, columns: {value: 'country'}}), {cc: 'DE'})).toEqual([
      {cc: 'DE', country: 'Germany'},
    ])
  })

  test('keeps or drops records without a match', () => {
    const keep = lookup('cc', {table: countries, key: 'code'})
    const drop = lookup('cc', {table: countries, key: 'code', unmatched: 'drop'})
    for (const cc of ['XX', null, undefined, 'toString', '__proto__']) {
      expect(run(keep, {cc})).toEqual([{cc}])
      expect(run(drop, {cc})).toEqual([])
    }
  })

  test('a key called __proto__ is a key', () => {
    expect(run(lookup('k', {table: JSON.parse('{"__proto__": {"x": 1}}')}), {k: '__proto__'})).toEqual([
      {k: '__proto__', x: 1},
    ])
  })

  test('refuses tables that cannot be meant', () => {
    expect(() => lookup('cc', {table: countries})).toThrow('a list of rows needs a key')
    expect(() => lookup('cc', {table: countries, key: 'kode'})).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('row 1 of the table has no "kode"'),
        hint: expect.stringMatching(/^it has code, /),
      }),
    )
    expect(() => lookup('cc', {table: [...countries, ...countries], key: 'code'})).toThrow(
      'the key "DE" is in the table twice',
    )
    expect(() => lookup('cc', {table: countries, key: 'code', columns: ['nam']})).toThrow(
      'no row of the table has a column "nam"',
    )
    expect(() => lookup('cc', {table: 'x' as never})).toThrow('the table is "x"')
    expect(() => lookup('cc', {tabel: {}} as never)).toThrow('Did you mean "table"?')
  })
})

test('steps never throw on and never change any record', () => {
  const steps = [
    where('a.b > 1 or a contains "x"'),
    select('a.b', 'b'),
    derive({a: field('a.b').plus(1)}),
    explode('a.b'),
    splitWords('a'),
    lookup('b', {table: {a: {c: 1}}}),
  ]
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'a.b'), fc.jsonValue()), parts => {
      for (const step of steps) run(step, parts)
    }),
  )
})

test('each step is described in one line', () => {
  const steps = [
    where('price>0&&domain="x"'),
    select('a', 'b.c'),
    derive({day: day('time', {zone: 'Europe/Berlin'}), n: literal(1)}),
    explode('items', {as: 'item'}),
    splitWords('q'),
    lookup('cc', {table: {DE: {name: 'Germany'}}, columns: {name: 'country'}}),
  ]
  expect(steps.map(step => describeStep(step[planNode]))).toEqual([
    'where price > 0 and domain == "x"',
    'select a, b.c',
    'derive day = day(time, "Europe/Berlin"), n = 1',
    'explode items as item',
    'split words of q',
    'look up cc in a table of 1 rows: name as country; without a match keep',
  ])
  expect(describeStep({step: 'function', hook: 'partsPreprocess[0]', name: ''})).toBe('function at partsPreprocess[0]')
})

test('a function of the rule is called as it is', () => {
  const resolve = () => (parts: Parts) => [parts, parts]
  const node: StepNode = {step: 'function', hook: 'partsPreprocess[0]', name: 'twice'}
  expect(listOf(compileStep(node, {}, resolve)({a: 1}, {}))).toEqual([{a: 1}, {a: 1}])
})

describe('parseJson', () => {
  test('puts an object or a list in the place of its text, or beside it', () => {
    const parts = {log: '{"level":"info","ms":5}\n', other: 1}
    expect(run(parseJson('log'), parts)).toEqual([{log: {level: 'info', ms: 5}, other: 1}])
    expect(run(parseJson('log', {as: 'inner'}), parts)).toEqual([{...parts, inner: {level: 'info', ms: 5}}])
    expect(run(parseJson('a.b'), {a: {b: ' [1,"x"]', c: 2}})).toEqual([{a: {b: [1, 'x'], c: 2}}])
    expect(run(parseJson('log'), {log: '{"id":12345678901234567890}'})).toEqual([{log: {id: 12345678901234567890n}}])
  })

  test.each([
    'plain text',
    '{"cut": "of',
    '{not json}',
    '',
    '12',
    'null',
    'true',
    '"text"',
    5,
    null,
    undefined,
    {a: 1},
    '['.repeat(100_000),
  ])('leaves the record with %j as it is', log => {
    const parts = {log}
    expect(parseJson('log')(parts, {})).toBe(parts)
  })

  test('a record without the field stays', () => {
    const parts = {other: 1}
    expect(parseJson('log', {as: 'inner'})(parts, {})).toBe(parts)
  })

  test('takes no name of a prototype for one', () => {
    const [made] = run(parseJson('log'), {log: '{"__proto__": {"x": 1}}'})
    expect(Object.keys(made!.log as object)).toEqual(['__proto__'])
    expect(({} as {x?: number}).x).toBeUndefined()
  })

  test('needs a field', () => {
    expect(() => parseJson('')).toThrow(expect.objectContaining({code: 'BAD_RULE'}))
    expect(describeStep({step: 'parseJson', field: 'log', as: 'inner'})).toBe('parse JSON in log as inner')
  })
})
