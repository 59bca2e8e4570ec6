/**
 * The batch that an archiving rule has begun, kept in the cluster until its blobs are marked.
 *
 * Without it a run that ended between the sink's commit and the archive would be followed by one that reads the same blobs and
 * new ones: another batch, which the sink does not know, and rows would count twice. So:
 * - A run claims the place before it reads anything, by compare-and-set on the version it saw before it chose. Whoever was
 *   there meanwhile changed the version, and the run chooses again.
 * - A run that finds a batch of its own (batch-owner.ts) takes that one, whoever began it: the sink takes a batch once, so two that deliver it
 *   are one. Others under the same name stay where they are.
 * - The place is given back after the marks, so who finds it empty sees the marks.
 */
import {createHash} from 'node:crypto'
import {ClusterError, UserError} from '../../base/index.ts'
import {type ClusterClient, readAllEntries, readBlob, storeBlob} from '../../client/index.ts'
import type {BlobEntry} from '../../protocol/index.ts'
import type {RunInput} from './inputs-of.ts'
import type {Marks} from './mark-archive.ts'
import {openBatchTag} from './own-tags.ts'
import {readTagIfThere} from './read-store.ts'

export interface OpenBatch {
  readonly id: string
  readonly planHash: string
  readonly scope: string
  readonly inputs: readonly RunInput[]
  readonly marks: Marks
  /** What it marks stands in these too: tags that are read, of all rules of the tree. Older versions did not note them. */
  readonly tags?: readonly string[]
  /** `RowSink.place`. Older versions did not note it. */
  readonly sink?: string
}

/** All batches that are open under a rule's name. */
export interface BatchPlace {
  /** Counter of the tag's version; 0: there is no such tag. */
  readonly version: number
  readonly batches: readonly OpenBatch[]
  readonly entries: readonly BlobEntry[]
}

/** The batch that has begun and is not archived, with the version of its tag: who changes it names that version. @throws as the client */
export async function readBatchPlace(client: ClusterClient, rule: string, signal: AbortSignal): Promise<BatchPlace> {
  const tag = openBatchTag(rule)
  for (;;) {
    const info = await readTagIfThere(client, tag, signal)
    if (info === undefined) return {version: 0, batches: [], entries: []}
    const version = info.version.counter
    const entries = await blobsOf(client, tag, signal)
    // Changed between the two questions.
    if (entries.length !== info.entryCount) continue
    const batches: OpenBatch[] = []
    for (const {blob} of entries) {
      const pieces: Buffer[] = []
      for await (const piece of readBlob(client, blob, {signal})) pieces.push(piece)
      batches.push(JSON.parse(Buffer.concat(pieces).toString('utf8')) as OpenBatch)
    }
    return {version, batches, entries}
  }
}

async function blobsOf(client: ClusterClient, tag: string, signal: AbortSignal): Promise<BlobEntry[]> {
  const entries: BlobEntry[] = []
  for await (const {entry} of readAllEntries(client, tag, {signal})) if (entry.type === 'blob') entries.push(entry)
  return entries
}

/** Whether the very batch stands there: of one id there may be several, for different sinks. */
export const isOpen = ({entries}: BatchPlace, batch: OpenBatch): boolean =>
  entries.some(({blob}) => blob === blobOf(batch))

const blobOf = (batch: OpenBatch): string => createHash('sha256').update(JSON.stringify(batch)).digest('hex')

/**
 * Puts a batch into the place.
 *
 * @param place - as it was read before the batch was chosen
 * @param instead - batches that go; all others stay
 * @returns false when somebody was there since the place was read
 */
export async function claimBatch(
  client: ClusterClient,
  rule: string,
  batch: OpenBatch,
  place: BatchPlace,
  instead: readonly OpenBatch[],
  signal: AbortSignal,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify(batch))
  const blob = blobOf(batch)
  const source = {name: `batch of ${rule}`, bytes: bytes.length, blob, isReplayable: true, open: () => piecesOf(bytes)}
  const {nodes} = await storeBlob(client, source, {signal})
  const entry: BlobEntry = {type: 'blob', blob, name: blob, bytes: bytes.length}
  const gone = new Set([blob, ...instead.map(blobOf)])
  const entries = [...place.entries.filter(other => !gone.has(other.blob)), entry]
  try {
    await client.changeTag(
      openBatchTag(rule),
      {
        change: {type: 'replace', entries},
        ifVersion: place.version,
        ...(nodes.length === 0 ? {} : {holders: {[blob]: nodes}}),
      },
      {signal},
    )
    return true
  } catch (error) {
    if (error instanceof UserError && error.code === 'VERSION_CHANGED') return false
    // Without an answer nobody knows: what stands there now decides, when it is read again.
    if (error instanceof ClusterError && error.retryable) return false
    throw error
  }
}

/** Takes batches out of the place, those of them that stand there. Safe to repeat. */
export async function releaseBatches(
  client: ClusterClient,
  rule: string,
  batches: readonly OpenBatch[],
  signal: AbortSignal,
): Promise<void> {
  const tag = openBatchTag(rule)
  const blobs = new Set(batches.map(blobOf))
  const entries = (await blobsOf(client, tag, signal)).filter(({blob}) => blobs.has(blob))
  if (entries.length > 0) await client.changeTag(tag, {change: {type: 'remove', entries}}, {signal})
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
