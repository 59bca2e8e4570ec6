import assert from 'node:assert/strict'
import {test} from 'vitest'
import {Decimal, type ResultRow} from '../../../../src/engine/index.ts'
import {percentHeaders, percentRows} from '../../../../src/project/run/percent-rows.ts'
import type {Cell} from '../../../../src/rules/index.ts'

const header = (name: string, ...columns: string[]) => ({name, columns: ['key', ...columns], keyCount: 1, table: null})
const row = (keyset: string, key: string, ...values: Cell[]): ResultRow => ({
  keyset,
  key: [key],
  values,
  approximate: [],
})
const valuesOf = (rows: ResultRow[], headers: ReturnType<typeof header>[], ...columns: string[]): unknown[] =>
  [...percentRows(() => rows, headers, columns)].map(({values}) => values)

test('each row has its part of the total of its keyset, to two places', () => {
  const headers = [header('a', 'n'), header('b', 'm', 'n')]
  const rows = [row('a', 'p', 1), row('a', 'q', 2), row('b', 'p', 9, 1), row('b', 'q', 9, 199)]
  assert.deepEqual(valuesOf(rows, headers, 'n'), [
    [1, 33.33],
    [2, 66.67],
    [9, 1, 0.5],
    [9, 199, 99.5],
  ])
  assert.deepEqual(valuesOf(rows.slice(2), [headers[1]!], 'n', 'm'), [
    [9, 1, 0.5, 50],
    [9, 199, 99.5, 50],
  ])
  assert.deepEqual(
    percentHeaders(headers, ['n']).map(({columns}) => columns),
    [
      ['key', 'n', 'n_percent'],
      ['key', 'm', 'n', 'n_percent'],
    ],
  )
})

test('what is no number has none, nor has anything of a total of 0; exact numbers count as the number they are', () => {
  const headers = [header('a', 'n')]
  const cells: Cell[] = [null, 'b', 2n ** 70n, new Decimal(5n, 1), [1]]
  const rows = cells.map((cell, index) => row('a', String(index), cell))
  assert.deepEqual(
    valuesOf(rows, headers, 'n').map(values => (values as unknown[])[1]),
    [null, null, 100, 0, null],
  )
  assert.deepEqual(valuesOf([row('a', 'p', 2), row('a', 'q', -2)], headers, 'n'), [
    [2, null],
    [-2, null],
  ])
})

test('rows with fewer values than declared, or more, keep every column in its place', () => {
  const headers = [header('a', 'n', 'm')]
  assert.deepEqual(valuesOf([row('a', 'p', 1), row('a', 'q', 3, 4, 'more')], headers, 'n'), [
    [1, null, 25],
    [3, 4, 75, 'more'],
  ])
})

test('a column that a keyset has not, a key, a name twice and a name that is taken are refused', () => {
  const refused = (columns: string[], ...own: string[]): unknown => {
    try {
      percentHeaders([header('a', ...own)], columns)
      return undefined
    } catch (error) {
      const {message, hint} = error as {message: string; hint: string}
      return [message, hint]
    }
  }
  assert.equal(refused(['n'], 'n'), undefined)
  assert.deepEqual(refused(['x'], 'n', 'm'), ['--percent: there is no column "x" to add up', 'its columns are n, m'])
  assert.deepEqual(refused(['key']), [
    '--percent: there is no column "key" to add up',
    'give the rows a value, for example a count',
  ])
  const taken = 'name a column once, and one of the rule otherwise'
  assert.deepEqual(refused(['n', 'n'], 'n'), ['--percent: there is a column "n_percent" already', taken])
  assert.deepEqual(refused(['n'], 'n', 'n_percent'), ['--percent: there is a column "n_percent" already', taken])
})
