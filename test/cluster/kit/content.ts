/** Bytes that can be made again from a number, and pushing them. */
import {createHash} from 'node:crypto'
import {seededRandom} from '../../../src/base/index.ts'
import {type ClusterClient, readAllEntries, readBlob, uploadBlob} from '../../../src/client/index.ts'
import type {BlobEntry, BlobId} from '../../../src/protocol/index.ts'

/** Same seed and length, same bytes. */
export function contentOf(seed: number, bytes: number): Buffer {
  const random = seededRandom(seed)
  const words = new Uint32Array(Math.ceil(bytes / 4))
  for (let index = 0; index < words.length; index++) words[index] = random.int(2 ** 32)
  return Buffer.from(words.buffer, 0, bytes)
}

export const idOf = (content: Uint8Array): BlobId => createHash('sha256').update(content).digest('hex')

export interface PushOptions {
  readonly replicaCount?: number
  readonly onWarning?: (message: string) => void
}

/** Uploads and names: what `ddfs push` does. Safe to repeat: a name is in the tag once. */
export async function pushContent(
  client: ClusterClient,
  tag: string,
  name: string,
  content: Buffer,
  options: PushOptions = {},
): Promise<BlobEntry> {
  const blob = idOf(content)
  async function* open(): AsyncGenerator<Uint8Array> {
    yield content
  }
  const source = {name, bytes: content.length, blob, isReplayable: true, open}
  await uploadBlob(client, source, options)
  const entry: BlobEntry = {type: 'blob', blob, name, bytes: content.length}
  const {replicaCount} = options
  await client.changeTag(tag, {
    change: {type: 'append', entries: [entry], unique: 'name'},
    ...(replicaCount === undefined ? {} : {replicaCount}),
  })
  return entry
}

export async function readWhole(client: ClusterClient, blob: BlobId): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of readBlob(client, blob)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The blobs of a tag, by their names, in order. */
export async function blobsOf(client: ClusterClient, tag: string): Promise<BlobEntry[]> {
  const found: BlobEntry[] = []
  for await (const {entry} of readAllEntries(client, tag)) if (entry.type === 'blob') found.push(entry)
  return found
}
