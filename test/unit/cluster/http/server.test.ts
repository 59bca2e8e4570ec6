import {describe, expect, onTestFinished, test} from 'vitest'
import * as z from 'zod/mini'
import {ClusterError, InvariantError, UserError} from '../../../../src/base/index.ts'
import {HttpClient, responseOf} from '../../../../src/client/index.ts'
import {answerSlowly, readBody} from '../../../../src/cluster/http/index.ts'
import {jsonBodyBytesMax} from '../../../../src/protocol/index.ts'
import {sendRaw, serve, tokenFor} from '../serve.ts'

const schema = z.object({name: z.string(), count: z.optional(z.int())})
const admin = {authorization: `Bearer ${tokenFor('admin')}`}

async function echo() {
  return serve({placeBlob: async ({request}) => ({body: await readBody(request, schema)})})
}

const post = (url: string, body: string | ReadableStream): Promise<Response> =>
  fetch(`${url}/api/v1/blobs/place`, {method: 'POST', headers: admin, body, duplex: 'half'} as RequestInit)

describe('a body', () => {
  test('of the right shape arrives, without what is not known', async () => {
    const {url} = await echo()
    expect(await (await post(url, '{"name":"a","count":3,"more":1}')).json()).toEqual({name: 'a', count: 3})
  })

  test.each([
    ['{"name":', 'the body is not JSON'],
    ['[]', 'the body'],
    ['{"name":3}', 'name: '],
    ['{"name":"a","count":1.5}', 'count: '],
    ['', 'name: '],
    ['\u0000', 'the body is not JSON'],
  ])('%s is refused', async (text, message) => {
    const {url} = await echo()
    const response = await post(url, text)
    expect(response.status).toBe(400)
    expect(((await response.json()) as {error: {message: string}}).error.message).toContain(message)
  })

  test('may be as long as the limit and no longer', async () => {
    const {url} = await echo()
    const exact = `{"name":"${'x'.repeat(jsonBodyBytesMax - 11)}"}`
    expect(exact).toHaveLength(jsonBodyBytesMax)
    expect((await post(url, exact)).status).toBe(200)
    const response = await post(url, `${exact} `)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(`longer than ${jsonBodyBytesMax} bytes`)
  })

  test('that ends before its length is answered to nobody and breaks nothing', async () => {
    const {url, port, bugs} = await echo()
    const head = `POST /api/v1/blobs/place HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${admin.authorization}\r\n`
    await sendRaw(port, `${head}Content-Length: 100\r\n\r\n{"name":`)
    expect((await post(url, '{"name":"still here"}')).status).toBe(200)
    expect(bugs).toEqual([])
  })

  test('with two lengths, or a length and chunks, is refused', async () => {
    const {port} = await echo()
    const head = `POST /api/v1/blobs/place HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${admin.authorization}\r\n`
    expect(await sendRaw(port, `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`)).toMatch(/^HTTP\/1.1 400 /)
    const both = `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`
    expect(await sendRaw(port, both)).toMatch(/^HTTP\/1.1 400 /)
  })
})

