/** What the tests of columns share: building, splitting, merging. */
import {type Random, seededRandom} from '../../../../src/base/index.ts'
import {ByteBuffer, ByteCursor} from '../../../../src/engine/bytes/index.ts'
import {type ColumnNode, makeColumn} from '../../../../src/engine/columns/index.ts'
import type {Column} from '../../../../src/engine/contracts.ts'
import type {Cell} from '../../../../src/rules/index.ts'

export interface Input {
  readonly value: unknown
  readonly by?: unknown
}

/** A node without the members that columns do not look at. */
export function columnOf(node: Record<string, unknown>): Column {
  const column = makeColumn({column: 'c', field: 'f', ...node} as unknown as ColumnNode)
  column.grow(1)
  return column
}

export function filled(node: Record<string, unknown>, inputs: readonly Input[]): Column {
  const column = columnOf(node)
  for (const {value, by} of inputs) column.add(0, value, by)
  return column
}

export function resultOf(node: Record<string, unknown>, values: readonly unknown[]): Cell {
  return filled(
    node,
    values.map(value => ({value})),
  ).finish(0)
}

export function stateOf(column: Column, group = 0): Uint8Array {
  const out = new ByteBuffer()
  column.write(group, out)
  return out.view().slice()
}

/** Shuffles, splits into parts, makes a column of each, merges them in a random order and shape. */
export function mergedAtRandom(node: Record<string, unknown>, inputs: readonly Input[], random: Random): Column {
  const shuffled = shuffledCopy(inputs, random)
  const columns: Column[] = []
  for (let start = 0; start < shuffled.length || columns.length === 0; ) {
    const length = 1 + random.int(Math.max(1, Math.ceil(shuffled.length / 2)))
    columns.push(filled(node, shuffled.slice(start, start + length)))
    start += length
  }
  while (columns.length > 1) {
    const taken = columns.splice(random.int(columns.length), 1)[0]!
    columns[random.int(columns.length)]!.merge(0, new ByteCursor(stateOf(taken)))
  }
  return columns[0]!
}

export function shuffledCopy<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = random.int(last + 1)
    ;[copy[last], copy[other]] = [copy[other]!, copy[last]!]
  }
  return copy
}

/** Numbers of every kind that a log can hold, and things that are none. */
export function mixedValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => random.int(1000),
    () => -random.int(1000),
    () => random.int(100_000) / 100,
    () => random.int(1e9) / 1e6,
    () => random.int(1e9) / 1e13,
    () => random.next(),
    () => random.next() * 10 ** (random.int(40) - 20),
    () => BigInt(random.int(1e9)) * 10n ** 12n + 7n,
    () => -(2n ** 53n) - BigInt(random.int(5)),
    () => String(random.int(1e9) * 1e6),
    () => `${random.int(1e9)}${random.int(1e9)}1`,
    () => `${random.int(1000)}.${random.int(1000)}`,
    () => `${random.int(1000)}e${random.int(30) - 15}`,
    () => random.next() < 0.5,
    () => null,
    () => undefined,
    () => random.pick(['', 'abc', '1,000', 'nan', '2026-11-23T10:00:00Z', 'zoë', '😀', '\ud800']),
    () => 1e20,
    () => 2 ** 53,
    () => ({a: random.int(3)}),
    () => [random.int(3)],
  ])()
}

export function mixedInputs(seed: number, count: number): Input[] {
  const random = seededRandom(seed)
  return Array.from({length: count}, () => ({value: mixedValue(random), by: mixedValue(random)}))
}
