import {describe, expect, test} from 'vitest'
import {ClusterScript, helloOf, refusalIn} from './cluster-script.ts'

const day = 24 * 3_600_000

describe('a node', () => {
  test('is joining from its link on and up when its inventory is complete', () => {
    const cluster = new ClusterScript()
    cluster.dial('n1')
    expect(cluster.stateOf('n1')).toBe('joining')
    cluster.step({type: 'joined', node: 'n1'})
    expect(cluster.member('n1')).toMatchObject({state: 'up', isLinked: true, pid: 1, slotCount: 2})
  })

  test('stays up while it is heard, without anything to be told', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    const effects = cluster.pass(600_000, () => cluster.step({type: 'heard', connection, node: 'n1'}))
    expect(cluster.stateOf('n1')).toBe('up')
    expect(effects.filter(effect => effect.type !== 'wake')).toEqual([])
  })

  test('carries the status of its last heartbeat', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    const status = {
      freeBytes: 1,
      usedBytes: 2,
      blobCount: 3,
      tagCount: 4,
      reserveBytes: 5,
      isFull: true,
      corruptCount: 0,
      transferCount: 0,
    }
    cluster.step({type: 'heard', connection, node: 'n1', status})
    expect(cluster.member('n1')?.status).toEqual(status)
  })

  test('is suspect as soon as its link ends and lost when it stays away', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    cluster.step({type: 'unlinked', connection, node: 'n1'})
    expect(cluster.stateOf('n1')).toBe('suspect')
    cluster.pass(29_000)
    expect(cluster.stateOf('n1')).toBe('suspect')
    cluster.pass(1_000)
    expect(cluster.stateOf('n1')).toBe('lost')
  })

  test('that is silent on an open link is cut off after three heartbeats, and lost later', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    expect(cluster.pass(14_999)).toEqual([])
    expect(cluster.pass(1)).toContainEqual({type: 'close', connection, reason: 'silent'})
    expect(cluster.stateOf('n1')).toBe('suspect')
    cluster.pass(15_000)
    expect(cluster.stateOf('n1')).toBe('lost')
  })

  test('comes back from suspect and from lost by dialling again', () => {
    const cluster = new ClusterScript()
    const first = cluster.up('n1')
    cluster.step({type: 'unlinked', connection: first, node: 'n1'})
    cluster.up('n1')
    expect(cluster.stateOf('n1')).toBe('up')
    cluster.pass(60_000)
    expect(cluster.stateOf('n1')).toBe('lost')
    cluster.up('n1')
    expect(cluster.stateOf('n1')).toBe('up')
  })

  test('that dials twice keeps the newer link, and the end of the older one means nothing', () => {
    const cluster = new ClusterScript()
    const older = cluster.up('n1')
    const newer = cluster.dial('n1') as number
    expect(cluster.effects).toContainEqual({type: 'close', connection: older, reason: 'the node has dialled again'})
    cluster.step({type: 'unlinked', connection: older, node: 'n1'})
    cluster.step({type: 'heard', connection: older, node: 'n1'})
    expect(cluster.member('n1')).toMatchObject({state: 'joining', isLinked: true})
    cluster.step({type: 'unlinked', connection: newer, node: 'n1'})
    expect(cluster.stateOf('n1')).toBe('suspect')
  })

  test('is lost after other times when those are changed', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    cluster.step({type: 'unlinked', connection, node: 'n1'})
    cluster.step({type: 'configure', timings: {heartbeatMs: 1000, lostAfterMs: 4000, tombstoneMs: day}})
    cluster.pass(3_999)
    expect(cluster.stateOf('n1')).toBe('suspect')
    cluster.pass(1)
    expect(cluster.stateOf('n1')).toBe('lost')
  })
})

