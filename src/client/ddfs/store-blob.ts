/** Makes sure that a blob whose hash is known is in the cluster: sends only what is missing. */
import type {BlobId, NodeName, UploadAnswer} from '../../protocol/index.ts'
import type {ClusterClient} from '../cluster/cluster-client.ts'
import {leastCountDefault, type Source, type UploadOptions, uploadBlob} from './upload.ts'

export interface StoredBlob {
  /** Nothing had to be sent. */
  readonly wasKnown: boolean
  /** Those that have it, as far as that is news to the master. */
  readonly nodes: readonly NodeName[]
}

/** @throws as `uploadBlob` */
export async function storeBlob(
  client: ClusterClient,
  source: Source & {readonly blob: BlobId; readonly bytes: number},
  options: UploadOptions,
): Promise<StoredBlob> {
  const {blob, bytes} = source
  const {minReplicas = leastCountDefault} = options
  const holders = (await isKept(client, blob, options)) ? await liveHolders(client, blob, options) : []
  if (holders.length >= minReplicas) {
    options.onBytes?.(bytes)
    return {wasKnown: true, nodes: []}
  }
  const stored = holders.map((node): UploadAnswer => ({blob, bytes, node, existed: true}))
  const {nodes, sentCount} = await uploadBlob(client, source, options, stored)
  if (sentCount > 0) return {wasKnown: false, nodes}
  options.onBytes?.(bytes)
  return {wasKnown: true, nodes: []}
}

/** Whether the blob is stored; if so it will not be collected before it can be tagged. */
export async function isKept(client: ClusterClient, blob: BlobId, options: UploadOptions): Promise<boolean> {
  const {replicaCount} = options
  const wanted = replicaCount === undefined ? {} : {replicaCount}
  const {known} = await client.keepBlobs({blobs: [blob], ...wanted}, options)
  return known.length > 0
}

async function liveHolders(client: ClusterClient, blob: BlobId, options: UploadOptions): Promise<NodeName[]> {
  const {blobs} = await client.locateBlobs([blob], options)
  return blobs.flatMap(place => place.replicas.filter(replica => replica.isLive).map(replica => replica.node))
}
