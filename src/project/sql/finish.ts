/** Parts of values as an engine gave them, as cells of rows: of the types, and to the digit, that aggregates here give. */
import {assert} from '../../base/index.ts'
import {cellOfDigits, distinctOf, histogramLabels, quantileOf, roundRatio, stddevOf} from '../../engine/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {CompiledSql, SqlRow, ValueColumn} from '../../sql/index.ts'

export interface FinishedRow {
  readonly keyset: string
  readonly key: readonly string[]
  readonly values: readonly Cell[]
  /** Places of the values that are estimates. */
  readonly approximate: readonly number[]
}

/** A row with its cells: integers beyond 2^53 are bigints, and decimals that no double prints keep their digits. */
export function finishedRow({keysets}: CompiledSql, {keyset, key, values}: SqlRow): FinishedRow {
  const columns = keysets.find(({plan}) => plan.name === keyset)?.values ?? []
  const approximate: number[] = []
  let at = 0
  const cells = columns.map((column, index) => {
    const own = values.slice(at, at + column.parts.length)
    at += column.parts.length
    if (column.cell === 'distinct' && isBeyondExact(column, own[0] ?? null)) approximate.push(index)
    return cellOf(column, own)
  })
  return {keyset, key, values: cells, approximate}
}

/** The first column whose count of different values a rule would estimate, when the query has nothing to estimate it with. */
export function columnBeyondExact(
  {keysets}: CompiledSql,
  {keyset, values}: SqlRow,
): {readonly column: string; readonly exactUpTo: number; readonly count: string} | undefined {
  let at = 0
  for (const column of keysets.find(({plan}) => plan.name === keyset)?.values ?? []) {
    const count = values[at] ?? null
    at += column.parts.length
    const {exactUpTo} = column
    if (column.cell === 'distinct' || exactUpTo === undefined || count === null) continue
    if (isBeyondExact(column, count)) return {column: column.column, exactUpTo, count}
  }
  return undefined
}

/** Above its limit a count of different values is an estimate here. */
function isBeyondExact({exactUpTo}: ValueColumn, count: string | null): boolean {
  return exactUpTo !== undefined && Number(count) > exactUpTo
}

function cellOf(column: ValueColumn, parts: readonly (string | null)[]): Cell {
  const {cell, bounds = [], q} = column
  const [first = null, second = null, third = null, fourth = null] = parts
  if (first === null) return null
  switch (cell) {
    case 'number':
      return cellOfDigits(first)
    case 'distinct':
      return isBeyondExact(column, first) ? distinctOf(countsOf(second ?? '')) : Number(first)
    case 'extreme':
      return extremeOf(first)
    case 'json':
      return JSON.parse(first) as Cell
    case 'mean':
      return meanOf(first, BigInt(second ?? 0))
    case 'histogram':
      return Object.fromEntries(histogramLabels(bounds).map((label, index) => [label, Number(parts[index])]))
    case 'kept':
      return keptOf(first, second ?? '')
    case 'quantile':
      assert(q !== undefined, 'a quantile says which')
      // Without any number there are no extremes.
      if (second === null || third === null) return null
      return quantileOf(q, {counts: countsOf(first), lowest: Number(second), highest: Number(third)})
    case 'stddev':
      return stddevOf({
        count: Number(first),
        sum: exactOf(second ?? '0'),
        squares: {coefficient: BigInt(third ?? 0) * 10n ** 38n + BigInt(fourth ?? 0), scale: 44},
      })
  }
}

/** Text of a group that has no number; text that looks like one would have been taken for it. */
function extremeOf(text: string): Cell {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? cellOfDigits(text) : text
}

/** A value of a record, by its kind (src/sql/values.ts). */
function keptOf(kind: string, text: string): Cell {
  if (kind === 'b') return text === 'true'
  if (kind !== 'n') return text
  return /^-?\d+$/.test(text) ? cellOfDigits(text) : Number(text)
}

/** The double nearest to sum / count; null without any. */
function meanOf(sum: string, count: bigint): number | null {
  if (count === 0n) return null
  const {coefficient, scale} = exactOf(sum)
  return roundRatio({numerator: coefficient, denominator: count * 10n ** BigInt(scale)})
}

function exactOf(digits: string): {readonly coefficient: bigint; readonly scale: number} {
  const [whole = '', fraction = ''] = digits.split('.')
  return {coefficient: BigInt(whole + fraction), scale: fraction.length}
}

/** `BUCKET:COUNT,…`, or ranks in place of buckets. */
function countsOf(text: string): readonly (readonly [number, number])[] {
  return text.split(',').map(each => {
    const [bucket, count] = each.split(':')
    return [Number(bucket), Number(count)]
  })
}
