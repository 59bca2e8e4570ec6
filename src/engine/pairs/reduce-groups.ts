/** The standard reduce: adjacent equal keys are a group, its values are added up. */
import type {Cell} from '../../rules/index.ts'
import type {GroupTotals} from './totals.ts'

/** A pair with its key decoded. Adjacent pairs with equal keys share one list. */
export type KeyedPair = readonly [key: readonly string[], values: unknown[]]

export interface ReducedGroup {
  readonly key: readonly string[]
  readonly values: readonly Cell[]
  /** Positions in `values` that are estimates. */
  readonly approximate: readonly number[]
}

/**
 * Adds up the values of adjacent equal keys, one group in memory.
 *
 * It relies on sorted input: from unsorted input the same key comes out in several rows.
 *
 * @param totalsOf - where a group with this key is added up; may return the same totals for every group
 */
export function* reduceGroups(
  pairs: Iterable<KeyedPair>,
  totalsOf: (key: readonly string[]) => GroupTotals,
): Generator<ReducedGroup, void> {
  let group: {readonly key: readonly string[]; readonly totals: GroupTotals} | undefined
  for (const [key, values] of pairs) {
    if (group?.key !== key) {
      if (group !== undefined) yield {key: group.key, ...group.totals.take()}
      group = {key, totals: totalsOf(key)}
    }
    group.totals.add(values)
  }
  if (group !== undefined) yield {key: group.key, ...group.totals.take()}
}
