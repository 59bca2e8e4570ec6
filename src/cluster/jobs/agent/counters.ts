/** Counters of a run as a message carries them. */
import {excerptOf} from '../../../base/index.ts'
import {counterNameLengthMax, countersCharsMax, countersPerRunMax, type RunCounters} from '../../../protocol/index.ts'

/**
 * The counters that a master takes, in the order of their names: numbers that are finite, and no more than fit into a message.
 *
 * @param log - told what was left out, once
 */
export function boundedCounters(counters: RunCounters, log: (line: string) => void): RunCounters {
  const kept: Record<string, number> = {}
  const leftOut: string[] = []
  let chars = 0
  let count = 0
  for (const name of Object.keys(counters).sort()) {
    const value = counters[name]!
    const cost = JSON.stringify(name).length + String(value).length + 2
    const fits = count < countersPerRunMax && name.length <= counterNameLengthMax && chars + cost <= countersCharsMax
    if (!fits || !Number.isFinite(value)) {
      leftOut.push(name)
      continue
    }
    kept[name] = value
    chars += cost
    count++
  }
  if (leftOut.length > 0) {
    log(`${leftOut.length} counters are left out: too many, too long or too large, as ${excerptOf(leftOut[0]!)}`)
  }
  return kept
}
