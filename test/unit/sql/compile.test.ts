import {describe, expect, test} from 'vitest'
import {count, distinct, max, p95, sum, where} from '../../../src/api.ts'
import {assert} from '../../../src/base/index.ts'
import {clickhouse, duckdb, readAnswer, runQuery} from '../../../src/sql/index.ts'
import {compile, compiled, query} from './compiled-rule.ts'

const dialects = [clickhouse, duckdb]

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

test('what is left to those who finish the rows is named, and hooks change nothing of the query', () => {
  const options = {partsPostprocess: [() => []]} as never
  const found = compile(options, clickhouse, {isFinishedHere: true})
  assert('keysets' in found, 'it compiles')
  expect(found.afterwards).toEqual(['partsPostprocess[0]'])
  expect(runQuery(found, 'SELECT 1 AS line')).toBe(query({}))
  const states = compile({valueParts: {n: count(), slow: p95('ms')}}, clickhouse, {isFinishedHere: true})
  assert('keysets' in states, 'it compiles')
  expect(states.afterwards).toEqual(['_default.slow = quantile'])
  expect(runQuery(states, 'SELECT 1 AS line')).toContain('_default: slow (counts by bucket)')
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
