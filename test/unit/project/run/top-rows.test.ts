import assert from 'node:assert/strict'
import {test} from 'vitest'
import {Decimal, type ResultRow} from '../../../../src/engine/index.ts'
import {checkTop, type Top, topRows} from '../../../../src/project/run/top-rows.ts'
import type {Cell} from '../../../../src/rules/index.ts'

const header = (name: string, ...columns: string[]) => ({name, columns: ['key', ...columns], keyCount: 1, table: null})
const row = (keyset: string, key: string, ...values: Cell[]): ResultRow => ({
  keyset,
  key: [key],
  values,
  approximate: [],
})
const keysOf = (rows: ResultRow[], headers: ReturnType<typeof header>[], top: Top): string =>
  [...topRows(rows, headers, top)].map(({keyset, key}) => `${keyset}.${key[0]}`).join(' ')

test('the largest come first, equal ones as they came, each keyset by itself', () => {
  const headers = [header('a', 'n', 'm'), header('b', 'm')]
  const rows = [row('a', 'p', 1, 9), row('a', 'q', 3, 7), row('a', 'r', 3, 8), row('b', 'p', 1), row('b', 'q', 2)]
  assert.equal(keysOf(rows, headers, {count: 2, column: undefined}), 'a.q a.r b.q b.p')
  assert.equal(keysOf(rows, headers, {count: 1, column: 'm'}), 'a.p b.q')
  assert.equal(keysOf([], headers, {count: 1, column: 'm'}), '')
})

test('numbers go by their exact value, then texts, then nothing', () => {
  const values: Cell[] = [null, 'b', 2n ** 60n, 2 ** 60, 2n ** 60n + 1n, new Decimal(5n, 1), 0.75, 'a', [1], true]
  const rows = values.map((value, index) => row('a', String(index), value))
  const all = keysOf(rows, [header('a', 'n')], {count: 20, column: undefined})
  assert.equal(all, 'a.4 a.2 a.3 a.6 a.5 a.1 a.7 a.0 a.8 a.9')
})

test('of many rows the same are left as when all are sorted', () => {
  const rows = Array.from({length: 1000}, (_, index) => row('a', String(index), (index * 7919) % 101))
  const sorted = [...rows].sort((a, b) => Number(b.values[0]) - Number(a.values[0])).slice(0, 7)
  assert.deepEqual([...topRows(rows, [header('a', 'n')], {count: 7, column: 'n'})], sorted)
})

test('a column that a keyset has not is refused with those it has, and so are keys', () => {
  const refused = (column: string | undefined, ...columns: string[]): unknown => {
    try {
      checkTop([header('a', ...columns)], {count: 1, column})
      return undefined
    } catch (error) {
      const {message, hint} = error as {message: string; hint: string}
      return [message, hint]
    }
  }
  assert.equal(refused('n', 'm', 'n'), undefined)
  assert.deepEqual(refused('x', 'm', 'n'), ['--top: there is no column "x" to go by', 'its columns are m, n'])
  assert.deepEqual(refused('key', 'm'), ['--top: there is no column "key" to go by', 'its columns are m'])
  assert.deepEqual(refused(undefined), [
    '--top: there is no column to go by',
    'give the rows a value, for example a count',
  ])
})
