/** Puts entries into a tag: in one change when they fit, so that readers see all of them or none. */
import {UserError} from '../../base/index.ts'
import {
  type BlobId,
  type ChangeAnswer,
  commitEntryCountMax,
  type NodeName,
  type TagEntry,
  type Uniqueness,
} from '../../protocol/index.ts'
import type {CallOptions, ClusterClient} from '../cluster/cluster-client.ts'

/** Entries of one change as JSON: with the holders beside them they fit in one body and in one frame. Bytes. */
const changeBytesMax = 640 * 1024

/** Where blobs have just been put: the nodes may not have told the master yet. */
export type Holders = ReadonlyMap<BlobId, readonly NodeName[]>

export interface AppendOptions extends CallOptions {
  readonly unique?: Uniqueness | undefined
  readonly replicaCount?: number | undefined
  readonly holders?: Holders | undefined
}

export interface Appended {
  readonly answer: ChangeAnswer
  /** Fewer than given: the others were there already. */
  readonly addedCount: number
}

/** `entries` may be empty: the tag exists afterwards. */
export async function appendEntries(
  client: ClusterClient,
  tag: string,
  entries: readonly TagEntry[],
  options: AppendOptions = {},
): Promise<Appended> {
  const [first = [], ...others] = changesOf(entries)
  let answer = await append(client, tag, first, options)
  let {addedCount} = answer
  for (const part of others) {
    answer = await append(client, tag, part, options)
    addedCount += answer.addedCount
  }
  return {answer, addedCount}
}

/** Entries by the change that brings them. */
export function changesOf(entries: readonly TagEntry[]): TagEntry[][] {
  const parts: TagEntry[][] = []
  let bytes = Infinity
  for (const entry of entries) {
    const entryBytes = JSON.stringify(entry).length
    if (bytes + entryBytes > changeBytesMax || parts.at(-1)?.length === commitEntryCountMax) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push(entry)
    bytes += entryBytes
  }
  return parts
}

async function append(
  client: ClusterClient,
  tag: string,
  entries: readonly TagEntry[],
  {unique = 'entry', replicaCount, holders, ...options}: AppendOptions,
): Promise<ChangeAnswer> {
  const told = entries.flatMap(entry => {
    const nodes = entry.type === 'blob' ? holders?.get(entry.blob) : undefined
    return entry.type === 'blob' && nodes !== undefined ? [[entry.blob, nodes] as const] : []
  })
  const request = {
    change: {type: 'append', entries, unique} as const,
    ...(replicaCount === undefined ? {} : {replicaCount}),
    ...(told.length === 0 ? {} : {holders: Object.fromEntries(told)}),
  }
  options.signal?.throwIfAborted()
  try {
    return await client.changeTag(tag, request, options)
  } catch (error) {
    throw isInterrupted(error) ? interruptedChange(tag) : error
  }
}

const isInterrupted = (error: unknown): boolean => error instanceof UserError && error.code === 'INTERRUPTED'

/** Whoever pressed Ctrl-C was told otherwise that the tag is unchanged. */
const interruptedChange = (tag: string): UserError =>
  new UserError('INTERRUPTED', `interrupted while ${tag} was being changed; whether it was tells: ddfs log ${tag}`, {
    exitCode: 130,
  })
