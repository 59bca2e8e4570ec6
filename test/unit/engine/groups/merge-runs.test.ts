import {expect, test} from 'vitest'
import {InvariantError, seededRandom, UserError} from '../../../../src/base/index.ts'
import {makeColumn} from '../../../../src/engine/columns/index.ts'
import {
  blockHeaderBytes,
  compactRuns,
  decodeKey,
  mergeFanInMax,
  mergeRuns,
  payloadBytesOf,
  sourceOfBlocks,
} from '../../../../src/engine/groups/index.ts'
import {mixedValue} from '../columns/column-kit.ts'
import {blocksOf, mergedRows, type Row, reusingSource, rowsOf, sumAndCount, tableOf} from './table-kit.ts'

const allColumns = () => [
  ...sumAndCount(),
  makeColumn({aggregate: 'max', field: 'v', column: 'max'}),
  makeColumn({aggregate: 'distinct', field: 'v', exactUpTo: 3, column: 'distinct'}),
  makeColumn({aggregate: 'quantile', field: 'v', q: 0.5, column: 'median'}),
  makeColumn({aggregate: 'collect', field: 'v', max: 3, column: 'collect'}),
]

function someRows(seed: number, count: number, keys: number): Row[] {
  const random = seededRandom(seed)
  return Array.from({length: count}, () => ({key: [`k${random.int(keys)}`, 'z'], value: mixedValue(random)}))
}

/** Deals rows into parts at random, a run each. */
function dealtRuns(rows: readonly Row[], parts: number, seed: number): Uint8Array[][] {
  const random = seededRandom(seed)
  const dealt: Row[][] = Array.from({length: parts}, () => [])
  for (const row of rows) dealt[random.int(parts)]!.push(row)
  return dealt.map(part => blocksOf(tableOf(part, allColumns)))
}

/** One run of the merge of some. */
function oneRun(runs: readonly Uint8Array[][]): Uint8Array[] {
  const stored: Uint8Array[][] = []
  const enough = [...runs, ...Array.from({length: mergeFanInMax}, () => blocksOf(tableOf([], allColumns)))]
  compactRuns(enough.map(reusingSource), allColumns, write => {
    stored.push(blocksOf({writeRun: write}))
    return reusingSource(stored.at(-1)!)
  })
  return stored[0]!
}

test('any split into runs gives the same groups and the same bytes as no split', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const rows = someRows(seed, 600, 40)
    const whole = blocksOf(tableOf(rows, allColumns))
    const runs = dealtRuns(rows, 1 + (seed % 7), seed)
    expect(mergedRows(runs.map(reusingSource), allColumns)).toEqual(mergedRows([sourceOfBlocks(whole)], allColumns))
    expect(oneRun(runs)).toEqual(whole)
  }
})

test('runs of many blocks merge', () => {
  const value = 'v'.repeat(300)
  const rows = Array.from({length: 6000}, (_, index) => ({key: [`${value}${(index * 7) % 5000}`], value: 1}))
  const [first, second] = [rows.slice(0, 3000), rows.slice(3000)].map(part => blocksOf(tableOf(part)))
  expect(first!.length).toBeGreaterThan(2)
  expect(mergedRows([reusingSource(first!), reusingSource(second!)])).toEqual(rowsOf(tableOf(rows)))
})

test('keys of any text and length come back in parts, whichever block they are in', () => {
  const random = seededRandom(5)
  const piece = () =>
    random.pick(['', 'a', 'plain', 'zo\u00eb', '\u{1f600}', '\u0000', '\u0001', 'x'.repeat(random.int(20_000))])
  const rows = Array.from({length: 400}, () => ({key: [piece(), `${piece()}${random.int(1000)}`, piece()], value: 1}))
  const runs = dealtRuns(rows, 3, 5)
  expect(runs.every(run => run.length > 1)).toBe(true)
  const keys: string[][] = []
  for (const group of mergeRuns(runs.map(reusingSource), allColumns)) {
    keys.push(group.keyParts(3))
    expect(keys.at(-1)).toEqual(decodeKey(group.key))
  }
  expect(new Set(keys.map(key => key.join('|')))).toEqual(new Set(rows.map(({key}) => key.join('|'))))
})

