import {expect, test} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import {
  type CsvOptions,
  count,
  from,
  lower,
  max,
  type RuleOptions,
  sum,
  topK,
  where,
} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows, type Input} from './both-ways.ts'

/** Runs a rule over CSV both ways, demands the same, and gives what it was. */
function same(text: string | Uint8Array, options: Partial<RuleOptions> = {}, input: Partial<Input> = {}) {
  const plan = planOf({
    name: 'a',
    format: {type: 'csv', fields: 'header'},
    keyParts: ['k'],
    valueParts: {records: count(), n: sum('n')},
    ...options,
  } as RuleOptions)
  const supported = kernelPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const whole: Input = {chunks: [Buffer.from(text)], ...input}
  const {passed, runs, ...found} = byKernel(plan, supported, whole)
  const {runs: expectedRuns, ...expected} = byRows(plan, whole)
  expect(found).toEqual(expected)
  return {...found, passed}
}

const valuesOf = ({rows}: ReturnType<typeof same>): unknown[] =>
  rows.map(row => [...row.key, ...row.values].map(String))

test('cells in quotes hold separators, doubled quotes and line breaks', () => {
  const found = same('k,x,n\n"a,b",1,2\n"say ""so""","two\nlines",3\r\n"a,b","",4\n')
  expect(valuesOf(found)).toEqual([
    ['a,b', '2', '6'],
    ['say "so"', '1', '3'],
  ])
  expect(found).toMatchObject({passed: 0, lines: 5})
})

test('bad records after line breaks in quotes have the numbers of their lines', () => {
  const found = same('k,n\n"two\nlines",1\nb\0,2\n"three\n\nlines",x\n"c\n",3\0\n')
  expect(found.bad.map(([line]) => line)).toEqual([4, 8])
  expect(found.account.coerced['_default.n']?.count).toBe(1)
})

test.each<[string, string, number]>([
  ['a quote in the middle of a cell', 'a"b,2', 1],
  ['text after a closing quote', '"a"b,2', 1],
  ['a NUL', 'a\0,2', 0],
  ['a carriage return in a cell', 'a\rb,2', 0],
  ['two carriage returns at its end', 'a,2\r\r', 1],
  ['text that is no plain number', 'a,+2', 1],
  ['no text where a number should be', 'a,', 1],
])('a record with %s goes to the row path', (_, record, passed) => {
  const found = same(`k,n\nz,1\n${record}\nz,1\n`)
  expect(found.passed).toBe(passed)
  expect(found.account.in).toBe(3)
})

test('what is not UTF-8 is bad, and other scripts are read', () => {
  const found = same(
    Buffer.from('k,n\nü,1\n日本語,2\n\xff,3\nü,4\n'.replace('\xff', '\u0001'), 'utf8').map(byte =>
      byte === 1 ? 0xff : byte,
    ),
  )
  expect(found.account).toMatchObject({used: 3, bad: 1})
  expect(found.passed).toBe(0)
})

test('short rows lack fields, long ones are cut, names that no column has are absent', () => {
  const found = same('k,n\na\na,1,more\n', {valueParts: {records: count(), n: count('n'), m: count('m')}})
  expect(valuesOf(found)).toEqual([['a', '2', '1', '0']])
  expect(found.passed).toBe(0)
})

test('of two columns with one name the last one counts', () => {
  expect(valuesOf(same('k,n,k\na,1,b\n'))).toEqual([['b', '1', '1']])
})

test.each<[string, CsvOptions, string]>([
  ['given', {type: 'csv', fields: ['k', 'n']}, 'a,1\n'],
  ['in the first record', {type: 'csv', fields: 'header'}, '\n\nk,n\na,1\n'],
  ['separated by tabs', {type: 'csv', fields: 'header', dialect: 'excel-tab'}, 'k\tn\na\t1\n'],
  ['separated by control characters', {type: 'csv', fields: 'header', delimiter: '\u0001'}, 'k\u0001n\na\u00011\n'],
  ['behind a byte order mark', {type: 'csv', fields: 'header'}, '\ufeff"k",n\na,1\n'],
])('names are %s', (_, format, text) => {
  expect(valuesOf(same(text, {format}))).toEqual([['a', '1', '1']])
})

test('without names fields have numbers', () => {
  const options = {format: {type: 'csv'}, keyParts: ['1'], valueParts: {n: sum('0')}} as const
  expect(valuesOf(same('1,a\n2,a,x\n', options))).toEqual([['a', '3']])
})

test('a part that is not the first is told the names', () => {
  expect(valuesOf(same('a,1\nb,2\n', {}, {isFirst: false, names: ['k', 'n']}))).toEqual([
    ['a', '1', '1'],
    ['b', '1', '2'],
  ])
})

