/** Requests that the recordings do not hold: HEAD, bodies that are too long or have no length, collection, the proxy's paths. */
import {connect} from 'node:net'
import {expect, test} from 'vitest'
import {legacyRoutes} from '../../../src/cluster/legacy/routes.ts'
import {startLegacy} from './node.ts'
import {rawRequest} from './raw-request.ts'

test('HEAD tells what GET tells, without the body', async () => {
  const node = await startLegacy()
  const [place] = (await node.ask('GET', '/ddfs/new_blob/b')).json as string[]
  const blob = ((await node.ask('PUT', place!, 'bytes')).json as string).replace('disco://127.0.0.1', '')
  await node.ask('PUT', '/ddfs/tag/t', '[]')
  const known: Readonly<Record<string, string>> = {
    '/ddfs/tag/': '/ddfs/tag/t',
    '/ddfs/': blob,
    '/disco/': '/disco/127.0.0.1/00/none@1:2:3/f',
    '/disco/ctrl/get_stageresults': '/disco/ctrl/get_stageresults?name=none@1:2:3&stage=map',
  }
  // It starts something.
  const routes = legacyRoutes.filter(({methods, name}) => methods.includes('HEAD') && name !== 'gcStart')
  expect(routes.length).toBeGreaterThan(15)
  for (const {path} of routes) {
    const target = known[path] ?? path
    const [head, get] = [
      await rawRequest(node.url, {method: 'HEAD', path: target}),
      await rawRequest(node.url, {method: 'GET', path: target}),
    ]
    const told = ({status, phrase, type, headers}: typeof get) => [
      target,
      status,
      phrase,
      type,
      headers.get('content-length'),
    ]
    expect(told(head)).toEqual(told(get))
    expect([target, head.body.length]).toEqual([target, 0])
  }
})

test('what is too long is refused before it is read; what has no length is no pack', async () => {
  const node = await startLegacy()
  const claimed = async (method: string, path: string, bytes: number) => {
    const {status, body} = await rawRequest(node.url, {method, path, headers: {'content-length': String(bytes)}})
    return [status, body.toString()]
  }
  expect(await claimed('POST', '/disco/job/new', 2 ** 31)).toEqual([413, 'Job packet too large'])
  expect(await claimed('POST', '/disco/ctrl/kill_job', 33 << 20)).toEqual([413, 'Body too large'])
  expect(await claimed('PUT', '/ddfs/tag/t', 257 << 20)).toEqual([403, 'Invalid request.'])
  expect(await claimed('PUT', '/ddfs/tag/t/a', 4097)).toEqual([403, 'Attribute value too big.'])
  const chunked = await rawRequest(node.url, {
    method: 'POST',
    path: '/disco/job/new',
    headers: {'transfer-encoding': 'chunked'},
  })
  expect([chunked.status, chunked.body.toString()]).toEqual([500, 'Internal server error'])
  expect(node.ended).toEqual([])
})

