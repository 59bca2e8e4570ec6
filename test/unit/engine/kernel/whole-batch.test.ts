/** Batches of JSON lines that are decided a field at a time, and what one line among them that is not plain changes. */
import {expect, test} from 'vitest'
import {avg, distinct, last, max, where} from '../../../../src/rules/index.ts'
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

/** Of usual lines it is known that they have the keys and the numbers that this asks for. */
const sums = {
  keysets: {
    two: {keyParts: ['k', 'm'], valueParts: ['count', 'n']},
    one: {keyParts: ['m'], valueParts: {mean: avg('n'), texts: distinct('k')}},
  },
  keyParts: undefined,
  valueParts: undefined,
} as never

/** How lines are read: by the general reader, by code for usual ones, or by their table. */
const ways = [{}, {usualBytes: 0}, {usualBytes: 0, codeValues: 0}]

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
    for (const way of ways) expect(same(sums, lines, way).lines).toBe(300)
  }
})

test.each([
  [
    'a key part is null now and then',
    (index: number) => (index % 7 === 3 ? plain(index).replace(/"key \d"/, 'null') : plain(index)),
  ],
  [
    'a key part is a text or a number',
    (index: number) => (index % 7 === 3 ? plain(index).replace(/"key \d"/, '8') : plain(index)),
  ],
  [
    'a number is a text now and then',
    (index: number) => plain(index).replace(/"n":(\S+)}/, index % 7 === 3 ? '"n":"$1"}' : '"n":$1}'),
  ],
  [
    'a number is null now and then',
    (index: number) => plain(index).replace(/"n":(\S+)}/, index % 7 === 3 ? '"n":null}' : '"n":$1}'),
  ],
  ['all numbers are texts', (index: number) => plain(index).replace(/"n":(\S+)}/, '"n":"$1"}')],
  ['no line has a key part', (index: number) => plain(index).replace('"k"', '"x"')],
  ['no line has the number', (index: number) => plain(index).replace('"n"', '"x"')],
])('lines of which %s count as they do alone', (_, line) => {
  const lines = Array.from({length: 400}, (_, index) => line(index))
  for (const way of ways) expect(same(sums, lines, way).lines).toBe(400)
})

/** The condition is asked of all lines of a batch at once. */
const filters = ['n > 250', 'n > 20 and n < 40 or m == 3', 'not (k == "key 1") and n >= 31.25', 'n > 1000'].map(
  condition =>
    ({
      keysets: {
        two: {keyParts: ['k', 'm'], valueParts: ['count', 'n']},
        some: {keyParts: ['m'], valueParts: ['count'], partsPreprocess: [where('n > 120')]},
      },
      ...{partsPreprocess: [where(condition)], keyParts: undefined, valueParts: undefined},
    }) as never,
)

test.each([
  ['without a key part', '{"k":null,"m":3,"n":1.5}'],
  ['with a number as text', '{"k":"key 1","m":3,"n":"260.5"}'],
  ['with a number that only the row path reads', '{"k":"key 1","m":3,"n":3e2}'],
  ['with a text that only the row path reads as a number', '{"k":"key 1","m":3,"n":" 300"}'],
  ['with a text that has escapes', '{"k":"\\u00e9\\n","m":3,"n":300}'],
  ['with a number of more decimal places', '{"k":"key 1","m":3,"n":300.00625}'],
  ['without the number', '{"k":"key 1","m":3}'],
  ['that is broken', '{"k":"key 1","m":3,"n":300'],
])('where lines are filtered, a line %s counts as it does alone, wherever it stands', (_, odd) => {
  for (const place of [0, 15, 16, 31, 32, 63, 64, 150]) {
    const lines = Array.from({length: 300}, (_, index) => (index === 100 + place ? odd : plain(index)))
    for (const filter of filters) for (const way of ways) expect(same(filter, lines, way).lines).toBe(300)
  }
})

test('usual lines whose numbers fit leave nothing to the row path, and are read as such', () => {
  const lines = Array.from({length: 1_000}, (_, index) => plain(index))
  for (const way of ways.slice(1)) {
    const {passed, usual = 0, rows} = same(sums, lines, way)
    expect([passed, rows.length]).toEqual([0, 50])
    expect(usual).toBeGreaterThan(800)
  }
})

test('lines that are all plain leave nothing to the row path', () => {
  const found = same(
    rule,
    Array.from({length: 1_000}, (_, index) => plain(index)),
  )
  expect([found.passed, found.account.used, found.rows.length]).toEqual([0, 1_000, 50])
})
