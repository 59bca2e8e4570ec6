/** Runs whose keys are numbers against the rows made one by one. */
import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {ColumnNode} from '../../../../src/engine/columns/index.ts'
import {
  type CodedRun,
  codedOfRecords,
  entriesBefore,
  keyPartsAt,
  type NumbersRun,
  numbersEntryBytes,
  sourceOfBlocks,
  writeRecordsOf,
} from '../../../../src/engine/groups/index.ts'
import {canMergeCoded, MergeKernel} from '../../../../src/engine/merge-kernel/index.ts'
import {restOfRow, rowTemplate} from '../../../../src/sinks/index.ts'
import {type Entry, type Given, headerOf, nodes, reference, runOf, text} from './random-runs.ts'

const kernel = new MergeKernel()
let ids = 0

interface CodedGiven extends Given {
  /** Decimal places of the totals of each run; null: its groups are kept as states. */
  readonly scales: readonly (number | null)[]
}

function codedRuns(given: CodedGiven): CodedRun[] {
  return given.runs.flatMap((entries, index) => {
    const blocks = runOf(entries, given.columns)
    const run = codedOfRecords(sourceOfBlocks(blocks), given.partCount)!
    expect(blocksOf(run)).toEqual(blocks)
    const scale = given.scales[index] ?? null
    const made = scale === null ? run : numbersOf(run, entries, given.columns, scale)
    expect(blocksOf(made)).toEqual(blocks)
    return entries.length === 0 ? [] : [made]
  })
}

function blocksOf(run: CodedRun): Uint8Array[] {
  const blocks: Uint8Array[] = []
  writeRecordsOf(run, block => blocks.push(block.slice()))
  return blocks
}

/** As the scan kernel makes it: the same keys, with values that were added up. */
function numbersOf(
  run: CodedRun,
  entries: readonly Entry[],
  columns: readonly ColumnNode[],
  scale: number,
): NumbersRun {
  const sums = new Map<string, {count: number; present: number; total: bigint}>()
  for (const {key, value} of entries) {
    const known = sums.get(key.join('\u{10ffff}')) ?? {count: 0, present: 0, total: 0n}
    known.count++
    if (typeof value === 'number') {
      known.present++
      known.total += BigInt(Math.round(value * 10 ** scale))
    }
    sums.set(key.join('\u{10ffff}'), known)
  }
  const values = columns.map(({aggregate}) => ({operation: aggregate as 'count' | 'sum' | 'avg', scale}))
  const entryBytes = numbersEntryBytes(values)
  const kept = new Uint8Array(run.count * entryBytes)
  const view = new DataView(kept.buffer)
  const from = new DataView(run.entries.buffer, run.entries.byteOffset)
  for (let index = 0; index < run.count; index++) {
    const parts = keyPartsAt(run, index).map(part => unescaped(Buffer.from(part).toString('latin1').slice(0, -1)))
    const {count, present, total} = sums.get(parts.join('\u{10ffff}'))!
    let at = index * entryBytes
    view.setUint32(at, from.getUint32(index * run.entryBytes, true), true)
    at += 4
    for (const column of columns) {
      if (column.aggregate !== 'sum') {
        view.setUint32(at, column.aggregate === 'count' && column.field === null ? count : present, true)
        at += 4
      }
      if (column.aggregate !== 'count') {
        view.setBigInt64(at, total, true)
        at += 8
      }
    }
  }
  return {
    ...{kind: 'numbers', parts: run.parts, count: run.count, values},
    entryBytes,
    entries: kept,
    countBits: 10,
    totalBits: 36,
  }
}

/** Bytes 00 and 01 of a part stand in a key as 01 01 and 01 02. */
function unescaped(part: string): string {
  const plain = part.replaceAll(/\u0001[\u0001\u0002]/g, pair => (pair[1] === '\u0001' ? '\u0000' : '\u0001'))
  return Buffer.from(plain, 'latin1').toString()
}

