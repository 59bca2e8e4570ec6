import {expect, test} from 'vitest'
import {formatRows, type KeysetHeader} from '../../../src/sinks/index.ts'
import {decimal, FailingRows, headerOf, rowOf, textOf} from './rows.ts'

const clicks = headerOf('clicks', ['site', 'count'])
const csv = (headers: readonly KeysetHeader[], rows: Parameters<typeof formatRows>[2], options = {}): string =>
  textOf(formatRows('csv', headers, rows, options))

test('each keyset has its header, and they follow one another', () => {
  const rows = [rowOf('clicks', ['a'], [3]), rowOf('clicks', ['b'], [1]), rowOf('views', ['x', 'y'], [7])]
  expect(csv([clicks, headerOf('views', ['site', 'page', 'n'], 2)], rows)).toBe(
    'site,count\na,3\nb,1\nsite,page,n\nx,y,7\n',
  )
})

test('no rows, no output', () => {
  expect(csv([clicks], [])).toBe('')
})

test('only cells with comma, quote, CR or LF are quoted', () => {
  const cells = ['a,b', 'say "hi"', 'x\ny', 'x\ry', ' space ', "it's;", '']
  const header = headerOf('k', ['a,1', 'b', 'c', 'd', 'e', 'f', 'g'], 7)
  expect(csv([header], [rowOf('k', cells, [])])).toBe(
    '"a,1",b,c,d,e,f,g\n"a,b","say ""hi""","x\ny","x\ry", space ,it\'s;,\n',
  )
})

test('cells are null as nothing, exact numbers, and JSON for lists', () => {
  const header = headerOf('k', ['a', 'b', 'c', 'd', 'e'], 0)
  expect(csv([header], [rowOf('k', [], [null, 2n ** 70n, decimal('0.10'), [['x', 1]], 1e21])])).toBe(
    'a,b,c,d,e\n,1180591620717411303424,0.10,"[[""x"",1]]",1000000000000000000000\n',
  )
})

test('lines end with CRLF on request', () => {
  expect(csv([clicks], [rowOf('clicks', ['a'], [3])], {crlf: true})).toBe('site,count\r\na,3\r\n')
})

test('a row of one empty cell is not an empty line', () => {
  expect(csv([headerOf('k', ['a'])], [rowOf('k', [''], [])])).toBe('a\n""\n')
})

test('short rows are padded', () => {
  expect(csv([headerOf('k', ['a', 'b', 'c'])], [rowOf('k', ['x'], [1]), rowOf('k', [], [])])).toBe('a,b,c\nx,1,\n,,\n')
})

test('appended values without names are extra1, extra2 by the widest of the first rows', () => {
  const rows = [rowOf('clicks', ['a'], [3]), rowOf('clicks', ['b'], [1, 'x', 'y'])]
  expect(csv([clicks], rows)).toBe('site,count,extra1,extra2\na,3,,\nb,1,x,y\n')
})

test('a wider row far below names the keyset and extraColumns', () => {
  const rows = new FailingRows([
    ...Array.from({length: 1500}, () => rowOf('clicks', ['a'], [3])),
    rowOf('clicks', ['b'], [1, 'x']),
  ])
  expect(() => csv([clicks], rows)).toThrow('keyset "clicks" has 2 columns, but a later row has 3 values')
  expect(rows.isEnded).toBe(true)
})

test('a row of an unknown keyset is refused', () => {
  expect(() => csv([clicks], [rowOf('views', ['a'], [3])])).toThrow('keyset "views", which the rule does not have')
})

test('a keyset that comes again has its header again', () => {
  const rows = [rowOf('clicks', ['a'], [3]), rowOf('b', ['x'], []), rowOf('clicks', ['b'], [1])]
  expect(csv([clicks, headerOf('b', ['k'])], rows)).toBe('site,count\na,3\nk\nx\nsite,count\nb,1\n')
})

test('a reader that stops early ends the rows', () => {
  const rows = new FailingRows(Array.from({length: 3000}, () => rowOf('clicks', ['a'], [3])))
  for (const line of formatRows('csv', [clicks], rows)) if (line.startsWith('a')) break
  expect(rows.isEnded).toBe(true)
})

test('many rows come in chunks of whole lines', () => {
  const rows = Array.from({length: 2500}, (_, index) => rowOf('clicks', [`s${index}`], [index]))
  const chunks = [...formatRows('csv', [clicks], rows)]
  expect(chunks.length).toBeGreaterThan(2)
  expect(chunks.every(chunk => chunk.endsWith('\n') && chunk.length < 10_000)).toBe(true)
  const lines = csv([clicks], rows).split('\n')
  expect(lines).toHaveLength(2502)
  expect(lines[2500]).toBe('s2499,2499')
})

test('with tabs, cells with a tab are quoted and those with a comma are not', () => {
  const rows = [rowOf('k', ['a,b'], ['x\ty']), rowOf('k', ['say "hi"'], [1])]
  expect(textOf(formatRows('tsv', [headerOf('k', ['a\t1', 'n'])], rows))).toBe(
    '"a\t1"\tn\na,b\t"x\ty"\n"say ""hi"""\t1\n',
  )
})

test('with tabs, short rows are padded and a single empty cell is kept', () => {
  expect(textOf(formatRows('tsv', [headerOf('k', ['a', 'b', 'c'])], [rowOf('k', ['x'], [1])]))).toBe(
    'a\tb\tc\nx\t1\t\n',
  )
  expect(textOf(formatRows('tsv', [headerOf('k', ['a'])], [rowOf('k', [''], [])]))).toBe('a\n""\n')
})
