/** Networks and programs that misbehave, over real sockets. */
import {afterEach, describe, expect, test} from 'vitest'
import type {ClusterError} from '../../../src/base/index.ts'
import type {AgentOptions, MasterOptions} from '../../../src/mesh/index.ts'
import {formatToken, type MeshRequest} from '../../../src/protocol/index.ts'
import {selfSignedCertificate} from './certificate.ts'
import {Cleanup, Port, TestAgent, TestMaster, timings, until} from './cluster.ts'
import {openTcpProxy, type TcpProxy} from './tcp-proxy.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const order: MeshRequest = {type: 'read-head', epoch: 1, tag: 't'}

async function openMaster(given: Partial<MasterOptions> = {}): Promise<{master: TestMaster; port: Port}> {
  const port = cleanup.add(await Port.open(), one => one.close())
  const master = cleanup.add(new TestMaster(given), one => one.mesh.close())
  port.serve({master: master.mesh})
  return {master, port}
}

const openAgent = (name: string, master: string, given: Partial<AgentOptions> = {}): TestAgent =>
  cleanup.add(new TestAgent(name, master, given), one => one.mesh.close())

/** An agent that its peers can reach. */
async function openReachable(name: string, master: string, given: Partial<AgentOptions> = {}): Promise<TestAgent> {
  const port = cleanup.add(await Port.open(), one => one.close())
  const agent = openAgent(name, master, {address: port.address, ...given})
  port.serve({agent: agent.mesh})
  await agent.mesh.joined
  return agent
}

async function proxyTo(port: Port): Promise<{proxy: TcpProxy; address: string}> {
  const proxy = cleanup.add(await openTcpProxy(port.port), one => one.close())
  return {proxy, address: `ws://127.0.0.1:${proxy.port}`}
}

describe('joining', () => {
  test('a wrong token ends the start with a hint', async () => {
    const {port} = await openMaster()
    const agent = openAgent('n1', port.address, {token: formatToken(['join'], new Uint8Array(32))})
    await expect(agent.mesh.joined).rejects.toMatchObject({
      code: 'FORBIDDEN',
      hint: expect.stringContaining('disco token'),
    })
    expect(agent.refusals).toMatchObject([{isFinal: true}])
  })

  test('an address that is none ends the start', async () => {
    await expect(openAgent('n1', 'nowhere').mesh.joined).rejects.toMatchObject({code: 'BAD_FLAG'})
  })

  test('a port without a master ends the start', async () => {
    const {master, port} = await openMaster()
    await expect(openAgent('n1', port.address).mesh.joined).resolves.toBeUndefined()
    const other = cleanup.add(await Port.open(), one => one.close())
    other.serve({})
    await expect(openAgent('n2', other.address).mesh.joined).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: 'there is no master at this address',
    })
    expect(master.stateOf('n2')).toBeUndefined()
  })

  test('a second folder of one name is refused while the first one runs', async () => {
    const {master, port} = await openMaster()
    await openAgent('n1', port.address).mesh.joined
    const second = openAgent('n1', port.address, {key: 'other-folder'})
    await expect(second.mesh.joined).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: 'another folder is already running as node n1',
      hint: expect.stringContaining('--name'),
    })
    expect(master.mesh.counters.refusedCount).toBe(1)
  })

  test('a node that was away for too long is refused, and let in with force', async () => {
    const {port} = await openMaster()
    const memory = {epoch: 0, lastContactAtMs: Date.now() - 2 * timings.tombstoneMs}
    await expect(openAgent('n1', port.address, {memory}).mesh.joined).rejects.toMatchObject({
      message: expect.stringContaining('away for 2.0 days'),
    })
    await openAgent('n1', port.address, {memory, force: true}).mesh.joined
  })

  test('waits for a master that is not there yet', async () => {
    const first = await Port.open()
    const {port: number} = first
    await first.close()
    const agent = openAgent('n1', `ws://127.0.0.1:${number}`)
    await until(() => agent.mesh.counters.dialFailureCount >= 2, 'it tried twice')
    const port = cleanup.add(await Port.open(number), one => one.close())
    port.serve({master: cleanup.add(new TestMaster(), one => one.mesh.close()).mesh})
    await agent.mesh.joined
  })

  test('works over TLS with a given certificate, and not without it', async () => {
    const certificate = selfSignedCertificate()
    const port = cleanup.add(await Port.open(0, certificate), one => one.close())
    const master = cleanup.add(new TestMaster(), one => one.mesh.close())
    port.serve({master: master.mesh})
    openAgent('n1', port.address, {ca: certificate.cert})
    await until(() => master.stateOf('n1') === 'up', 'up')
    expect(await master.mesh.request('n1', order)).toEqual({type: 'forgotten'})
    const stranger = openAgent('n2', port.address)
    await until(() => stranger.mesh.counters.dialFailureCount > 0, 'it is refused')
    expect(stranger.logged[0]?.text).toMatch(/self.signed/)
  })

  test('with ws:// where there is TLS, and with wss:// where there is none, says which to write', async () => {
    const certificate = selfSignedCertificate()
    const secure = cleanup.add(await Port.open(0, certificate), one => one.close())
    const {port: plain} = await openMaster()
    const told = async (address: string): Promise<string | undefined> => {
      const agent = openAgent('n1', address, {ca: certificate.cert})
      await until(() => agent.mesh.counters.dialFailureCount > 0, 'it fails')
      return agent.logged[0]?.text
    }
    expect(await told(`ws://127.0.0.1:${secure.port}`)).toMatch(/ \(if it has TLS, write wss:\/\/\)$/)
    expect(await told(`wss://127.0.0.1:${plain.port}`)).toMatch(/ \(if it has no TLS, write ws:\/\/\)$/)
  })
})

