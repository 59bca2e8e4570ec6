import {describe, expect, test} from 'vitest'
import {
  avg,
  collect,
  compilePlan,
  count,
  defineRule,
  distinct,
  max,
  p95,
  type RuleOptions,
  sum,
} from '../../../../src/rules/index.ts'
import {addValues, preferredValue} from '../../../../src/sinks/sql/sqlite/totals.ts'
import {
  checkMode,
  digitsOf,
  parseExact,
  prefixed,
  rowKey,
  type SinkTable,
  tablesOf,
} from '../../../../src/sinks/tables/index.ts'
import {decimal} from '../rows.ts'

function tables(options: Omit<RuleOptions, 'name'>): SinkTable[] {
  return tablesOf(compilePlan(defineRule({name: 'clicks', ...options} as RuleOptions), {module: 'daily'}).plan)
}

const drop = function* (): Generator<never> {
  // Yields nothing.
}

describe('tables of a plan', () => {
  test('are named by table, keyset or rule, in this order', () => {
    const keysets = {day: {keyParts: ['d']}, site: {keyParts: ['s'], table: 'sites'}}
    expect(tables({keysets}).map(({name}) => name)).toEqual(['day', 'sites'])
    expect(tables({keyParts: ['x']}).map(({name}) => name)).toEqual(['clicks'])
  })

  test('have mapped columns with the types of their aggregates', () => {
    const [table] = tables({
      keyParts: ['site'],
      valueParts: {
        n: count(),
        r: sum('x'),
        m: avg('x'),
        u: distinct('x'),
        q: p95('x'),
        most: max('x'),
        all: collect('x'),
      },
      columnMappings: {n: 'Hits'},
    })
    expect(table!.columns.map(({name, type}) => `${name} ${type}`)).toEqual([
      'site text',
      'Hits integer',
      'r exact',
      'm double',
      'u integer',
      'q double',
      'most data',
      'all json',
    ])
  })

  test('take whatever postprocessors and reduce functions make', () => {
    const [processed] = tables({
      keyParts: ['a'],
      valueParts: ['count'],
      partsPostprocess: [drop],
      extraColumns: ['share'],
    })
    expect(processed!.columns.map(({type}) => type)).toEqual(['text', 'exact', 'data'])
    const [reduced] = tables({keyParts: ['a'], valueParts: ['count'], reduceFunction: drop})
    expect(reduced!.columns.map(({type}) => type)).toEqual(['text', 'data'])
  })

  test('of two keysets may not be one', () => {
    const two = tables({keysets: {a: {keyParts: ['x'], table: 't'}, b: {keyParts: ['x'], table: 't'}}})
    expect(() => prefixed(two, 'p_')).toThrow('the keysets "a" and "b" both go to table "p_t"')
  })
})

describe('mode add', () => {
  test('names every column that cannot be added, with the reason', () => {
    const all = tables({
      keysets: {
        a: {keyParts: ['x'], valueParts: {n: count(), mean: avg('ms')}},
        b: {keyParts: ['x'], valueParts: {u: distinct('ip')}},
        c: {keyParts: ['x'], valueParts: ['count'], partsPostprocess: [drop]},
      },
    })
    expect(() => checkMode(all, 'add')).toThrow(
      [
        'mode "add" cannot be used:',
        '  table "a", column "mean" (avg): a mean of means is not the mean; keep sum and count and divide when you read',
        '  table "b", column "u" (distinct): a value of both batches would count twice',
        '  table "c": partsPostprocess of keyset "c" sees the totals of one batch, not those of all batches',
      ].join('\n'),
    )
    checkMode(all, 'replace')
  })

  test('refuses what a reduceFunction makes', () => {
    const own = tables({keyParts: ['a'], valueParts: ['count'], reduceFunction: drop})
    expect(() => checkMode(own, 'add')).toThrow(/column "count": nothing says how its values are added/)
  })
})

describe('digits of a cell', () => {
  test.each([
    [1, '1'],
    [-0, '0'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [1e21, '1000000000000000000000'],
    [2n ** 70n, '1180591620717411303424'],
    [decimal('-0.050'), '-0.050'],
    ['12.50', '12.5'],
  ])('%s', (cell, digits) => {
    expect(digitsOf(cell)).toBe(digits)
  })

  test.each([[NaN], [Infinity], ['abc'], [''], [null], [true], [[1]]])('%s has none', cell => {
    expect(digitsOf(cell)).toBeUndefined()
  })

  test('an exponent of any size does not take all memory', () => {
    expect(parseExact('1e99999')).toBeUndefined()
  })
})

describe('totals in SQLite', () => {
  test('are exact', () => {
    expect(addValues(0.1, 0.2)).toBe(0.3)
    expect(addValues(9223372036854775807n, 1n)).toBe('9223372036854775808')
    expect(addValues('9223372036854775808', -1n)).toBe(9223372036854775807n)
    expect(addValues(null, 5n)).toBe(5n)
    expect(addValues(12345678901234567n, 0.5)).toBe('12345678901234567.5')
  })

  test('prefer numbers to text and compare digits as numbers', () => {
    expect(preferredValue(9n, 10n, 1)).toBe(10n)
    expect(preferredValue('zebra', 10n, 1)).toBe(10n)
    expect(preferredValue('99999999999999999999', 5n, -1)).toBe(5n)
    expect(preferredValue('Z', 'a', -1)).toBe('Z')
    expect(preferredValue('\u{1f600}', '\uff5e', 1)).toBe('\u{1f600}')
    expect(preferredValue(null, 'a', -1)).toBe('a')
  })
})

test('the key of a row tells apart what joined text would not', () => {
  const keys = [['a', 'b'], ['a,b'], ['ab', ''], ['', 'ab'], [], [''], ['\ud800'], ['\ufffd']].map(rowKey)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.every(key => /^[\w-]{32}$/.test(key))).toBe(true)
})
