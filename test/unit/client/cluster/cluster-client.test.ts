import {expect, test} from 'vitest'
import {ClusterClient, connectionError, isTagMissing} from '../../../../src/client/index.ts'
import {FakeCluster, fail} from '../fake-cluster.ts'

test('a call that is safe to repeat is repeated while the cluster says "later"', async () => {
  await using cluster = await FakeCluster.start()
  cluster.tag('t')
  cluster.fault = (_, response, time) => {
    if (time > 3) return false
    if (time === 1) fail(response, 503, 'UNAVAILABLE', 'later')
    if (time === 2) response.writeHead(429).end()
    if (time === 3) response.destroy()
    return true
  }
  expect(await cluster.client().readTag('t')).toMatchObject({tag: 't'})
  expect(cluster.requestCount).toBe(4)
})

test.each([
  ['a duplicate', {change: {type: 'append', entries: [], unique: 'none'}}],
  ['a condition', {change: {type: 'delete'}, ifVersion: 1}],
] as const)('a change with %s is sent once', async (_, request) => {
  await using cluster = await FakeCluster.start()
  cluster.fault = (__, response) => response.destroy() !== undefined
  await expect(cluster.client().changeTag('t', request)).rejects.toMatchObject({code: 'UNAVAILABLE'})
  expect(cluster.requestCount).toBe(1)
})

test.each([
  [400, 'BAD_NAME', 'UserError', 2],
  [404, 'TAG_NOT_FOUND', 'UserError', 1],
  [403, 'FORBIDDEN', 'UserError', 1],
  [412, 'VERSION_CHANGED', 'UserError', 1],
  [507, 'DISK_FULL', 'ClusterError', 3],
])('status %i with %s is a %s with exit status %i', async (status, code, name, exitCode) => {
  await using cluster = await FakeCluster.start()
  cluster.fault = (_, response) => {
    response.writeHead(status)
    response.end(JSON.stringify({error: {code, message: 'because', hint: 'do this', retryable: false}}))
    return true
  }
  await expect(cluster.client().readTag('t')).rejects.toMatchObject({
    name,
    code,
    message: 'because',
    hint: 'do this',
    exitCode,
  })
})

test.each([
  ['a page', 404, '<html>', 'CANNOT_REACH', /answered 404 Not Found$/],
  ['no error', 400, 'null', 'CANNOT_REACH', /answered 400 Bad Request$/],
  ['text instead of JSON', 200, 'hello', 'PROTOCOL', /answered something that is not JSON$/],
])('%s of somebody else is told as such', async (_, status, body, code, message) => {
  await using cluster = await FakeCluster.start()
  cluster.fault = (__, response) => {
    response.writeHead(status).end(body)
    return true
  }
  const call = cluster.client().changeTag('t', {change: {type: 'delete'}, ifVersion: 1})
  await expect(call).rejects.toMatchObject({code, message: expect.stringMatching(message)})
})

test('nobody at the address is told at once', async () => {
  const client = new ClusterClient({url: 'http://127.0.0.1:1', token: undefined, ca: undefined})
  await expect(client.readTag('t')).rejects.toMatchObject({
    code: 'CANNOT_REACH',
    message: 'nothing answers at http://127.0.0.1:1',
    exitCode: 3,
  })
})

test('the tokens of the cluster and of the tag are sent along', async () => {
  await using cluster = await FakeCluster.start()
  cluster.tag('t')
  const seen: unknown[] = []
  cluster.fault = request => {
    seen.push([request.headers.authorization, request.headers['x-tag-token']])
    return false
  }
  await cluster.client().readTag('t', {tagToken: 'mine'})
  expect(seen).toEqual([['Bearer secret', 'mine']])
})

test('an abort ends a call that waits for its next try', async () => {
  await using cluster = await FakeCluster.start()
  cluster.fault = (_, response) => {
    fail(response, 503, 'UNAVAILABLE', 'later')
    return true
  }
  const stop = new AbortController()
  const call = cluster.client().readTag('t', {signal: stop.signal})
  setTimeout(() => stop.abort(new Error('enough')), 120)
  await expect(call).rejects.toThrow('enough')
})

test.each([
  ['ENOTFOUND', 'nothing answers at https://h:1'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate of https://h:1 is not accepted: told'],
  ['EPROTO', 'https://h:1 does not speak TLS'],
  ['ECONNRESET', 'the connection to https://h:1 broke: told'],
])('%s of a socket is told as: %s', (code, message) => {
  expect(connectionError(Object.assign(new Error('told'), {code}), 'https://h:1/x').message).toBe(message)
})

test('only a missing tag is a missing tag', async () => {
  await using cluster = await FakeCluster.start()
  const error = await cluster
    .client()
    .readTag('none')
    .catch((thrown: unknown) => thrown)
  expect(isTagMissing(error)).toBe(true)
  expect(isTagMissing(new Error('TAG_NOT_FOUND'))).toBe(false)
})
