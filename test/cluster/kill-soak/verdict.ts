/** Compares a history with what the cluster holds. */
import {type ClusterClient, readAllEntries} from '../../../src/client/index.ts'
import {contentOf, idOf, readWhole} from '../kit/content.ts'
import type {HistoryLine} from './writer.ts'

export interface Verdict {
  readonly ackedCount: number
  /** Begun, and nobody was told how it ended: there or not, but the same at each look. */
  readonly unknownCount: number
  readonly failedTries: number
  readonly lost: readonly string[]
  readonly duplicated: readonly string[]
  readonly corrupt: readonly string[]
  readonly strange: readonly string[]
}

/** Blobs that are read and compared at once. */
const parallelCount = 4

/** @param readAll - every blob's bytes, else of acknowledged ones only each tenth */
export async function judge(client: ClusterClient, lines: readonly HistoryLine[], readAll: boolean): Promise<Verdict> {
  const begun = new Map<string, HistoryLine>()
  const acked = new Map<string, HistoryLine>()
  for (const line of lines) {
    begun.set(`${line.tag} ${line.name}`, line)
    if (line.type === 'ok') acked.set(`${line.tag} ${line.name}`, line)
  }
  const found = await namesIn(client, new Set(lines.map(line => line.tag)))
  const again = await namesIn(client, new Set(lines.map(line => line.tag)))
  const lost = [...acked.keys()].filter(key => !found.has(key))
  const duplicated = [...found].filter(([, entries]) => entries.length > 1).map(([key]) => key)
  const strange = [...found.keys()].filter(key => !begun.has(key))
  strange.push(...[...found.keys()].filter(key => !again.has(key)), ...[...again.keys()].filter(key => !found.has(key)))
  const corrupt: string[] = []
  const checked = [...found].filter((_, index) => readAll || index % 10 === 0)
  const check = async (): Promise<void> => {
    for (let next = checked.pop(); next !== undefined; next = checked.pop()) {
      const [key, [blob = '']] = next
      const line = begun.get(key)
      if (line === undefined) continue
      const wanted = contentOf(line.seed, line.bytes)
      if (idOf(wanted) !== blob) corrupt.push(`${key}: names another blob`)
      else if (!(await readWhole(client, blob)).equals(wanted)) corrupt.push(`${key}: other bytes`)
    }
  }
  await Promise.all(Array.from({length: parallelCount}, check))
  return {
    ackedCount: acked.size,
    unknownCount: begun.size - acked.size,
    failedTries: lines.filter(line => line.type === 'failed').length,
    lost,
    duplicated,
    corrupt,
    strange,
  }
}

/** `tag name` to the blobs that have that name there. */
async function namesIn(client: ClusterClient, tags: ReadonlySet<string>): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const tag of [...tags].sort()) {
    for await (const {entry} of readAllEntries(client, tag)) {
      if (entry.type !== 'blob') continue
      const key = `${tag} ${entry.name}`
      found.set(key, [...(found.get(key) ?? []), entry.blob])
    }
  }
  return found
}
