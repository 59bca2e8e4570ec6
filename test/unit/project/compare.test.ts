import assert from 'node:assert/strict'
import {test} from 'vitest'
import {compareExample, type ExampleOutcome} from '../../../src/project/index.ts'

type Rows = ExampleOutcome['keysets'][number]['rows']

function outcome(rows: Rows, bad = 0): ExampleOutcome {
  return {keysets: [{keyset: '_default', columns: ['site', 'count', 'price'], keyCount: 1, rows}], bad}
}

test('equal rows give no lines, in any order', () => {
  const rows = [
    ['a', 1, 2.5],
    ['b', 2, 0],
  ]
  assert.deepEqual(compareExample({rows}, outcome(rows.toReversed())), [])
})

test('cells are compared as text, digit for digit', () => {
  const decimal = {toString: () => '0.30', valueOf: () => 0.3}
  const rows = [['a', 9007199254740993n, decimal, null, true, [['x', 2n]]]] as unknown as Rows
  assert.deepEqual(
    compareExample({rows: [['a', '9007199254740993', '0.30', '', 'true', '[["x",2]]']]}, outcome(rows)),
    [],
  )
  assert.deepEqual(
    compareExample({rows: [['a', '9007199254740993', '0.30', null, true, [['x', 2]]]]}, outcome(rows)),
    [],
  )
  assert.equal(compareExample({rows: [['a', '9007199254740992', '0.3', '', 'true', '']]}, outcome(rows)).length, 2)
})

test('a row with the same key is shown cell by cell, others whole', () => {
  const lines = compareExample(
    {
      rows: [
        ['a', 1, 2.5],
        ['b', 2, 0],
        ['c', 3, 0],
      ],
    },
    outcome([
      ['a', 2, 2.5],
      ['c', 3, 0],
      ['d\u001b[31m', 9, ''],
    ]),
  )
  assert.deepEqual(lines, [
    'keyset _default (site | count | price)',
    '  changed     a: count expected 1, got 2',
    '  missing     b | 2 | 0',
    '  unexpected  d\\u001b[31m | 9 | (empty)',
  ])
})

test('rows count as often as they stand', () => {
  assert.deepEqual(
    compareExample(
      {rows: [['a', 1, 1]]},
      outcome([
        ['a', 1, 1],
        ['a', 1, 1],
      ]),
    ),
    ['keyset _default (site | count | price)', '  unexpected  a | 1 | 1'],
  )
  assert.deepEqual(
    compareExample(
      {
        rows: [
          ['a', 1, 1],
          ['a', 1, 1],
        ],
      },
      outcome([['a', 1, 1]]),
    ),
    ['keyset _default (site | count | price)', '  missing     a | 1 | 1'],
  )
})

test('a row of another length is a change', () => {
  assert.deepEqual(compareExample({rows: [['a', 1]]}, outcome([['a', 1, 5]])), [
    'keyset _default (site | count | price)',
    '  changed     a: price expected no cell, got 5',
  ])
})

test('the number of bad records is compared, 0 unless given', () => {
  assert.deepEqual(compareExample({rows: []}, outcome([], 2)), ['bad records: expected 0, got 2'])
  assert.deepEqual(compareExample({rows: [], bad: 2}, outcome([], 2)), [])
})

test('only the keysets that are named are compared, and unknown ones are an error', () => {
  const two: ExampleOutcome = {
    keysets: [
      {keyset: 'by_site', columns: ['site', 'count'], keyCount: 1, rows: [['a', 1]]},
      {keyset: 'total', columns: ['count'], keyCount: 0, rows: [[1]]},
    ],
    bad: 0,
  }
  assert.deepEqual(compareExample({rows: {by_site: [['a', 1]]}}, two), [])
  assert.deepEqual(compareExample({rows: {total: [[2]]}}, two), [
    'keyset total (count)',
    '  changed     the total: count expected 2, got 1',
  ])
  assert.deepEqual(compareExample({rows: {by_sit: []}}, two), [
    'keyset by_sit: the rule has no such keyset. Did you mean "by_site"?',
  ])
  assert.deepEqual(compareExample({rows: [['a', 1]]}, two), [
    'rows must say to which keyset they belong: {by_site, total}',
  ])
})

test('long differences are cut and counted', () => {
  const rows = Array.from({length: 30}, (_, index) => [`k${index}`, 1, 1])
  const lines = compareExample({rows: []}, outcome(rows))
  assert.equal(lines.length, 22)
  assert.equal(lines.at(-1), '  unexpected  … and 10 more')
})
