/** A node's answer to a request for a backup: a line of JSON, and the contents of the files that it lists. */
import type {IncomingMessage} from 'node:http'
import {ClusterError} from '../../base/index.ts'
import {connectionError, originOf} from './http.ts'

/** A list that is longer is none. Bytes. */
const listBytesMax = 64 * 1024 * 1024

export interface BackupStream {
  /** JSON: a list of files, each with its length in `bytes`. */
  readonly list: string
  /** The next so many bytes. @throws ClusterError UNAVAILABLE when the answer ends before */
  next(bytes: number): AsyncGenerator<Buffer>
}

/** @throws ClusterError when the connection breaks, PROTOCOL when there is no list */
export async function readBackup(response: IncomingMessage, url: string): Promise<BackupStream> {
  const pieces = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const more = async (): Promise<Buffer> => {
    try {
      const {done, value} = await pieces.next()
      if (done !== true) return value
    } catch (error) {
      throw connectionError(error, url)
    }
    throw new ClusterError('UNAVAILABLE', `the backup of ${originOf(url)} broke off`, {retryable: true})
  }
  const first: Buffer[] = []
  let bytes = 0
  for (;;) {
    const piece = await more()
    const end = piece.indexOf(10)
    first.push(end < 0 ? piece : piece.subarray(0, end))
    bytes += piece.length
    if (end >= 0) {
      rest = piece.subarray(end + 1)
      break
    }
    if (bytes > listBytesMax) throw new ClusterError('PROTOCOL', `${originOf(url)} sent no list of files`)
  }
  return {
    list: Buffer.concat(first).toString(),
    async *next(count) {
      let left = count
      while (left > 0) {
        if (rest.length === 0) rest = await more()
        const piece = rest.subarray(0, left)
        rest = rest.subarray(piece.length)
        left -= piece.length
        yield piece
      }
    },
  }
}
