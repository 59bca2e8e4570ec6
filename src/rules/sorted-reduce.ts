/**
 * The pure reduce: groups adjacent equal keys, turns each value into a number, adds position by position.
 *
 * As `reduceFunction: sortedReduce` it is only a marker: the engine then adds with its own exact numbers and skips the
 * postprocessors. Called from a reduce function of your own it does the work itself, with plain numbers: integers stay exact
 * (bigint beyond 2^53), fractions are doubles added with Neumaier's compensation, so ten times 0.1 is 1, but decimal digits
 * past a double's are lost. One group is in memory. Unsorted input gives a row per run of equal keys.
 */
import type {Pair, Params, ReduceFunction} from './types.ts'
import {numberOf, smallest} from './values.ts'

/** The property by which a reduce function says that the engine may run its own instead. */
const reduceKind = Symbol.for('disco-inferno.reduce')

function* reduceSorted(
  pairs: Iterable<Pair>,
  _params?: Params,
): Generator<readonly [readonly unknown[], readonly (number | bigint)[]]> {
  let key: readonly unknown[] | undefined
  let totals: Total[] = []
  for (const [nextKey, values] of pairs) {
    if (key !== undefined && !isSameKey(key, nextKey)) {
      yield [key, totals.map(finish)]
      totals = []
    }
    key = nextKey
    for (let index = 0; index < values.length; index++) {
      totals[index] ??= {whole: 0, fraction: 0, lost: 0}
      add(totals[index]!, numberOf(values[index]) ?? 0)
    }
  }
  if (key !== undefined) yield [key, totals.map(finish)]
}

export const sortedReduce: ReduceFunction = Object.assign(reduceSorted, {[reduceKind]: 'sorted'} as const)

/** True for sortedReduce, also when it comes from another copy of this program. */
export function isSortedReduce(value: unknown): boolean {
  return typeof value === 'function' && (value as {[reduceKind]?: unknown})[reduceKind] === 'sorted'
}

/** `whole` is exact; `fraction` plus what rounding took from it (`lost`) is the rest. */
interface Total {
  whole: number | bigint
  fraction: number
  lost: number
}

function add(total: Total, value: number | bigint): void {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    const sum = typeof value === 'number' && typeof total.whole === 'number' ? total.whole + value : undefined
    total.whole = sum !== undefined && Number.isSafeInteger(sum) ? sum : smallest(BigInt(total.whole) + BigInt(value))
    return
  }
  const sum = total.fraction + value
  const isTotalLarger = Math.abs(total.fraction) >= Math.abs(value)
  total.lost += isTotalLarger ? total.fraction - sum + value : value - sum + total.fraction
  total.fraction = sum
}

function finish(total: Total): number | bigint {
  const fraction = total.fraction + total.lost
  if (fraction === 0) return total.whole
  return Number(total.whole) + fraction
}

function isSameKey(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
