/** Random pairs through small budgets, many partitions and threads, against a few lines that do the same in memory. */
import {expect, test} from 'vitest'
import {compareText, type Random, seededRandom} from '../../../../src/base/index.ts'
import {partitionKeyText} from '../../../../src/engine/pairs/partition.ts'
import type {Pair, ReduceFunction} from '../../../../src/rules/index.ts'
import {mapAll, type Options, pair, reduceAll} from './harness.ts'

const names = ['a', 'a b', 'a!', 'b', '', 'é', 'Z', '10', '9', '\0', '😀', '\uffff']

interface Case {
  readonly parts: ReturnType<typeof pair>[][]
  readonly options: Options
}

function randomCase(random: Random): Case {
  const parts = Array.from({length: 1 + random.int(5)}, () =>
    Array.from({length: random.int(60)}, (_, index) =>
      pair(
        [random.pick(['x', 'y']), ...Array.from({length: random.int(3)}, () => random.pick(names))],
        [index, ...Array.from({length: random.int(3)}, () => random.pick([1, 0.1, -3, '7', null, 'x', 2n ** 60n]))],
      ),
    ),
  )
  const threads: number[][] = Array.from({length: 1 + random.int(3)}, () => [])
  for (const index of parts.keys()) random.pick(threads).splice(random.int(3), 0, index)
  return {
    parts,
    options: {
      threads,
      partitions: 1 + random.int(8),
      budgetBytes: random.pick([1, 200, 2000, 1_000_000]),
    },
  }
}

/** Which partition a key is in does not matter to the oracle: only that it is always the same. */
const compareKeys = (a: readonly string[], b: readonly string[]): number => {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareText(a[index]!, b[index]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** All pairs by key, equal keys in input order. */
const sortedPairs = ({parts}: Case) => parts.flat().sort((a, b) => compareKeys(a.key as string[], b.key as string[]))

test('the standard reduce equals a sum in memory, whatever the budget, partitions, threads and order of parts', () => {
  const random = seededRandom(1)
  for (let round = 0; round < 150; round++) {
    const {parts, options} = randomCase(random)
    const whole: Options = {hooks: {map: null}}
    const expected = [...reduceAll(mapAll(parts, whole).runs, whole)]
    const spilling: Options = {...options, hooks: {map: null}}
    expect([...reduceAll(mapAll(parts, spilling).runs, spilling)], `round ${round}`).toEqual(expected)
    const keys = new Set(parts.flat().map(({key}) => JSON.stringify(key)))
    expect(expected).toHaveLength(keys.size)
    for (const {key, values} of expected) {
      const firsts = parts
        .flat()
        .filter(one => JSON.stringify(one.key) === JSON.stringify(key))
        .map(one => one.values[0] as number)
      expect(values[0]).toBe(firsts.reduce((sum, value) => sum + value, 0))
    }
  }
})

test('a custom reduce sees every pair once, by key and then in input order', () => {
  const random = seededRandom(2)
  const passing: ReduceFunction = pairs => pairs
  for (let round = 0; round < 150; round++) {
    const one = randomCase(random)
    const options: Options = {...one.options, hooks: {map: null, reduce: passing}}
    const rows = [...reduceAll(mapAll(one.parts, options).runs, options)]
    expect(
      rows.map(({key, values}) => ({key, values})),
      `round ${round}`,
    ).toEqual(sortedPairs(one))
  }
})

test('with sort off a custom reduce sees the pairs of a partition in input order', () => {
  const random = seededRandom(3)
  const numbered: ReduceFunction = function* (pairs) {
    for (const [key, values] of pairs) yield [key, values] as Pair
  }
  for (let round = 0; round < 100; round++) {
    const one = randomCase(random)
    const options: Options = {
      ...one.options,
      sort: false,
      hooks: {map: null, reduce: numbered, partitioner: key => key.length % one.options.partitions!},
    }
    const rows = [...reduceAll(mapAll(one.parts, options).runs, options)].map(({key, values}) => ({key, values}))
    const expected = Array.from({length: one.options.partitions!}, (_, partition) =>
      one.parts
        .flat()
        .filter(({key}) => partitionKeyText(key as string[]).length % one.options.partitions! === partition),
    ).flat()
    expect(rows, `round ${round}`).toEqual(expected)
  }
})

test('more runs than are merged at once are merged in rounds, with few runs open at a time', () => {
  const parts = [Array.from({length: 500}, (_, index) => pair(['k', String((index * 7) % 100)], [index]))]
  const options: Options = {hooks: {map: null}, budgetBytes: 1}
  const {runs} = mapAll(parts, options)
  expect(runs.runs).toHaveLength(500)
  const rows = reduceAll(runs, options)
  rows.next()
  expect(runs.keptCount).toBe(8)
  expect(runs.openCountMax).toBeLessThanOrEqual(64)
  expect([...rows]).toHaveLength(99)
  expect(runs.openCount).toBe(0)
})

test('runs longer than a block and pairs larger than one come back whole', () => {
  const random = seededRandom(4)
  const texts = Array.from(
    {length: 300},
    (_, index) => `${index}:${'é'.repeat(random.int(index % 50 === 0 ? 90_000 : 900))}`,
  )
  const parts = [texts.map((text, index) => pair([String(9000 - index)], [text]))]
  for (const budgetBytes of [50_000, 10_000_000]) {
    const options: Options = {hooks: {map: null, reduce: pairs => pairs}, budgetBytes}
    const rows = [...reduceAll(mapAll(parts, options).runs, options)]
    expect(rows.map(({values}) => values[0])).toEqual(texts.toReversed())
  }
})

test('200 partitions of 6 threads give the rows of one partition', () => {
  const parts = Array.from({length: 6}, (_, part) =>
    Array.from({length: 400}, (_, index) => pair(['k', String(index)], [part])),
  )
  const threads = parts.map((_, index) => [index])
  const rowsWith = (options: Options) => [...reduceAll(mapAll(parts, options).runs, options)]
  expect(rowsWith({hooks: {map: null}, partitions: 200, threads})).toEqual(rowsWith({hooks: {map: null}}))
})
