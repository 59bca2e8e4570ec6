import {expect, test} from 'vitest'
import {compareText, seededRandom} from '../../../../src/base/index.ts'
import {makeColumn} from '../../../../src/engine/columns/index.ts'
import {KeyBuilder, mergeRuns, sourceOfBlocks, topKOf} from '../../../../src/engine/groups/index.ts'
import {blocksOf, type Row, tableOf} from './table-kit.ts'

const counts = () => [makeColumn({aggregate: 'count', field: null, column: 'count'})]

function keyBytes(parts: readonly string[]): Uint8Array {
  const key = new KeyBuilder()
  for (const part of parts) key.add(part)
  return key.bytes.slice(0, key.length)
}

function counted(rows: readonly Row[], runs: number) {
  const parts = Array.from({length: runs}, (_, run) => rows.filter((__, index) => index % runs === run))
  return mergeRuns(
    parts.map(part => sourceOfBlocks(blocksOf(tableOf(part, counts)))),
    counts,
  )
}

test('the most frequent values of each group, equal counts by text', () => {
  const rows = ['a b', 'a b', 'a c', 'a c', 'a a', 'b z', 'c z', 'ab z'].map(pair => ({key: pair.split(' '), value: 1}))
  const top = topKOf(counted(rows, 2), 2)
  expect(top(keyBytes(['a']))).toEqual([
    {value: 'b', count: 2},
    {value: 'c', count: 2},
  ])
  expect(top(keyBytes(['aa']))).toEqual([])
  expect(top(keyBytes(['b']))).toEqual([{value: 'z', count: 1}])
  expect(top(keyBytes(['c']))).toEqual([{value: 'z', count: 1}])
})

test('groups without any part, and empty values', () => {
  const rows = ['', 'x', ''].map(value => ({key: [value], value: 1}))
  expect(topKOf(counted(rows, 1), 5)(keyBytes([]))).toEqual([
    {value: '', count: 2},
    {value: 'x', count: 1},
  ])
})

test('top values agree with counting in a map, for any split', () => {
  const random = seededRandom(4)
  const rows = Array.from({length: 5000}, () => ({
    key: [`g${random.int(20)}`, `v${Math.floor(random.next() ** 3 * 60)}`],
    value: 1,
  }))
  const maps = new Map<string, Map<string, number>>()
  for (const {key} of rows) {
    const map = maps.get(key[0]!) ?? new Map<string, number>()
    map.set(key[1]!, (map.get(key[1]!) ?? 0) + 1)
    maps.set(key[0]!, map)
  }
  for (const runs of [1, 3]) {
    const top = topKOf(counted(rows, runs), 7)
    for (const group of [...maps.keys()].sort(compareText)) {
      const expected = [...maps.get(group)!].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0])).slice(0, 7)
      expect(top(keyBytes([group]))).toEqual(expected.map(([value, count]) => ({value, count})))
    }
  }
})
