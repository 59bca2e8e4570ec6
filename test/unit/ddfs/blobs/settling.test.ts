import {expect, test} from 'vitest'
import {blob, type Cluster, held, makeCluster, statusOf} from './cluster-kit.ts'

const stored = (cluster: Cluster, node: string, replicaCount = 2): void =>
  cluster.notice(node, {type: 'blobs-stored', blobs: [held(1, replicaCount)]})

function threeNodes(): Cluster {
  const cluster = makeCluster({settleMs: 5000})
  for (const node of ['n1', 'n2', 'n3']) cluster.join(node, [])
  return cluster
}

test("an upload whose second holder's notice comes a moment later is not repaired", () => {
  const cluster = threeNodes()
  stored(cluster, 'n1')
  cluster.pass(4999)
  stored(cluster, 'n2')
  cluster.pass(100_000)
  expect(cluster.take('fetch-blob')).toEqual([])
})

test('an upload that lacks a copy is repaired when it has settled', () => {
  const cluster = threeNodes()
  stored(cluster, 'n1')
  cluster.pass(4999)
  expect(cluster.take('fetch-blob')).toEqual([])
  expect(statusOf({...cluster, nowMs: cluster.nowMs - 2000}).repair.underCount).toBe(1)
  cluster.pass(1)
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test.each(['node-lost', 'node-removed'] as const)('it is repaired at once when a holder goes: %s', type => {
  const cluster = threeNodes()
  stored(cluster, 'n1')
  stored(cluster, 'n2')
  cluster.feed({type, node: 'n2'})
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test('it is repaired at once when a holder says that its copy is gone', () => {
  const cluster = threeNodes()
  stored(cluster, 'n1')
  stored(cluster, 'n2')
  cluster.notice('n2', {type: 'blobs-gone', blobs: [blob(1)], reason: 'corrupt'})
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test('naming for more copies settles too', () => {
  const cluster = makeCluster({settleMs: 5000})
  cluster.join('n1', [held(1, 1)])
  cluster.join('n2', [])
  cluster.ask({type: 'name', blobs: [{blob: blob(1), bytes: 100}], replicaCount: 2, replicaCountMin: 1})
  expect(cluster.take('fetch-blob')).toEqual([])
  cluster.pass(5000)
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test('the copies that repair makes are no uploads: the next one is made at once', () => {
  const cluster = threeNodes()
  stored(cluster, 'n1', 3)
  cluster.pass(5000)
  for (let count = 0; count < 2; count++) {
    const [copy] = cluster.take('fetch-blob')
    expect(copy).toBeDefined()
    stored(cluster, copy!.node, 3)
    cluster.reply(copy!, {type: 'stored', blob: blob(1), bytes: 100})
  }
})

test('a blob that is stored again and again settles all the same', () => {
  const cluster = threeNodes()
  for (let count = 0; count < 10; count++) {
    stored(cluster, 'n1')
    cluster.pass(4000)
  }
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test('what an inventory tells does not settle: it was stored long ago', () => {
  const cluster = makeCluster({settleMs: 5000})
  cluster.join('n2', [])
  cluster.join('n1', [held(1)])
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})