describe('epochs', () => {
  test('a starting master goes above what agents have promised', async () => {
    const {master, port} = await openMaster()
    const first = openAgent('n1', port.address)
    await first.mesh.joined
    const second = openAgent('n2', port.address, {memory: {epoch: 41, epochOf: 'older-master'}})
    await second.mesh.joined
    expect(master.mesh.epoch).toBe(42)
    await until(() => first.promises.at(-1) === 42, 'all agents promise it')
    expect(master.superseded).toEqual([])
  })

  test('a master that is past its start learns that it was superseded', async () => {
    const {master, port} = await openMaster()
    master.mesh.endStart()
    const agent = openAgent('n1', port.address, {memory: {epoch: 41, epochOf: 'newer-master'}})
    await until(() => master.superseded.length === 1, 'the master knows')
    expect(master.superseded).toEqual([41])
    expect(agent.mesh.isLinked).toBe(false)
    expect(agent.promises).toEqual([])
  })

  test('an agent that cannot store its promise has no link', async () => {
    const {master, port} = await openMaster()
    let isBroken = true
    const agent = openAgent('n1', port.address, {
      promiseEpoch: () => {
        if (isBroken) throw new Error('disk is full')
        return true
      },
    })
    await until(() => agent.mesh.counters.dialFailureCount >= 2, 'it tried twice')
    expect(master.stateOf('n1')).toBeUndefined()
    isBroken = false
    await agent.mesh.joined
  })

  test('a master on an empty folder gets cluster and members from the agents', async () => {
    const {master, port} = await openMaster()
    const agents = [openAgent('n1', port.address), openAgent('n2', port.address)]
    await until(() => master.stateOf('n1') === 'up' && master.stateOf('n2') === 'up', 'both up')
    master.mesh.drain('n2', true)
    await until(() => agents[0]!.memory.view?.members.some(one => one.isDraining) === true, 'n1 knows of the drain')
    await master.mesh.close()
    await Promise.all(agents.map(agent => agent.mesh.close()))

    const {master: next, port: nextPort} = await openMaster({key: 'next-key', newCluster: 'cluster-2'})
    await openAgent('n1', nextPort.address, {memory: agents[0]!.memory}).mesh.joined
    expect(next.mesh.epoch).toBe(2)
    expect(next.mesh.view.cluster).toBe('cluster-1')
    expect(next.mesh.members()).toMatchObject([{name: 'n1'}, {name: 'n2', state: 'suspect', isDraining: true}])
    await until(() => next.stateOf('n2') === 'lost', 'n2 has had its time')
  })
})

