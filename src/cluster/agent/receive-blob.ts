/** PUT of a blob, allowed by a ticket of the master. Answered when it is durable. */
import type {IncomingMessage} from 'node:http'
import {ClusterError, UserError} from '../../base/index.ts'
import {Arrived} from '../../client/index.ts'
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
  /** Called with the target of a valid ticket when its upload has ended, well or not. */
  readonly onEnded: (target: string) => void
}

/** @throws UserError FORBIDDEN for a ticket that is forged, expired or for something else; as BlobStore.put */
export async function receiveBlob(request: IncomingMessage, options: ReceiveOptions): Promise<UploadAnswer> {
  const ticket = allowedBy(options)
  try {
    return await receive(request, ticket, options)
  } finally {
    options.onEnded(ticket.target)
  }
}

async function receive(request: IncomingMessage, ticket: Ticket, options: ReceiveOptions): Promise<UploadAnswer> {
  const {store, node} = options
  const bytes = lengthOf(request, ticket)
  letPause(request, ticket.expiresAtMs - options.nowMs)
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

/**
 * A pipe may have nothing to give for minutes: its connection may stand still as long as the ticket is good. That somebody
 * is at its other end is found out by TCP's own probes. The next request on the connection has the server's limit again.
 */
function letPause(request: IncomingMessage, restMs: number): void {
  request.setTimeout(Math.max(request.socket.timeout ?? 0, restMs))
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
  const arrived = new Arrived(request)
  let bytes = 0
  for (let isEnd = false; !isEnd; ) {
    await arrived.more()
    const taken = takeOf(arrived)
    for (const piece of taken.pieces) {
      bytes += piece.length
      if (bytes > bytesMax) throw new UserError('FORBIDDEN', `the upload URL is for at most ${bytesMax} bytes`)
      yield piece
    }
    isEnd = taken.isEnd
  }
  if (!request.complete) throw new ClusterError('TIMED_OUT', 'the upload was cut off')
}

function takeOf(arrived: Arrived): ReturnType<Arrived['take']> {
  try {
    return arrived.take()
  } catch (error) {
    throw new ClusterError('TIMED_OUT', 'the upload was cut off', {cause: error})
  }
}
