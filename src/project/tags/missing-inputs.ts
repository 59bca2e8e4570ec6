/**
 * Runs that go on without blobs that no node can give (`allowsMissing`): what they write and mark is of the others alone. The batch is
 * that of the others, so a run that can read all is another one; what is missing is not marked as done.
 */
import {ClusterError} from '../../base/index.ts'
import type {ClusterClient} from '../../client/index.ts'
import {contentOf} from '../../protocol/index.ts'
import {batchId} from '../../rules/index.ts'
import type {Marks} from './mark-archive.ts'
import {claimBatch, isOpen, type OpenBatch, readBatchPlace} from './open-batch.ts'

/** @param missing - numbers of the batch's inputs */
export function withoutMissing(rule: string, batch: OpenBatch, missing: readonly number[]): OpenBatch {
  const numbers = new Set(missing)
  const gone = new Set(missing.map(number => batch.inputs[number]!.identity))
  const inputs = batch.inputs.filter((_, number) => !numbers.has(number))
  const identities = inputs.map(({identity}) => identity)
  return {...batch, id: batchId(rule, batch.planHash, identities), inputs, marks: marksWithout(batch.marks, gone)}
}

/** @param gone - identities of entries that were not read */
export function marksWithout(marks: Marks, gone: ReadonlySet<string>): Marks {
  return marks
    .map(([name, entries]) => [name, entries.filter(entry => !gone.has(contentOf(entry)))] as const)
    .filter(([, entries]) => entries.length > 0)
}

/**
 * Puts another batch into the place that a batch has: what is found there after a crash must be what was delivered.
 *
 * @throws ClusterError STALE_EPOCH when another run has the place by now
 */
export async function changePlace(
  client: ClusterClient,
  rule: string,
  {from, to}: {readonly from: OpenBatch; readonly to: OpenBatch},
  signal: AbortSignal,
): Promise<void> {
  const place = await readBatchPlace(client, rule, signal)
  if (isOpen(place, to)) return
  if (isOpen(place, from) && (await claimBatch(client, rule, to, place, [from], signal))) return
  throw new ClusterError('STALE_EPOCH', `another run of ${rule} has taken over its batch`, {
    retryable: true,
    hint: 'run it again',
  })
}
