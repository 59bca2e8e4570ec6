import {expect, test} from 'vitest'
import {type FormatOptions, formatRows, textWidth} from '../../../src/sinks/index.ts'
import {decimal, headerOf, rowOf, textOf} from './rows.ts'

const clicks = headerOf('clicks', ['site', 'count'])
const table = (
  headers: Parameters<typeof formatRows>[1],
  rows: Parameters<typeof formatRows>[2],
  options: FormatOptions = {},
) => textOf(formatRows('table', headers, rows, options))

test('text stands left, numbers right and grouped, keys as they are', () => {
  const header = headerOf('clicks', ['ad_id', 'count', 'price'])
  const rows = [rowOf('clicks', ['1234567'], [1234567, decimal('12345.60')]), rowOf('clicks', ['8'], [-1000n, null])]
  expect(table([header], rows)).toBe(
    [
      'clicks · 2 rows',
      '┌─────────┬───────────┬───────────┐',
      '│ ad_id   │     count │     price │',
      '├─────────┼───────────┼───────────┤',
      '│ 1234567 │ 1,234,567 │ 12,345.60 │',
      '│ 8       │    -1,000 │           │',
      '└─────────┴───────────┴───────────┘',
      '',
    ].join('\n'),
  )
})

test('estimates are marked, keysets stand apart, ascii needs no other signs', () => {
  const rows = [rowOf('clicks', ['a'], [1234], [0]), rowOf('views', ['b'], ['x'])]
  expect(table([clicks, headerOf('views', ['k', 'v'])], rows, {ascii: true})).toBe(
    [
      'clicks, 1 row',
      '+------+--------+',
      '| site |  count |',
      '+------+--------+',
      '| a    | ~1,234 |',
      '+------+--------+',
      '',
      'views, 1 row',
      '+---+---+',
      '| k | v |',
      '+---+---+',
      '| b | x |',
      '+---+---+',
      '',
    ].join('\n'),
  )
  expect(table([clicks], rows.slice(0, 1))).toContain('│ ≈1,234 │')
})

test('the only keyset of a rule needs no title', () => {
  expect(table([headerOf('_default', ['k'])], [rowOf('_default', ['a'], [])]).split('\n')[0]).toBe('1 row')
})

test('no rows, no output', () => {
  expect(table([clicks], [])).toBe('')
})

test('control characters do not reach the terminal', () => {
  const text = table([headerOf('k', ['a\u001b[2J'])], [rowOf('k', ['x\u001b[31m\ny\u202e'], [])])
  expect(text).toContain('a\\u001b[2J')
  expect(text).toContain('x\\u001b[31m\\ny\\u202e')
  expect(text).not.toMatch(/[\u001b\u202e]/)
})

test('wide characters keep the borders straight', () => {
  const rows = ['日本', 'é', '👨‍👩‍👧', 'abc'].map(key => rowOf('clicks', [key], [1]))
  const lines = table([clicks], rows).trimEnd().split('\n').slice(1)
  expect(new Set(lines.map(textWidth))).toEqual(new Set([16]))
})

test('text is squeezed to fit the width, numbers are not', () => {
  const header = headerOf('k', ['url', 'note', 'count'], 2)
  const rows = [rowOf('k', ['https://example.com/a/very/long/path', 'short text'], [123456789])]
  const lines = table([header], rows, {width: 40}).trimEnd().split('\n').slice(1)
  expect(lines.map(textWidth)).toEqual([40, 40, 40, 40, 40])
  expect(lines[3]).toBe('│ https://… │ short text │ 123,456,789 │')
})

test('columns that cannot fit are named below', () => {
  const header = headerOf('k', ['a', 'b', 'c'], 0)
  const text = table([header], [rowOf('k', [], [1111111, 2222222, 3333333])], {width: 26})
  expect(text).toContain('│ 1,111,111 │ 2,222,222 │\n')
  expect(text.endsWith('not shown, the terminal is too narrow: c\n')).toBe(true)
})

test('long text is cut even without a width', () => {
  const text = table([headerOf('k', ['a'])], [rowOf('k', ['x'.repeat(100)], [])])
  expect(text).toContain(`│ ${'x'.repeat(59)}… │`)
})

test('rows beyond the limit are counted', () => {
  const rows = Array.from({length: 12_348}, (_, index) => rowOf('clicks', [`s${index}`], [index]))
  const text = table([clicks], rows, {rowLimit: 3})
  expect(text.split('\n')).toHaveLength(10)
  expect(text.endsWith('… and 12,345 more rows\n')).toBe(true)
})

test('a keyset larger than the sample tells its size at the end, and later cells may stick out', () => {
  const rows = Array.from({length: 1500}, (_, index) => rowOf('clicks', [index === 1400 ? 'much longer' : 'a'], [1]))
  const lines = table([clicks], rows).split('\n')
  expect(lines[0]).toBe('clicks')
  expect(lines).toContain('│ much longer │     1 │')
  expect(lines.at(-2)).toBe('1,500 rows')
})
