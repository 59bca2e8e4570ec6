/** Parts of values as an engine gave them, as cells of rows: of the types, and to the digit, that aggregates here give. */
import {cellOfDigits, histogramLabels, roundRatio} from '../../engine/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {CompiledSql, SqlRow} from '../../sql/index.ts'

export interface FinishedRow {
  readonly keyset: string
  readonly key: readonly string[]
  readonly values: readonly Cell[]
}

/** A row with its cells: integers beyond 2^53 are bigints, and decimals that no double prints keep their digits. */
export function finishedRow({keysets}: CompiledSql, {keyset, key, values}: SqlRow): FinishedRow {
  const columns = keysets.find(({plan}) => plan.name === keyset)?.values ?? []
  let at = 0
  const cells = columns.map(({parts, cell, bounds}): Cell => {
    const own = values.slice(at, at + parts.length)
    const [first = null, second = null] = own
    at += parts.length
    if (bounds !== undefined) {
      return Object.fromEntries(histogramLabels(bounds).map((label, index) => [label, Number(own[index])]))
    }
    if (first === null) return null
    if (cell === 'mean') return meanOf(first, BigInt(second ?? 0))
    return cell === 'extreme' ? extremeOf(first) : cellOfDigits(first)
  })
  return {keyset, key, values: cells}
}

/** Text of a group that has no number; text that looks like one would have been taken for it. */
function extremeOf(text: string): Cell {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? cellOfDigits(text) : text
}

/** The double nearest to sum / count; null without any. */
function meanOf(sum: string, count: bigint): number | null {
  if (count === 0n) return null
  const [whole = '0', fraction = ''] = sum.split('.')
  const denominator = count * 10n ** BigInt(fraction.length)
  return roundRatio({numerator: BigInt(whole + fraction), denominator})
}