describe('a suspect node', () => {
  const withPeers = (count: number): {cluster: ClusterScript; links: Map<string, number>} => {
    const cluster = new ClusterScript()
    const links = new Map<string, number>()
    for (let index = 1; index <= count; index++) links.set(`n${index}`, cluster.up(`n${index}`))
    return {cluster, links}
  }

  const hearOthers = (cluster: ClusterScript, links: Map<string, number>, silent: string): void => {
    for (const [node, connection] of links) if (node !== silent) cluster.step({type: 'heard', connection, node})
  }

  test('is looked for by three others at once, and again every heartbeat', () => {
    const {cluster, links} = withPeers(5)
    const effects = cluster.step({type: 'unlinked', connection: links.get('n4')!, node: 'n4'})
    expect(effects).toContainEqual({type: 'probe', node: 'n4', via: ['n5', 'n1', 'n2']})
    const later = cluster.pass(10_000, () => hearOthers(cluster, links, 'n4'))
    expect(later.filter(effect => effect.type === 'probe')).toHaveLength(2)
  })

  test('is looked for by whoever there is, and by nobody when it has no address', () => {
    const {cluster, links} = withPeers(2)
    expect(cluster.step({type: 'unlinked', connection: links.get('n2')!, node: 'n2'})).toContainEqual({
      type: 'probe',
      node: 'n2',
      via: ['n1'],
    })
    const {address: _, ...hidden} = helloOf('n3')
    cluster.step({type: 'hello', connection: 77, hello: hidden})
    cluster.step({type: 'linked', connection: 77, hello: hidden})
    const effects = cluster.step({type: 'unlinked', connection: 77, node: 'n3'})
    expect(effects.filter(effect => effect.type === 'probe' && effect.node === 'n3')).toEqual([])
  })

  test('is not lost while another member reaches it, and is shown as such', () => {
    const {cluster, links} = withPeers(3)
    cluster.step({type: 'unlinked', connection: links.get('n1')!, node: 'n1'})
    cluster.pass(300_000, () => {
      hearOthers(cluster, links, 'n1')
      cluster.step({type: 'probe-answered', node: 'n1', via: 'n2', isAlive: true})
    })
    expect(cluster.member('n1')).toMatchObject({state: 'suspect', isIndirect: true, isLinked: false})
    cluster.pass(30_000, () => {
      hearOthers(cluster, links, 'n1')
      cluster.step({type: 'probe-answered', node: 'n1', via: 'n2', isAlive: false})
    })
    expect(cluster.member('n1')).toMatchObject({state: 'lost', isIndirect: false})
  })

  test('is not brought back by an answer that comes after it was lost, or linked', () => {
    const {cluster, links} = withPeers(2)
    cluster.step({type: 'unlinked', connection: links.get('n1')!, node: 'n1'})
    cluster.pass(30_000, () => hearOthers(cluster, links, 'n1'))
    cluster.step({type: 'probe-answered', node: 'n1', via: 'n2', isAlive: true})
    expect(cluster.stateOf('n1')).toBe('lost')
    cluster.up('n1')
    cluster.step({type: 'probe-answered', node: 'n1', via: 'n2', isAlive: true})
    expect(cluster.member('n1')).toMatchObject({state: 'up', isIndirect: false})
  })
})

