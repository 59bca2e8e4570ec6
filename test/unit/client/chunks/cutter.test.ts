import {expect, test} from 'vitest'
import {ChunkCutter, type CutOptions, type RawChunk} from '../../../../src/client/chunks/index.ts'

const lines = {type: 'lines'} as const
const csv = {type: 'csv', separator: 0x2c} as const
const base: CutOptions = {chunkBytes: 32, recordBytesMax: 1000, format: lines, hasHeader: false, name: 'a.log'}

function cut(text: string, options: Partial<CutOptions> = {}, step = 7): {text: string; recordCount: number}[] {
  const cutter = new ChunkCutter({...base, ...options})
  const chunks: RawChunk[] = []
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += step) chunks.push(...cutter.push(bytes.subarray(at, at + step)))
  const last = cutter.end()
  if (last !== undefined) chunks.push(last)
  return chunks.map(chunk => ({text: chunk.bytes.toString(), recordCount: chunk.recordCount}))
}

test('chunks end at line ends and together are the input', () => {
  const text = Array.from({length: 20}, (_, index) => `line ${index}\n`).join('')
  const chunks = cut(text)
  expect(chunks.map(chunk => chunk.text).join('')).toBe(text)
  expect(chunks.every(chunk => chunk.text.endsWith('\n') && chunk.text.length <= 32)).toBe(true)
  expect(chunks.reduce((sum, chunk) => sum + chunk.recordCount, 0)).toBe(20)
})

test('chunks do not depend on how the bytes arrive', () => {
  const text = Array.from({length: 50}, (_, index) => `${'x'.repeat(index % 40)}\n`).join('')
  for (const step of [1, 3, 31, 32, 33, 10_000]) expect(cut(text, {}, step)).toEqual(cut(text, {}, 5))
})

test('the last line may lack its end', () => {
  expect(cut('one\ntwo')).toEqual([{text: 'one\ntwo', recordCount: 2}])
})

test('nothing in, nothing out', () => {
  expect(cut('')).toEqual([])
})

test('a line that is longer than a chunk makes a longer chunk', () => {
  const long = 'y'.repeat(100)
  const chunks = cut(`a\n${long}\nb\n`)
  expect(chunks.map(chunk => chunk.text).join('')).toBe(`a\n${long}\nb\n`)
  expect(chunks.reduce((sum, chunk) => sum + chunk.recordCount, 0)).toBe(3)
})

test('a record beyond the limit is an error that names the input and the record', () => {
  expect(() => cut(`a\nb\n${'y'.repeat(200)}\n`, {recordBytesMax: 150})).toThrow('a.log, record 3: longer than 150')
  expect(() => cut(`a\n${'y'.repeat(200)}`, {recordBytesMax: 150})).toThrow('a.log, record 2: longer than 150')
})

test('a CSV record with line ends in quotes is never cut', () => {
  const row = '1,"a\nb ""c""\nd",2\n'
  const chunks = cut(row.repeat(6), {format: csv})
  expect(chunks.every(chunk => chunk.text === row)).toBe(true)
  expect(chunks.length).toBe(6)
})

test('a quote inside a CSV field that does not begin with one is text', () => {
  const text = '5" nails,1\n'.repeat(8)
  const chunks = cut(text, {format: csv})
  expect(chunks.length).toBeGreaterThan(1)
  expect(chunks.map(chunk => chunk.text).join('')).toBe(text)
})

test('a CSV header goes before every chunk and is no record', () => {
  const rows = Array.from({length: 12}, (_, index) => `${index},x\n`)
  const chunks = cut(`id,name\n${rows.join('')}`, {format: csv, hasHeader: true})
  expect(chunks.length).toBeGreaterThan(1)
  expect(chunks.every(chunk => chunk.text.startsWith('id,name\n'))).toBe(true)
  expect(chunks.map(chunk => chunk.text.slice('id,name\n'.length)).join('')).toBe(rows.join(''))
  expect(chunks.reduce((sum, chunk) => sum + chunk.recordCount, 0)).toBe(12)
})

test('a header alone is kept, and never repeated at the end', () => {
  expect(cut('id,name\n', {format: csv, hasHeader: true})).toEqual([{text: 'id,name\n', recordCount: 0}])
  const exact = cut(`id,name\n${'123,4567890\n'.repeat(4)}`, {format: csv, hasHeader: true})
  expect(exact.every(chunk => chunk.recordCount > 0)).toBe(true)
})

test('a header that is longer than a chunk is waited for', () => {
  const header = `${'h'.repeat(50)},b\n`
  const chunks = cut(`${header}1,2\n3,4\n`, {format: csv, hasHeader: true})
  expect(chunks.every(chunk => chunk.text.startsWith(header))).toBe(true)
  expect(chunks.reduce((sum, chunk) => sum + chunk.recordCount, 0)).toBe(2)
})
