import {once} from 'node:events'
import {readdirSync} from 'node:fs'
import {connect} from 'node:net'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {HttpClient, responseOf} from '../../../../src/client/index.ts'
import {receiveBlob} from '../../../../src/cluster/agent/receive-blob.ts'
import type {Handler} from '../../../../src/cluster/http/index.ts'
import {signTicket, type Ticket, ticketKeyOf} from '../../../../src/protocol/index.ts'
import {bytesOf, openTestStore, readAll, sha256} from '../../storage/blobs/open-test-store.ts'
import {sendRaw, serve, tokenFor} from '../serve.ts'

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

async function receiver(options: Parameters<typeof serve>[1] = {}) {
  const opened = await openTestStore()
  const ended: string[] = []
  const upload: Handler = async ({parameters, request, signal}) => ({
    status: 201,
    body: await receiveBlob(request, {
      store: opened.store,
      node: 'n1',
      ticketKey: key,
      ticket: parameters['ticket'] ?? '',
      nowMs,
      signal,
      onEnded: target => ended.push(target),
    }),
  })
  const nodes: Handler = () => Promise.withResolvers<undefined>().promise
  const served = await serve({upload, nodes}, options)
  const put = (text: string, body: Uint8Array | ReadableStream = content): Promise<Response> =>
    fetch(`${served.url}/uploads/${text}`, {method: 'PUT', body, duplex: 'half'} as RequestInit)
  return {...opened, ...served, put, ended}
}

const streamed = (bytes: Uint8Array): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })

const paused = (ms: number): ReadableStream =>
  new ReadableStream({
    async start(controller) {
      controller.enqueue(content.subarray(0, 1000))
      await new Promise(resolve => setTimeout(resolve, ms))
      controller.enqueue(content.subarray(1000))
      controller.close()
    },
  })

describe('an upload', () => {
  test('with its ticket is stored, and answered when it is there', async () => {
    const {put, store, ended} = await receiver()
    const response = await put(signTicket(ticket, key))
    expect(ended).toEqual([blob])
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

  test('that pauses for longer than a connection may be silent is stored', async () => {
    const {put, store} = await receiver({idleMs: 100})
    const text = signTicket({...ticket, target: 'upload-1', expiresAtMs: nowMs + 10_000}, key)
    expect((await put(text, paused(400))).status).toBe(201)
    expect(store.find(blob)?.bytes).toBe(content.length)
  })

  test('that pauses until its ticket has expired is cut off, and nothing is kept', async () => {
    const {put, folder, store} = await receiver({idleMs: 100})
    const text = signTicket({...ticket, target: 'upload-1', expiresAtMs: nowMs + 200}, key)
    await expect(put(text, paused(2000))).rejects.toThrow()
    await expect.poll(() => readdirSync(join(folder, 'volume', 'partial'))).toEqual([])
    expect(store.list('', 10)).toEqual([])
  })

  test('leaves the connection with the limit of others', async () => {
    const {port} = await receiver({idleMs: 100})
    const text = signTicket({...ticket, target: 'upload-1', expiresAtMs: nowMs + 10_000}, key)
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write(`PUT /uploads/${text} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx`)
    await once(socket, 'data')
    const closed = once(socket, 'close')
    socket.write(`GET /api/v1/nodes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${tokenFor('admin')}\r\n\r\n`)
    socket.resume()
    await closed
  })

  test('that is refused in its middle hears why, also while it is still sending', async () => {
    const {url} = await receiver()
    const http = new HttpClient(undefined)
    onTestFinished(() => http.close())
    const target = `${url}/uploads/${signTicket({...ticket, target: 'upload-1', bytesMax: 3 << 20}, key)}`
    for (let count = 0; count < 10; count++) {
      const request = http.open({method: 'PUT', url: target})
      const answer = responseOf(request, target)
      let isAnswered = false
      answer.catch(() => {
        isAnswered = true
      })
      for (let sent = 0; sent < 64 && !isAnswered; sent++) {
        if (request.write(Buffer.alloc(1 << 20))) continue
        const hasRoom = new Promise(resolve => request.once('drain', resolve).once('close', resolve))
        await Promise.race([hasRoom, answer.catch(() => undefined)])
      }
      await expect(answer).rejects.toThrow(`the upload URL is for at most ${3 << 20} bytes`)
      request.destroy()
    }
  })

  test('that goes on after it was refused finds the answer when it looks for it', async () => {
    const {port, ended} = await receiver()
    const upload = signTicket({...ticket, target: 'upload-1', bytesMax: 1 << 20}, key)
    const socket = connect({port, host: '127.0.0.1'})
    onTestFinished(() => void socket.destroy())
    const errors: unknown[] = []
    socket.on('error', error => errors.push(error))
    socket.pause()
    socket.write(`PUT /uploads/${upload} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = Buffer.concat([Buffer.from('80000\r\n'), Buffer.alloc(0x80000), Buffer.from('\r\n')])
    for (let sent = 0; sent < 3; sent++) socket.write(chunk)
    await expect.poll(() => ended).toEqual(['upload-1'])
    for (let sent = 0; sent < 3; sent++) await new Promise(resolve => socket.write(chunk, resolve))
    let said = ''
    socket.on('data', bytes => {
      said += bytes.toString()
    })
    socket.resume()
    await new Promise(resolve => socket.on('close', resolve))
    expect(said).toContain('the upload URL is for at most')
    expect(errors).toEqual([])
  })

  test('that says a longer length than it sends leaves nothing', async () => {
    const {port, folder, store, bugs, ended} = await receiver()
    const head = `PUT /uploads/${signTicket(ticket, key)} HTTP/1.1\r\nHost: localhost\r\n`
    await sendRaw(port, `${head}Content-Length: 200000\r\n\r\nonly this`)
    await expect.poll(() => ended).toEqual([blob])
    expect(readdirSync(join(folder, 'volume', 'partial'))).toEqual([])
    expect(store.list('', 10)).toEqual([])
    expect(bugs).toEqual([])
  })
})