test('a blob may come in chunks, without a length', async () => {
  const node = await startLegacy()
  const [place] = (await node.ask('GET', '/ddfs/new_blob/chunked')).json as string[]
  const {pathname} = new URL(place!)
  const stored = await fetch(node.url + pathname, {
    method: 'PUT',
    body: new Blob(['one ', 'two']).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(stored.status).toBe(201)
  const url = ((await stored.json()) as string).replace('disco://127.0.0.1', '')
  expect((await node.ask('GET', url)).text).toBe('one two')
})

test('collection tells nothing before its first round, then what it kept and deleted', async () => {
  const node = await startLegacy()
  expect((await node.ask('GET', '/ddfs/ctrl/gc_stats')).json).toBe('')
  const [place] = (await node.ask('GET', '/ddfs/new_blob/b')).json as string[]
  const url = (await node.ask('PUT', place!, 'bytes')).json as string
  await node.ask('PUT', '/ddfs/tag/t', JSON.stringify([[url]]))
  await node.ask('PUT', '/ddfs/tag/gone', '[]')
  await node.ask('DELETE', '/ddfs/tag/gone')
  expect((await node.ask('GET', '/ddfs/ctrl/gc_start')).json).toBe('GC has started')
  // Blobs are counted now and then.
  await expect
    .poll(async () => (await node.ask('GET', '/ddfs/ctrl/gc_stats')).json, {timeout: 20_000})
    .toEqual({
      timestamp: expect.stringMatching(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/),
      stats: {
        'Tags kept': [1, 0],
        'Tags deleted': [1, 0],
        'Blobs kept': [1, expect.any(Number)],
        'Blobs deleted': [0, 0],
      },
    })
  expect((await node.ask('GET', '/ddfs/ctrl/gc_status')).json).toBe('')
})

test("the proxy's paths are those behind them, as often as they are there", async () => {
  const node = await startLegacy()
  const text = async (method: string, path: string, body?: string) => {
    const answered = await node.ask(method, path, body)
    return [answered.status, answered.text]
  }
  expect(await text('GET', '/proxy/n1/GET/disco/version')).toEqual([200, '"0.5.4"'])
  expect(await text('GET', '/proxy/a/GET/proxy/b/GET/disco/version')).toEqual([200, '"0.5.4"'])
  expect((await text('PUT', '/proxy/n9/PUT/ddfs/b$1-2-3', 'x'))[0]).toBe(404)
  const [status, url] = await text('PUT', '/proxy/n1/PUT/ddfs/b$1-2-3', 'x')
  expect(status).toBe(201)
  const path = (JSON.parse(url as string) as string).replace('disco://127.0.0.1', '')
  expect(await text('GET', `/proxy/n1/GET${path}`)).toEqual([200, 'x'])
  expect((await text('GET', '/proxy/n1'))[0]).toBe(404)
  expect((await text('GET', '/proxy/n1/GET/../../etc/passwd'))[0]).toBe(404)
})

test('a request that is cut off in its body leaves nothing behind', async () => {
  const node = await startLegacy()
  const [place] = (await node.ask('GET', '/ddfs/new_blob/cut')).json as string[]
  const cutOff = async (method: string, path: string, part: string) => {
    const {hostname, port} = new URL(node.url)
    const socket = connect(Number(port), hostname)
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: 5000\r\n\r\n${part}`)
    // Some of it has come in.
    await new Promise(resolve => setTimeout(resolve, 100))
    socket.destroy()
  }
  const blob = new URL(place!).pathname
  await cutOff('PUT', blob, 'half a blob')
  await cutOff('POST', '/disco/job/new', '\xd5\xc0\x00\x02')
  await cutOff('PUT', '/ddfs/tag/cut', '[["http://x')
  await cutOff('POST', '/disco/ctrl/blacklist', '"n')
  expect((await node.ask('GET', '/disco/ctrl/joblist')).json).toEqual([])
  expect((await node.ask('GET', '/ddfs/tags')).json).toEqual([])
  expect((await node.ask('GET', '/disco/ctrl/get_blacklist')).json).toEqual([])
  // The name is free again: nothing was stored under it.
  await expect.poll(async () => (await node.ask('PUT', blob, 'whole')).status).toBe(201)
  expect(node.ended).toEqual([])
})

test('what nobody knows is 404, what no handler takes is told in the words of Disco', async () => {
  const node = await startLegacy()
  const status = async (method: string, path: string, body?: string) => (await node.ask(method, path, body)).status
  for (const path of ['/disco/ctrl/none', '/disco/nothing', '/ddfs/ctrl/none', '/ddfs/none', '/ddfs/tag/none'])
    expect([path, await status('GET', path)]).toEqual([path, 404])
  for (const name of ['jobinfo', 'rawevents', 'jobevents', 'parameters', 'get_stageresults']) {
    const path = `/disco/ctrl/${name}?name=none@1:2:3&stage=map`
    expect([path, await status('GET', path)]).toEqual([path, 404])
  }
  expect(await status('POST', '/disco/ctrl/none', '""')).toBe(404)
  expect(await status('DELETE', '/disco/version')).toBe(404)
  const told = async (path: string, body: string) => {
    const {status: code, text, type} = await node.ask('POST', `/disco/ctrl/${path}`, body)
    return [code, text, type]
  }
  const json = 'application/json'
  expect(await told('kill_job', '[]')).toEqual([400, `"string expected, '[]' received"`, json])
  expect(await told('get_results', '[1.5,[]]')).toEqual([400, `"integer expected, '1.5' received"`, json])
  expect(await told('get_results', '[1]')).toEqual([400, `"list of length 2 expected, '[1]' received"`, json])
  expect(await told('get_results', '[1,5]')).toEqual([400, `"list expected, '5' received"`, json])
  expect(await told('save_settings', '5')).toEqual([400, `"object expected, '5' received"`, json])
  expect(await told('kill_job', '{')).toEqual([500, 'Internal server error', null])
  expect(node.ended).toEqual([])
})
