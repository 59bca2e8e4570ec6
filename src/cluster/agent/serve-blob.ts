/** GET and HEAD of a blob: ranges, ETag, and not one byte that was not compared with its checksum. */
import type {IncomingMessage, ServerResponse} from 'node:http'
import {freeBytes, UserError} from '../../base/index.ts'
import {isBlobId} from '../../protocol/index.ts'
import type {BlobStore} from '../../storage/index.ts'
import {parseRange} from './ranges.ts'

/** @throws UserError BLOB_NOT_FOUND, BAD_NAME; ClusterError CORRUPT before or while bytes are sent */
export async function serveBlob(
  store: BlobStore,
  blob: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isBlobId(blob)) throw new UserError('BAD_NAME', 'a blob is named by 64 hexadecimal digits')
  const opened = await store.open(blob)
  if (opened === undefined) throw new UserError('BLOB_NOT_FOUND', `blob ${blob} is not on this node`)
  try {
    const etag = `"${blob}"`
    const headers = {etag, 'accept-ranges': 'bytes', 'cache-control': 'immutable, max-age=31536000'}
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    // A range of another version of the same name cannot be: the name is the hash. So If-Range always holds, or never.
    const ifRange = request.headers['if-range']
    const range = ifRange === undefined || ifRange === etag ? parseRange(request.headers.range, opened.bytes) : 'whole'
    if (range === 'unsatisfiable') {
      response.writeHead(416, {...headers, 'content-range': `bytes */${opened.bytes}`, 'content-length': 0}).end()
      return
    }
    const {start, end} = range === 'whole' ? {start: 0, end: opened.bytes} : range
    const isEmpty = request.method === 'HEAD' || end === start
    const pieces = opened.read({start, end})[Symbol.asyncIterator]()
    // Before the head is sent: what is corrupt from its first block on is an error, and not an answer that breaks off.
    const first = isEmpty ? undefined : await pieces.next()
    response.writeHead(range === 'whole' ? 200 : 206, {
      ...headers,
      'content-type': 'application/octet-stream',
      'content-length': end - start,
      ...(range === 'whole' ? {} : {'content-range': `bytes ${start}-${end - 1}/${opened.bytes}`}),
    })
    for (let piece = first; piece?.done === false; piece = await pieces.next()) {
      if (response.destroyed) return
      await written(response, piece.value)
    }
    response.end()
  } finally {
    await opened.close()
  }
}

/** Resolves when the bytes have left this process, or never will. */
const written = (response: ServerResponse, piece: Uint8Array): Promise<void> =>
  new Promise(resolve => {
    response.once('close', resolve)
    response.write(piece, () => {
      freeBytes(piece)
      response.off('close', resolve)
      resolve()
    })
  })