test('numbers in text add up exactly and compare as numbers with numbers, as text with text', () => {
  const found = same('k,n\na,0.10\na,007\na,-1.5\nb,10\nb,9\n', {
    valueParts: {n: sum('n'), largest: max('n')},
    partsPreprocess: [where('n > -2 and n < "9x"')],
  })
  expect(valuesOf(found)).toEqual([
    ['a', '5.6', '7'],
    ['b', '19', '10'],
  ])
  expect(found.passed).toBe(0)
})

test('a quote that stays open costs one record, as in the row path', () => {
  const rows = 'a,1\n'.repeat(200_000)
  const found = same(`k,n\n${rows}"b,1\n${rows}`)
  expect(found.account).toMatchObject({bad: 1, used: 400_000})
})

test('a quote that is open at the end is kept as read', () => {
  expect(valuesOf(same('k,n\na,1\nb,"2'))).toEqual([
    ['a', '1', '1'],
    ['b', '1', '2'],
  ])
})

test('records longer than what the kernel looks for go to the row path, those behind them do not', () => {
  const long = `"${'x,\n'.repeat(40_000)}"`
  const found = same(`k,n,x\na,1,y\na,2,${long}\na,3,y\n`, {}, {isInPlace: true})
  expect(valuesOf(found)).toEqual([['a', '3', '6']])
  expect(found).toMatchObject({passed: 1, lines: 40_004})
})

test('many records that only the row path can follow are passed on in pieces', () => {
  const rows = Array.from({length: 5000}, (_, row) => `5" nail,${row % 7}\n`).join('')
  const found = same(`k,n\n${rows}a,1\n${'b,1\n'.repeat(50_000)}`)
  expect(found.account.used).toBe(55_001)
  expect(found.passed).toBeLessThan(40_000)
})

// A batch is up to 64 records: each of these stands in the middle of one, and the records around it are added up all the same.
test.each<[string, string, number]>([
  ['a short number', '12.5', 0],
  ['eight digits', '12345678', 0],
  ['seven digits and a point', '1234.567', 0],
  ['seven digits and a minus', '-1234567', 0],
  ['a point and a minus', '-12.5', 0],
  ['more than eight digits', '123456789012.345', 1],
  ['a point at its beginning', '.5', 1],
  ['a point at its end', '5.', 1],
  ['eight bytes and a point at their beginning', '.1234567', 1],
  ['eight bytes and a point at their end', '1234567.', 1],
  ['two points', '1.2.3', 1],
  ['a minus alone', '-', 1],
  ['a minus at its end', '12-', 1],
  ['a letter', '12a', 1],
  ['no text', '', 1],
  ['an exponent', '1e3', 1],
  ['other digits', '１２', 1],
  ['a finer scale than a sum has', '0.0000000001', 1],
  ['a large number at a fine scale', '999999999999999', 1],
])('%s among whole batches counts as in the row path', (_, number, passed) => {
  const rows = Array.from({length: 200}, (_, row) => `k${row % 3},${row % 11}.${row % 7}\n`).join('')
  const found = same(`k,n\nz,0.000000001\n${rows}odd,${number}\n${rows}`)
  expect(found.account.in).toBe(402)
  expect(found.passed).toBe(passed)
})

test.each<[string, string]>([
  ['a short record', 'a\n'],
  ['a long record', 'a,1,2,3\n'],
  ['a blank line', '\n'],
  ['a carriage return in front of the line end', 'a,1\r\n'],
  ['a carriage return in a cell', 'a\rb,1\n'],
  ['quotes', '"a","1"\n'],
  ['line breaks in quotes', '"a\n\nb",1\n'],
  ['doubled quotes', '"say ""a""",1\n'],
  ['other scripts', '日本語,1\n'],
  ['a NUL', 'a\0,1\n'],
  ['a stray quote', 'a"b,1\n'],
])('%s among whole batches is read as in the row path', (_, record) => {
  const rows = Array.from({length: 150}, (_, row) => `k${row % 3},${row % 11}\n`).join('')
  // The bad record at the end says whether lines were counted.
  const found = same(`k,n\n${rows}${record}${rows}${record}${record}${rows}b\0,x\n`)
  expect(found.account.used).toBeGreaterThanOrEqual(450)
})

test('records of batches that are not UTF-8 are bad', () => {
  const rows = 'a,1\n'.repeat(100)
  const broken = Buffer.from('x?,1\n').map(byte => (byte === 0x3f ? 0xff : byte))
  const found = same(Buffer.concat([Buffer.from(`k,n\n${rows}`), broken, Buffer.from(rows)]))
  expect(found.account).toMatchObject({used: 200, bad: 1})
})

test('a batch that ends with its chunk goes on in the next one', () => {
  const text = `k,n\n${Array.from({length: 300}, (_, row) => `k${row % 5},${row}\n`).join('')}`
  for (const cut of [700, 701, 702, 703, 704]) {
    const found = same(text, {}, {chunks: [Buffer.from(text.slice(0, cut)), Buffer.from(text.slice(cut))]})
    expect(found).toMatchObject({passed: 0, lines: 301})
  }
})

