import {expect, test} from 'vitest'
import {compareText, seededRandom} from '../../../../src/base/index.ts'
import {GroupTable, KeyBuilder} from '../../../../src/engine/groups/index.ts'
import {blocksOf, type Row, rowsOf, sumAndCount, tableOf} from './table-kit.ts'

function someRows(seed: number, count: number, keys: number): Row[] {
  const random = seededRandom(seed)
  return Array.from({length: count}, () => {
    const id = random.int(keys)
    return {key: [`campaign_${id % 97}`, `${id}\u00e9`.slice(0, 1 + (id % 9))], value: random.int(1000) / 100}
  })
}

function naive(rows: readonly Row[]): [string[], number, number][] {
  const totals = new Map<string, {key: string[]; cents: number; count: number}>()
  for (const {key, value} of rows) {
    const name = key.join('\0')
    const total = totals.get(name) ?? {key: [...key], cents: 0, count: 0}
    total.cents += Math.round(Number(value) * 100)
    total.count++
    totals.set(name, total)
  }
  return [...totals.values()]
    .sort((a, b) => compareText(a.key[0]!, b.key[0]!) || compareText(a.key[1]!, b.key[1]!))
    .map(({key, cents, count}) => [key, cents / 100, count])
}

test('a run holds every group once, in key order', () => {
  const rows = someRows(1, 20_000, 3000)
  expect(rowsOf(tableOf(rows))).toEqual(naive(rows))
})

test('the run of a table does not depend on the order of its records', () => {
  const rows = someRows(2, 5000, 1000)
  expect(blocksOf(tableOf(rows))).toEqual(blocksOf(tableOf([...rows].reverse())))
})

test('a hundred thousand groups: numbered as they come, found again, sorted', () => {
  const count = 100_000
  const table = new GroupTable(sumAndCount())
  const key = new KeyBuilder()
  let misnumbered = 0
  for (const round of [1, 2]) {
    for (let index = 0; index < count; index++) {
      key.reset()
      key.add(`site${index % 10}`)
      key.add(String((index * 7919) % count))
      if (table.groupOf(key) !== index) misnumbered++
      table.columns[1]!.add(index, round)
    }
  }
  expect([table.groupCount, misnumbered]).toEqual([count, 0])
  const rows = rowsOf(table)
  expect(rows.length).toBe(count)
  expect(rows.every(row => row[2] === 2)).toBe(true)
  const sorted = rows.every(
    ([parts], index) =>
      index === 0 ||
      (compareText(rows[index - 1]![0][0]!, parts[0]!) || compareText(rows[index - 1]![0][1]!, parts[1]!)) < 0,
  )
  expect(sorted).toBe(true)
  expect(table.bytes / count).toBeLessThan(100)
})

test.each([0, 1, 254, 255, 256, 70_000, 1_048_575, 1_048_576, 3_000_000])('keys of %i bytes are kept', length => {
  const keys = ['x'.repeat(length), `${'x'.repeat(length)}y`, 'short']
  const rows = [...keys, ...keys].map(key => ({key: [key], value: 1}))
  const expected = [...new Set(keys)].sort(compareText).map(key => [[key], 2, 2])
  expect(rowsOf(tableOf(rows))).toEqual(expected)
})

test('keys that share long beginnings, or hold zero bytes, sort right', () => {
  const random = seededRandom(5)
  const heads = ['', 'h'.repeat(40), `${'h'.repeat(40)}\0`, '\0\0', '\u0001']
  const keys = new Set(
    Array.from(
      {length: 4000},
      () =>
        random.pick(heads) +
        Array.from({length: random.int(6)}, () => random.pick(['\0', '\u0001', 'a', 'b', '\u00e9'])).join(''),
    ),
  )
  const rows = rowsOf(tableOf([...keys].map(key => ({key: [key], value: 1}))))
  expect(rows.map(([parts]) => parts[0])).toEqual([...keys].sort(compareText))
})

test('clear forgets the groups and gives the memory back', () => {
  const table = tableOf(someRows(3, 50_000, 40_000))
  const full = table.bytes
  table.clear()
  expect(table.groupCount).toBe(0)
  expect(table.bytes).toBeLessThan(full / 10)
  expect(rowsOf(table)).toEqual([])
  const key = new KeyBuilder()
  key.add('a')
  expect(table.groupOf(key)).toBe(0)
  table.columns[0]!.add(0, 5)
  expect(rowsOf(table)).toEqual([[['a'], 5, 0]])
})

test('without key parts there is one group', () => {
  expect(
    rowsOf(
      tableOf([
        {key: [], value: 1},
        {key: [], value: 2},
      ]),
    ),
  ).toEqual([[[], 3, 2]])
})
