import {expect, test} from 'vitest'
import {isLineFormat, makeCutter} from '../../../../src/engine/readers/index.ts'
import {openCellBytesMax} from '../../../../src/engine/readers/limits.ts'

const csv = {format: 'csv', fields: null, delimiter: ','} as const
const cuts = (format: Parameters<typeof makeCutter>[0], chunks: readonly string[]): number[] => {
  const cutter = makeCutter(format)
  return chunks.map(chunk => cutter.push(Buffer.from(chunk)))
}

test('line formats are cut after the last newline', () => {
  for (const format of [
    {format: 'json'},
    {format: 'logfmt'},
    {format: 'dynamic', fields: null, delimiter: ','},
  ] as const) {
    expect(cuts(format, ['a\nb\nc', 'd', 'e\n', ''])).toEqual([4, -1, 2, -1])
  }
})

test('CSV is not cut inside quotes', () => {
  expect(cuts(csv, ['1,2\n3,"a\nb', 'c\n', '"\n4,5\n6'])).toEqual([4, -1, 6])
})

test('a quote opens only at the start of a cell', () => {
  expect(cuts(csv, ['a"b\n', 'c, "d\n', '1,', '"\n'])).toEqual([4, 6, -1, -1])
  expect(cuts(csv, ['"a"b"\n', '"\n'])).toEqual([6, -1])
  expect(cuts({...csv, delimiter: '\t'}, ['a,"b\n', 'a\t"b\n'])).toEqual([5, -1])
})

test('a doubled quote does not close, even over two chunks', () => {
  expect(cuts(csv, ['"a""\n', 'b"', '"\n', '"', '\n'])).toEqual([-1, -1, -1, -1, 1])
})

test('a byte order mark may precede the first quote', () => {
  expect(cuts(csv, ['\ufeff"a\n', 'b"\n'])).toEqual([-1, 3])
  expect(cuts(csv, ['x\n\ufeff"a\n'])).toEqual([8])
})

test('a stray quote is given up like the reader does', () => {
  const swallowed = 'x\n'.repeat(openCellBytesMax / 2)
  expect(cuts(csv, ['"', swallowed, 'y\n'])).toEqual([-1, -1, 2])
})

test('isLineFormat tells whether any newline will do', () => {
  expect(isLineFormat({format: 'json'})).toBe(true)
  expect(isLineFormat({format: 'regex', pattern: '(?P<a>.)'})).toBe(true)
  expect(isLineFormat(csv)).toBe(false)
  expect(isLineFormat({format: 'dynamic', fields: ['a'], delimiter: ','})).toBe(true)
  expect(isLineFormat({format: 'dynamic', fields: 'header', delimiter: ','})).toBe(false)
  expect(isLineFormat({format: 'custom', ref: {step: 'function', hook: 'x', name: ''}})).toBe(false)
})

test('a custom format cannot be cut', () => {
  expect(() => makeCutter({format: 'custom', ref: {step: 'function', hook: 'x', name: ''}})).toThrow('custom format')
})
