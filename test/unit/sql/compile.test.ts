import {describe, expect, test} from 'vitest'
import {count, defineRule, distinct, first, from, hour, max, p95, sum, toInt, where} from '../../../src/api.ts'
import {compilePlan} from '../../../src/rules/index.ts'
import type {RuleOptions} from '../../../src/rules/types.ts'
import {type CompiledSql, clickhouse, compileSql, duckdb, readAnswer, runQuery} from '../../../src/sql/index.ts'

const dialects = [clickhouse, duckdb]

function compile(options: Partial<RuleOptions>, dialect = clickhouse, params: Record<string, unknown> = {}) {
  const rule = defineRule({
    name: 'r',
    format: 'json',
    keyParts: ['a'],
    valueParts: ['count'],
    ...options,
  } as RuleOptions)
  return compileSql({plan: compilePlan(rule, {module: 'logs'}).plan, params, dialect})
}

function query(options: Partial<RuleOptions>, dialect = clickhouse): string {
  return runQuery(compiled(options, dialect), 'SELECT 1 AS line')
}

function compiled(options: Partial<RuleOptions>, dialect = clickhouse): CompiledSql {
  const result = compile(options, dialect)
  if ('refused' in result) throw new Error(result.refused.join('; '))
  return result
}

function reasons(options: Partial<RuleOptions>): readonly string[] {
  const result = compile(options)
  return 'refused' in result ? result.refused : []
}

describe.each(dialects)('a query for $name', dialect => {
  test('is the same for the same plan', () => {
    const options = {partsPreprocess: [where('a > 1')], valueParts: {n: sum('x'), m: max('y')}}
    expect(query(options, dialect)).toBe(query(options, dialect))
  })

  test('has a grouping set for each keyset and one for the account', () => {
    const text = query({keysets: {one: {keyParts: ['a']}, two: {keyParts: ['b', 'c']}}}, dialect)
    expect(text).toMatch(/GROUP BY GROUPING SETS \(\(c\d+, c\d+\), \(c\d+, c\d+, c\d+\), \(\)\)/)
    expect(text).toContain(dialect.identifier('two: c'))
  })

  test('names its columns differently, whatever the rule calls them', () => {
    const names = {columnMappings: {a: 'same', count: 'same'}}
    const text = query(names, dialect)
    const aliases = [...text.matchAll(/ AS ([`"][^`"]+[`"])/g)].map(match => match[1])
    expect(new Set(aliases).size).toBe(aliases.length)
  })

  test('carries no column that no later layer needs', () => {
    const layers = query({}, dialect).split('\nFROM (\n')
    expect(layers.length).toBeGreaterThan(10)
    for (const layer of layers.slice(0, -1)) expect(layer).not.toContain('SELECT *')
  })

  test('holds texts of the rule as constants that nothing in them ends', () => {
    const odd = `it's \\' "x" -- \n`
    expect(query({partsPreprocess: [where(`a == ${JSON.stringify(odd)}`)]}, dialect)).toContain(dialect.text(odd))
    expect(clickhouse.text(odd)).toBe(`'it\\'s \\\\\\' "x" -- \n'`)
    expect(duckdb.text(odd)).toBe(`'it''s \\'' "x" -- \n'`)
  })
})

test('ClickHouse is told not to evaluate lazily, which doubles the work with each layer', () => {
  expect(query({})).toContain("short_circuit_function_evaluation = 'disable'")
})

describe('refused by name is', () => {
  test.each<[string, Partial<RuleOptions>, string]>([
    ['a format', {format: 'logfmt'}, 'format logfmt: it is not translated yet; only JSON lines are'],
    [
      'a function',
      {fieldTransforms: {a: (value: unknown) => value} as never},
      'fieldTransforms.a: it is a function of the rule, which only Node.js can run',
    ],
    [
      'a time bucket',
      {keyParts: [hour('time')]},
      'hour: it is not translated yet; a timestamp may have any of the forms of logs',
    ],
    [
      'a quantile',
      {valueParts: {slow: p95('ms')}},
      'slow = quantile: quantiles of the engines are other estimates than those of rules',
    ],
    [
      'the first value',
      {valueParts: {one: first('x', {by: 'time'})} as never},
      'one = first: which of several records with the same order comes first depends on their place in the input',
    ],
    [
      'a number that is several integers',
      {partsPreprocess: [where('a > 1e300')]},
      'the number 1e+300: beyond 2^53 a double stands for several integers',
    ],
    ['a missing parameter', {partsPreprocess: [where('a > $least')]}, 'the parameter least: it is not given'],
  ])('%s', (_, options, reason) => {
    expect(reasons(options)).toEqual([reason])
  })

  test('everything at once', () => {
    expect(reasons({format: 'logfmt', keyParts: [hour('time')], valueParts: {slow: p95('ms')}})).toEqual([
      'format logfmt: it is not translated yet; only JSON lines are',
      expect.stringMatching(/^(?:hour|slow)/),
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

test('rows of an answer are told apart by their number, and sorted', () => {
  const both = compiled({
    keysets: {
      one: {keyParts: ['a'], valueParts: {n: count()}},
      two: {keyParts: ['b'], valueParts: {d: distinct('x')}},
    },
  })
  const account = both.counts.map((_, index) => String(index))
  const zeros = both.counts.map(() => '0')
  const answer = readAnswer(both, [
    ['1', '', 'k', '0', '5', ...zeros],
    ['2', '', '', '0', '0', ...account],
    ['0', 'z', '', '2', '0', ...zeros],
    ['0', 'b', '', '1', '0', ...zeros],
  ])
  expect(answer.rows).toEqual([
    {keyset: 'one', key: ['b'], values: ['1']},
    {keyset: 'one', key: ['z'], values: ['2']},
    {keyset: 'two', key: ['k'], values: ['5']},
  ])
  expect(answer.counts).toMatchObject({unsure: 0, in: 1, blank: 2})
})
