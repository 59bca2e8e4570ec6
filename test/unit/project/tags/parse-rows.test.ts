import {expect, test} from 'vitest'
import {rowParser} from '../../../../src/project/tags/parse-rows.ts'
import {formatRows} from '../../../../src/sinks/index.ts'

const headers = [
  {name: 'k', columns: ['0', 'site', 'n', 'n'], keyCount: 2, table: null},
  {name: 'other', columns: ['x'], keyCount: 0, table: null},
]

test('rows come back as they were: order, big numbers, estimates, equal names, absent values', () => {
  const rows = [
    {keyset: 'k', key: ['1', 'a"b'], values: [12345678901234567890n, 1.5], approximate: [1]},
    {keyset: 'k', key: ['', 'ü'], values: [null, [1, 'x']], approximate: []},
    {keyset: 'other', key: [], values: [-0.25], approximate: []},
  ]
  const lines = [...formatRows('ndjson', headers, rows)].join('').trimEnd().split('\n')
  expect(lines.map(rowParser(headers))).toEqual(rows)
})

test('decimals that no double holds keep their digits', () => {
  const [cell] = rowParser(headers)('{"_keyset":"other","x":0.1234567890123456789}').values
  expect(String(cell)).toBe('0.1234567890123456789')
  expect(Number(cell)).toBeCloseTo(0.12345678901234568)
})

test('rows of another rule are refused', () => {
  expect(() => rowParser(headers)('{"_keyset":"gone"}')).toThrow('not of this rule as it is written now')
})
