import {expect, test} from 'vitest'
import type {NodeName} from '../../../../src/protocol/index.ts'
import {blob, type Cluster, held, makeCluster} from './cluster-kit.ts'

/** Nodes by disk, all with the same room. */
function onDisks(disks: Record<NodeName, string>, freeBytes = 900_000): Cluster {
  const cluster = makeCluster()
  for (const [node, disk] of Object.entries(disks)) {
    cluster.join(node, [], freeBytes)
    tellDisk(cluster, node, disk, freeBytes)
  }
  return cluster
}

function tellDisk(cluster: Cluster, node: NodeName, disk: string, freeBytes: number, usedBytes = 100_000): void {
  const counts = {blobCount: 0, tagCount: 0, corruptCount: 0, transferCount: 0}
  const status = {...counts, freeBytes, usedBytes, reserveBytes: 1000, isFull: false, disks: [{disk, freeBytes}]}
  cluster.notice(node, {type: 'status', status})
}

const place = (cluster: Cluster, replicaCount: number, bytes: number, exclude: NodeName[] = []) => {
  const answer = cluster.ask({type: 'place', target: 't', bytes, replicaCount, exclude})
  if (answer?.type !== 'placed') throw new Error(JSON.stringify(answer))
  return {nodes: answer.nodes.map(({node}) => node).sort(), warning: answer.warning}
}

test('copies go to different disks while there are any, then to one', () => {
  const cluster = onDisks({n1: 'd1', n2: 'd1', n3: 'd1', n4: 'd2'})
  // Drawn among equals: ten times n4 is no luck.
  for (let round = 0; round < 10; round++) expect(place(cluster, 2, 10).nodes).toContain('n4')
  expect(place(cluster, 4, 10)).toEqual({nodes: ['n1', 'n2', 'n3', 'n4'], warning: undefined})
  // n4 has a copy already, or failed.
  expect(place(onDisks({n1: 'd1', n2: 'd1', n3: 'd2'}), 1, 10, ['n1']).nodes).toEqual(['n3'])
})

test('copies on one disk need their room together, and the warning says who has none', () => {
  const cluster = onDisks({n1: 'd1', n2: 'd1'}, 101_000)
  const {nodes, warning} = place(cluster, 2, 60_000)
  expect(nodes).toHaveLength(1)
  const other = nodes[0] === 'n1' ? 'n2' : 'n1'
  expect(warning).toBe(`1 of 2 copies: ${other} has no room for one more on a disk shared with another node`)
  // What is on its way to one takes the room of the other.
  const refused = cluster.ask({type: 'place', target: 'u', bytes: 60_000, replicaCount: 1, exclude: []})
  expect(refused).toMatchObject({type: 'refused', code: 'DISK_FULL'})
  tellDisk(cluster, other, 'd2', 101_000)
  expect(place(cluster, 1, 60_000).nodes).toEqual([other])
})

test('a removed node holds no room of a disk any more', () => {
  const cluster = onDisks({n1: 'd1', n2: 'd1'}, 101_000)
  const [taker] = place(cluster, 1, 60_000).nodes
  cluster.feed({type: 'node-removed', node: taker!})
  expect(place(cluster, 1, 60_000).nodes).toHaveLength(1)
})

test('repair makes a copy on another disk, although the node beside is emptier', () => {
  const cluster = makeCluster()
  cluster.join('n1', [])
  cluster.join('n2', [], 900_000, 0)
  cluster.join('n3', [])
  tellDisk(cluster, 'n1', 'd1', 900_000)
  tellDisk(cluster, 'n2', 'd1', 900_000, 0)
  tellDisk(cluster, 'n3', 'd2', 900_000)
  cluster.notice('n1', {type: 'blobs-stored', blobs: [held(1)]})
  cluster.pass(120_000)
  const sent = cluster.take('fetch-blob')
  expect(sent.map(({node, request}) => [node, 'blob' in request && request.blob])).toEqual([['n3', blob(1)]])
})

test('surplus goes from a disk with two copies, although the node on the other disk is fuller', () => {
  const cluster = makeCluster({surplusAfterMs: 1000})
  for (const [node, disk, usedBytes] of [
    ['n1', 'd1', 100_000],
    ['n2', 'd1', 200_000],
    ['n3', 'd2', 800_000],
  ] as const) {
    cluster.join(node, [held(1)], 900_000, usedBytes)
    tellDisk(cluster, node, disk, 900_000, usedBytes)
  }
  cluster.pass(100_000)
  const touches = cluster.take('touch-blobs')
  expect(touches.map(({node}) => node).sort()).toEqual(['n1', 'n3'])
  for (const touch of touches) cluster.reply(touch, {type: 'touched', blobs: [blob(1)]})
  expect(cluster.take('drop-blobs').map(({node}) => node)).toEqual(['n2'])
})
