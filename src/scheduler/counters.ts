/**
 * Counters of tasks, added up by stage.
 *
 * Results arrive in any order, and floating-point sums depend on it. So each sum is kept exactly, as parts that do not overlap
 * (Shewchuk), and rounded once when it is read: the same tasks give the same number.
 */
import {countersPerStageMax} from './limits.ts'

/** Of one task. So many tasks as there can be add up to a number. */
const valueMax = 1e290

/** Name -> parts of the exact sum, small to large. */
export type CounterSums = Map<string, number[]>

/** Names beyond `countersPerStageMax` are not kept: who counts by key wants results, not counters. */
export function addCounters(sums: CounterSums, counters: Readonly<Record<string, number>>): void {
  for (const name of Object.keys(counters)) {
    const value = Math.max(-valueMax, Math.min(valueMax, counters[name]!))
    const parts = sums.get(name)
    if (parts !== undefined) addExactly(parts, value)
    else if (sums.size < countersPerStageMax) sums.set(name, [value])
  }
}

function addExactly(parts: number[], value: number): void {
  let next = value
  let kept = 0
  for (let index = 0; index < parts.length; index++) {
    let part = parts[index]!
    if (Math.abs(next) < Math.abs(part)) [next, part] = [part, next]
    const sum = next + part
    const rest = part - (sum - next)
    if (rest !== 0) parts[kept++] = rest
    next = sum
  }
  parts.length = kept
  parts.push(next)
}

/** The double nearest to the sum of the parts. */
function rounded(parts: readonly number[]): number {
  let at = parts.length - 1
  let high = parts[at]!
  let low = 0
  while (at > 0 && low === 0) {
    const part = parts[--at]!
    const sum = high + part
    low = part - (sum - high)
    high = sum
  }
  // A tie was broken without what lies below: it decides.
  const below = at > 0 ? parts[at - 1]! : 0
  if (low !== 0 && Math.sign(low) === Math.sign(below) && high + 2 * low - high === 2 * low) return high + 2 * low
  return high
}

/** By name. */
export function counterValues(sums: CounterSums): Record<string, number> {
  const names = [...sums.keys()].sort()
  return Object.fromEntries(names.map(name => [name, rounded(sums.get(name)!)]))
}

/** Of all stages of a job. */
export function sumCounters(all: Iterable<CounterSums>): Record<string, number> {
  const total: CounterSums = new Map()
  for (const sums of all) {
    for (const [name, parts] of sums) {
      const known = total.get(name)
      if (known === undefined) total.set(name, [...parts])
      else for (const part of parts) addExactly(known, part)
    }
  }
  return counterValues(total)
}
