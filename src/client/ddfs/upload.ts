/**
 * Puts one blob on the nodes that the master chose.
 *
 * The bytes are read once and written to all targets at the pace of the slowest; a target that fails drops out. What can be
 * read again is then sent to other nodes, and to the same ones after a pause when there are no others; what cannot (a pipe)
 * is left to the cluster's repair, as long as enough copies are durable.
 */
import {ClusterError, messageOf} from '../../base/index.ts'
import type {BlobId, NodeName, PlaceAnswer, UploadAnswer, UploadTarget} from '../../protocol/index.ts'
import {type ClusterClient, pause} from '../cluster/cluster-client.ts'
import {SourceChanged, Upload, writeSource} from './upload-stream.ts'

export interface UploadOptions {
  readonly replicaCount?: number | undefined
  /** Durable copies without which a push has failed; default 2, if there are two nodes. */
  readonly minReplicas?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes that have been read from the source, for a progress bar. */
  readonly onBytes?: ((bytes: number) => void) | undefined
  readonly onWarning?: ((message: string) => void) | undefined
}

export interface Source {
  /** For messages. */
  readonly name: string
  /** undefined: not known before the end. */
  readonly bytes: number | undefined
  readonly blob?: BlobId | undefined
  /** Whether `open` may be called again. */
  readonly isReplayable: boolean
  /** The pieces are new ones with each `open`: their memory is freed when they are sent. */
  readonly isGivenAway?: boolean
  open(): AsyncIterable<Uint8Array>
}

export interface Uploaded {
  readonly blob: BlobId
  readonly bytes: number
  /** Those that have it on disk. */
  readonly nodes: readonly NodeName[]
  /** Nodes that took bytes. */
  readonly sentCount: number
}

/** Rounds of asking for nodes when some failed, and the pause before one that has no new nodes, doubled each time. */
const roundCountMax = 6
const firstPauseMs = 200

/** Durable copies without which an upload has failed, unless somebody says otherwise. */
export const leastCountDefault = 2

interface Failure {
  readonly node: NodeName
  readonly error: unknown
}

/**
 * @param holders - nodes that have the blob already: they count
 * @throws ClusterError UNAVAILABLE when fewer than the least number of copies became durable;
 *   UserError INPUT_UNREADABLE when the source is not what it was when it was hashed
 */
export async function uploadBlob(
  client: ClusterClient,
  source: Source,
  options: UploadOptions = {},
  holders: readonly UploadAnswer[] = [],
): Promise<Uploaded> {
  const stored = [...holders]
  let failures: readonly Failure[] = []
  let excluded: NodeName[] = []
  let wanted = 1
  let least = options.minReplicas ?? leastCountDefault
  for (let round = 0, pauseMs = firstPauseMs; round < roundCountMax; round++) {
    const mustPlace = round === 0 && stored.length === 0
    const place = await placeFor(client, source, [...stored.map(one => one.node), ...excluded], options, mustPlace)
    if (round === 0) {
      if (place?.warning !== undefined) options.onWarning?.(place.warning)
      const targetCount = stored.length + (place?.targets.length ?? 0)
      wanted = Math.min(place?.replicaCount ?? targetCount, targetCount)
      least = options.minReplicas ?? Math.min(leastCountDefault, wanted)
    }
    const targets = place?.targets.slice(0, Math.max(wanted, least) - stored.length) ?? []
    if (targets.length > 0) {
      const sent = await sendToAll(client, source, targets, round === 0 ? options : {...options, onBytes: undefined})
      stored.push(...sent.stored)
      failures = [...failures.filter(old => targets.every(target => target.node !== old.node)), ...sent.failures]
      excluded = failures.map(failure => failure.node)
    }
    if (!source.isReplayable || stored.length >= Math.max(wanted, least)) break
    if (targets.length > 0) continue
    // Nobody else is left. Enough copies are: repair makes the others. Too few: those that failed may be back soon.
    if (stored.length >= least || excluded.length === 0) break
    excluded = []
    await pause(pauseMs, options.signal)
    pauseMs *= 2
  }
  const {blob, bytes, nodes} = conclude(source, stored, failures, least, options)
  return {blob, bytes, nodes, sentCount: stored.length - holders.length}
}

/** @param isNeeded - without an answer nothing can be done; else undefined says that there are no more nodes */
async function placeFor(
  client: ClusterClient,
  source: Source,
  exclude: readonly NodeName[],
  options: UploadOptions,
  isNeeded: boolean,
): Promise<PlaceAnswer | undefined> {
  try {
    return await client.placeBlob(
      {
        ...(source.bytes === undefined ? {} : {bytes: source.bytes}),
        exclude,
        ...(source.blob === undefined ? {} : {blob: source.blob}),
        ...(options.replicaCount === undefined ? {} : {replicaCount: options.replicaCount}),
      },
      options,
    )
  } catch (error) {
    if (isNeeded || !(error instanceof ClusterError)) throw error
    return undefined
  }
}

function conclude(
  source: Source,
  stored: readonly UploadAnswer[],
  failures: readonly Failure[],
  leastCount: number,
  options: UploadOptions,
): Omit<Uploaded, 'sentCount'> {
  const story = failures.map(({node, error}) => `${node}: ${messageOf(error)}`).join('; ')
  const [first] = stored
  if (first === undefined || stored.length < leastCount) {
    const isChanged = failures.some(({error}) => error instanceof ClusterError && error.code === 'CORRUPT')
    if (isChanged && first === undefined) throw new SourceChanged(source.name, 'has other bytes than before')
    const why = story === '' ? 'there are no more nodes that can take it' : story
    throw new ClusterError(
      'UNAVAILABLE',
      `${source.name}: ${stored.length} of ${leastCount} copies are safe (${why})`,
      {
        hint: 'see the nodes with: disco nodes; then do it again, what is safe is not sent again',
      },
    )
  }
  if (stored.some(answer => answer.blob !== first.blob)) {
    throw new ClusterError('CORRUPT', `${source.name} arrived differently on ${stored.map(one => one.node).join(', ')}`)
  }
  if (failures.length > 0) {
    options.onWarning?.(`${source.name}: ${stored.length} copies for now, repair makes the rest (${story})`)
  }
  return {blob: first.blob, bytes: first.bytes, nodes: stored.map(answer => answer.node)}
}

interface Sent {
  readonly stored: readonly UploadAnswer[]
  readonly failures: readonly Failure[]
}

async function sendToAll(
  client: ClusterClient,
  source: Source,
  targets: readonly UploadTarget[],
  options: UploadOptions,
): Promise<Sent> {
  const uploads = targets.map(target => new Upload(client.http, target, source.bytes, options.signal))
  try {
    await writeSource(source, uploads, options)
  } catch (error) {
    for (const upload of uploads) upload.abort()
    await Promise.allSettled(uploads.map(upload => upload.answer))
    throw error
  }
  const results = await Promise.allSettled(uploads.map(upload => upload.answer))
  options.signal?.throwIfAborted()
  const stored: UploadAnswer[] = []
  const failures: Failure[] = []
  for (const [index, result] of results.entries()) {
    const node = targets[index]?.node ?? ''
    if (result.status === 'fulfilled') stored.push(result.value)
    else failures.push({node, error: result.reason})
  }
  return {stored, failures}
}
