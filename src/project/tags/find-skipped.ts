/** Which of the blobs that a run would scan it would not read, because of their statistics. */
import {readStatistics} from '../../client/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import {canBeUnused} from '../../rules/index.ts'
import {unusedBy} from '../../worker/index.ts'
import type {PreparedRule} from './prepare-rule.ts'
import type {TagRunRequest} from './run-request.ts'
import type {SkippedChunk} from './skipped-text.ts'

/**
 * Reads footers. A node skips what lies on its own disk; what it has to fetch it scans, so this is what would nearly always be skipped.
 *
 * @param kept - blobs that are not scanned anyway
 * @returns by blob; null for a rule that never skips any
 */
export async function findSkipped(
  {source: {rule}, plan, params, choice}: Pick<PreparedRule, 'source' | 'plan' | 'params' | 'choice'>,
  kept: ReadonlySet<BlobId>,
  {cluster, signal}: Pick<TagRunRequest, 'cluster' | 'signal'>,
): Promise<ReadonlyMap<BlobId, SkippedChunk> | null> {
  if (rule.options.scheduler?.forceLocal === true || !canBeUnused(plan)) return null
  const chunks = choice.chosen.flatMap(({entry: {entry}}) =>
    entry.type === 'blob' && entry.codec !== undefined && !kept.has(entry.blob)
      ? [{blob: entry.blob, codec: entry.codec}]
      : [],
  )
  // What a hook will make of parameters is not known here: conditions on them count as unknown.
  const known = rule.options.mapInitFunction === undefined ? params : {}
  const skipped = new Map<BlobId, SkippedChunk>()
  for (const [blob, footer] of await readStatistics(cluster, chunks, {signal})) {
    const unused = unusedBy(footer, plan, known)
    if (unused === undefined) continue
    const {recordCount, rawBytes, because} = unused
    skipped.set(blob, {recordCount, rawBytes, because})
  }
  return skipped
}
