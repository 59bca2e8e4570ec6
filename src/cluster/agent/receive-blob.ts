/** PUT of a blob, allowed by a ticket of the master. Answered when it is durable. */
import type {IncomingMessage} from 'node:http'
import {ClusterError, UserError} from '../../base/index.ts'
import {checkTicket, isBlobId, type NodeName, type Ticket, type UploadAnswer} from '../../protocol/index.ts'
import type {BlobStore} from '../../storage/index.ts'

/** A body that is at most so long is read to its end although the blob is here: the connection stays usable. Bytes. */
const drainBytesMax = 1 << 20

export interface ReceiveOptions {
  readonly store: BlobStore
  readonly node: NodeName
  readonly ticketKey: Uint8Array
  readonly ticket: string
  readonly nowMs: number
  readonly signal: AbortSignal
}

/** @throws UserError FORBIDDEN for a ticket that is forged, expired or for something else; as BlobStore.put */
export async function receiveBlob(request: IncomingMessage, options: ReceiveOptions): Promise<UploadAnswer> {
  const {store, node} = options
  const ticket = allowedBy(options)
  const bytes = lengthOf(request, ticket)
  const blob = isBlobId(ticket.target) ? ticket.target : undefined
  if (blob !== undefined && (bytes ?? 0) > drainBytesMax) {
    const [known] = await store.touch([blob], ticket.replicaCount)
    const report = known === undefined ? undefined : store.find(known)
    if (report !== undefined) return {blob, bytes: report.bytes, node, existed: true}
  }
  const existed = blob !== undefined && store.find(blob) !== undefined
  const report = await store.put(limited(request, ticket.bytesMax), {
    ...(blob === undefined ? {} : {blob}),
    ...(bytes === undefined ? {} : {bytes}),
    replicaCount: ticket.replicaCount,
    signal: options.signal,
    isGivenAway: true,
  })
  return {blob: report.blob, bytes: report.bytes, node, existed}
}

function allowedBy({ticket, node, ticketKey, nowMs}: ReceiveOptions): Ticket {
  const check = checkTicket(ticket, {method: 'PUT', node}, ticketKey, nowMs)
  if (check.type === 'valid') return check.ticket
  throw new UserError(
    'FORBIDDEN',
    check.type === 'expired' ? 'the upload URL has expired' : 'the upload URL is not valid here',
    {
      hint: 'ask the master for a new one',
    },
  )
}

function lengthOf(request: IncomingMessage, ticket: Ticket): number | undefined {
  const header = request.headers['content-length']
  if (header === undefined) return undefined
  const bytes = Number(header)
  if (bytes <= ticket.bytesMax) return bytes
  throw new UserError('FORBIDDEN', `the upload URL is for at most ${ticket.bytesMax} bytes, not ${header}`)
}

/** The body, cut off with an error when it is longer than allowed or ends too soon. */
async function* limited(request: IncomingMessage, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > bytesMax) throw new UserError('FORBIDDEN', `the upload URL is for at most ${bytesMax} bytes`)
    yield piece
  }
  if (!request.complete) throw new ClusterError('TIMED_OUT', 'the upload was cut off')
}
