/** Runs of random groups, and the text of their rows made one by one. */
import fc from 'fast-check'
import {type ColumnNode, makeColumn} from '../../../../src/engine/columns/index.ts'
import {
  GroupTable,
  KeyBuilder,
  mergeRuns,
  sourceOfBlocks,
  type GroupTable as Table,
} from '../../../../src/engine/groups/index.ts'
import type {ResultRow} from '../../../../src/engine/index.ts'
import type {Cell} from '../../../../src/rules/index.ts'
import {formatRows, type KeysetHeader} from '../../../../src/sinks/index.ts'

export interface Entry {
  readonly key: readonly string[]
  readonly value: unknown
}

/** The kernel's own kinds first. */
export const nodes: readonly ColumnNode[] = [
  {aggregate: 'count', field: null, column: 'count'},
  {aggregate: 'sum', field: 'v', absent: 0, column: 'sum'},
  {aggregate: 'avg', field: 'v', column: 'avg'},
  {aggregate: 'min', field: 'v', column: 'min'},
  {aggregate: 'max', field: 'v', column: 'max'},
  {aggregate: 'count', field: 'v', column: 'present'},
  {aggregate: 'distinct', field: 'v', exactUpTo: 1, column: 'distinct'},
  {aggregate: 'collect', field: 'v', max: 3, column: 'collect'},
]

/** Blocks of the sorted run of some entries. */
export function runOf(entries: readonly Entry[], columns: readonly ColumnNode[]): Uint8Array[] {
  const table: Table = new GroupTable(columns.map(makeColumn))
  const builder = new KeyBuilder()
  for (const {key, value} of entries) {
    builder.reset()
    for (const part of key) builder.add(part)
    const group = table.groupOf(builder)
    for (const column of table.columns) column.add(group, value)
  }
  const blocks: Uint8Array[] = []
  table.writeRun(block => blocks.push(block.slice()))
  return blocks
}

export interface Given {
  readonly runs: readonly (readonly Entry[])[]
  readonly columns: readonly ColumnNode[]
  readonly partCount: number
  readonly format: 'csv' | 'ndjson' | 'tsv' | 'markdown'
  readonly extraCount: number
  /** Where the merge is cut in two: at the first key of that run. */
  readonly cutRun: number
}

export function headerOf({partCount, columns, extraCount}: Given): KeysetHeader {
  const parts = Array.from({length: partCount}, (_, index) => `k"${index}`)
  const extras = Array.from({length: extraCount}, (_, index) => `extra ${index}`)
  return {
    name: 'a "b',
    columns: [...parts, ...columns.map(({column}) => column), ...extras],
    keyCount: partCount,
    table: null,
  }
}

export function reference(given: Given): string {
  const {runs, columns, partCount, format} = given
  const sources = runs.map(entries => sourceOfBlocks(runOf(entries, columns)))
  function* rows(): Generator<ResultRow> {
    for (const group of mergeRuns(sources, () => columns.map(makeColumn))) {
      const values: Cell[] = group.columns.map(column => column.finish(0))
      const approximate = [...group.columns.keys()].filter(index => group.columns[index]!.isApproximate(0))
      yield {keyset: 'a "b', key: group.keyParts(partCount), values, approximate}
    }
  }
  return [...formatRows(format, [headerOf(given)], rows())].join('')
}

/** Of key parts. */
export const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'b',
    'a,b',
    'say "x"',
    'two\nlines',
    '\r',
    '\\',
    '\u0000',
    '\u0001',
    '\u0000,',
    '\u001f\t\b\f',
    'zürich',
    'campaign_id',
    '_so_',
    'ä_b',
    'a\tb',
    '\r\n\r',
    '<a href="x">&amp; `b` *c* [d] |~',
    '\u{1f600}',
  ),
  fc.string({maxLength: 40}),
  fc.string({unit: fc.constantFrom('a', 'b', '"', ',', '\u0000', '\u0001', 'é'), maxLength: 40}),
  fc.string({
    unit: fc.constantFrom('a', '1', '_', '\\', '|', '&', '<', '~', '\r', '\n', '\t', ' ', '\u0000', 'é', '\u{1f600}'),
    maxLength: 40,
  }),
)
