import {expect, test} from 'vitest'
import {collectRows} from '../../../src/cli/session-result.ts'
import {headersOf, type RuleRun} from '../../../src/project/index.ts'
import {compilePlan, defineRule} from '../../../src/rules/index.ts'
import {decimal} from '../../databases/place.ts'

const rule = defineRule({
  name: 'r',
  keysets: {sites: {keyParts: ['site'], valueParts: ['n']}, none: {keyParts: ['x'], valueParts: ['n']}},
})
const {plan} = compilePlan(rule, {module: 'm'})

function runOf(rows: readonly (readonly [string, unknown])[]): RuleRun {
  const made = rows.map(([site, n]) => ({keyset: 'sites', key: [site], values: [n], approximate: []}))
  return {plan, rule, headers: headersOf(plan), rows: () => made} as unknown as RuleRun
}

test('numbers keep their digits, whatever their kind', () => {
  const run = runOf([
    ['a', 12345678901234567890n],
    ['b', decimal('0.1')],
    ['c', [1n, null, 'x']],
    ['d', {deep: 9007199254740993n}],
  ])
  const {keysets, delivered} = collectRows(run, {})
  expect(JSON.stringify(keysets['sites'])).toBe(
    '{"columns":["site","n"],"rows":[["a",12345678901234567890],["b",0.1],["c",[1,null,"x"]],["d",{"deep":9007199254740993}]]}',
  )
  expect(delivered.rowCounts).toEqual({sites: 4, none: 0})
})

test('a keyset without rows is there with its columns', () => {
  expect(collectRows(runOf([]), {}).keysets['none']).toEqual({columns: ['x', 'n'], rows: []})
})

test('rows that are not chosen are not counted', () => {
  const run = runOf([
    ['a', 1],
    ['b', 5],
    ['c', 3],
  ])
  const {keysets, delivered} = collectRows(run, {having: 'n > 2'})
  expect(keysets['sites']?.rows.map(row => (row as unknown[])[0])).toEqual(['b', 'c'])
  expect(delivered.rowCounts).toMatchObject({sites: 2})
})
