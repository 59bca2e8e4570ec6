import {expect, test} from 'vitest'
import {formatRows, type KeysetHeader} from '../../../src/sinks/index.ts'
import {decimal, headerOf, rowOf, textOf} from './rows.ts'

const markdown = (headers: readonly KeysetHeader[], rows: Parameters<typeof formatRows>[2], options = {}): string =>
  textOf(formatRows('markdown', headers, rows, options))

test('one table has no title, and its numbers are aligned right', () => {
  const header = headerOf('clicks', ['site', 'count', 'sum', 'top'])
  const rows = [
    rowOf('clicks', ['a'], [3, decimal('0.10'), null]),
    rowOf('clicks', ['7'], [2n ** 70n, null, [['x', 1]]]),
  ]
  expect(markdown([header], rows)).toBe(`\
| site | count | sum | top |
| --- | ---: | ---: | --- |
| a | 3 | 0.10 |  |
| 7 | 1180591620717411303424 |  | \\[\\["x",1\\]\\] |
`)
})

test('of several tables each has its name, and an empty line is between them', () => {
  const headers = [headerOf('a_b', ['site', 'n']), headerOf('none', ['x']), headerOf('views', ['page', 'n'])]
  const rows = [rowOf('a_b', ['a'], [1]), rowOf('views', ['p'], [2])]
  expect(markdown(headers, rows)).toBe(`\
**a_b**

| site | n |
| --- | ---: |
| a | 1 |

**views**

| page | n |
| --- | ---: |
| p | 2 |
`)
  expect(markdown(headers, rows, {emptyHeaders: true})).toContain('**none**\n\n| x |\n| --- |\n')
})

test('no rows, no output', () => {
  expect(markdown([headerOf('k', ['a'])], [])).toBe('')
})

test('a cell stays a cell, whatever is in it', () => {
  const cells = ['a|b', 'x\r\ny\nz', '<b>&amp;', 'campaign_id', '_so_', '`*[~]', 'c:\\x', '']
  const header = headerOf('k', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 8)
  expect(markdown([header], [rowOf('k', cells, [])]).split('\n')[2]).toBe(
    '| a\\|b | x<br>y<br>z | &lt;b>&amp;amp; | campaign_id | \\_so\\_ | \\`\\*\\[\\~\\] | c:\\\\x |  |',
  )
})

test('short rows are padded', () => {
  expect(markdown([headerOf('k', ['a', 'b', 'c'])], [rowOf('k', ['x'], [1])])).toBe(
    '| a | b | c |\n| --- | ---: | ---: |\n| x | 1 |  |\n',
  )
})
