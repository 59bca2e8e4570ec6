import fc from 'fast-check'
import {expect, test} from 'vitest'
import {collect, derive, field, sum, topK, where} from '../../../src/api.ts'
import type {Parts} from '../../../src/rules/index.ts'
import {evaluate, lines} from './evaluate.ts'

test('keys are text: 1 and "1" are one, "01" is another, empty text is a key, long ids keep their digits', () => {
  const result = evaluate(
    {keyParts: ['k'], valueParts: ['count']},
    lines({k: 1}, {k: '1'}, {k: 1.0}, {k: '01'}, {k: ''}, {k: true}, {k: {a: [1]}}, '{"k":1234567890123456789}'),
  )
  expect(result.lines).toEqual([
    '_default||1',
    '_default|01|1',
    '_default|1|3',
    '_default|1234567890123456789|1',
    '_default|true|1',
    '_default|{"a":[1]}|1',
  ])
})

test('a missing or null key part drops the pair for its keyset only, and is counted by part', () => {
  const result = evaluate(
    {keysets: {a: {keyParts: ['x', 'y'], valueParts: ['count']}, b: {keyParts: ['x'], valueParts: ['count']}}},
    lines({x: 1, y: 1}, {x: 1}, {x: 1, y: null}, {y: 1}),
  )
  expect(result.lines).toEqual(['a|1,1|1', 'b|1|3'])
  expect(result.account.dropped).toEqual({'a.y': 2, 'a.x': 1, 'b.x': 1})
  expect(result.account).toMatchObject({in: 4, used: 3, filtered: 1, filteredByReason: {'key part missing': 1}})
})

test('count counts records, unless the data has a count of its own', () => {
  const options = {keyParts: [], valueParts: ['count']}
  expect(evaluate(options, lines({}, {}, {})).lines).toEqual(['_default||3'])
  expect(evaluate(options, lines({count: 5}, {count: null}, {})).lines).toEqual(['_default||6'])
})

test('what is no number adds 0 and is counted with an example; sums are exact', () => {
  const result = evaluate(
    {keyParts: [], valueParts: ['v']},
    lines(...Array(10).fill({v: 0.1}), {v: 'abc'}, {v: '0x10'}, {v: null}, {}, {v: ' 7 '}),
  )
  expect(result.lines).toEqual(['_default||8'])
  expect(result.account.coerced).toEqual({'_default.v': {count: 2, example: '"abc"'}})
})

test('rows come by keyset name, then by key parts, by code point, however the rule lists them', () => {
  const keyset = {keyParts: ['k'], valueParts: ['count']}
  const result = evaluate({keysets: {b: keyset, a: keyset}}, lines({k: '\u{1f600}'}, {k: '\uffee'}, {k: 10}, {k: 9}))
  expect(result.lines.map(line => line.slice(0, -2))).toEqual(
    ['a', 'b'].flatMap(name => ['10', '9', '\uffee', '\u{1f600}'].map(key => `${name}|${key}`)),
  )
})

const record = fc.oneof(
  fc.record(
    {k: fc.constantFrom('a', 'b', 3, null), v: fc.oneof(fc.integer(), fc.double(), fc.constant('x'))},
    {requiredKeys: []},
  ),
  fc.constantFrom('', '  ', '# comment', '[1]', '{"a":', '{"k":"throw"}', '[{"k":1}]'),
)
const rule = {
  keysets: {
    one: {keyParts: ['k'], valueParts: {v: sum('v'), all: collect('v'), top: topK('v', 2)}},
    two: {keyParts: [], valueParts: ['count']},
  },
  partsPreprocess: [
    where('not (k == 3)'),
    (parts: Parts) => {
      if (parts['k'] === 'throw') throw new Error('asked to')
      return parts
    },
    derive({twice: field('v')}),
  ],
}

test('in = used + filtered + bad, reasons add up, and neither cuts nor spills change anything', () => {
  fc.assert(
    fc.property(fc.array(record, {maxLength: 60}), fc.array(fc.nat(59)), (records, cuts) => {
      const all = records.map(each => lines(each))
      const whole = evaluate(rule, all.join(''))
      const {account} = whole
      const sumOf = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)
      expect(account.in).toBe(account.used + account.filtered + account.bad)
      expect(account.in + account.blank).toBe(records.length)
      expect(sumOf(account.badByReason)).toBe(account.bad)
      expect(sumOf(account.filteredByReason)).toBe(account.filtered)
      const places = [...new Set([0, ...cuts.filter(cut => cut < all.length), all.length])].sort((a, b) => a - b)
      const parts = places.slice(1).map((end, index) => all.slice(places[index], end).join(''))
      const split = evaluate(rule, '', {parts, budgetBytes: 1})
      expect(split.lines).toEqual(whole.lines)
      expect(split.account).toEqual(account)
    }),
    {numRuns: 150},
  )
})

test('topK counts through spills', () => {
  let runs = 0
  const records = Array.from({length: 20_000}, (_, index) => ({k: index % 3, v: `v${(index * index) % 1009}`}))
  const options = {keyParts: ['k'], valueParts: {top: topK('v', 3), n: sum('count')}}
  const whole = evaluate(options, lines(...records))
  const parts = Array.from({length: 80}, (_, index) => lines(...records.slice(index * 250, index * 250 + 250)))
  const spilled = evaluate(options, '', {parts, budgetBytes: 1, onRun: () => runs++})
  expect(runs).toBeGreaterThan(128)
  expect(spilled.lines).toEqual(whole.lines)
  const counts = new Map<string, number>()
  for (const {k, v} of records) if (k === 1) counts.set(v, (counts.get(v) ?? 0) + 1)
  const best = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 3)
  expect(whole.rows[1]!.values[0]).toEqual(best.map(([value, count]) => ({value, count})))
})
