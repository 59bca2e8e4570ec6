import fc from 'fast-check'
import {expect, test} from 'vitest'
import {compareKeys, KeyBuilder} from '../../../../src/engine/groups/index.ts'
import {type BlockSource, MergeKernel} from '../../../../src/engine/merge-kernel/index.ts'
import {restOfRow, rowTemplate} from '../../../../src/sinks/index.ts'
import {type Entry, type Given, headerOf, nodes, reference, runOf, text} from './random-runs.ts'

function sourceOf(blocks: readonly Uint8Array[]): BlockSource {
  let next = 0
  return {
    firstBlock: 0,
    blockBytesMax: Math.max(...blocks.map(block => block.length)),
    read(into) {
      const block = blocks[next++]
      if (block !== undefined) into.set(block)
      return block?.length ?? 0
    },
  }
}

const kernel = new MergeKernel()

function byKernel(given: Given): {text: string; rows: number; hostRows: number} {
  const {runs, columns, partCount, format} = given
  const template = rowTemplate(format, headerOf(given), columns)!
  const blocks = runs.map(entries => runOf(entries, columns))
  const cut = firstKey(runs[given.cutRun]!)
  const stretches = cut === undefined || cut.length === 0 ? [{}] : [{high: cut}, {low: cut}]
  const done = stretches.map(stretch =>
    kernel.merge({
      template,
      partCount,
      columns,
      sources: blocks.map(sourceOf),
      finishRow: (values, approximate) => restOfRow(template, values, approximate),
      ...stretch,
    }),
  )
  const text = Buffer.concat(done.flatMap(({text}) => text)).toString()
  const sum = (count: 'rows' | 'hostRows'): number => done.reduce((total, one) => total + one[count], 0)
  const rows = sum('rows')
  return {text: rows === 0 ? '' : template.head + text, rows, hostRows: sum('hostRows')}
}

function firstKey(entries: readonly Entry[]): Uint8Array | undefined {
  const keys = entries.map(({key}) => {
    const builder = new KeyBuilder()
    for (const part of key) builder.add(part)
    return builder.bytes.slice(0, builder.length)
  })
  return keys.sort(compareKeys)[keys.length >> 1]
}

const plainNumber = fc.oneof(
  fc.integer({min: -1000, max: 1000}),
  fc.integer({min: -100_000, max: 100_000}).map(value => value / 1000),
  fc.integer({min: -(10 ** 15), max: 10 ** 15}),
  fc.constantFrom(0, -0, 0.1, 1e-6, 1e-7, 123456789012345, 0.000001, 9007199254740991, 9007199254740992, 1e21, 1e300),
)
const anyValue = fc.oneof(
  plainNumber,
  fc.double(),
  fc.maxSafeInteger(),
  fc.bigInt({min: -(2n ** 80n), max: 2n ** 80n}),
  fc.constantFrom(undefined, null, 'text', '12.50', true, false),
)

const given = fc.integer({min: 0, max: 3}).chain(partCount =>
  fc.record({
    partCount: fc.constant(partCount),
    columns: fc
      .oneof(fc.subarray([...nodes]), fc.subarray(nodes.slice(0, 6)))
      .filter(columns => columns.length + partCount > 0),
    format: fc.constantFrom('csv' as const, 'ndjson' as const, 'tsv' as const, 'markdown' as const),
    extraCount: fc.integer({min: 0, max: 2}),
    cutRun: fc.nat(3),
    runs: fc.constantFrom(plainNumber, anyValue).chain(value => {
      const key = fc.array(text, {minLength: partCount, maxLength: partCount})
      return fc.array(fc.array(fc.record({key, value}), {maxLength: 30}), {minLength: 4, maxLength: 6})
    }),
  }),
)

/** Markdown aligns a column of other values by its rows. */
const isWritten = ({format, columns}: Given): boolean =>
  format !== 'markdown' ||
  columns.every(
    ({aggregate}) => aggregate === 'count' || aggregate === 'sum' || aggregate === 'avg' || aggregate === 'distinct',
  )

test('the text is that of rows made one by one, wherever the merge is cut', () => {
  fc.assert(
    fc.property(given.filter(isWritten), one => {
      expect(byKernel(one).text).toBe(reference(one))
    }),
    {numRuns: 1500},
  )
}, 60_000)

const many = (count: number, keyOf: (index: number) => string, value: (index: number) => unknown): Entry[] =>
  Array.from({length: count}, (_, index) => ({key: [keyOf(index)], value: value(index)}))

test('runs of many blocks are merged without the host', () => {
  const runs = [0, 1, 2].map(run =>
    many(
      40_000,
      index => `key-${(index * (run + 1)) % 50_000}`,
      index => index / 100,
    ),
  )
  const one: Given = {runs, columns: nodes.slice(0, 6), partCount: 1, format: 'csv', extraCount: 0, cutRun: 1}
  const {text, hostRows, rows} = byKernel(one)
  expect(hostRows).toBe(0)
  const expected = reference(one)
  expect(rows).toBe(expected.split('\n').length - 2)
  expect(text === expected).toBe(true)
})

test('keys longer than the room for text find room', () => {
  const runs = [1, 2, 3, 4].map(run =>
    many(
      3,
      index => `${'"\n\u0000'.repeat(100_000 * index)}${run % 2}`,
      () => run,
    ),
  )
  for (const format of ['csv', 'ndjson', 'tsv', 'markdown'] as const) {
    const one: Given = {runs, columns: nodes.slice(0, 2), partCount: 1, format, extraCount: 0, cutRun: 0}
    expect(byKernel(one).text === reference(one)).toBe(true)
  }
})

test('keys that are the same for long are told apart where they differ', () => {
  // Around the furthest place that the order of readers notes, and beyond; blocks are used up at different keys.
  const stems = [
    '',
    'x',
    'a'.repeat(6),
    'a'.repeat(246),
    'a'.repeat(252),
    'a'.repeat(253),
    'a'.repeat(300),
    'a'.repeat(30_000),
  ]
  const key = fc.tuple(fc.constantFrom(...stems), fc.string({unit: fc.constantFrom('a', 'b', '\u0000'), maxLength: 9}))
  const entries = fc.array(
    key.map(([stem, end]) => ({key: [stem + end], value: 1})),
    {maxLength: 40},
  )
  const property = fc.property(fc.array(entries, {minLength: 1, maxLength: 70}), fc.nat(0), (runs, cutRun) => {
    const one: Given = {runs, columns: nodes.slice(0, 1), partCount: 1, format: 'csv', extraCount: 0, cutRun}
    expect(byKernel(one).text === reference(one)).toBe(true)
  })
  fc.assert(property, {numRuns: 60})
}, 60_000)

test('a damaged block is refused', () => {
  const [block] = runOf(
    many(100, String, index => index),
    nodes.slice(0, 2),
  )
  block![200]! ^= 1
  const template = rowTemplate(
    'csv',
    headerOf({runs: [], columns: nodes.slice(0, 2), partCount: 1, format: 'csv', extraCount: 0, cutRun: 0}),
    nodes.slice(0, 2),
  )!
  const merge = () =>
    kernel.merge({
      template,
      partCount: 1,
      columns: nodes.slice(0, 2),
      sources: [sourceOf([block!])],
      finishRow: () => '',
    })
  expect(merge).toThrow(/checksum/)
})
