import assert from 'node:assert/strict'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, test} from 'vitest'
import {download} from '../../../../../src/worker/jobs/inputs/download.ts'

const content = Buffer.from('0123456789'.repeat(30_000))
const seen: IncomingMessage['headers'][] = []
const servers: Server[] = []
let url = ''
let other = ''

function answer(request: IncomingMessage, response: ServerResponse): void {
  seen.push(request.headers)
  const {pathname} = new URL(request.url!, url)
  if (pathname === '/there') response.writeHead(302, {location: '/file'}).end()
  else if (pathname === '/away') response.writeHead(307, {location: `${other}/file`}).end()
  else if (pathname === '/round') response.writeHead(301, {location: '/round'}).end()
  else if (pathname === '/br') response.writeHead(200, {'content-encoding': 'br'}).end('x')
  else if (pathname === '/none') response.writeHead(404).end()
  else if (pathname === '/cut') {
    response.writeHead(200, {'content-length': content.length})
    response.write(content.subarray(0, 1000), () => response.destroy())
  } else {
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    if (match === null) response.end(content)
    else if (Number(match[1]) >= content.length) response.writeHead(416).end()
    else response.writeHead(206).end(content.subarray(Number(match[1]), match[2] === '' ? undefined : +match[2]! + 1))
  }
}

async function start(): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  url = await start()
  other = await start()
})
afterAll(() => {
  for (const server of servers) server.close()
})

const read = async (path: string, start = 0, end?: number): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(download(url + path, {start, end, headers: {authorization: 'Bearer secret'}})))

test('gives the whole, a range, or the rest', async () => {
  assert.ok((await read('/file')).equals(content))
  assert.equal(String(await read('/file', 5, 9)), '56789')
  assert.equal(String(await read('/file', content.length - 3)), '789')
  assert.equal((await read('/file', content.length)).length, 0)
})

test('follows redirects, without its headers to another server', async () => {
  assert.equal(String(await read('/there', 5, 6)), '56')
  assert.equal(seen.at(-1)!.authorization, 'Bearer secret')
  assert.equal(String(await read('/away', 5, 6)), '56')
  assert.equal(seen.at(-1)!.authorization, undefined)
  await assert.rejects(read('/round'), /more than 5 redirects/)
})

test('what is not these bytes is an error', async () => {
  await assert.rejects(read('/none'), /HTTP status 404/)
  await assert.rejects(read('/none', 1, 2), /HTTP status 404 to a range/)
  await assert.rejects(read('/br'), /encoding br/)
  await assert.rejects(read('/file', content.length, content.length + 1), /416 to a range/)
  await assert.rejects(read('/cut'))
})

test('a reader that has enough ends the connection', async () => {
  for await (const chunk of download(`${url}/file`, {start: 0, end: undefined, headers: {}})) {
    assert.ok(chunk.length > 0)
    break
  }
  const open = await new Promise<number>(resolve => {
    setTimeout(() => servers[0]!.getConnections((_, count) => resolve(count)), 100)
  })
  assert.equal(open, 0)
})