test('a topK among the aggregates counts by batches', () => {
  const rows = Array.from({length: 300}, (_, row) => `k${row % 3},${row % 4}\n`).join('')
  const found = same(`k,n\n${rows}`, {valueParts: {records: count(), most: topK('n', 2)}})
  expect(found.account.used).toBe(300)
  expect(found.passed).toBe(0)
})

test('fields that no column has are absent in whole batches, and drop the pairs whose keys they are part of', () => {
  const rows = Array.from({length: 200}, (_, row) => `k${row % 2},${row % 4}\n`).join('')
  const valueParts = ['count', 'n', 'hits']
  expect(valuesOf(same(`k,n\n${rows}`, {valueParts}))).toEqual([
    ['k0', '100', '100', '0'],
    ['k1', '100', '200', '0'],
  ])
  const found = same(`k,n\n${rows}`, {keyParts: ['k', 'hits'], valueParts})
  expect(found.account).toMatchObject({used: 0, filtered: 200})
})

// In whole batches the condition leaves some records, and those close up; what stands in the middle differs from the rest.
const conditions = [
  'n > 5',
  'n >= 5.25 and n <= 8',
  'n == 7 or n == "3.5"',
  'k == "k1"',
  'k != "k1"',
  'not (k == "k1") and n < 9',
  'k in ("k0", "k2") and not n == 4',
  'k contains "2" or n > 10',
  'exists(k) and n',
  'missing > 1',
  'missing != "x"',
  'k < "k2"',
  'n > k',
  'lower(k) == "k1" and n > 2',
  'n * 2 > 7',
]
const strangers = [
  'odd,\n',
  'odd,1e1\n',
  'odd, 7\n',
  'odd,-7\n',
  'odd,12345678.5\n',
  'odd,0.0000000001\n',
  'odd,999999999999999\n',
  'odd\n',
  '\n',
  '"k1","6"\n',
  '"k1\n",6.5\n',
  '"say ""k1""",7\n',
  'kü,7\n',
  'k\0,7\n',
  'k"1,7\n',
  'K1,7,more\r\n',
]

test.each(conditions)('the condition %s leaves of whole batches what it leaves on the row path', condition => {
  const rows = (count: number): string =>
    Array.from({length: count}, (_, row) => `k${row % 4},${row % 13}.${(row * 25) % 100}\n`).join('')
  const text = `k,n\n${rows(150)}${strangers.map(stranger => `${stranger}${rows(70)}`).join('')}`
  const found = same(text, {partsPreprocess: [where(condition)]})
  expect(found.account.in).toBeGreaterThan(1000)
  expect(found.passed).toBeLessThan(strangers.length)
})

test('a condition of one keyset, and one of a field that is made, hold in whole batches', () => {
  const rows = Array.from({length: 300}, (_, row) => `K${row % 3},${row % 10}\n`).join('')
  const found = same(`k,n\n${rows}`, {
    keyParts: undefined,
    valueParts: undefined,
    partsPreprocess: [where('n >= 5')],
    keysets: {
      all: {keyParts: ['k'], valueParts: {records: count()}},
      some: {keyParts: [from('k', lower).as('small')], valueParts: {n: sum('n')}, partsPreprocess: [where('n > 7')]},
    },
  } as never)
  expect(valuesOf(found)).toEqual([
    ['K0', '50'],
    ['K1', '50'],
    ['K2', '50'],
    ['k0', '170'],
    ['k1', '170'],
    ['k2', '170'],
  ])
  expect(found).toMatchObject({passed: 0, account: {used: 150, filtered: 150}})
})

test('where every other record is one for the row path the batches between them are small', () => {
  const found = same(`k,n\n${'a,1\nb,\nc,2\n'.repeat(20_000)}`, {partsPreprocess: [where('k != "c"')]})
  expect(found.account).toMatchObject({used: 40_000, filtered: 20_000})
  expect(found.passed).toBe(20_000)
})

test.each([
  ['of one cell', 'k\n'],
  ['of as many cells as bytes', 'k,,,,,,,,,,,,,,,,,,,n,\n'],
  ['of two cells', 'k,n\n'],
])('records %s are told apart when others have fewer cells or more', (_, header) => {
  const cells = header.trimEnd().split(',').length
  const rows = (count: number, cellCount: number): string =>
    Array.from({length: count}, (_, row) => `k${row % 3}${',1'.repeat(cellCount - 1)}\n`).join('')
  // Twice as many cells in one record, and half as many in two, end where plain records would.
  for (const others of [1, cells * 2, cells + 1]) {
    const text = `${header}${rows(300, cells)}${rows(2, others)}${rows(3000, cells)}${rows(1, others)}${rows(40, cells)}`
    const found = same(text, {valueParts: {records: count()}})
    expect(found).toMatchObject({passed: 0, lines: 3344, account: {in: 3343}})
  }
})
