/** Disco's table of nodes: `[["nx01:30", "8"], ["big1", "16"]]`, ranges written as `FIRST:LAST-NUMBER`. */

export type NodeRow = readonly [nodes: string, workers: string]

/** Nodes of one table. */
const tableNodesMax = 10_000

/** @returns hosts with their workers, in order; or what is wrong in Disco's words */
export function expandTable(
  rows: readonly NodeRow[],
): ReadonlyMap<string, number> | 'invalid config' | 'duplicate nodes' {
  const found = new Map<string, number>()
  for (const [spec, workers] of rows) {
    const hosts = hostsOf(spec.trim())
    if (hosts === undefined || !/^\d{1,6}$/.test(workers.trim())) return 'invalid config'
    for (const host of hosts) {
      if (found.has(host)) return 'duplicate nodes'
      if (found.size >= tableNodesMax) return 'invalid config'
      found.set(host, Number(workers))
    }
  }
  return found
}

/** The digits behind the colon replace the equally long end of what stands before it, again and again up to them. */
function hostsOf(spec: string): string[] | undefined {
  const match = /^([A-Za-z0-9_.-]+?)\s*(?::\s*(\d{1,9}))?$/.exec(spec)
  if (match === null) return undefined
  const [, first = '', last] = match
  if (last === undefined) return [first]
  const digits = first.slice(-last.length)
  if (digits.length !== last.length || !/^\d+$/.test(digits)) return undefined
  const [from, to] = [Number(digits), Number(last)]
  if (to < from || to - from >= tableNodesMax) return undefined
  const stem = first.slice(0, -last.length)
  return Array.from({length: to - from + 1}, (_, index) => stem + String(from + index).padStart(last.length, '0'))
}
