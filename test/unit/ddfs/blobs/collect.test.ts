import {expect, test} from 'vitest'
import type {Coverage} from '../../../../src/ddfs/blobs/index.ts'
import {blob, type Cluster, covered, held, makeCluster, statusOf} from './cluster-kit.ts'

const page = {type: 'idle-blobs' as const, blobs: [held(1)]}

/** One round in which n1 lists blob 1 as idle; `used` is what each node answers, undefined: nothing. */
function round(cluster: Cluster, used: readonly number[] | undefined, isDryRun = false): void {
  cluster.ask({type: 'gc-start', isDryRun})
  for (let guard = 0; guard < 10; guard++) {
    const lists = cluster.take('list-idle-blobs')
    for (const send of lists) cluster.reply(send, send.node === 'n1' ? page : {type: 'idle-blobs', blobs: []})
    const finds = cluster.take('find-references')
    for (const send of finds) {
      const blobs = used?.map(number => ({blob: blob(number), tag: 'a'}))
      if (blobs === undefined) cluster.feed({type: 'call-failed', call: send.call, message: 'gone'})
      else cluster.reply(send, {type: 'references', blobs})
    }
    if (lists.length + finds.length === 0) break
  }
  cluster.pass(1500)
}

const twoNodes = (coverage: Coverage = covered): Cluster => {
  const cluster = makeCluster({}, coverage)
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  return cluster
}

test('nothing is deleted when all replicas of tags and blobs are unreachable during the mark (Disco 586)', () => {
  const cluster = twoNodes()
  for (let count = 0; count < 3; count++) {
    round(cluster, undefined)
    cluster.pass(2 * 3_600_000)
    cluster.ask({type: 'gc-abort'})
  }
  expect(cluster.take('drop-blobs')).toEqual([])
  expect(statusOf(cluster).collection.last?.counts.suspectCount).toBe(0)
})

test('nothing is deleted while a member has not been heard', () => {
  const cluster = makeCluster({startGraceMs: 1e9})
  cluster.feed({type: 'master-started', epoch: 3, members: ['n1', 'n2', 'n3']})
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  round(cluster, [])
  expect(statusOf(cluster).collection.round).toMatchObject({phase: 'wait', reason: expect.stringContaining('n3')})
})

test('nothing becomes suspect while a tag is not covered, and the round ends with the reason', () => {
  const cluster = twoNodes(() => ({isComplete: false, uncoveredTags: ['b'], missingNodes: ['n3']}))
  round(cluster, [])
  cluster.pass(601_000)
  round(cluster, [])
  for (const send of cluster.take('list-idle-blobs')) cluster.reply(send, page)
  for (const send of cluster.take('find-references')) cluster.reply(send, {type: 'references', blobs: []})
  const {last} = statusOf(cluster).collection
  expect(last).toMatchObject({outcome: 'incomplete', reason: expect.stringContaining('tags b cannot be read')})
  expect(last?.counts).toMatchObject({suspectCount: 0, droppedCount: 0})
})

test('the coverage question is asked about the nodes that answered, as of the time they were asked', () => {
  const asked: unknown[] = []
  const cluster = twoNodes((nodes, askedMs) => {
    asked.push([[...nodes], askedMs])
    return {isComplete: true, uncoveredTags: [], missingNodes: []}
  })
  round(cluster, [])
  expect(asked).toEqual([[['n1', 'n2'], 1000]])
})

test('an unused blob is dropped from all holders in a later round, not before the confirmation time', () => {
  const cluster = twoNodes()
  round(cluster, [])
  cluster.pass(1000)
  round(cluster, [])
  expect(cluster.take('drop-blobs')).toEqual([])
  cluster.pass(3_600_000)
  round(cluster, [])
  const drops = cluster.take('drop-blobs')
  expect(drops.map(send => [send.node, send.request])).toEqual([
    ['n1', {type: 'drop-blobs', epoch: 0, blobs: [blob(1)], idleMs: 86_400_000}],
    ['n2', {type: 'drop-blobs', epoch: 0, blobs: [blob(1)], idleMs: 86_400_000}],
  ])
  for (const send of drops) cluster.reply(send, {type: 'dropped', blobs: [blob(1)], bytes: 100})
  expect(statusOf(cluster).blobCount).toBe(0)
})

test('a blob in use is never suspect', () => {
  const cluster = twoNodes()
  round(cluster, [1])
  cluster.pass(3_600_000)
  round(cluster, [1])
  expect(cluster.take('drop-blobs')).toEqual([])
})

test('a change that names a suspect clears it', () => {
  const cluster = twoNodes()
  round(cluster, [])
  cluster.pass(3_600_000)
  cluster.ask({type: 'name', blobs: [{blob: blob(1), bytes: 100}], replicaCount: 2, replicaCountMin: 1})
  round(cluster, [])
  expect(cluster.take('drop-blobs')).toEqual([])
})

test('a dry run lists every file with size and node, and changes nothing', () => {
  const cluster = twoNodes()
  round(cluster, [])
  cluster.pass(3_600_000)
  cluster.effects = []
  round(cluster, [], true)
  const listed = cluster.effects.flatMap(effect => (effect.type === 'gc-deletions' ? effect.deletions : []))
  expect(listed).toEqual([
    {blob: blob(1), bytes: 100, node: 'n1', isConfirmed: true},
    {blob: blob(1), bytes: 100, node: 'n2', isConfirmed: true},
  ])
  expect(cluster.take('drop-blobs')).toEqual([])
})

test('an abort ends a round once', () => {
  const cluster = twoNodes()
  cluster.ask({type: 'gc-start', isDryRun: false})
  expect(cluster.ask({type: 'gc-abort'})).toEqual({type: 'gc-aborted'})
  expect(cluster.ask({type: 'gc-abort'})).toMatchObject({code: 'NOT_RUNNING'})
})
