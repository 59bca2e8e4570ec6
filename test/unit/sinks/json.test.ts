import {expect, test} from 'vitest'
import {formatRows} from '../../../src/sinks/index.ts'
import {decimal, headerOf, rowOf, textOf} from './rows.ts'

const clicks = headerOf('clicks', ['site', 'count'])

test('ndjson is an object a row, key parts as text, digits exact', () => {
  const rows = [rowOf('clicks', ['7'], [2n ** 64n]), rowOf('clicks', ['8'], [decimal('0.10')])]
  expect(textOf(formatRows('ndjson', [clicks], rows))).toBe(
    '{"_keyset":"clicks","site":"7","count":18446744073709551616}\n{"_keyset":"clicks","site":"8","count":0.10}\n',
  )
})

test('columns of one name, or of ours, get a suffix', () => {
  const header = headerOf('k', ['a', 'a', 'a_2', '_keyset', 'a'], 5)
  expect(textOf(formatRows('ndjson', [header], [rowOf('k', ['1', '2', '3', '4', '5'], [])]))).toBe(
    '{"_keyset":"k","a":"1","a_3":"2","a_2":"3","_keyset_2":"4","a_4":"5"}\n',
  )
})

test('short rows are padded with null, awkward names are escaped', () => {
  const header = headerOf('k"1', ['__proto__', 'b\n'])
  const text = textOf(formatRows('ndjson', [header], [rowOf('k"1', ['x'], [])]))
  expect(text).toBe('{"_keyset":"k\\"1","__proto__":"x","b\\n":null}\n')
})

test('a keyset without columns is still an object', () => {
  expect(textOf(formatRows('ndjson', [headerOf('k', [], 0)], [rowOf('k', [], [])]))).toBe('{"_keyset":"k"}\n')
})

test('estimates are named', () => {
  const rows = [rowOf('clicks', ['a'], [10], [0])]
  expect(textOf(formatRows('ndjson', [clicks], rows))).toBe(
    '{"_keyset":"clicks","site":"a","count":10,"_approximate":["count"]}\n',
  )
  expect(textOf(formatRows('json', [clicks], rows))).toContain('{"site":"a","count":10,"_approximate":["count"]}')
})

test('json is one document, with empty lists for keysets without rows', () => {
  const rows = [rowOf('clicks', ['a'], [1]), rowOf('clicks', ['b'], [2]), rowOf('views', ['x'], [])]
  const headers = [headerOf('none', ['z']), clicks, headerOf('views', ['page'])]
  expect(JSON.parse(textOf(formatRows('json', headers, rows)))).toEqual({
    keysets: {
      clicks: [
        {site: 'a', count: 1},
        {site: 'b', count: 2},
      ],
      views: [{page: 'x'}],
      none: [],
    },
  })
})

test('json is valid without rows and without keysets', () => {
  expect(JSON.parse(textOf(formatRows('json', [clicks], [])))).toEqual({keysets: {clicks: []}})
  expect(JSON.parse(textOf(formatRows('json', [], [])))).toEqual({keysets: {}})
})

test('json refuses a keyset in two places, which would be one name twice', () => {
  const rows = [rowOf('clicks', ['a'], [1]), rowOf('b', [], []), rowOf('clicks', ['b'], [2])]
  expect(() => textOf(formatRows('json', [clicks, headerOf('b', [])], rows))).toThrow('come in several places')
})
