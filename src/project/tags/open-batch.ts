/**
 * The batch that an archiving rule has begun, kept in the cluster until its blobs are marked.
 *
 * Without it a run that ended between the sink's commit and the archive would be followed by one that reads the same blobs and
 * new ones: another batch, which the sink does not know, and rows would count twice. So:
 * - A run claims the place before it reads anything, by compare-and-set on the version it saw before it chose. Whoever was
 *   there meanwhile changed the version, and the run chooses again.
 * - A run that finds a batch takes that one, whoever began it: the sink takes a batch once, so two that deliver it are one.
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
}

export interface BatchPlace {
  /** Counter of the tag's version; 0: there is no such tag. */
  readonly version: number
  readonly found: OpenBatch | undefined
}

export async function readBatchPlace(client: ClusterClient, rule: string, signal: AbortSignal): Promise<BatchPlace> {
  const tag = openBatchTag(rule)
  for (;;) {
    const info = await readTagIfThere(client, tag, signal)
    if (info === undefined) return {version: 0, found: undefined}
    const version = info.version.counter
    if (info.entryCount === 0) return {version, found: undefined}
    const entry = await firstBlob(client, tag, signal)
    // Taken away between the two questions.
    if (entry === undefined) continue
    const pieces: Buffer[] = []
    for await (const piece of readBlob(client, entry.blob, {signal})) pieces.push(piece)
    return {version, found: JSON.parse(Buffer.concat(pieces).toString('utf8')) as OpenBatch}
  }
}

async function firstBlob(client: ClusterClient, tag: string, signal: AbortSignal): Promise<BlobEntry | undefined> {
  for await (const {entry} of readAllEntries(client, tag, {signal})) if (entry.type === 'blob') return entry
  return undefined
}

/** @returns false when somebody was there since the place was read */
export async function claimBatch(
  client: ClusterClient,
  rule: string,
  batch: OpenBatch,
  version: number,
  signal: AbortSignal,
): Promise<boolean> {
  const bytes = Buffer.from(JSON.stringify(batch))
  const blob = createHash('sha256').update(bytes).digest('hex')
  const source = {name: `batch of ${rule}`, bytes: bytes.length, blob, isReplayable: true, open: () => piecesOf(bytes)}
  const {nodes} = await storeBlob(client, source, {signal})
  const entry: BlobEntry = {type: 'blob', blob, name: batch.id, bytes: bytes.length}
  try {
    await client.changeTag(
      openBatchTag(rule),
      {
        change: {type: 'replace', entries: [entry]},
        ifVersion: version,
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

/** Gives the place back, if this batch has it. Safe to repeat. */
export async function releaseBatch(
  client: ClusterClient,
  rule: string,
  batch: OpenBatch,
  signal: AbortSignal,
): Promise<void> {
  const tag = openBatchTag(rule)
  const entry = await firstBlob(client, tag, signal)
  if (entry?.name !== batch.id) return
  await client.changeTag(tag, {change: {type: 'remove', entries: [entry]}}, {signal})
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