describe('admission', () => {
  test('refuses a second folder with the name of a running node, whatever it insists on', () => {
    const cluster = new ClusterScript()
    cluster.up('n1')
    expect(cluster.dial('n1', {key: 'other'})).toMatchObject({
      code: 'NAME_TAKEN',
      hint: expect.stringContaining('--name'),
    })
    expect(cluster.dial('n1', {key: 'other', force: true})).toMatchObject({code: 'NAME_TAKEN'})
    expect(cluster.stateOf('n1')).toBe('up')
  })

  test('gives the name of a node that is away to another folder only when told so', () => {
    const cluster = new ClusterScript()
    cluster.up('n1')
    cluster.pass(60_000)
    expect(cluster.dial('n1', {key: 'wiped'})).toMatchObject({
      code: 'NAME_TAKEN',
      hint: expect.stringContaining('disco node remove n1'),
    })
    expect(cluster.dial('n1', {key: 'wiped', force: true})).toEqual(expect.any(Number))
    expect(cluster.member('n1')).toMatchObject({key: 'wiped', state: 'joining'})
  })

  test('refuses the second of two folders that were welcomed at once', () => {
    const cluster = new ClusterScript()
    const first = helloOf('n1')
    const second = helloOf('n1', {key: 'other'})
    cluster.step({type: 'hello', connection: 101, hello: first})
    expect(cluster.step({type: 'hello', connection: 102, hello: second})).toContainEqual({
      type: 'welcome',
      connection: 102,
    })
    cluster.step({type: 'linked', connection: 101, hello: first})
    expect(refusalIn(cluster.step({type: 'linked', connection: 102, hello: second}))?.code).toBe('NAME_TAKEN')
    cluster.step({type: 'unlinked', connection: 102, node: 'n1'})
    expect(cluster.member('n1')).toMatchObject({key: 'key-n1', state: 'joining'})
  })

  test('refuses the node of another cluster, even with force', () => {
    const cluster = new ClusterScript()
    cluster.up('n1')
    cluster.step({type: 'settle'})
    expect(cluster.dial('n2', {cluster: 'theirs', force: true})).toMatchObject({code: 'WRONG_CLUSTER'})
    expect(cluster.dial('n2', {cluster: 'new'})).toEqual(expect.any(Number))
  })

  test('refuses a node that was away for longer than tombstones live, unless it insists', () => {
    const cluster = new ClusterScript()
    const away = {lastContactAtMs: 0, nowMs: 31 * day}
    expect(cluster.dial('n1', away)).toMatchObject({
      code: 'AWAY_TOO_LONG',
      message: expect.stringContaining('31.0 days'),
      hint: expect.stringContaining('--force'),
    })
    expect(cluster.dial('n1', {lastContactAtMs: 0, nowMs: 30 * day})).toEqual(expect.any(Number))
    expect(cluster.dial('n1', {...away, force: true})).toEqual(expect.any(Number))
  })

  test('believes itself rather than the clock of a node that it has seen', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    cluster.step({type: 'unlinked', connection, node: 'n1'})
    cluster.pass(60_000)
    // Ten years ahead, and back to 1970: it was a minute in truth.
    expect(cluster.dial('n1', {lastContactAtMs: 0, nowMs: 3650 * day})).toEqual(expect.any(Number))
    expect(cluster.dial('n1', {lastContactAtMs: 20_000 * day, nowMs: 0})).toEqual(expect.any(Number))
  })

  test('lets a clock go back an hour and refuses one that went back for years', () => {
    const cluster = new ClusterScript()
    expect(cluster.dial('n1', {lastContactAtMs: day, nowMs: day - 3_600_000})).toEqual(expect.any(Number))
    expect(cluster.dial('n2', {lastContactAtMs: 3650 * day, nowMs: 0})).toMatchObject({
      code: 'AWAY_TOO_LONG',
      message: expect.stringContaining('clock'),
    })
  })

  test('knows removed nodes: their folder needs force, a new folder does not', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    const effects = cluster.step({type: 'remove', node: 'n1'})
    expect(effects).toContainEqual({
      type: 'refuse',
      connection,
      refused: expect.objectContaining({code: 'REMOVED'}),
    })
    expect(cluster.member('n1')).toMatchObject({state: 'removed', isLinked: false})
    cluster.step({type: 'unlinked', connection, node: 'n1'})
    expect(cluster.stateOf('n1')).toBe('removed')
    expect(cluster.dial('n1')).toMatchObject({code: 'REMOVED', hint: expect.stringContaining('empty folder')})
    expect(cluster.dial('n1', {key: 'fresh'})).toEqual(expect.any(Number))
    cluster.step({type: 'remove', node: 'n1'})
    expect(cluster.dial('n1', {key: 'fresh', force: true})).toEqual(expect.any(Number))
  })

  test('has an end', () => {
    const cluster = new ClusterScript()
    for (let index = 0; index < 1000; index++) cluster.dial(`n${index}`)
    expect(cluster.dial('one-more')).toMatchObject({code: 'CLUSTER_FULL'})
    expect(cluster.dial('n7')).toEqual(expect.any(Number))
  })
})

