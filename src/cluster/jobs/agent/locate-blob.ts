import {type HttpClient, readJson} from '../../../client/index.ts'
import {type BlobId, endpoints, type LocateAnswer, type NodeName} from '../../../protocol/index.ts'

/** Nodes that have a blob, live ones first. @throws ClusterError when the master does not answer */
export async function locateBlob(
  http: HttpClient,
  masterUrl: string,
  joinToken: string,
  blob: BlobId,
): Promise<readonly NodeName[]> {
  const {method, path} = endpoints.locateBlobs
  const url = masterUrl + path
  const headers = {authorization: `Bearer ${joinToken}`, 'content-type': 'application/json'}
  const response = await http.send({method, url, headers}, JSON.stringify({blobs: [blob]}))
  const {blobs} = await readJson<LocateAnswer>(response, url)
  return blobs.flatMap(place => place.replicas.map(replica => replica.node))
}
