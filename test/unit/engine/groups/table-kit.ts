/** What the tests of tables share. */
import {makeColumn} from '../../../../src/engine/columns/index.ts'
import type {Column} from '../../../../src/engine/contracts.ts'
import {
  decodeKey,
  GroupTable,
  KeyBuilder,
  mergeRuns,
  type RunSource,
  sourceOfBlocks,
} from '../../../../src/engine/groups/index.ts'
import type {Cell} from '../../../../src/rules/index.ts'

export interface Row {
  readonly key: readonly string[]
  readonly value: unknown
}

export function sumAndCount(): Column[] {
  return [
    makeColumn({aggregate: 'sum', field: 'v', absent: 0, column: 'sum'}),
    makeColumn({aggregate: 'count', field: null, column: 'count'}),
  ]
}

export function tableOf(rows: Iterable<Row>, makeColumns: () => Column[] = sumAndCount): GroupTable {
  const table = new GroupTable(makeColumns())
  const key = new KeyBuilder()
  for (const row of rows) {
    key.reset()
    for (const part of row.key) key.add(part)
    const group = table.groupOf(key)
    for (const column of table.columns) column.add(group, row.value)
  }
  return table
}

export function blocksOf(table: {writeRun(sink: (block: Uint8Array) => void): void}): Uint8Array[] {
  const blocks: Uint8Array[] = []
  table.writeRun(block => blocks.push(block.slice()))
  return blocks
}

/** A source that gives each block in the same buffer, as a file would. */
export function reusingSource(blocks: readonly Uint8Array[]): RunSource {
  const buffer = new Uint8Array(Math.max(0, ...blocks.map(block => block.length)))
  let index = 0
  return {
    read() {
      const block = blocks[index++]
      if (block === undefined) return undefined
      buffer.fill(0xee)
      buffer.set(block)
      return buffer.subarray(0, block.length)
    },
  }
}

export function mergedRows(
  sources: readonly RunSource[],
  makeColumns: () => Column[] = sumAndCount,
): [string[], ...Cell[]][] {
  return Array.from(mergeRuns(sources, makeColumns), ({key, columns}) => [
    decodeKey(key),
    ...columns.map(column => column.finish(0)),
  ])
}

export function rowsOf(table: GroupTable): [string[], ...Cell[]][] {
  return mergedRows([sourceOfBlocks(blocksOf(table))])
}