test('a key of another number of parts is a bug', () => {
  const [group] = mergeRuns([sourceOfBlocks(blocksOf(tableOf([{key: ['a', 'b'], value: 1}])))], sumAndCount)
  expect(group!.keyParts(2)).toEqual(['a', 'b'])
  expect(() => group!.keyParts(1)).toThrow(InvariantError)
  expect(() => group!.keyParts(3)).toThrow(InvariantError)
})

test('blocks that do not begin at a word of memory are the same blocks', () => {
  const blocks = blocksOf(tableOf(someRows(3, 900, 900), allColumns))
  for (const shift of [1, 2, 3]) {
    const moved = blocks.map(block => {
      const room = new Uint8Array(block.length + shift)
      room.set(block, shift)
      return room.subarray(shift)
    })
    expect(mergedRows([sourceOfBlocks(moved)], allColumns)).toEqual(mergedRows([sourceOfBlocks(blocks)], allColumns))
  }
})

test('more runs than can be merged at once are merged in passes, with the same result', () => {
  const rows = someRows(77, 3000, 200)
  const runs = dealtRuns(rows, 200, 77)
  let passes = 0
  const left = compactRuns(runs.map(reusingSource), allColumns, write => {
    passes++
    return reusingSource(blocksOf({writeRun: write}))
  })
  expect(left.length).toBe(mergeFanInMax)
  expect(passes).toBe(3)
  expect(mergedRows(left, allColumns)).toEqual(
    mergedRows([sourceOfBlocks(blocksOf(tableOf(rows, allColumns)))], allColumns),
  )
  expect(() => mergedRows(runs.map(reusingSource), allColumns)).toThrow(InvariantError)
})

test('few runs are left as they are; no runs and empty runs have no groups', () => {
  const sources = [sourceOfBlocks([])]
  expect(compactRuns(sources, sumAndCount, () => expect.fail('nothing is stored'))).toBe(sources)
  expect(mergedRows([])).toEqual([])
  const empty = blocksOf(tableOf([]))
  expect(empty.length).toBe(1)
  expect(mergedRows([sourceOfBlocks(empty), sourceOfBlocks(blocksOf(tableOf([{key: ['a'], value: 2}])))])).toEqual([
    [['a'], 2, 1],
  ])
})

function failureOf(blocks: readonly Uint8Array[]): unknown {
  try {
    for (const _ of mergeRuns([sourceOfBlocks(blocks)], sumAndCount));
    return undefined
  } catch (error) {
    return error instanceof UserError ? error.code : error
  }
}

test('a run that is cut off, damaged or out of order is noticed', () => {
  const rows = Array.from({length: 45_000}, (_, index) => ({key: [`key of a group ${index}`], value: 1}))
  const blocks = blocksOf(tableOf(rows))
  expect(blocks.length).toBeGreaterThan(3)
  expect(failureOf(blocks)).toBe(undefined)
  expect(failureOf([])).toBe('SPILL_FAILED')
  expect(failureOf(blocks.slice(0, -1))).toBe('SPILL_FAILED')
  expect(failureOf(blocks.slice(1))).toBe('SPILL_FAILED')
  expect(failureOf([blocks[0]!, ...blocks])).toBe('SPILL_FAILED')
  expect(failureOf([blocks[1]!, blocks[0]!, ...blocks.slice(2)])).toBe('SPILL_FAILED')
  expect(failureOf([blocks[0]!.subarray(0, 1000), ...blocks.slice(1)])).toBe('SPILL_FAILED')
  expect(failureOf([new Uint8Array(3), ...blocks.slice(1)])).toBe('SPILL_FAILED')
  const random = seededRandom(9)
  for (let round = 0; round < 50; round++) {
    const damaged = blocks[0]!.slice()
    damaged[random.int(damaged.length)]! ^= 1 << random.int(8)
    expect(failureOf([damaged, ...blocks.slice(1)])).toBe('SPILL_FAILED')
  }
})

test('a header tells how many bytes follow', () => {
  for (const block of blocksOf(tableOf(someRows(1, 5000, 5000)))) {
    expect(payloadBytesOf(block.subarray(0, blockHeaderBytes))).toBe(block.length - blockHeaderBytes)
  }
})

test('columns other than those of the run are a bug', () => {
  const blocks = blocksOf(tableOf([{key: ['a'], value: 1}]))
  expect(() => mergedRows([sourceOfBlocks(blocks)], () => sumAndCount().slice(0, 1))).toThrow(InvariantError)
})
