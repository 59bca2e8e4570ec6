import {expect, test} from 'vitest'
import {
  BlockCutter,
  blockBytesMax,
  blockRowsMax,
  longBytesMin,
  longBytesOf,
} from '../../../../src/sinks/clickhouse/blocks.ts'

/** Rows of each block. */
function cut(rowCount: number, longBytes: (row: number) => number): number[] {
  const cutter = new BlockCutter()
  const blocks = [0]
  for (let row = 0; row < rowCount; row++) {
    blocks[blocks.length - 1]!++
    if (cutter.ends(longBytes(row))) blocks.push(0)
  }
  return blocks.filter(count => count > 0)
}

test('a block ends at each multiple of its rows', () => {
  expect(cut(2 * blockRowsMax + 7, () => 0)).toEqual([blockRowsMax, blockRowsMax, 7])
})

test('a block ends where long texts pass a multiple of its bytes, whatever the rows before', () => {
  const quarter = blockBytesMax / 4
  expect(cut(9, () => quarter)).toEqual([4, 4, 1])
  expect(cut(3, () => 3 * blockBytesMax)).toEqual([1, 1, 1])
  expect(cut(blockRowsMax + 2, row => (row === 10 ? blockBytesMax : 0))).toEqual([11, blockRowsMax - 11, 2])
})

test('long texts are counted in bytes, short ones and numbers not at all', () => {
  expect(longBytesOf('x'.repeat(longBytesMin))).toBe(0)
  expect(longBytesOf('x'.repeat(longBytesMin + 1))).toBe(longBytesMin + 1)
  expect(longBytesOf('ü'.repeat(200))).toBe(400)
  expect(longBytesOf('𝄞'.repeat(100))).toBe(400)
  expect(longBytesOf(null)).toBe(0)
  expect(longBytesOf(12)).toBe(0)
})
