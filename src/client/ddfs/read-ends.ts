/** The last bytes of blobs, for what chunks say of themselves behind their records. */
import {ClusterError, UserError} from '../../base/index.ts'
import {
  type BlobId,
  type BlobPlace,
  type ChunkFooter,
  type Codec,
  decodeFooter,
  footerBytesMax,
  pageSizeMax,
  statisticsOf,
} from '../../protocol/index.ts'
import type {CallOptions, ClusterClient} from '../cluster/cluster-client.ts'
import {connectionError} from '../cluster/http.ts'
import {forEachLimited} from './for-each-limited.ts'

/** Bytes asked for at first: most footers are shorter. Of a longer one as much is asked for as a footer can have. */
const firstEndBytes = 8192
/** Blobs that are asked for at the same time. */
const askedMax = 16

export interface StoredChunkName {
  readonly blob: BlobId
  readonly codec: Codec
}

/**
 * Footers with statistics, of whole chunks. Nothing is compared with a hash: good to tell people what to expect, not to leave
 * records out.
 *
 * @returns those that could be read; a chunk without statistics, or that no node gives now, has none
 */
export async function readStatistics(
  client: ClusterClient,
  chunks: readonly StoredChunkName[],
  options: CallOptions = {},
): Promise<ReadonlyMap<BlobId, ChunkFooter>> {
  const packed = new Map(chunks.filter(({codec}) => codec !== 'plain').map(({blob, codec}) => [blob, codec]))
  const blobs = [...packed.keys()]
  const found = new Map<BlobId, ChunkFooter>()
  for (let at = 0; at < blobs.length; at += pageSizeMax) {
    const {blobs: places} = await client.locateBlobs(blobs.slice(at, at + pageSizeMax), options)
    await forEachLimited(
      () => places,
      askedMax,
      options.signal,
      async place => {
        const footer = await footerAt(client, place, packed.get(place.blob) ?? 'plain', options)
        if (footer !== undefined) found.set(place.blob, footer)
      },
    )
  }
  return found
}

async function footerAt(
  client: ClusterClient,
  place: BlobPlace,
  codec: Codec,
  options: CallOptions,
): Promise<ChunkFooter | undefined> {
  const end = await endOf(client, place, firstEndBytes, options)
  if (end === undefined) return undefined
  const isAll = end.length === place.bytes || decodeFooter(end, codec) !== undefined
  const whole = isAll ? end : await endOf(client, place, footerBytesMax, options)
  return whole === undefined ? undefined : statisticsOf(whole, place.bytes)
}

async function endOf(
  client: ClusterClient,
  {bytes, replicas}: BlobPlace,
  count: number,
  options: CallOptions,
): Promise<Buffer | undefined> {
  if (bytes === 0) return undefined
  const headers = {...client.authorization(options), range: `bytes=-${count}`}
  for (const {url} of replicas) {
    try {
      const response = await client.http.send({method: 'GET', url, headers, signal: options.signal})
      const end = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>))
      if (end.length === Math.min(count, bytes)) return end
    } catch (error) {
      options.signal?.throwIfAborted()
      const told = connectionError(error, url)
      if (!(told instanceof UserError || told instanceof ClusterError)) throw error
    }
  }
  return undefined
}
