/** Strangers and madmen at the port: refused, cut off and counted, and everybody else goes on. */
import {afterEach, describe, expect, test} from 'vitest'
import {WebSocketServer} from 'ws'
import {seededRandom} from '../../../src/base/index.ts'
import type {MasterOptions} from '../../../src/mesh/index.ts'
import {frameBytesMax, type MeshRequest} from '../../../src/protocol/index.ts'
import {Cleanup, Port, TestAgent, TestMaster, timings, until} from './cluster.ts'
import {clientFrame, exchange, HandMadeNode, sendAndEnd, type UpgradeChanges, upgradeRequest} from './raw-client.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const order: MeshRequest = {type: 'read-head', epoch: 1, tag: 't'}

async function openMaster(given?: Partial<MasterOptions>): Promise<{master: TestMaster; port: Port}> {
  const port = cleanup.add(await Port.open(), one => one.close())
  const master = cleanup.add(new TestMaster(given), one => one.mesh.close())
  port.serve({master: master.mesh})
  return {master, port}
}

async function openByHand(port: Port): Promise<HandMadeNode> {
  const node = cleanup.add(new HandMadeNode(port.port), async one => one.socket.terminate())
  return node.opened()
}

/** A node that is linked, made by hand. */
async function linkByHand(master: TestMaster, port: Port): Promise<HandMadeNode> {
  const node = await openByHand(port)
  node.hello('n1')
  await until(() => node.received.length > 0, 'welcome')
  node.send({type: 'ready'})
  await until(() => master.stateOf('n1') === 'joining', 'linked')
  return node
}

async function expectHealthy(master: TestMaster, port: Port): Promise<void> {
  const agent = cleanup.add(new TestAgent('healthy', port.address), one => one.mesh.close())
  await agent.mesh.joined
  await until(() => master.stateOf('healthy') === 'up', 'a good node gets in')
  expect(await master.mesh.request('healthy', order)).toEqual({type: 'forgotten'})
}

const connectionCount = (port: Port): Promise<number> =>
  new Promise((resolve, reject) => {
    port.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })

