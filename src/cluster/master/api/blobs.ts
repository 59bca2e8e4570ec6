/** Endpoints about blobs: where to put them, where they are. Bytes go to the nodes and not through here. */
import {randomBytes} from 'node:crypto'
import {UserError} from '../../../base/index.ts'
import {
  type BlobId,
  type BlobPlace,
  blobBytesMax,
  endpoints,
  type KeepAnswer,
  type LocateAnswer,
  type NodeName,
  type PlaceAnswer,
  type PlaceRequest,
  type SignAnswer,
  signTicket,
} from '../../../protocol/index.ts'
import {type Handler, readBody} from '../../http/index.ts'
import type {Master} from '../master.ts'
import {keepBody, locateBody, placeBody, signBody} from './schemas.ts'

/** An upload must begin and end within this. Milliseconds. */
const ticketMs = 6 * 3_600_000

/** Room to look for when nobody says how long a blob is. Bytes. */
const unknownBytes = 64 << 20

/**
 * URLs of `locateBlobs` need a token; those of `signBlobs` give their blob to anybody, and those of `placeBlob` take one from
 * anybody, until they expire.
 */
export function blobHandlers(master: Master): Record<'placeBlob' | 'keepBlobs' | 'locateBlobs' | 'signBlobs', Handler> {
  return {
    placeBlob: async ({request}) => ({body: await place(master, await readBody(request, placeBody))}),

    keepBlobs: async ({request}) => {
      const {blobs, replicaCount = master.settings.numbers().replicas} = await readBody(request, keepBody)
      const body: KeepAnswer = {known: await keep(master, blobs, replicaCount)}
      return {body}
    },

    locateBlobs: async ({request}) => {
      const {blobs, sizes = []} = await readBody(request, locateBody)
      const located = await locate(master, blobs)
      if (sizes.length === 0) return {body: located}
      const found = await master.blobs.ask({type: 'find-sizes', sizes}, 'sizes-found')
      const body: LocateAnswer = {...located, sizes: found.sizes}
      return {body}
    },

    signBlobs: async ({request}) => {
      const {blobs, forMs} = await readBody(request, signBody)
      const expiresAtMs = Date.now() + forMs
      const body: SignAnswer = {...(await locate(master, blobs, signedUrl(master, expiresAtMs))), expiresAtMs}
      return {body}
    },
  }
}

type UrlOf = (address: string, blob: BlobId, node: NodeName) => string

const plainUrl: UrlOf = (address, blob) => address + endpoints.readBlob.path.replace(':blob', blob)

/** A ticket opens one blob at one node, for reading only. */
const signedUrl =
  (master: Master, expiresAtMs: number): UrlOf =>
  (address, blob, node) => {
    const wish = {method: 'GET', node, target: blob, bytesMax: 0, replicaCount: 0, expiresAtMs} as const
    const ticket = signTicket(wish, master.ticketKey)
    return address + endpoints.fetchBlob.path.replace(':blob', blob).replace(':ticket', ticket)
  }

/**
 * Chooses nodes for the copies of a blob, best first, and signs an upload URL for each. Fewer than wanted is a `warning`. Room
 * is held on them: ask only for what will be sent. Without `blob` its hash is not known yet, without `bytes` its length.
 *
 * @throws ClusterError DISK_FULL, UNAVAILABLE when no node can take it
 */
export async function place(master: Master, request: PlaceRequest): Promise<PlaceAnswer> {
  const {bytes, blob, exclude = []} = request
  const replicaCount = request.replicaCount ?? master.settings.numbers().replicas
  const target = blob ?? randomBytes(16).toString('hex')
  const query = {type: 'place', target, bytes: bytes ?? unknownBytes, replicaCount, exclude} as const
  const placed = await master.blobs.ask(query, 'placed')
  master.settle()
  const addresses = addressesOf(master)
  const expiresAtMs = Date.now() + ticketMs
  const bytesMax = bytes ?? blobBytesMax
  const targets = placed.nodes.flatMap(({node}) => {
    const address = addresses.get(node)
    if (address === undefined) return []
    const ticket = signTicket({method: 'PUT', node, target, bytesMax, replicaCount, expiresAtMs}, master.ticketKey)
    return [{node, url: address + endpoints.upload.path.replace(':ticket', ticket)}]
  })
  return {replicaCount, targets, ...(placed.warning === undefined ? {} : {warning: placed.warning})}
}

/** Those that are stored, made young on all their holders. */
async function keep(
  master: Master,
  blobs: readonly BlobId[],
  replicaCount: number,
): Promise<{readonly blob: BlobId; readonly bytes: number}[]> {
  const located = await master.blobs.ask({type: 'locate', blobs}, 'located')
  const known: {readonly blob: BlobId; readonly bytes: number}[] = []
  for (const {blob, bytes, nodes} of located.blobs) {
    if (nodes.length === 0) continue
    try {
      await master.blobs.ask({type: 'name', blobs: [{blob, bytes}], replicaCount, replicaCountMin: 1}, 'named')
      known.push({blob, bytes})
    } catch (error) {
      // It has just gone: then it is not known, and the client sends it.
      if (!(error instanceof UserError)) throw error
    }
  }
  return known
}

async function locate(master: Master, blobs: readonly BlobId[], urlOf: UrlOf = plainUrl): Promise<LocateAnswer> {
  const located = await master.blobs.ask({type: 'locate', blobs}, 'located')
  const addresses = addressesOf(master)
  const places = located.blobs.map(({blob, bytes, nodes, lostNodes}) => {
    const replica = (node: NodeName, isLive: boolean): BlobPlace['replicas'] => {
      const address = addresses.get(node)
      return address === undefined ? [] : [{node, isLive, url: urlOf(address, blob, node)}]
    }
    const replicas = [...nodes.flatMap(node => replica(node, true)), ...lostNodes.flatMap(node => replica(node, false))]
    return {blob, bytes, replicas}
  })
  return {blobs: places, isCertain: located.isCertain}
}

/** Base URLs of all nodes that have one. */
function addressesOf(master: Master): Map<NodeName, string> {
  return new Map(
    master.mesh.members().flatMap(({name, address}) => (address === undefined ? [] : [[name, address] as const])),
  )
}
