import {expect, test} from 'vitest'
import {Decimal, type ResultRow} from '../../../../src/engine/index.ts'
import {checkHaving, havingRows} from '../../../../src/project/run/having-rows.ts'
import {type Cell, parseExpression} from '../../../../src/rules/index.ts'

const header = (name: string, ...columns: string[]) => ({name, columns: ['site', ...columns], keyCount: 1, table: null})
const row = (keyset: string, key: string, ...values: Cell[]): ResultRow => ({
  keyset,
  key: [key],
  values,
  approximate: [],
})
const held = (having: string, rows: ResultRow[], ...headers: ReturnType<typeof header>[]): string =>
  [...havingRows(rows, headers, parseExpression(having))].map(({keyset, key}) => `${keyset}.${key[0]}`).join(' ')

test('rows are kept by values, keys and odd names, in their order', () => {
  const rows = [row('a', 'x', 3, 0.5), row('a', 'y', 2n ** 60n, new Decimal(15n, 1)), row('a', 'z', 1, null)]
  const head = header('a', 'n', 'p95_http.ms')
  expect(held('n > 1', rows, head)).toBe('a.x a.y')
  expect(held('n >= 1152921504606846976 or site == "z"', rows, head)).toBe('a.y a.z')
  expect(held('p95_http.ms == 1.5', rows, head)).toBe('a.y')
  expect(held('`p95_http.ms` == null', rows, head)).toBe('a.z')
})

test('each keyset goes by its own columns', () => {
  const rows = [row('a', 'x', 1, 9), row('b', 'y', 9, 1)]
  expect(held('n > 5', rows, header('a', 'm', 'n'), header('b', 'n', 'm'))).toBe('a.x b.y')
})

test('a column that is not there and a parameter are refused before anything is read', () => {
  const check = (text: string) => () => checkHaving([header('a', 'n')], parseExpression(text))
  expect(check('n > 1 and site != ""')).not.toThrow()
  expect(check('m > 1')).toThrow('--having: there is no column "m"')
  expect(check('n > $least')).toThrow('least')
})
