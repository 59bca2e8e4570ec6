import {type HttpClient, readJson} from '../../../client/index.ts'
import {type BlobId, endpoints, type LocateAnswer, type NodeName} from '../../../protocol/index.ts'

export interface BlobHolders {
  /** Live ones first. */
  readonly nodes: readonly NodeName[]
  /** Nobody has it, and no node is away that could. */
  readonly isGone: boolean
}

/** Who has a blob. @throws ClusterError, UserError when the master does not answer */
export async function locateBlob(
  http: HttpClient,
  masterUrl: string,
  joinToken: string,
  blob: BlobId,
): Promise<BlobHolders> {
  const {method, path} = endpoints.locateBlobs
  const url = masterUrl + path
  const headers = {authorization: `Bearer ${joinToken}`, 'content-type': 'application/json'}
  const response = await http.send({method, url, headers}, JSON.stringify({blobs: [blob]}))
  const {blobs, isCertain = false} = await readJson<LocateAnswer>(response, url)
  const nodes = blobs.flatMap(place => place.replicas.map(replica => replica.node))
  return {nodes, isGone: isCertain && nodes.length === 0}
}
