/** Unpacks a stream that is gzip, zstd or Disco's, told by its first bytes. */
import {pipeline, Readable} from 'node:stream'
import {discoStreamText} from '../../../protocol/index.ts'
import {compressionOf} from '../../compression.ts'
import {readChunkBytes} from '../limits.ts'

export async function* unpacked(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < 8) {
    const next = await source.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head
    try {
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
    } finally {
      await source.return?.()
    }
  }
  const compression = compressionOf(head, name)
  if (compression === 'none') {
    yield* all()
    return
  }
  if (compression === 'disco') {
    yield* discoStreamText(all())
    return
  }
  const {createGunzip, createZstdDecompress} = await import('node:zlib')
  const options = {chunkSize: readChunkBytes}
  const unpack = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
  // The error, if any, surfaces in the iteration below; pipeline only makes sure that both ends are closed.
  pipeline(Readable.from(all(), {objectMode: false}), unpack, () => undefined)
  yield* unpack as AsyncIterable<Uint8Array>
}