describe('a broken connection', () => {
  test('is dialled again, through any number of cuts', async () => {
    const {master, port} = await openMaster()
    const {proxy, address} = await proxyTo(port)
    const agent = openAgent('n1', address)
    for (let count = 0; count < 5; count++) {
      await until(() => master.stateOf('n1') === 'up', `up for the ${count}th time`)
      proxy.cut()
      await until(() => master.stateOf('n1') !== 'up', 'noticed')
    }
    await until(() => master.stateOf('n1') === 'up', 'up in the end')
    expect(await master.mesh.request('n1', order)).toEqual({type: 'forgotten'})
    expect(agent.refusals).toEqual([])
  })

  test('that goes to another master afterwards finds it', async () => {
    const {master, port} = await openMaster()
    const {proxy, address} = await proxyTo(port)
    const agent = openAgent('n1', address)
    await agent.mesh.joined
    await until(() => agent.memory.view !== undefined, 'the view')
    const {master: next, port: nextPort} = await openMaster({epoch: 2, view: master.mesh.view})
    proxy.retarget(nextPort.port)
    proxy.cut()
    await until(() => next.stateOf('n1') === 'up', 'up there')
    expect(agent.promises).toEqual([1, 2])
  })

  test.each([
    ['both ways', ['up', 'down']],
    ['towards the master', ['up']],
    ['towards the agent', ['down']],
  ] as const)('that falls silent %s is closed by both sides', async (_name, directions) => {
    const {master, port} = await openMaster()
    const {proxy, address} = await proxyTo(port)
    const agent = openAgent('n1', address)
    await until(() => master.stateOf('n1') === 'up', 'up')
    const waiting = master.mesh.request('n1', order, {deadlineMs: 60_000})
    waiting.catch(() => undefined)
    proxy.open(false)
    proxy.stall(...directions)
    await until(() => master.stateOf('n1') === 'suspect', 'the master noticed')
    await until(() => !agent.mesh.isLinked, 'the agent noticed')
    await until(() => master.stateOf('n1') === 'lost', 'nobody hears of it')
    const blocked = master.mesh.request('n1', order)
    await expect(blocked).rejects.toMatchObject({code: 'UNAVAILABLE'})
    proxy.resume()
    proxy.open(true)
    await until(() => master.stateOf('n1') === 'up', 'back', 20_000)
  })

  test('to the master alone is not a dead node: others reach it, and it is shown', async () => {
    const {master, port} = await openMaster()
    const {proxy, address} = await proxyTo(port)
    await openReachable('n1', address)
    await openReachable('n2', port.address)
    await until(() => master.stateOf('n1') === 'up' && master.stateOf('n2') === 'up', 'both up')
    proxy.open(false)
    proxy.cut()
    await until(() => master.mesh.members()[0]?.isIndirect === true, 'seen by n2')
    const endMs = performance.now() + 2 * timings.lostAfterMs
    while (performance.now() < endMs) {
      expect(master.stateOf('n1')).toBe('suspect')
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    proxy.open(true)
    await until(() => master.stateOf('n1') === 'up', 'back', 20_000)
    expect(master.mesh.members()[0]?.isIndirect).toBe(false)
  })
})

describe('peers', () => {
  const fetch: MeshRequest = {type: 'fetch-tag', tag: 't', after: 0}

  test('are dialled once for many requests, and left when there is nothing to ask', async () => {
    const {master, port} = await openMaster()
    const n1 = await openReachable('n1', port.address, {peerIdleMs: 300})
    const n2 = await openReachable('n2', port.address)
    n2.answer = async () => ({type: 'tag-page'})
    await until(() => n1.mesh.view?.members.length === 2, 'n1 knows n2')
    expect(master.mesh.members()).toHaveLength(2)
    const before = n2.mesh.counters.linkCount
    const replies = await Promise.all(Array.from({length: 20}, () => n1.mesh.request('n2', fetch)))
    expect(replies).toEqual(replies.map(() => ({type: 'tag-page'})))
    expect(n2.requests[0]?.from).toBe('n1')
    expect(n2.mesh.counters.linkCount - before).toBe(1)
    await until(() => n2.logged.some(line => line.msg === 'peer left' && line.node === 'n1'), 'left')
    await n1.mesh.request('n2', fetch)
    expect(n2.mesh.counters.linkCount - before).toBe(2)
  })

  test('give no orders, and unknown ones are unreachable', async () => {
    const {port} = await openMaster()
    const n1 = await openReachable('n1', port.address)
    const n2 = await openReachable('n2', port.address)
    openAgent('hidden', port.address)
    await until(() => n1.mesh.view?.members.length === 3, 'n1 knows all')
    expect(await n1.mesh.request('n2', order)).toMatchObject({
      code: 'BAD_MESSAGE',
      message: 'read-head is for masters only',
    })
    expect(n2.requests).toEqual([])
    await expect(n1.mesh.request('n9', fetch)).rejects.toMatchObject({code: 'UNAVAILABLE'})
    await expect(n1.mesh.request('hidden', fetch)).rejects.toThrow('no address')
  })

  test('are who they are said to be: another node at the address is not asked', async () => {
    const {port} = await openMaster()
    const n1 = await openReachable('n1', port.address)
    const n2 = await openReachable('n2', port.address)
    openAgent('n3', port.address, {address: n2.address!})
    await until(() => n1.mesh.view?.members.length === 3, 'n1 knows all')
    await expect(n1.mesh.request('n3', fetch)).rejects.toThrow('another node answers')
    expect(n2.requests).toEqual([])
  })

  test('that are down fail within the deadline, and are found again', async () => {
    const {port} = await openMaster()
    const n1 = await openReachable('n1', port.address)
    const first = await openReachable('n2', port.address)
    await until(() => n1.mesh.view?.members.length === 2, 'n1 knows n2')
    await n1.mesh.request('n2', fetch)
    await first.mesh.close()
    await expect(n1.mesh.request('n2', fetch, {deadlineMs: 2000})).rejects.toMatchObject({
      code: expect.stringMatching(/UNAVAILABLE|TIMED_OUT/),
    })
    const second = await openReachable('n2', port.address, {memory: first.memory})
    await until(
      () => n1.mesh.view?.members.some(one => one.address === second.address) === true,
      'n1 knows the new address',
    )
    // The master may have asked n1 to look for n2: what is asked meanwhile shares that dialling, which was to the old address.
    await expect
      .poll(() => n1.mesh.request('n2', fetch).catch((error: ClusterError) => error.code))
      .toEqual({type: 'forgotten'})
  })
})
