import {expect, test} from 'vitest'
import {type Cluster, held, makeCluster, statusOf} from './cluster-kit.ts'

const blobs = Array.from({length: 8}, (_, number) => held(number + 1, 1, 100_000))

function answerAll(cluster: Cluster, isRefused = false): void {
  for (const send of cluster.take('fetch-blob')) {
    if (send.request.type !== 'fetch-blob') continue
    const {blob, bytes} = send.request
    if (isRefused) cluster.reply(send, {type: 'failed', code: 'STORAGE_BROKEN', message: 'no'})
    else cluster.reply(send, {type: 'stored', blob, bytes})
  }
  for (const send of cluster.take('touch-blobs')) {
    if (send.request.type !== 'touch-blobs') continue
    cluster.reply(send, {type: 'touched', blobs: isRefused ? [] : send.request.blobs})
  }
  for (const send of cluster.take('drop-blobs')) {
    if (send.request.type === 'drop-blobs') {
      cluster.reply(send, {type: 'dropped', blobs: send.request.blobs, bytes: 0})
    }
  }
}

function unequal(): Cluster {
  const cluster = makeCluster()
  cluster.join('n1', blobs, 200_000, 800_000)
  cluster.join('n2', [], 1_000_000, 0)
  cluster.pass(1)
  return cluster
}

test('with one node it ends at once and says why', () => {
  const cluster = makeCluster()
  cluster.join('n1', blobs, 200_000, 800_000)
  cluster.ask({type: 'balance-start'})
  expect(statusOf(cluster).balance).toMatchObject({
    ...{state: 'idle', round: 1, movedCount: 0, leftBytes: 0},
    reason: 'only n1 can take part, two are needed',
  })
})

test('with equally full nodes it ends at once and says how full they are', () => {
  const cluster = makeCluster()
  cluster.join('n1', [], 900_000, 100_000)
  cluster.join('n2', [], 950_000, 50_000)
  cluster.ask({type: 'balance-start'})
  expect(statusOf(cluster).balance).toMatchObject({
    state: 'idle',
    reason: 'the nodes are equally full within 10.0 %: n1 is 10.0 % full, n2 5.0 %',
  })
})

test('it begins right after a node came, without waiting for surplusAfter, and tells how much is left', () => {
  const cluster = unequal()
  cluster.ask({type: 'balance-start'})
  expect(cluster.take('fetch-blob').length).toBeGreaterThan(0)
  expect(statusOf(cluster).balance.leftBytes).toBe(400_000)
})

test('it waits for missing copies, says so, and goes on when they are made', () => {
  const cluster = makeCluster({repairsPerNodeMax: 1})
  cluster.join('n1', [...blobs, held(20, 2)], 200_000, 800_000)
  cluster.join('n2', [], 1_000_000, 0)
  cluster.ask({type: 'balance-start'})
  const {balance} = statusOf(cluster)
  expect(balance).toMatchObject({state: 'running', reason: 'copies that are missing are made first (1 blobs)'})
  const [repair] = cluster.take('fetch-blob')
  if (repair?.request.type !== 'fetch-blob') throw new Error('no repair')
  cluster.reply(repair, {type: 'stored', blob: repair.request.blob, bytes: 100})
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test('it ends when it could do nothing for ten minutes', () => {
  const cluster = makeCluster()
  cluster.join('n1', blobs, 200_000, 800_000)
  cluster.join('n2', [], 1_000_000, 0)
  cluster.feed({type: 'node-joined', node: 'n3', link: 1})
  cluster.ask({type: 'balance-start'})
  cluster.pass(597_999)
  expect(statusOf(cluster).balance.state).toBe('running')
  cluster.pass(1)
  expect(statusOf(cluster).balance.reason).toMatch(
    /^nothing could be moved for 10 minutes: n3 has not told yet what it holds; n1 is 80.0 % full, n2 0.0 %; about .* should still move$/,
  )
})

test('it ends after twenty failed moves in a row, with the last failure', () => {
  const cluster = unequal()
  cluster.ask({type: 'balance-start'})
  for (let guard = 0; guard < 40 && statusOf(cluster).balance.state === 'running'; guard++) {
    answerAll(cluster, true)
    cluster.pass(1000)
  }
  expect(statusOf(cluster).balance).toMatchObject({
    state: 'idle',
    movedCount: 0,
    reason: expect.stringMatching(/^2\d moves failed one after the other, the last one: no; n1 is 80.0 % full/),
  })
})

test('a second request joins the first, and a later one counts anew', () => {
  const cluster = unequal()
  expect(cluster.ask({type: 'balance-start'})).toEqual({type: 'balance-started', round: 1})
  expect(cluster.ask({type: 'balance-start'})).toEqual({type: 'balance-started', round: 1})
  for (let guard = 0; guard < 20; guard++) {
    cluster.pass(1000)
    answerAll(cluster)
  }
  expect(statusOf(cluster).balance).toMatchObject({state: 'idle', movedCount: 4, movedBytes: 400_000, leftBytes: 0})
  expect(cluster.ask({type: 'balance-start'})).toEqual({type: 'balance-started', round: 2})
  expect(statusOf(cluster).balance).toMatchObject({state: 'idle', movedCount: 0})
})
