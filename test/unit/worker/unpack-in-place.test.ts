import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, expect, test} from 'vitest'
import {seededRandom} from '../../../src/base/index.ts'
import {packedChunkBytes} from '../../../src/worker/limits.ts'
import {openUnpacker, TrailingBytes, unpackInPlace, unpackPieces} from '../../../src/worker/unpack-in-place.ts'

const folder = mkdtempSync(join(tmpdir(), 'unpack-'))
afterAll(() => rmSync(folder, {recursive: true}))

const into = new Uint8Array(4096)
const bytesOf = seededRandom(7)
/** Cannot be packed, so that archives are longer than what is read at once. */
const random = Buffer.from(Array.from({length: 3 * packedChunkBytes}, () => bytesOf.int(256)))

function unpack(packed: Uint8Array, compression: 'gzip' | 'zstd'): {bytes: Buffer; read: number} {
  const path = join(folder, 'packed')
  writeFileSync(path, packed)
  let read = 0
  const chunks = unpackInPlace({path, compression, into, onSourceBytes: bytes => (read += bytes)})
  expect(chunks, 'the streams of this Node are as expected').toBeDefined()
  return {bytes: Buffer.concat(Array.from(chunks!, chunk => Buffer.from(chunk))), read}
}

const ways = [
  {compression: 'gzip', pack: gzipSync},
  {compression: 'zstd', pack: zstdCompressSync},
] as const

test.each(ways)('$compression: what is packed comes out, whatever its length', ({compression, pack}) => {
  for (const length of [0, 1, into.length - 1, into.length, into.length + 1, 3 * into.length, 100_000, random.length]) {
    const bytes = random.subarray(0, length)
    const packed = pack(bytes)
    const found = unpack(packed, compression)
    expect(found.bytes.equals(bytes), `${length} bytes`).toBe(true)
    expect(found.read).toBe(packed.length)
  }
})

test.each(ways)(
  '$compression: frames follow each other, also at the end of what is read at once',
  ({compression, pack}) => {
    const frame = pack(random.subarray(0, packedChunkBytes - 100))
    for (const cut of [0, 1, 50, 200]) {
      const first = pack(random.subarray(0, packedChunkBytes - cut))
      const {bytes} = unpack(Buffer.concat([first, frame, frame]), compression)
      expect(bytes.length).toBe(3 * packedChunkBytes - cut - 200)
    }
  },
)

test.each(ways)('$compression: data that is cut is an error with its code', ({compression, pack}) => {
  const packed = pack(random)
  for (const length of [packed.length - 1, packedChunkBytes, 20])
    expect(() => unpack(packed.subarray(0, length), compression)).toThrow(
      expect.objectContaining({code: 'Z_BUF_ERROR'}),
    )
})

test('zeros behind gzip data are no error, bytes behind zstd data are', () => {
  const zeros = Buffer.alloc(2 * packedChunkBytes)
  expect(unpack(Buffer.concat([gzipSync(random), zeros]), 'gzip').bytes.equals(random)).toBe(true)
  expect(() => unpack(Buffer.concat([zstdCompressSync(random), Buffer.from('more')]), 'zstd')).toThrow(TrailingBytes)
})

test.each(ways)('$compression: an archive in pieces is unpacked as one in a file', async ({compression, pack}) => {
  const packed = Buffer.concat([pack(random), pack(random)])
  for (const length of [packed.length, 4096, 1000]) {
    const chunks: Buffer[] = []
    const unpacker = openUnpacker({compression, into})!
    for await (const chunk of unpackPieces(piecesOf(packed, length), unpacker)) chunks.push(Buffer.from(chunk))
    expect(Buffer.concat(chunks).equals(Buffer.concat([random, random]))).toBe(true)
  }
  await expect(lengthOf(packed.subarray(0, -1))).rejects.toMatchObject({code: 'Z_BUF_ERROR'})
  const padded = lengthOf(Buffer.concat([packed, Buffer.alloc(9000)]))
  if (compression === 'gzip') expect(await padded).toBe(2 * random.length)
  else await expect(padded).rejects.toBeInstanceOf(TrailingBytes)

  async function lengthOf(bytes: Buffer): Promise<number> {
    let length = 0
    const unpacker = openUnpacker({compression, into})!
    for await (const chunk of unpackPieces(piecesOf(bytes, 1000), unpacker)) length += chunk.length
    return length
  }
})

async function* piecesOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
