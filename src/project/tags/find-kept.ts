/** Which of the blobs that a run would read need no scan, because nodes keep what an earlier run made of them. */
import {JobClient} from '../../client/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import {partialNames, scansWithCode} from '../../worker/index.ts'
import type {PreparedRule} from './prepare-rule.ts'
import type {TagRunRequest} from './run-request.ts'

export interface KeptCount {
  readonly blobs: number
  /** As stored. */
  readonly bytes: number
}

const blobScheme = 'blob://'

/** What is kept, and of which blobs. */
export interface KeptBlobs {
  readonly count: KeptCount
  readonly blobs: ReadonlySet<BlobId>
}

/**
 * Asks all nodes that are up. A blob whose task goes to another node than last time is scanned there anew, so this is what is kept, and
 * nearly always what is not scanned.
 *
 * @returns null for a rule whose scans keep nothing: `forceLocal`
 * @throws UserError RULE_FILE_BROKEN, JOB_FILE_BROKEN as a run would
 */
export async function findKept(
  {source, plan, params, inputs}: Pick<PreparedRule, 'source' | 'plan' | 'params' | 'inputs'>,
  {cluster, keepsBad, signal}: Pick<TagRunRequest, 'cluster' | 'keepsBad' | 'signal'>,
): Promise<KeptBlobs | null> {
  const {rule, address} = source
  if (rule.options.scheduler?.forceLocal === true) return null
  const blobs = inputs.flatMap(({input}) => {
    const [first = ''] = input.addresses
    return first.startsWith(blobScheme) ? [{...input, blob: first.slice(blobScheme.length)}] : []
  })
  const needsCode = scansWithCode(rule)
  if (blobs.length === 0 || (needsCode && address === null)) return {count: {blobs: 0, bytes: 0}, blobs: new Set()}
  const names = await partialNames({work: {plan, keepsBad}, params, address: needsCode ? address : null}, blobs)
  const kept = await new JobClient(cluster).keptPartials(names, {signal})
  const found = blobs.filter((_, index) => kept.has(names[index]!))
  const bytes = found.reduce((sum, one) => sum + (one.bytes ?? 0), 0)
  return {count: {blobs: found.length, bytes}, blobs: new Set(found.map(({blob}) => blob))}
}
