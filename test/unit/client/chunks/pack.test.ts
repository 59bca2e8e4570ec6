import {createHash} from 'node:crypto'
import {gunzipSync, zstdDecompressSync} from 'node:zlib'
import {expect, test} from 'vitest'
import {packChunk} from '../../../../src/client/chunks/index.ts'
import {type BlobEntry, decodeFooter, statisticsOf} from '../../../../src/protocol/index.ts'

const text = '{"time":1,"größe":"a"}\n{"time":2}\n'
const chunk = {bytes: Buffer.from(text), recordCount: 2}

/** As it is stored. */
async function packed(...args: Parameters<typeof packChunk>): Promise<{bytes: Buffer; entry: BlobEntry}> {
  const {parts, entry} = await packChunk(...args)
  return {bytes: Buffer.concat(parts), entry}
}

test('a zstd chunk decompresses to its records and carries a footer', async () => {
  const {bytes, entry} = await packed(chunk, 'a.log-0', 'zstd', false)
  expect(zstdDecompressSync(bytes).toString()).toBe(text)
  expect(decodeFooter(bytes, 'zstd')).toEqual({
    v: 1,
    recordCount: 2,
    rawBytes: chunk.bytes.length,
    fields: ['time', 'größe'],
  })
  expect(entry).toEqual({
    type: 'blob',
    blob: createHash('sha256').update(bytes).digest('hex'),
    name: 'a.log-0.zst',
    bytes: bytes.length,
    codec: 'zstd',
    recordCount: 2,
    rawBytes: chunk.bytes.length,
  })
})

test('a gzip chunk decompresses to its records and carries a footer', async () => {
  const {bytes, entry} = await packed(chunk, 'a.log-0', 'gzip', false)
  expect(gunzipSync(bytes).toString()).toBe(text)
  expect(decodeFooter(bytes, 'gzip')?.fields).toEqual(['time', 'größe'])
  expect(entry.name).toBe('a.log-0.gz')
})

test('a plain chunk is its records', async () => {
  const {bytes} = await packed(chunk, 'a.log-0', 'plain', false)
  expect(bytes.toString()).toBe(text)
  expect(decodeFooter(bytes, 'plain')).toBeUndefined()
})

test('fields of CSV are those of its header', async () => {
  const {bytes} = await packed({bytes: Buffer.from('id,"a ""b""",c\r\n1,2,3\r\n'), recordCount: 1}, 'x', 'zstd', true)
  expect(decodeFooter(bytes, 'zstd')?.fields).toEqual(['id', 'a "b"', 'c'])
})

test('bytes without a footer have none', () => {
  expect(decodeFooter(Buffer.from('hello world, this is no chunk'), 'zstd')).toBeUndefined()
  expect(decodeFooter(Buffer.from('hello world, this is no chunk'), 'gzip')).toBeUndefined()
  expect(decodeFooter(Buffer.alloc(0), 'zstd')).toBeUndefined()
})

test('the same records give the same blob', async () => {
  const [one, two] = [await packChunk(chunk, 'a', 'zstd', false), await packChunk(chunk, 'a', 'zstd', false)]
  expect(one.entry).toEqual(two.entry)
})

test('the same records from another source are another blob, and unpack to the same', async () => {
  for (const codec of ['zstd', 'gzip'] as const) {
    const [one, two] = [await packed(chunk, 'a', codec, false, 'x'), await packed(chunk, 'a', codec, false, 'y')]
    expect(one.entry.blob).not.toBe(two.entry.blob)
    expect(decodeFooter(one.bytes, codec)?.source).toBe('x')
    const unpack = codec === 'zstd' ? zstdDecompressSync : gunzipSync
    expect(unpack(one.bytes)).toEqual(chunk.bytes)
    expect(unpack(two.bytes)).toEqual(chunk.bytes)
  }
})

test('statistics are those of the whole blob: chunks one after the other have none', async () => {
  for (const codec of ['zstd', 'gzip'] as const) {
    const {parts} = await packChunk(chunk, 'a', codec, false, undefined, [['time', 1, 2]])
    const bytes = Buffer.concat(parts)
    expect(statisticsOf(bytes, bytes.length)?.statistics?.facts).toEqual([['time', 1, 2]])
    expect(statisticsOf(bytes.subarray(5), bytes.length)?.recordCount).toBe(2)
    const two = Buffer.concat([bytes, bytes])
    expect(statisticsOf(two, two.length)).toBeUndefined()
    const without = Buffer.concat((await packChunk(chunk, 'a', codec, false)).parts)
    expect(statisticsOf(without, without.length)).toBeUndefined()
  }
})
