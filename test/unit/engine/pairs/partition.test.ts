import {expect, test} from 'vitest'
import {UserError} from '../../../../src/base/index.ts'
import {crc32} from '../../../../src/engine/bytes/index.ts'
import {partitionKeyText} from '../../../../src/engine/pairs/partition.ts'
import {mapAll, pair, rowsOf} from './harness.ts'

test('the default hash is CRC-32', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  expect(crc32(new Uint8Array(0))).toBe(0)
})

test('a partition function sees the key as compact escaped JSON, the number of partitions and the params', () => {
  const seen: unknown[] = []
  const partitioner = (...args: unknown[]) => {
    seen.push(args)
    return 0
  }
  rowsOf([[pair(['clicks', 'a/é"', 1], [1])]], {hooks: {partitioner}, partitions: 3, params: {salt: 1}})
  expect(seen).toEqual([['["clicks","a\\/\\u00e9\\"","1"]', 3, {salt: 1}]])
  expect(JSON.parse(partitionKeyText(['a/é', '😀']))).toEqual(['a/é', '😀'])
})

test('a custom partition function is honoured: with sortedResults off, partitions follow each other', () => {
  const partitioner = (key: string) => (key.includes('"a"') ? 1 : 0)
  const parts = [[pair(['k', 'a'], [1]), pair(['k', 'b'], [2]), pair(['k', 'c'], [3]), pair(['k', 'a'], [4])]]
  expect(rowsOf(parts, {hooks: {partitioner}, partitions: 2, sortedResults: false})).toEqual([
    [['k', 'b'], [2]],
    [['k', 'c'], [3]],
    [['k', 'a'], [5]],
  ])
})

test.each([
  [() => 2, 'returned 2'],
  [() => -1, 'returned -1'],
  [() => 0.5, 'returned 0.5'],
  [() => Number.NaN, 'returned NaN'],
  [() => '1' as unknown as number, 'returned a string'],
  [() => undefined as unknown as number, 'returned undefined'],
  [
    () => {
      throw new Error('no luck')
    },
    'threw: no luck',
  ],
])('a partition outside 0..n-1 is fatal and names hook, rule and key: %#', (partitioner, what) => {
  const run = () => mapAll([[pair(['k', 'a\u001b'], [1])]], {hooks: {partitioner}, partitions: 2})
  expect(run).toThrow(UserError)
  expect(run).toThrow(`partitionFunction of words.count ${what}`)
  expect(run).toThrow('["k", "a\\u001b"]')
  expect(run).toThrow(
    expect.objectContaining({code: 'HOOK_FAILED', hint: 'return an integer from 0 to 1 for every key'}),
  )
})
