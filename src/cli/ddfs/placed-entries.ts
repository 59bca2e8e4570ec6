/** Entries of tags with the places of their blobs, asked for many at a time. */
import {type ClusterClient, type WalkedEntry, type WalkOptions, walkTags} from '../../client/index.ts'

export interface PlacedEntry extends WalkedEntry {
  /** Of live copies first; empty when no node that answers holds the blob. */
  readonly urls: readonly string[]
}

/** Blobs that are located with one call. */
const batchCount = 500

/** In the order of `walkTags`, with its errors; blobs are located `batchCount` at a time. */
export async function* placedEntries(
  client: ClusterClient,
  tags: readonly string[],
  options: WalkOptions,
): AsyncGenerator<PlacedEntry> {
  let batch: WalkedEntry[] = []
  for await (const walked of walkTags(client, tags, options)) {
    batch.push(walked)
    if (batch.length < batchCount) continue
    yield* await place(client, batch, options)
    batch = []
  }
  yield* await place(client, batch, options)
}

async function place(
  client: ClusterClient,
  batch: readonly WalkedEntry[],
  options: WalkOptions,
): Promise<PlacedEntry[]> {
  const ids = batch.flatMap(({entry}) => (entry.type === 'blob' ? [entry.blob] : []))
  const {blobs} = ids.length === 0 ? {blobs: []} : await client.locateBlobs([...new Set(ids)], {signal: options.signal})
  const urlsOf = new Map(blobs.map(place => [place.blob, place.replicas.map(replica => replica.url)]))
  return batch.map(walked => ({
    ...walked,
    urls: walked.entry.type === 'blob' ? (urlsOf.get(walked.entry.blob) ?? []) : walked.entry.urls,
  }))
}
