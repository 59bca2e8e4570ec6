/** Batches of JSON lines that are decided a field at a time, and what one line among them that is not plain changes. */
import {expect, test} from 'vitest'
import {last, max} from '../../../../src/rules/index.ts'
import {same} from './same.ts'

const plain = (index: number): string => `{"k":"key ${index % 9}","m":${index % 5},"n":${index}.25}`
const rule = {
  keysets: {
    two: {keyParts: ['k', 'm'], valueParts: ['count', 'n']},
    one: {keyParts: ['m'], valueParts: {most: max('n'), last: last('k', {by: 'n'})}},
  },
  keyParts: undefined,
  valueParts: undefined,
} as never

test.each([
  ['without a key part', '{"k":"key 1","n":1.5}'],
  ['with null for a key part', '{"k":null,"m":3,"n":1.5}'],
  ['with a number as text', '{"k":"key 1","m":3,"n":"1.5"}'],
  ['with more decimal places', '{"k":"key 1","m":3,"n":1.00625}'],
  ['with a number that is too large', '{"k":"key 1","m":3,"n":99999999999999}'],
  ['without a value', '{"k":"key 1","m":3}'],
  ['that is broken', '{"k":"key 1","m":3,"n":1.5'],
])('a line %s counts as it does alone, wherever it stands in its batch', (_, odd) => {
  for (const place of [0, 1, 20, 27, 28, 29, 31, 32, 33, 55, 63, 64, 65, 150]) {
    const lines = Array.from({length: 300}, (_, index) => (index === 100 + place ? odd : plain(index)))
    expect(same(rule, lines).lines).toBe(300)
  }
})

test('lines that are all plain leave nothing to the row path', () => {
  const found = same(
    rule,
    Array.from({length: 1_000}, (_, index) => plain(index)),
  )
  expect([found.passed, found.account.used, found.rows.length]).toEqual([0, 1_000, 50])
})
