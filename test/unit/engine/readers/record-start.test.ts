import {expect, test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {firstRecordStart, makeReader, openCellBytesMax} from '../../../../src/engine/readers/index.ts'
import type {FormatNode} from '../../../../src/rules/index.ts'
import {someCsv} from '../kernel/dirty-csv.ts'

const unheard = {record: () => undefined, bad: () => undefined, skipped: () => undefined}

/** Where records begin for a reader of the whole input, behind each newline. */
function recordStarts(bytes: Uint8Array, delimiter: string): number[] {
  const format: FormatNode = {format: 'csv', fields: null, delimiter}
  const reader = makeReader(format, unheard, {isFirst: true})
  const starts = [0]
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at) + 1 || bytes.length
    reader.push(bytes.subarray(at, end))
    at = end
    if (reader.isBetweenRecords && bytes[end - 1] === 0x0a) starts.push(end)
  }
  return starts
}

function check(bytes: Uint8Array, delimiter: string, from: number, windowAt: number): boolean {
  const found = firstRecordStart(bytes.subarray(windowAt), from - windowAt, delimiter)
  if (found === undefined) return false
  const expected = recordStarts(bytes, delimiter).find(start => start >= from)
  expect({from, windowAt, found: found + windowAt}).toEqual({from, windowAt, found: expected})
  return true
}

test('what bytes from the middle tell about where records begin is what a reader of the whole finds', () => {
  let told = 0
  for (let seed = 1; seed <= 1500; seed++) {
    const random = seededRandom(seed)
    const brokenness = random.pick([0, 0.05, 0.3])
    const {bytes, format} = someCsv(random, {oddness: random.pick([0.05, 0.5]), brokenness})
    if (bytes.length < 4 || bytes.length > 100_000) continue
    for (let round = 0; round < 4; round++) {
      const from = 1 + random.int(bytes.length - 1)
      if (check(bytes, format.delimiter ?? ',', from, random.int(from))) told++
    }
  }
  expect(told).toBeGreaterThan(1000)
})

const rows = (bytes: number): string => 'some,plain,row\n'.repeat(Math.ceil(bytes / 15))

test.each<[string, string]>([
  ['no quote', rows(openCellBytesMax + 100_000)],
  ['a stray quote long before', `a,"b\n${rows(2 * openCellBytesMax)}`],
  ['a cell as long as one may be', `a,"${rows(openCellBytesMax - 100)}",b\n${rows(2 * openCellBytesMax)}`],
])('after %s', (_, text) => {
  const bytes = Buffer.from(text)
  for (const back of [0, 1, 7, 14, 15, 100, 1000]) {
    const from = bytes.length - 5000 - back
    expect(check(bytes, ',', from, Math.max(0, from - openCellBytesMax - 50_000))).toBe(true)
    // Half a megabyte without quotes says nothing yet.
    expect(check(bytes, ',', from, from - openCellBytesMax + 50_000)).toBe(false)
  }
})

test('cells in quotes tell within a few records', () => {
  const bytes = Buffer.from('1,"two\nlines, and ""so"" on",3\n'.repeat(20))
  for (let from = 150; from < 500; from++) expect(check(bytes, ',', from, from - 120)).toBe(true)
})

test('cells that end in line breaks fit both ways, so nothing is said', () => {
  const bytes = Buffer.from('"\n","\n","\n"\n'.repeat(100))
  expect(check(bytes, ',', 700, 100)).toBe(false)
})

test('a quote now and then tells, wherever the place is between it and the next one', () => {
  const rare = ['a,"two\nlines",3\n', 'a,"so ""so""\n",3\n', '"",b,c\n', 'a,b,"c"\r\n', 'a,5" nail,c\n', 'a,"b"c\n,d\n']
  let told = 0
  let asked = 0
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed)
    const text = Array.from({length: 400}, (_, row) =>
      random.int(40) === 0 ? random.pick(rare) : `${row},plain,row\n`,
    )
    const bytes = Buffer.from(text.join(''))
    const lastPlaces = [bytes.lastIndexOf('"'), bytes.lastIndexOf('"') + 1, bytes.indexOf('"', 2000)]
    for (const from of [...lastPlaces, ...Array.from({length: 12}, () => 2000 + random.int(bytes.length - 2000))]) {
      asked++
      if (check(bytes, ',', from, random.int(1500))) told++
    }
  }
  expect(told).toBeGreaterThan(asked * 0.9)
})
