/** Parts of values as an engine gave them, as cells of rows. */
import {histogramLabels} from '../../engine/index.ts'
import type {Cell} from '../../rules/index.ts'
import type {CompiledSql, SqlRow} from '../../sql/index.ts'

export interface FinishedRow {
  readonly keyset: string
  readonly key: readonly string[]
  readonly values: readonly Cell[]
}

/** A row with its cells. Numbers that no double holds with all their digits stay text; a mean is rounded once. */
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
    if (cell === 'mean') return first === null ? null : meanOf(first, BigInt(second ?? 0))
    return cell === 'number' && first !== null ? numberOrDigits(first) : first
  })
  return {keyset, key, values: cells}
}

function numberOrDigits(digits: string): Cell {
  return String(Number(digits)) === digits ? Number(digits) : digits
}

/** The double nearest to sum / count; null without any. */
function meanOf(sum: string, count: bigint): number | null {
  if (count === 0n) return null
  const [whole = '0', fraction = ''] = sum.split('.')
  const coefficient = BigInt(whole + fraction)
  return nearestDouble(coefficient, count * 10n ** BigInt(fraction.length))
}

/** Digits enough that a text of them rounds like the ratio; the last one tells that there is more. */
const digitCount = 800

function nearestDouble(numerator: bigint, denominator: bigint): number {
  const size = numerator < 0n ? -numerator : numerator
  const scaled = size * 10n ** BigInt(digitCount)
  const isCut = scaled % denominator !== 0n
  const text = `${scaled / denominator}${isCut ? '1' : '0'}e-${digitCount + 1}`
  return numerator < 0n ? -Number(text) : Number(text)
}