describe('draining', () => {
  test('shows while the node answers, and survives its absence', () => {
    const cluster = new ClusterScript()
    cluster.up('n1')
    cluster.step({type: 'drain', node: 'n1', isDraining: true})
    expect(cluster.stateOf('n1')).toBe('draining')
    cluster.pass(60_000)
    expect(cluster.member('n1')).toMatchObject({state: 'lost', isDraining: true})
    cluster.up('n1')
    expect(cluster.stateOf('n1')).toBe('draining')
    cluster.step({type: 'drain', node: 'n1', isDraining: false})
    expect(cluster.stateOf('n1')).toBe('up')
  })
})

describe('epochs', () => {
  test('a starting master goes above what a node has promised, and all dial again', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    const effects = cluster.step({type: 'hello', connection: 9, hello: helloOf('n2', {epoch: 12, epochOf: 'old'})})
    expect(refusalIn(effects)?.code).toBe('TRY_AGAIN')
    expect(effects).toContainEqual({type: 'take-epoch', above: 12})
    expect(cluster.step({type: 'epoch-taken', epoch: 13})).toContainEqual(
      expect.objectContaining({type: 'refuse', connection, refused: expect.objectContaining({code: 'TRY_AGAIN'})}),
    )
    expect(cluster.view.version.epoch).toBe(13)
    cluster.step({type: 'unlinked', connection, node: 'n1'})
    expect(cluster.dial('n2', {epoch: 12, epochOf: 'old'})).toEqual(expect.any(Number))
  })

  test('a node that has promised our epoch comes back to us, one that promised it to another master does not', () => {
    const cluster = new ClusterScript()
    expect(cluster.dial('n1', {epoch: 5, epochOf: 'master'})).toEqual(expect.any(Number))
    const effects = cluster.step({type: 'hello', connection: 9, hello: helloOf('n2', {epoch: 5, epochOf: 'twin'})})
    expect(effects).toContainEqual({type: 'take-epoch', above: 5})
  })

  test('a master that has started gives up once, and lets nobody with a newer epoch in', () => {
    const cluster = new ClusterScript()
    cluster.step({type: 'start-ended'})
    expect(cluster.dial('n1', {epoch: 6, epochOf: 'new'})).toMatchObject({code: 'STALE_EPOCH', epoch: 6})
    cluster.dial('n2', {epoch: 7, epochOf: 'newer'})
    const reports = cluster.effects.filter(effect => effect.type === 'report-superseded')
    expect(reports).toEqual([{type: 'report-superseded', epoch: 6}])
  })

  test('a promise that is refused after the welcome counts as much', () => {
    const cluster = new ClusterScript()
    cluster.step({type: 'hello', connection: 9, hello: helloOf('n1')})
    expect(cluster.step({type: 'epoch-seen', connection: 9, epoch: 8})).toContainEqual({type: 'take-epoch', above: 8})
  })
})

