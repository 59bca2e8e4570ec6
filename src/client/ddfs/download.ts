/** Reads blobs from the nodes that hold them: live ones first, going on at another one where a node breaks off. */
import {createHash} from 'node:crypto'
import type {IncomingMessage} from 'node:http'
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import type {BlobId, BlobPlace} from '../../protocol/index.ts'
import type {CallOptions, ClusterClient} from '../cluster/cluster-client.ts'
import {connectionError, originOf, silenceMs} from '../cluster/http.ts'
import {Arrived} from './arrived.ts'
import {textOf} from './text.ts'

/**
 * The bytes of a blob. They are hashed on the way: the last piece comes only when all of them were right.
 *
 * @throws UserError BLOB_NOT_FOUND when nobody holds it; ClusterError UNAVAILABLE when all holders failed, CORRUPT when the
 *   bytes are not those that were stored
 */
export async function* readBlob(
  client: ClusterClient,
  blob: BlobId,
  options: CallOptions = {},
): AsyncGenerator<Buffer> {
  const {blobs} = await client.locateBlobs([blob], options)
  const place = blobs[0]
  if (place === undefined || place.replicas.length === 0) {
    throw new UserError('BLOB_NOT_FOUND', `no node holds blob ${blob}`, {
      hint: 'see what is missing with: ddfs fsck',
      exitCode: 3,
    })
  }
  yield* readPlace(client, place, options)
}

/** The text of a blob, whatever it was compressed with. */
export function readBlobText(client: ClusterClient, blob: BlobId, options: CallOptions = {}): AsyncGenerator<Buffer> {
  return textOf(readBlob(client, blob, options), `blob ${blob}`, options.signal)
}

async function* readPlace(client: ClusterClient, place: BlobPlace, options: CallOptions): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  const failures: string[] = []
  let held: Buffer | undefined
  let at = 0
  let next = 0
  while (next < place.replicas.length) {
    const {node, url} = place.replicas[next] ?? {node: '', url: ''}
    const begunAt = at
    try {
      for await (const piece of readFrom(client, url, at, options)) {
        if (held !== undefined) yield held
        held = piece
        hash.update(piece)
        at += piece.length
        if (at > place.bytes) throw new ClusterError('CORRUPT', `it sent more than ${place.bytes} bytes`)
      }
      if (at === place.bytes) break
      failures.push(`${node}: ended after ${at} of ${place.bytes} bytes`)
    } catch (error) {
      options.signal?.throwIfAborted()
      failures.push(`${node}: ${messageOf(error)}`)
      if (at > place.bytes) break
    }
    // One that gave something may only have waited too long for a slow reader: it is asked for the rest.
    if (at === begunAt) next++
  }
  if (at !== place.bytes) {
    const story = [...new Set(failures)].join('; ')
    throw new ClusterError('UNAVAILABLE', `blob ${place.blob} cannot be read (${story})`, {
      hint: 'see the nodes with: disco nodes',
    })
  }
  if (hash.digest('hex') !== place.blob) {
    throw new ClusterError('CORRUPT', `blob ${place.blob} arrived with other bytes than were stored`, {
      hint: 'compare all copies with their hashes: ddfs scrub',
    })
  }
  if (held !== undefined) yield held
}

async function* readFrom(client: ClusterClient, url: string, at: number, options: CallOptions): AsyncGenerator<Buffer> {
  const headers = {...client.authorization(options), ...(at === 0 ? {} : {range: `bytes=${at}-`})}
  const response = await client.http.send({method: 'GET', url, headers, signal: options.signal})
  try {
    if (at > 0 && response.statusCode !== 206) {
      throw new ClusterError('PROTOCOL', `${originOf(url)} does not go on where it was asked to`)
    }
    yield* watched(response, url)
  } catch (error) {
    throw connectionError(error, url)
  } finally {
    // An answer that was read to its end leaves its connection to the next one.
    if (!response.complete) response.destroy()
  }
}

/** Silence counts only while a piece is waited for: whoever reads may take all the time in the world. */
async function* watched(response: IncomingMessage, url: string): AsyncGenerator<Buffer> {
  response.setTimeout(0)
  const arrived = new Arrived(response)
  for (;;) {
    const {pieces, isEnd} = arrived.take()
    yield* pieces
    if (isEnd) return
    if (pieces.length > 0) continue
    const timer = setTimeout(
      () => response.destroy(new ClusterError('TIMED_OUT', `${originOf(url)} stopped sending`)),
      silenceMs,
    )
    try {
      await arrived.more()
    } finally {
      clearTimeout(timer)
    }
  }
}
