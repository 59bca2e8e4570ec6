import {closeSync, openSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {serveBlob} from '../../../../src/cluster/agent/serve-blob.ts'
import type {BlobStore} from '../../../../src/storage/index.ts'
import {bytesOf, openTestStore, sha256, streamOf} from '../../storage/blobs/open-test-store.ts'
import {serve, tokenFor} from '../serve.ts'

const headers = {authorization: `Bearer ${tokenFor('read')}`}
const content = bytesOf(3_000_000, 1)
const blob = sha256(content)

async function serveStore(store: BlobStore) {
  const handler = async ({
    parameters,
    request,
    response,
  }: Parameters<NonNullable<Parameters<typeof serve>[0]>['readBlob'] & object>[0]) => {
    await serveBlob(store, parameters['blob'] ?? '', request, response)
    return undefined
  }
  return serve({readBlob: handler, headBlob: handler})
}

async function withBlob() {
  const opened = await openTestStore()
  await opened.store.put(streamOf(content), {})
  const served = await serveStore(opened.store)
  const get = (more: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
    fetch(`${served.url}/blobs/${blob}`, {method, headers: {...headers, ...more}})
  return {...opened, ...served, get}
}

describe('a blob', () => {
  test('comes whole, with its hash as ETag', async () => {
    const {get} = await withBlob()
    const response = await get()
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBe(`"${blob}"`)
    expect(response.headers.get('content-length')).toBe(String(content.length))
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true)
  })

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=1048570-1048590', 1_048_570, 1_048_591],
    ['bytes=-7', 2_999_993, 3_000_000],
  ])('%s of it comes with 206', async (range, start, end) => {
    const {get} = await withBlob()
    const response = await get({range})
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${content.length}`)
    expect(Buffer.from(await response.arrayBuffer()).equals(content.subarray(start, end))).toBe(true)
  })

  test('answers a range behind its end with 416 and its size', async () => {
    const {get} = await withBlob()
    const response = await get({range: 'bytes=3000000-'})
    expect(response.status).toBe(416)
    expect(response.headers.get('content-range')).toBe('bytes */3000000')
  })

  test('a HEAD has all but the bytes', async () => {
    const {get} = await withBlob()
    const response = await get({}, 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe(String(content.length))
    expect((await response.arrayBuffer()).byteLength).toBe(0)
  })

  test('who has it already gets 304', async () => {
    const {get} = await withBlob()
    expect((await get({'if-none-match': `"${blob}"`})).status).toBe(304)
    expect((await get({'if-none-match': '"other"'})).status).toBe(200)
  })

  test('a range for another version is not a range', async () => {
    const {get} = await withBlob()
    expect((await get({range: 'bytes=0-9', 'if-range': '"other"'})).status).toBe(200)
    expect((await get({range: 'bytes=0-9', 'if-range': `"${blob}"`})).status).toBe(206)
  })

  test.each([
    ['0'.repeat(64), 404],
    ['..%2f..%2fetc%2fpasswd', 400],
    ['A'.repeat(64), 400],
    [`${blob}x`, 400],
  ])('%s is not here', async (name, status) => {
    const {url} = await withBlob()
    expect((await fetch(`${url}/blobs/${name}`, {headers})).status).toBe(status)
  })
})

describe('a corrupt replica', () => {
  const flip = (folder: string, at: number): void => {
    const file = openSync(join(folder, 'volume', 'blobs', blob.slice(0, 2), blob), 'r+')
    writeSync(file, Buffer.from([content[at]! ^ 1]), 0, 1, at)
    closeSync(file)
  }

  test('is an error from its first block on, and told', async () => {
    const {get, folder, told} = await withBlob()
    flip(folder, 5)
    const response = await get()
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('CORRUPT')
    expect(told).toEqual([`corrupt ${blob}`])
    expect((await get()).status).toBe(404)
  })

  test('breaks off before the block that is bad', async () => {
    const {get, folder} = await withBlob()
    flip(folder, 2_500_000)
    const response = await get()
    let bytes = 0
    const reading = (async () => {
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        expect(Buffer.from(piece).equals(content.subarray(bytes, bytes + piece.length))).toBe(true)
        bytes += piece.length
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(bytes).toBeLessThanOrEqual(2 << 20)
  })
})
