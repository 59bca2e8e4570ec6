import {assert} from '../../base/index.ts'
import {compareKeys, decodeKey, startsWithKey} from './key-builder.ts'
import type {MergedGroup} from './merge-runs.ts'

/** A type rather than an interface, so that it is a cell as it stands. */
export type TopValue = {readonly value: string; readonly count: number}

/**
 * The most frequent values of each group, from a table that counts values.
 *
 * @param counted - merged groups in key order, whose keys are a main group's key plus the value as one more part, with one
 * count column
 * @param k - values kept a group
 * @returns asked with the keys of the main groups in ascending order, gives for each its values, most frequent first, equal
 * counts by text; no values: an empty list. Holds k values.
 */
export function topKOf(counted: Iterable<MergedGroup>, k: number): (mainKey: Uint8Array) => readonly TopValue[] {
  assert(k > 0, 'a topK keeps at least one value')
  const groups = counted[Symbol.iterator]()
  let current = groups.next()
  return mainKey => {
    const top: TopValue[] = []
    while (!current.done) {
      const {key, columns} = current.value
      if (startsWithKey(key, mainKey)) offer(top, k, Number(columns[0]!.finish(0)), key.subarray(mainKey.length))
      else if (compareKeys(key, mainKey) > 0) break
      current = groups.next()
    }
    return top
  }
}

/** Values come in text order, so one with the same count as another goes behind it. */
function offer(top: TopValue[], k: number, count: number, valueKey: Uint8Array): void {
  if (top.length === k && count <= top[k - 1]!.count) return
  let low = 0
  let high = top.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (top[middle]!.count >= count) low = middle + 1
    else high = middle
  }
  if (top.length === k) top.pop()
  top.splice(low, 0, {value: decodeKey(valueKey)[0]!, count})
}