function byKernel(given: CodedGiven): {text: string; rows: number; hostRows: number} {
  const runs = codedRuns(given)
  if (runs.length === 0) return {text: '', rows: 0, hostRows: 0}
  expect(canMergeCoded(runs)).toBe(true)
  const {columns, partCount, format} = given
  const template = rowTemplate(format, headerOf(given), columns)!
  const id = ++ids
  // Cut at a key of one of the runs.
  const ofCut = runs[given.cutRun % runs.length]!
  const cut = keyPartsAt(ofCut, ofCut.count >> 1)
  const middle = runs.map(run => entriesBefore(run, cut))
  const pieces = [
    runs.map((_, index) => ({from: 0, to: middle[index]!})),
    runs.map(({count}, index) => ({from: middle[index]!, to: count})),
  ]
  const finishRow = (values: Parameters<typeof restOfRow>[1], approximate: readonly number[]): string =>
    restOfRow(template, values, approximate)
  const done = pieces.map(stretches =>
    kernel.mergeCoded({id, template, partCount, columns, runs, stretches, finishRow}),
  )
  const made = Buffer.concat(done.flatMap(({text}) => text)).toString()
  const sum = (count: 'rows' | 'hostRows'): number => done.reduce((total, one) => total + one[count], 0)
  return {text: template.head + made, rows: sum('rows'), hostRows: sum('hostRows')}
}

const codedNodes = nodes.filter(({aggregate}) => ['count', 'sum', 'avg'].includes(aggregate))

const given = fc.integer({min: 2, max: 4}).chain(partCount =>
  fc.record({
    partCount: fc.constant(partCount),
    columns: fc.subarray([...codedNodes]),
    format: fc.constantFrom('csv' as const, 'ndjson' as const, 'tsv' as const, 'markdown' as const),
    extraCount: fc.integer({min: 0, max: 2}),
    cutRun: fc.nat(3),
    scales: fc.array(fc.constantFrom(null, 3, 4, 6), {minLength: 6, maxLength: 6}),
    runs: fc.array(
      fc.array(
        fc.record({
          key: fc.array(text, {minLength: partCount, maxLength: partCount}),
          value: fc.oneof(
            fc.integer({min: -100_000, max: 100_000}).map(value => value / 1000),
            fc.constant(undefined),
          ),
        }),
        {maxLength: 30},
      ),
      {minLength: 1, maxLength: 6},
    ),
  }),
)

test('the text is that of rows made one by one, whatever the runs hold and wherever they are cut', () => {
  fc.assert(
    fc.property(given, one => {
      expect(byKernel(one).text).toBe(reference(one))
    }),
    {numRuns: 800},
  )
}, 60_000)

const many = (run: number): Entry[] =>
  Array.from({length: 30_000}, (_, index) => ({
    key: [`${(index * 7) % 301}`, `site "${(index * (run + 3)) % 997}"`],
    value: index / 100,
  }))

test('rows of numbers are made without the host, those with states of another kind with it', () => {
  const plain: CodedGiven = {
    ...{runs: [many(0), many(1), many(2)], columns: codedNodes, partCount: 2, format: 'csv', extraCount: 0, cutRun: 1},
    scales: [2, 3, 2],
  }
  const found = byKernel(plain)
  // Means that are no decimals are printed by the host, but as part of their row.
  expect([found.text === reference(plain), found.hostRows]).toEqual([true, 0])
  const odd: Entry[] = [{key: ['7', 'site "3"'], value: 1e-300}]
  const mixed = {...plain, runs: [...plain.runs, odd], scales: [...plain.scales, null]}
  const withStates = byKernel(mixed)
  expect([withStates.text === reference(mixed), withStates.hostRows]).toEqual([true, 1])
  expect(withStates.rows).toBe(found.rows + (found.text.includes('\n7,"site ""3""') ? 0 : 1))
})

test('what has no room in the numbers of a merge is not merged by them', () => {
  const run = (changes: Partial<NumbersRun>, count = 1000): NumbersRun => ({
    ...{kind: 'numbers', count: 1, entryBytes: 12, entries: new Uint8Array(12), countBits: 1, totalBits: 30},
    parts: [{count, texts: new Uint8Array(1), starts: new Uint32Array(1), shift: 0, bits: 10}],
    values: [{operation: 'sum', scale: 2}],
    ...changes,
  })
  expect(canMergeCoded([run({}), run({})])).toBe(true)
  expect(canMergeCoded([run({totalBits: 54})])).toBe(false)
  expect(canMergeCoded([run({totalBits: 52}), run({totalBits: 52})])).toBe(false)
  // Brought to nine places.
  expect(canMergeCoded([run({totalBits: 35}), run({values: [{operation: 'sum', scale: 9}]})])).toBe(false)
  const part = {...run({}).parts[0]!, texts: new Uint8Array(20 * 2 ** 20)}
  expect(canMergeCoded([run({parts: [part]}), run({parts: [part]})])).toBe(false)
  const parts = Array.from({length: 4}, () => ({...part, texts: new Uint8Array(1), count: 2 ** 16}))
  expect(canMergeCoded([run({parts})])).toBe(false)
})
