/** What a link promises, on both kinds of it. */
import {afterEach, describe, expect, test} from 'vitest'
import {ClusterError} from '../../../src/base/index.ts'
import {failed, frameBytesMax, type MeshReply, type MeshRequest} from '../../../src/protocol/index.ts'
import {Cleanup, Port, TestAgent, TestMaster, until} from './cluster.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const order = (tag = 't'): MeshRequest => ({type: 'read-head', epoch: 1, tag})
const tagOf = (body: MeshRequest): string => ('tag' in body ? body.tag : '')

async function openPair(kind: string): Promise<{master: TestMaster; agent: TestAgent}> {
  const master = cleanup.add(new TestMaster(), one => one.mesh.close())
  let where: string | TestMaster['mesh'] = master.mesh
  if (kind === 'WebSocket') {
    const port = cleanup.add(await Port.open(), one => one.close())
    port.serve({master: master.mesh})
    where = port.address
  }
  const agent = cleanup.add(new TestAgent('n1', where), one => one.mesh.close())
  await agent.mesh.joined
  await until(() => master.stateOf('n1') === 'up', 'the node is up')
  return {master, agent}
}

describe.each(['memory', 'WebSocket'])('over %s', kind => {
  test('the epoch is promised before the link is up, and the view is remembered on both sides', async () => {
    const {master, agent} = await openPair(kind)
    expect(agent.promises).toEqual([1])
    await until(() => agent.mesh.view?.members[0]?.state === 'up', 'the agent knows')
    expect(agent.memory).toMatchObject({epoch: 1, epochOf: 'master-key', lastContactAtMs: expect.any(Number)})
    expect(agent.memory.view).toEqual(master.view)
    expect(Math.abs(agent.mesh.masterClockOffsetMs)).toBeLessThan(1000)
  })

  test('a request gets its reply, and what the node cannot do is a reply too', async () => {
    const {master, agent} = await openPair(kind)
    agent.answer = async () => ({type: 'head'})
    expect(await master.mesh.request('n1', order())).toEqual({type: 'head'})
    agent.answer = async () => failed('DISK_FULL', 'no room')
    expect(await master.mesh.request('n1', order())).toEqual(failed('DISK_FULL', 'no room'))
    expect(agent.requests[0]).toEqual({from: 'master', body: order()})
  })

  test('requests and notices arrive in the order in which they were sent', async () => {
    const {master, agent} = await openPair(kind)
    const tags = Array.from({length: 500}, (_, index) => `t${index}`)
    await Promise.all(tags.map(tag => master.mesh.request('n1', order(tag))))
    expect(agent.requests.map(one => tagOf(one.body))).toEqual(tags)
    master.notices.length = 0
    const ids = tags.map((_, index) => index.toString(16).padStart(64, '0'))
    await Promise.all(ids.map(id => agent.mesh.send({type: 'blobs-gone', blobs: [id], reason: 'dropped'})))
    await until(() => master.notices.length === ids.length, 'all notices')
    expect(master.notices.map(one => (one.notice.type === 'blobs-gone' ? one.notice.blobs[0] : ''))).toEqual(ids)
  })

  test('what was configured is with the node when it is said to be told; a node that is silent is named', async () => {
    const {master, agent} = await openPair(kind)
    master.mesh.configure({settings: {tokens: 'one'}})
    expect(await master.mesh.untilViewIsTold(5000)).toEqual([])
    expect(agent.memory.view?.settings).toEqual({tokens: 'one'})
    await agent.mesh.close()
    await until(() => master.mesh.members()[0]?.isLinked === false, 'the link has ended')
    expect(await master.mesh.untilViewIsTold(5000)).toEqual(['n1'])
  })

  test('a hundred requests at once find their replies in any order', async () => {
    const {master, agent} = await openPair(kind)
    agent.answer = async (_from, body) => {
      await new Promise(resolve => setTimeout(resolve, (Number(tagOf(body).slice(1)) * 7) % 13))
      return failed('NOT_FOUND', tagOf(body))
    }
    const tags = Array.from({length: 100}, (_, index) => `t${index}`)
    const replies = await Promise.all(tags.map(tag => master.mesh.request('n1', order(tag))))
    expect(replies).toEqual(tags.map(tag => failed('NOT_FOUND', tag)))
  })

  test('more requests than a link carries at once wait for their turn', async () => {
    const {master, agent} = await openPair(kind)
    let atOnce = 0
    let most = 0
    agent.answer = async () => {
      most = Math.max(most, ++atOnce)
      await new Promise(resolve => setTimeout(resolve, 5))
      atOnce--
      return {type: 'forgotten'}
    }
    await Promise.all(Array.from({length: 400}, () => master.mesh.request('n1', order())))
    expect(agent.requests).toHaveLength(400)
    expect(most).toBeLessThanOrEqual(128)
  })

  test("a request that is not answered in time fails, and its late reply is nobody else's", async () => {
    const {master, agent} = await openPair(kind)
    const slow = Promise.withResolvers<MeshReply>()
    agent.answer = (_from, body) => (tagOf(body) === 'slow' ? slow.promise : Promise.resolve({type: 'forgotten'}))
    await expect(master.mesh.request('n1', order('slow'), {deadlineMs: 30})).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'node n1 did not answer read-head within 30 ms',
    })
    slow.resolve({type: 'head'})
    expect(await master.mesh.request('n1', order('quick'))).toEqual({type: 'forgotten'})
  })

  test('a request ends when its signal does', async () => {
    const {master, agent} = await openPair(kind)
    agent.answer = () => new Promise(() => undefined)
    const controller = new AbortController()
    const request = master.mesh.request('n1', order(), {signal: controller.signal})
    controller.abort(new Error('changed my mind'))
    await expect(request).rejects.toThrow('changed my mind')
    await expect(master.mesh.request('n1', order(), {signal: controller.signal})).rejects.toThrow('changed my mind')
  })

  test('a node that is not linked is unreachable at once', async () => {
    const {master} = await openPair(kind)
    await expect(master.mesh.request('n9', order())).rejects.toMatchObject({code: 'UNAVAILABLE', retryable: true})
  })

  test('what waits when the link ends fails, and the handler learns that nobody listens', async () => {
    const {master, agent} = await openPair(kind)
    const ended = Promise.withResolvers<void>()
    agent.answer = (_from, _body, signal) => {
      signal.addEventListener('abort', () => ended.resolve())
      return new Promise(() => undefined)
    }
    const request = master.mesh.request('n1', order())
    await until(() => agent.requests.length === 1, 'the request is there')
    await Promise.all([expect(request).rejects.toMatchObject({code: 'UNAVAILABLE'}), agent.mesh.close()])
    await ended.promise
    await until(() => master.stateOf('n1') === 'suspect', 'the master knows')
    await expect(agent.mesh.send({type: 'inventory-end'})).rejects.toMatchObject({code: 'UNAVAILABLE'})
  })

  test('an order of another epoch is refused by the mesh itself', async () => {
    const {master, agent} = await openPair(kind)
    expect(await master.mesh.request('n1', {type: 'read-head', epoch: 0, tag: 't'})).toMatchObject({
      code: 'STALE_EPOCH',
      epoch: 1,
    })
    expect(agent.requests).toEqual([])
  })

  test('a request larger than a frame is not sent; a reply larger than a frame becomes a failure', async () => {
    const {master, agent} = await openPair(kind)
    const blobs = Array.from({length: 20_000}, (_, index) => index.toString(16).padStart(64, '0'))
    await expect(
      master.mesh.request('n1', {type: 'touch-blobs', epoch: 1, blobs, replicaCount: 1}),
    ).rejects.toMatchObject({code: 'PROTOCOL', retryable: false, message: expect.stringContaining(`${frameBytesMax}`)})
    agent.answer = async () => ({type: 'touched', blobs})
    expect(await master.mesh.request('n1', {type: 'touch-blobs', epoch: 1, blobs: [], replicaCount: 1})).toMatchObject({
      type: 'failed',
      code: 'BAD_MESSAGE',
    })
    agent.answer = async () => ({type: 'forgotten'})
    expect(await master.mesh.request('n1', order())).toEqual({type: 'forgotten'})
  })

  test('a reply that does not fit what was asked is an error at the side that asked', async () => {
    const {master, agent} = await openPair(kind)
    agent.answer = async () => ({type: 'dropped', blobs: [], bytes: 0})
    await expect(master.mesh.request('n1', order())).rejects.toMatchObject({code: 'PROTOCOL', retryable: false})
  })

  test('a handler that throws a cluster error fails the request, any other one is a bug and told', async () => {
    const {master, agent} = await openPair(kind)
    agent.answer = async () => {
      throw new ClusterError('DISK_FULL', 'volume 2 is full')
    }
    expect(await master.mesh.request('n1', order())).toEqual(failed('DISK_FULL', 'volume 2 is full'))
    expect(agent.bugs).toEqual([])
    agent.answer = async () => {
      throw new TypeError('x is undefined')
    }
    expect(await master.mesh.request('n1', order())).toMatchObject({code: 'STORAGE_BROKEN'})
    expect(agent.bugs).toEqual([new TypeError('x is undefined')])
  })

  test('a changed setting reaches the agents', async () => {
    const {master, agent} = await openPair(kind)
    master.mesh.configure({settings: {copies: 2}, timings: {heartbeatMs: 50}})
    await until(() => agent.mesh.view?.settings['copies'] === 2, 'the setting')
    expect(agent.mesh.view?.timings.heartbeatMs).toBe(50)
    expect(() => master.mesh.configure({timings: {lostAfterMs: 100}})).toThrow('lostAfter (0.1s) is too short')
  })

  test('a removed node is told, and does not come back by itself', async () => {
    const {master, agent} = await openPair(kind)
    master.mesh.remove('n1')
    await until(() => agent.refusals.length > 0, 'the agent is told')
    expect(agent.refusals).toEqual([{error: expect.objectContaining({code: 'CANNOT_START'}), isFinal: true}])
    expect(master.stateOf('n1')).toBe('removed')
    expect(() => master.mesh.remove('nobody')).toThrow('there is no node "nobody"')
  })

  test('heartbeats carry the status', async () => {
    const {master, agent: first} = await openPair(kind)
    await first.mesh.close()
    const status = {
      freeBytes: 11,
      usedBytes: 2,
      blobCount: 3,
      tagCount: 4,
      reserveBytes: 5,
      isFull: false,
      corruptCount: 0,
      transferCount: 0,
    }
    cleanup.add(new TestAgent('n2', master.mesh, {status: () => status}), one => one.mesh.close())
    await until(() => master.mesh.members()[1]?.status?.freeBytes === 11, 'the status')
  })
})
