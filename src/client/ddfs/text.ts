/** Bytes as text: compression that standard tools put on is taken off. */
import type {Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGunzip, createZstdDecompress} from 'node:zlib'
import {ClusterError, messageOf, printable, UserError} from '../../base/index.ts'
import {discoProbeBytes, discoStreamText, isDiscoBegin, isDiscoStream} from '../../protocol/index.ts'

/** Large reads: a piece goes to the hash and to the sockets as it is. Bytes. */
export const readBytes = 1 << 20

/**
 * gzip, zstd and Disco's streams are recognised by their first bytes, also when these come one by one.
 *
 * @param name - of where the bytes come from, for messages
 * @throws UserError INPUT_UNREADABLE when the archive is broken or cut; what `pieces` throws
 */
export async function* textOf(
  pieces: AsyncGenerator<Buffer>,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const begin = await firstBytes(pieces)
  const decompressor = decompressorFor(begin)
  const whole = joined(begin, pieces)
  if (isDiscoStream(begin)) {
    yield* discoStreamText(whole, name)
    return
  }
  if (decompressor === undefined) {
    yield* whole
    return
  }
  let sourceError: unknown
  const guarded = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* whole
    } catch (error) {
      sourceError = error
      throw error
    }
  }
  const stop = new AbortController()
  const done = pipeline(guarded, decompressor, {signal: stop.signal})
  done.catch(() => undefined)
  try {
    yield* decompressor as AsyncIterable<Buffer>
    await done
  } catch (error) {
    signal?.throwIfAborted()
    if (sourceError instanceof UserError || sourceError instanceof ClusterError) throw sourceError
    throw new UserError('INPUT_UNREADABLE', `${printable(name)} cannot be decompressed: ${messageOf(error)}`, {
      hint: 'is the file cut off? try it with gzip -t or zstd -t',
      cause: error,
    })
  } finally {
    // Whoever stops reading stops the source as well.
    stop.abort()
  }
}

/** Bytes that tell a compressed stream. */
export const magicBytes = discoProbeBytes

/** Bytes of a magic number. */
const magicBytesMin = 4

/** As many as tell how they are compressed, or all. */
async function firstBytes(pieces: AsyncGenerator<Buffer>): Promise<Buffer> {
  let begin: Buffer = Buffer.alloc(0)
  while (begin.length < magicBytesMin || isDiscoBegin(begin, false) === undefined) {
    const next = await pieces.next()
    if (next.done === true) break
    begin = begin.length === 0 ? next.value : Buffer.concat([begin, next.value])
  }
  return begin
}

async function* joined(first: Buffer, others: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first
    yield* others
  } finally {
    await others.return(undefined)
  }
}

/** undefined: it is text. */
function decompressorFor(begin: Uint8Array): Transform | undefined {
  if (isGzip(begin)) return createGunzip({chunkSize: readBytes})
  return isZstd(begin) ? createZstdDecompress({chunkSize: readBytes}) : undefined
}

/** @param begin - the first `magicBytes` bytes, or all there are */
export const isCompressed = (begin: Uint8Array): boolean => isGzip(begin) || isZstd(begin) || isDiscoStream(begin)

const isGzip = (begin: Uint8Array): boolean => begin[0] === 0x1f && begin[1] === 0x8b

const isZstd = (begin: Uint8Array): boolean =>
  begin[0] === 0x28 && begin[1] === 0xb5 && begin[2] === 0x2f && begin[3] === 0xfd
