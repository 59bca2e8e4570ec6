/**
 * Where a task's process reads an input: paths for what this node made, URLs for the rest.
 *
 * The process runs the author's code, so it gets no token: URLs of nodes carry a ticket for the one thing that is read.
 */
import {createHash} from 'node:crypto'
import {join} from 'node:path'
import type {Output} from '../../../pipeline/index.ts'
import {type BlobId, endpoints, type NodeName, signTicket, type TaskInput} from '../../../protocol/index.ts'
import {parseOutputPath} from '../output-path.ts'
import type {BlobHolders} from './locate-blob.ts'

/** A ticket outlives the longest run; it opens one file for reading. Milliseconds. */
const ticketMs = 7 * 24 * 3_600_000

export interface AddressPorts {
  readonly node: NodeName
  /** Tasks are other users: they ask this node for its files, too. */
  readonly isRemote?: boolean
  readonly jobFolder: (job: string) => string
  readonly addressOf: (node: NodeName) => string | undefined
  /** Are there other nodes? */
  readonly hasPeers: () => boolean
  readonly hasBlob: (blob: BlobId) => boolean
  /** Who has a blob now, as the master knows. */
  readonly locate: (blob: BlobId) => Promise<BlobHolders>
  readonly ticketKey: Uint8Array
  /** The cluster's clock. */
  readonly nowMs: () => number
}

export interface InputAddresses {
  /** Best first; empty: nobody has it. */
  readonly replicas: readonly string[]
  readonly section?: {readonly offset: number; readonly bytes: number}
}

/** Where the process of a task reads one input. The master is asked about a blob that nobody was known to have. */
export async function addressesOf(job: string, {output}: TaskInput, ports: AddressPorts): Promise<InputAddresses> {
  const {place} = output
  switch (place.type) {
    case 'urls':
      return {replicas: place.urls.map(url => ticketed(url, ports))}
    case 'blob':
      return {replicas: await blobUrls(place.blob, output, ports)}
    case 'file': {
      const {file, offset} = parseOutputPath(place.path)
      const section = offset === undefined ? {} : {section: {offset, bytes: output.bytes}}
      if (place.node === ports.node && ports.isRemote !== true)
        return {replicas: [join(ports.jobFolder(job), file)], ...section}
      const url = fileUrl(job, file, place.node, ports)
      return {replicas: url === undefined ? [] : [url], ...section}
    }
  }
}

/** Where a blob can be read, this node first. `nodes` had it when the job was submitted; none: the master is asked. */
export async function blobUrls(
  blob: BlobId,
  {nodes = []}: Pick<Output, 'nodes'>,
  ports: AddressPorts,
): Promise<string[]> {
  const here = ports.hasBlob(blob)
  // What the job was submitted with may be old by now.
  const known = here || nodes.length > 0 ? nodes : (await ports.locate(blob)).nodes
  const names = [...(here ? [ports.node] : []), ...known.filter(node => node !== ports.node)]
  return names.flatMap(node => {
    const address = ports.addressOf(node)
    if (address === undefined) return []
    const path = endpoints.fetchBlob.path.replace(':blob', blob).replace(':ticket', ticketFor(blob, node, ports))
    return [address + path]
  })
}

/** What a ticket for a file of a job is for. */
export const fileTarget = (job: string, file: string): string =>
  createHash('sha256').update(`${job}/${file}`).digest('hex')

/** Where a file of a job can be read, by its ticket. Undefined: the node has no address. */
export function fileUrl(job: string, file: string, node: NodeName, ports: AddressPorts): string | undefined {
  const address = ports.addressOf(node)
  if (address === undefined) return undefined
  const path = endpoints.fetchJobFile.path
    .replace(':job', encodeURIComponent(job))
    .replace(':path', encodeURIComponent(file))
    .replace(':ticket', ticketFor(fileTarget(job, file), node, ports))
  return address + path
}

const ticketFor = (target: string, node: NodeName, {ticketKey, nowMs}: AddressPorts): string =>
  signTicket(
    {method: 'GET', node, target, bytesMax: 0, replicaCount: 0, expiresAtMs: Math.round(nowMs()) + ticketMs},
    ticketKey,
  )

const jobFilePattern = /^disco:\/\/([^/]+)\/([^/]+)\/(.+)$/

/** `disco://NODE/JOB/FILE`: results of another job. */
export const jobFileAddress = (node: NodeName, job: string, file: string): string => `disco://${node}/${job}/${file}`

/** What `jobFileAddress` was made of. */
export function jobFileParts(
  url: string,
): {readonly node: NodeName; readonly job: string; readonly file: string} | undefined {
  const [, node = '', job = '', file = ''] = jobFilePattern.exec(url) ?? []
  return node === '' ? undefined : {node, job, file}
}

function ticketed(url: string, ports: AddressPorts): string {
  const parts = jobFileParts(url)
  if (parts === undefined) return url
  const {node, job, file} = parts
  if (node === ports.node && ports.isRemote !== true) return join(ports.jobFolder(job), file)
  return fileUrl(job, file, node, ports) ?? url
}
