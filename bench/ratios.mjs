/** The arithmetic of the tables. */

const slowPeers = ['miller', 'jq']

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Speeds of one case against ours.
 *
 * @param {{engine: string, mbPerSecond?: number, medianMs?: number}[]} rows - of engines that finished; first of an
 *   engine's rows or not, the fastest counts
 * @param goals - peer to the least ratio, `ms` to the most milliseconds
 * @returns {{ours: object, limit: object | undefined, ratios: Map<string, number>, misses: string[]} | undefined} ratios:
 *   our speed as a multiple of each peer's best; undefined when ours did not finish
 */
export function compareSpeeds(rows, goals) {
  const ours = bestOf(rows, 'ours')
  if (ours === undefined) return undefined
  const ratios = new Map()
  for (const peer of ['duckdb', 'chdb', ...slowPeers]) {
    const best = bestOf(rows, peer)
    if (best !== undefined) ratios.set(peer, ours.mbPerSecond / best.mbPerSecond)
  }
  const misses = Object.entries(goals)
    .filter(([name, least]) => (name === 'ms' ? ours.medianMs > least : (ratios.get(name) ?? least) < least))
    .map(([name, least]) => (name === 'ms' ? `at most ${least} ms` : `${least} × ${name}`))
  return {ours, limit: bestOf(rows, 'limit'), ratios, misses}
}

/**
 * A case of `--large` together with the speeds that Miller and jq reached in the first table.
 *
 * @param {{one: {goals: object}, rows: object[]}} large - a result without those two
 * @param {{rows: object[]} | undefined} small - the same case of the first table
 * @returns the result with `speeds` over both; its rows stay its own
 */
export function compareWithSlow(large, small) {
  const slow = (small?.rows ?? []).filter(row => slowPeers.includes(row.peer))
  return {...large, speeds: compareSpeeds([...large.rows, ...slow], large.one.goals)}
}

function bestOf(rows, peer) {
  return rows
    .filter(row => row.peer === peer && row.mbPerSecond !== undefined)
    .reduce((best, row) => (best === undefined || row.mbPerSecond > best.mbPerSecond ? row : best), undefined)
}