describe('an upgrade', () => {
  const cases: readonly (readonly [string, UpgradeChanges, number])[] = [
    ['without a token', {headers: {Authorization: null}}, 401],
    ['with a wrong token', {headers: {Authorization: `Bearer dsc_join_${'A'.repeat(43)}`}}, 401],
    ['with an empty token', {headers: {Authorization: 'Bearer '}}, 401],
    ['with another scheme', {headers: {Authorization: 'Basic abc'}}, 401],
    ['with a token of 8 KB', {headers: {Authorization: `Bearer ${'x'.repeat(8000)}`}}, 401],
    ['from a web page', {headers: {Origin: 'http://127.0.0.1'}}, 403],
    ['from no page at all', {headers: {Origin: 'null'}}, 403],
    ['for a host of strangers', {headers: {Host: 'evil.example'}}, 421],
    ['for a host that looks like ours', {headers: {Host: 'master.example.evil'}}, 421],
    ['for a path that is not ours', {path: '/mesh/'}, 404],
    ['with a query', {path: '/mesh?token=x'}, 404],
    ['for a proxy', {path: 'http://127.0.0.1/mesh'}, 404],
    ['with a wrong key', {headers: {'Sec-WebSocket-Key': 'short'}}, 400],
    ['without a key', {headers: {'Sec-WebSocket-Key': null}}, 400],
    ['of another version', {headers: {'Sec-WebSocket-Version': '7'}}, 400],
    ['by POST', {method: 'POST', headers: {'Content-Length': '0'}}, 405],
    ['to something else', {headers: {Upgrade: 'h2c'}}, 400],
  ]
  test.each(cases)('%s is refused', async (_what, changes, status) => {
    const {port} = await openMaster()
    expect(await exchange(port.port, upgradeRequest(port.port, changes))).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  test.each(['127.0.0.1', 'localhost:80', '[::1]:7800', 'master.example', 'MASTER.example:1'])(
    'for %s is ours',
    async host => {
      const {port} = await openMaster()
      const said = await exchange(port.port, upgradeRequest(port.port, {headers: {Host: host}}), socket =>
        socket.destroy(),
      )
      expect(said).toMatch(/^HTTP\/1.1 101 /)
    },
  )
})

describe('after the upgrade', () => {
  const huge = Buffer.from([0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
  const cases: readonly (readonly [string, Buffer])[] = [
    ['a frame without a mask', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['a reserved opcode', clientFrame(0x83, '{}')],
    ['reserved bits', clientFrame(0xf1, '{}')],
    ['a ping of more than 125 bytes', clientFrame(0x89, Buffer.alloc(126))],
    ['a ping in pieces', clientFrame(0x09, 'x')],
    ['a continuation of nothing', clientFrame(0x80, 'x')],
    ['a length of 2^63', clientFrame(0x81, '', huge)],
    ['a frame of more than a frame may have', clientFrame(0x81, '', Buffer.from([0xff, 0, 0, 0, 0, 0, 0x10, 0, 1]))],
    ['broken UTF-8', clientFrame(0x81, Buffer.from([0xc3, 0x28]))],
    ['binary', clientFrame(0x82, '{}')],
    [
      'pieces without end',
      Buffer.concat([clientFrame(0x01, 'x'), ...Array.from({length: 5000}, () => clientFrame(0x00, 'x'))]),
    ],
    ['no JSON', clientFrame(0x81, 'hello')],
    ['no hello', clientFrame(0x81, '{"type":"ready"}')],
    ['half a hello', clientFrame(0x81, '{"type":"hello","node":"n1"}')],
    ['a close with nonsense', clientFrame(0x88, Buffer.from([0]))],
  ]
  test.each(cases)('%s ends the connection', async (_what, frames) => {
    const {master, port} = await openMaster()
    const said = await exchange(port.port, upgradeRequest(port.port), socket => socket.write(frames))
    expect(said).toMatch(/^HTTP\/1.1 101 /)
    expect(master.mesh.members()).toEqual([])
    await expectHealthy(master, port)
  })

  test('a newer protocol is refused with both ranges, even if its hello is otherwise unknown', async () => {
    const {port} = await openMaster()
    const node = await openByHand(port)
    node.send({type: 'hello', protocol: {min: 7, max: 9}, software: 'disco-inferno 9', who: 'n1'})
    await until(() => node.isClosed, 'refused')
    expect(node.received).toEqual([
      {
        type: 'refused',
        code: 'PROTOCOL',
        message: 'disco-inferno 9 speaks mesh protocol 7 to 9, this side (test 1) 1',
        hint: 'programs work together one minor version apart: update the node that was dialled, step by step',
      },
    ])
  })

  test('a master that wants another protocol is not obeyed', async () => {
    const port = cleanup.add(await Port.open(), one => one.close())
    const sockets = new WebSocketServer({server: port.server})
    cleanup.add(sockets, async one => one.close())
    const welcome = {type: 'welcome', protocol: 9, software: 'disco-inferno 9', key: 'k', epoch: 1, nowMs: 0}
    sockets.on('connection', socket => socket.send(JSON.stringify(welcome)))
    const agent = cleanup.add(new TestAgent('n1', port.address), one => one.mesh.close())
    await expect(agent.mesh.joined).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: 'disco-inferno 9 wants mesh protocol 9, this node speaks 1',
    })
    expect(agent.promises).toEqual([])
  })
})

describe('a linked node', () => {
  test('gets an error for what is not understood, and goes on', async () => {
    const {master, port} = await openMaster()
    const node = await linkByHand(master, port)
    node.send({type: 'teleport'})
    node.send({type: 'request', call: 5, body: {type: 'explode'}})
    node.send({type: 'notice', body: {type: 'blobs-gone', blobs: ['x'], reason: 'dropped'}})
    node.send({type: 'reply', call: 99, body: {type: 'forgotten'}})
    node.send({type: 'pong', count: 12345})
    node.send({type: 'probe-reply', call: 1, node: 'n1', isAlive: true})
    await until(() => node.received.filter(one => one.type === 'error').length === 2, 'both errors')
    expect(node.received).toContainEqual({
      type: 'reply',
      call: 5,
      body: expect.objectContaining({type: 'failed', code: 'BAD_MESSAGE'}),
    })
    expect(master.mesh.counters.badFrameCount).toBe(3)
    expect(master.stateOf('n1')).toBe('joining')
  })

  test('is cut off when it sends garbage, or too much that is not understood', async () => {
    const {master, port} = await openMaster()
    const first = await linkByHand(master, port)
    first.send('garbage')
    await until(() => first.isClosed, 'cut')
    await until(() => master.stateOf('n1') === 'suspect', 'noticed')
    const second = await linkByHand(master, port)
    for (let count = 0; count < 200; count++) second.send({type: 'teleport'})
    await until(() => second.isClosed, 'cut')
    await expectHealthy(master, port)
  })

  test('that stops reading makes senders wait, and is cut off and counted', async () => {
    // Writing all that takes this process longer than a few quick heartbeats on a busy machine: nobody would be heard meanwhile.
    const {master, port} = await openMaster({timings: {...timings, heartbeatMs: 400, lostAfterMs: 4000}})
    const node = await linkByHand(master, port)
    const answers = new Set<unknown>()
    // It goes on sending, so that it is not silent.
    const noise = setInterval(() => node.send({type: 'pong', count: 0}), 20)
    node.socket.pause()
    const blobs = Array.from({length: 10_000}, (_, index) => index.toString(16).padStart(64, '0'))
    const body: MeshRequest = {type: 'touch-blobs', epoch: 1, blobs, replicaCount: 1}
    const requests = Array.from({length: 100}, () =>
      master.mesh.request('n1', body, {deadlineMs: 60_000}).catch((error: unknown) => answers.add(error)),
    )
    await Promise.all(requests)
    clearInterval(noise)
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toMatchObject({code: 'UNAVAILABLE', message: expect.stringContaining('read nothing')})
    expect(master.mesh.counters).toMatchObject({cutOffCount: 1, silentCount: 0})
    await expectHealthy(master, port)
  })

  test('that asks for more at once than it may is cut off', async () => {
    const port = cleanup.add(await Port.open(), one => one.close())
    const master = cleanup.add(new TestMaster(), one => one.mesh.close())
    const agent = cleanup.add(new TestAgent('n1', master.mesh), one => one.mesh.close())
    port.serve({agent: agent.mesh})
    await agent.mesh.joined
    agent.answer = () => new Promise(() => undefined)
    const peer = await openByHand(port)
    peer.hello('n2', {to: 'peer', cluster: 'cluster-1'})
    await until(() => peer.received.length === 1, 'welcome')
    for (let call = 1; call <= 300; call++) {
      peer.send({type: 'request', call, body: {type: 'fetch-tag', tag: 't', after: 0}})
    }
    await until(() => peer.isClosed, 'cut')
    expect(agent.mesh.counters.cutOffCount).toBe(1)
    expect(agent.requests).toHaveLength(256)
  })

  test('cannot send a frame that is too large', async () => {
    const {master, port} = await openMaster()
    const node = await linkByHand(master, port)
    node.send('x'.repeat(frameBytesMax + 1))
    await until(() => node.isClosed, 'cut')
    await expectHealthy(master, port)
  })
})

test('a thousand connections with garbage leave nothing behind', async () => {
  const {master, port} = await openMaster()
  const random = seededRandom(1)
  const garbage = (): Buffer => Buffer.from(Array.from({length: 1 + random.int(300)}, () => random.int(256)))
  const kinds: readonly (() => Promise<unknown>)[] = [
    () => exchange(port.port, Buffer.concat([garbage(), Buffer.from('\r\n\r\n')])),
    () => sendAndEnd(port.port, upgradeRequest(port.port).slice(0, 20 + random.int(100))),
    () => exchange(port.port, upgradeRequest(port.port), socket => socket.end(garbage())),
    () => exchange(port.port, upgradeRequest(port.port), socket => socket.resetAndDestroy()),
    () => exchange(port.port, Buffer.concat([Buffer.from(upgradeRequest(port.port)), garbage(), garbage()])),
    () => exchange(port.port, upgradeRequest(port.port, {headers: {Authorization: garbage().toString('base64')}})),
  ]
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({length: 50}, (_, index) => kinds[index % kinds.length]!()))
  }
  await expectHealthy(master, port)
  expect(master.mesh.members().map(one => one.name)).toEqual(['healthy'])
  expect(master.bugs).toEqual([])
  let left = Number.POSITIVE_INFINITY
  const endMs = performance.now() + 10_000
  // The healthy agent's stays.
  while (left > 1 && performance.now() < endMs) left = await connectionCount(port)
  expect(left).toBe(1)
})
