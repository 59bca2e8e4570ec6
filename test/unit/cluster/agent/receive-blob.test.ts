import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {receiveBlob} from '../../../../src/cluster/agent/receive-blob.ts'
import {signTicket, type Ticket, ticketKeyOf} from '../../../../src/protocol/index.ts'
import {bytesOf, openTestStore, readAll, sha256} from '../../storage/blobs/open-test-store.ts'
import {sendRaw, serve} from '../serve.ts'

const key = ticketKeyOf('secret')
const nowMs = 1_800_000_000_000
const content = bytesOf(200_000, 2)
const blob = sha256(content)
const ticket: Ticket = {
  method: 'PUT',
  node: 'n1',
  target: blob,
  bytesMax: content.length,
  replicaCount: 2,
  expiresAtMs: nowMs + 1000,
}

async function receiver() {
  const opened = await openTestStore()
  const served = await serve({
    upload: async ({parameters, request, signal}) => ({
      status: 201,
      body: await receiveBlob(request, {
        store: opened.store,
        node: 'n1',
        ticketKey: key,
        ticket: parameters['ticket'] ?? '',
        nowMs,
        signal,
      }),
    }),
  })
  const put = (text: string, body: Uint8Array | ReadableStream = content): Promise<Response> =>
    fetch(`${served.url}/uploads/${text}`, {method: 'PUT', body, duplex: 'half'} as RequestInit)
  return {...opened, ...served, put}
}

const streamed = (bytes: Uint8Array): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })

describe('an upload', () => {
  test('with its ticket is stored, and answered when it is there', async () => {
    const {put, store} = await receiver()
    const response = await put(signTicket(ticket, key))
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({blob, bytes: content.length, node: 'n1', existed: false})
    expect((await readAll(store, blob))?.equals(content)).toBe(true)
    expect(store.find(blob)?.replicaCount).toBe(2)
  })

  test('of what is here says so and keeps the connection', async () => {
    const {put} = await receiver()
    await put(signTicket(ticket, key))
    expect(await (await put(signTicket(ticket, key))).json()).toMatchObject({existed: true})
  })

  test('in chunks, without a length, is stored', async () => {
    const {put, store} = await receiver()
    const text = signTicket({...ticket, target: 'upload-1'}, key)
    expect(await (await put(text, streamed(content))).json()).toMatchObject({blob, existed: false})
    expect(store.find(blob)?.bytes).toBe(content.length)
  })

  test.each<readonly [string, string]>([
    ['signed by another cluster', signTicket(ticket, ticketKeyOf('other'))],
    ['for another node', signTicket({...ticket, node: 'n2'}, key)],
    ['for reading', signTicket({...ticket, method: 'GET'}, key)],
    ['expired', signTicket({...ticket, expiresAtMs: nowMs}, key)],
    ['with a changed size', signTicket(ticket, key).replace('.200000.', '.900000.')],
    ['cut short', signTicket(ticket, key).slice(0, -1)],
    ['that is none', 'x'],
    ['climbing', '..%2f..%2fx'],
  ])('with a ticket %s is refused, and nothing is kept', async (_, text) => {
    const {put, folder, store} = await receiver()
    const response = await put(text)
    expect(response.status).toBe(403)
    expect(store.list('', 10)).toEqual([])
    expect(readdirSync(join(folder, 'volume', 'partial'))).toEqual([])
  })

  test.each<readonly [string, Uint8Array | ReadableStream, number]>([
    ['longer than its ticket', Buffer.concat([content, Buffer.alloc(1)]), 403],
    ['longer than its ticket, in chunks', streamed(Buffer.concat([content, Buffer.alloc(1)])), 403],
    ['other bytes than it is named for', Buffer.alloc(content.length), 502],
    ['shorter bytes than it is named for', content.subarray(1), 502],
  ])('of %s is refused, and nothing is kept', async (_, body, status) => {
    const {put, folder, store} = await receiver()
    expect((await put(signTicket(ticket, key), body)).status).toBe(status)
    expect(store.list('', 10)).toEqual([])
    expect(readdirSync(join(folder, 'volume', 'partial'))).toEqual([])
  })

  test('that says a longer length than it sends leaves nothing', async () => {
    const {port, folder, store, bugs} = await receiver()
    const head = `PUT /uploads/${signTicket(ticket, key)} HTTP/1.1\r\nHost: localhost\r\n`
    await sendRaw(port, `${head}Content-Length: 200000\r\n\r\nonly this`)
    await expect.poll(() => readdirSync(join(folder, 'volume', 'partial'))).toEqual([])
    expect(store.list('', 10)).toEqual([])
    expect(bugs).toEqual([])
  })
})