describe('the view', () => {
  test('is published with a higher counter when members or settings change, and not by heartbeats', () => {
    const cluster = new ClusterScript()
    const counters = (): number[] =>
      cluster.effects.flatMap(effect => (effect.type === 'publish-view' ? [effect.view.version.counter] : []))
    const connection = cluster.up('n1')
    expect(counters()).toEqual([1, 2])
    cluster.step({type: 'heard', connection, node: 'n1'})
    expect(counters()).toEqual([1, 2])
    cluster.step({type: 'configure', settings: {a: 1}})
    expect(cluster.view).toMatchObject({cluster: 'new', settings: {a: 1}, version: {epoch: 5, counter: 3}})
  })

  test('of the folder is where a restarted master begins: nodes have their time to come back', () => {
    const before = new ClusterScript()
    before.up('n1')
    before.up('n2')
    before.step({type: 'drain', node: 'n2', isDraining: true})
    before.step({type: 'remove', node: 'n1'})
    const after = new ClusterScript({view: before.view, epoch: 6})
    expect(after.stateOf('n1')).toBe('removed')
    expect(after.member('n2')).toMatchObject({state: 'suspect', isDraining: true})
    expect(after.dial('n3', {cluster: 'theirs'})).toMatchObject({code: 'WRONG_CLUSTER'})
    after.pass(30_000)
    expect(after.stateOf('n2')).toBe('lost')
    // It never saw n2 itself, so the node's own clock counts.
    expect(after.dial('n2', {lastContactAtMs: 0, nowMs: 40 * day})).toMatchObject({code: 'AWAY_TOO_LONG'})
  })

  test('comes from the nodes when the folder is empty: cluster, members, settings, in any order', () => {
    const before = new ClusterScript({newCluster: 'ours'})
    before.up('n1')
    before.up('n2')
    before.up('n3')
    const stale = before.view
    before.step({type: 'configure', settings: {copies: 2}})
    before.step({type: 'remove', node: 'n3'})
    const fresh = before.view
    const after = new ClusterScript({newCluster: 'newer', epoch: 9})
    after.up('n9')
    expect(after.view.cluster).toBe('newer')
    after.up('n1', {cluster: 'ours', view: stale, epoch: 5, epochOf: 'old'})
    expect(after.view.cluster).toBe('ours')
    expect(after.member('n3')?.state).toBe('suspect')
    after.up('n2', {cluster: 'ours', view: fresh, epoch: 5, epochOf: 'old'})
    expect(after.member('n3')?.state).toBe('removed')
    expect(after.stateOf('n1')).toBe('up')
    expect(after.dial('n4', {cluster: 'theirs'})).toMatchObject({code: 'WRONG_CLUSTER'})
  })

  test('keeps its own id once something is stored under it', () => {
    const cluster = new ClusterScript({newCluster: 'new'})
    cluster.up('n1')
    cluster.step({type: 'settle'})
    expect(cluster.dial('n2', {cluster: 'ours'})).toMatchObject({code: 'WRONG_CLUSTER'})
  })
})

describe('clocks', () => {
  test('a tick that comes too early asks for another one', () => {
    const cluster = new ClusterScript()
    cluster.up('n1')
    cluster.nowMs += 14_999
    expect(cluster.step({type: 'tick'})).toEqual([{type: 'wake', atMs: cluster.nowMs + 1}])
  })

  test("the master's own sleep is nobody's silence", () => {
    const cluster = new ClusterScript()
    const n1 = cluster.up('n1')
    const n2 = cluster.up('n2')
    cluster.step({type: 'unlinked', connection: n2, node: 'n2'})
    // Stopped for an hour, in the middle of everything.
    cluster.nowMs += 3_600_000
    cluster.step({type: 'tick'})
    expect(cluster.stateOf('n1')).toBe('up')
    expect(cluster.stateOf('n2')).toBe('suspect')
    cluster.step({type: 'heard', connection: n1, node: 'n1'})
    cluster.pass(14_000)
    expect(cluster.stateOf('n1')).toBe('up')
    cluster.pass(20_000)
    expect(cluster.stateOf('n2')).toBe('lost')
  })

  test('a clock that goes back stands still', () => {
    const cluster = new ClusterScript()
    const connection = cluster.up('n1')
    cluster.nowMs -= 500_000
    cluster.step({type: 'heard', connection, node: 'n1'})
    expect(cluster.state.nowMs).toBe(1_000_000)
    expect(cluster.stateOf('n1')).toBe('up')
  })
})