describe('what a handler throws', () => {
  test.each([
    [new UserError('TAG_NOT_FOUND', 'no tag', {hint: 'look'}), 404],
    [new UserError('VERSION_CHANGED', 'changed'), 412],
    [new UserError('BAD_SETTING', 'bad'), 400],
    [new ClusterError('UNAVAILABLE', 'later'), 503],
    [new ClusterError('DISK_FULL', 'full'), 507],
    [new ClusterError('OVERLOADED', 'busy'), 429],
  ])('%s is answered with its code', async (error, status) => {
    const {url, bugs} = await serve({
      nodes: async () => {
        throw error
      },
    })
    const response = await fetch(`${url}/api/v1/nodes`, {headers: admin})
    expect(response.status).toBe(status)
    const {error: told} = (await response.json()) as {error: {code: string; message: string; retryable: boolean}}
    expect(told).toMatchObject({code: error.code, message: error.message})
    expect(told.retryable).toBe(error instanceof ClusterError)
    expect(bugs).toEqual([])
  })

  test.each([new TypeError('x is not a function'), new InvariantError('a is b')])('%s is our bug', async error => {
    const {url, bugs} = await serve({
      nodes: async () => {
        throw error
      },
    })
    expect((await fetch(`${url}/api/v1/nodes`, {headers: admin})).status).toBe(500)
    expect(bugs).toEqual([`GET /api/v1/nodes: ${String(error)}`])
  })

  test('in the middle of an answer breaks the connection, so that nobody takes half for whole', async () => {
    const {url} = await serve({
      nodes: async ({response}) => {
        response.writeHead(200, {'content-length': 100})
        response.write('half')
        throw new ClusterError('CORRUPT', 'a block is bad')
      },
    })
    await expect(fetch(`${url}/api/v1/nodes`, {headers: admin}).then(response => response.text())).rejects.toThrow()
  })
})

test('the signal of a request is aborted when its caller goes away', async () => {
  const gone = Promise.withResolvers<void>()
  const {port} = await serve({
    nodes: async ({signal}) => {
      signal.addEventListener('abort', () => gone.resolve())
      await gone.promise
      return {body: {}}
    },
  })
  void sendRaw(port, `GET /api/v1/nodes HTTP/1.0\r\nHost: localhost\r\nAuthorization: ${admin.authorization}\r\n\r\n`)
  await gone.promise
})

test('a refusal reaches those who are still sending', async () => {
  const {url} = await serve({
    upload: async () => {
      throw new UserError('FORBIDDEN', 'not here')
    },
  })
  const http = new HttpClient(undefined)
  onTestFinished(() => http.close())
  for (let count = 0; count < 10; count++) {
    const request = http.open({method: 'PUT', url: `${url}/uploads/x`, headers: {'content-length': 64 << 20}})
    const answer = responseOf(request, url)
    let isAnswered = false
    answer.catch(() => {
      isAnswered = true
    })
    for (let sent = 0; sent < 64 && !isAnswered; sent++) {
      if (request.write(Buffer.alloc(1 << 20))) continue
      const hasRoom = new Promise(resolve => request.once('drain', resolve).once('close', resolve))
      await Promise.race([hasRoom, answer.catch(() => undefined)])
    }
    await expect(answer).rejects.toThrow('not here')
    request.destroy()
  }
})

describe('an answer that takes long', () => {
  const slow = (ms: number, everyMs: number, work: () => unknown) =>
    serve({
      nodes: ({response}) =>
        answerSlowly(
          response,
          async () => {
            await new Promise(resolve => setTimeout(resolve, ms))
            return work()
          },
          everyMs,
        ),
    })

  test('shows signs of life and is JSON all the same', async () => {
    const {url} = await slow(60, 10, () => ({isOk: true}))
    const text = await (await fetch(`${url}/api/v1/nodes`, {headers: admin})).text()
    expect(text).toMatch(/^ +\{/)
    expect(JSON.parse(text)).toEqual({isOk: true})
  })

  test('is an error with its code when it fails before the first sign, and breaks off after it', async () => {
    const fail = (): never => {
      throw new ClusterError('UNAVAILABLE', 'later')
    }
    const early = await slow(0, 1000, fail)
    expect((await fetch(`${early.url}/api/v1/nodes`, {headers: admin})).status).toBe(503)
    const late = await slow(60, 10, fail)
    const reading = fetch(`${late.url}/api/v1/nodes`, {headers: admin}).then(response => response.text())
    await expect(reading).rejects.toThrow()
  })
})

test('a port that is taken is named', async () => {
  const {port} = await serve()
  const {NodeServer} = await import('../../../../src/cluster/http/index.ts')
  const second = new NodeServer({handlers: {} as never, tokens: () => [], hostNames: [], onBug: () => undefined})
  await expect(second.listen('127.0.0.1', port)).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`)
})
