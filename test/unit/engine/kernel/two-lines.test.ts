/** Inputs of many batches, which are read two lines at a time: what one line does must not show in another one's. */
import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {count, sum, where} from '../../../../src/rules/index.ts'
import {same} from './same.ts'

const lineCount = 1_500
const lines = (line: (index: number) => string): string[] => Array.from({length: lineCount}, (_, index) => line(index))
/** Runs of lines of one kind, whose lengths have nothing to do with those of batches. */
const turn = (index: number, kinds: number): number => Math.floor(index / 37) % kinds

test('lines of a filter leave nothing behind for the lines that are read after them', () => {
  const found = same(
    {partsPreprocess: [where('n < 700')], valueParts: ['count', 'n']},
    lines(index => `{"k":"k${index % 7}","n":${(index * 389) % 1_000}}`),
  )
  expect(found.passed).toBe(0)
  expect(found.account.filtered).toBeGreaterThan(0)
})

test('keysets with conditions of their own take only their lines', () => {
  const keysets = {
    small: {keyParts: ['k'], valueParts: {hits: count(), n: sum('n')}, partsPreprocess: [where('n < 300')]},
    all: {keyParts: ['m'], valueParts: {hits: count()}},
  }
  const options = {keysets, keyParts: undefined, valueParts: undefined}
  same(
    options as never,
    lines(index => `{"k":"k${index % 7}","n":${(index * 389) % 1_000}${turn(index, 3) === 0 ? '' : ',"m":1'}}`),
  )
})

test.each([
  ['a key', '"n":1'],
  ['a number', '"k":"a"'],
  ['all fields', '"x":1'],
])('%s missing for some lines is missing in those alone', (_, rest) => {
  const found = same(
    {valueParts: ['count', 'n']},
    lines(index => (turn(index, 2) === 0 ? `{"k":"b","n":${index}}` : `{${rest}}`)),
  )
  expect(found.passed).toBe(0)
})

test.each([1, 2, 17, 61, 400])(
  'every %i-th line broken, doubled or unusual goes to the row path by its own number',
  every => {
    const unusual = [
      '{"k":"a","n":1',
      '',
      '{"k":"a","k":"b","n":1}',
      '{"k":"a","n":1e3}',
      '{"k":"\\ud83d","n":1}',
      '[1]',
    ]
    const found = same(
      {valueParts: ['count', 'n']},
      lines(index => (index % every === every - 1 ? unusual[index % 6]! : `{"k":"k${index % 11}","n":${index}.5}`)),
    )
    expect(found.passed).toBeLessThanOrEqual(Math.ceil(lineCount / every))
  },
)

test('names that come twice are seen in both of two lines', () => {
  const doubled = lines(index => (turn(index, 2) === 0 ? '{"k":"a","n":1}' : '{"k":"a","n":1,"n":2}'))
  expect(same({valueParts: ['count', 'n']}, doubled).passed).toBeGreaterThan(0)
})

test('lines that become much longer or shorter stay whole', () => {
  const random = seededRandom(5)
  for (let round = 0; round < 20; round++) {
    let length = 1
    const found = same(
      {valueParts: ['count', 'n']},
      Array.from({length: 400}, (_, index) => {
        if (random.int(40) === 0) length = [1, 10, 100, 3_000][random.int(4)]!
        return `{"k":"k${index % 5}","pad":"${'p'.repeat(random.int(length))}","n":${index}}`
      }),
    )
    expect(found.passed).toBe(0)
  }
})

test('numbers become finer in the middle of a batch', () => {
  same(
    {valueParts: ['count', 'n']},
    lines(index => `{"k":"k${index % 3}","n":1.${'1'.repeat(1 + Math.floor(index / 190))}}`),
  )
})

test('texts with escapes keep to their lines', () => {
  const found = same(
    {keyParts: ['k', 'm'], valueParts: ['count']},
    lines(index => `{"k":"a\\n${index % 97}\\u00e9","m":"${index % 3 === 0 ? '\\t\\"' : 'plain'}"}`),
  )
  expect(found.passed).toBe(0)
})
