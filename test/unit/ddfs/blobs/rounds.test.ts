import {expect, test} from 'vitest'
import type {CollectionStatus} from '../../../../src/ddfs/blobs/index.ts'
import {type Cluster, held, makeCluster, statusOf} from './cluster-kit.ts'

const none = {type: 'idle-blobs' as const, blobs: []}

function endRound(cluster: Cluster): void {
  for (let guard = 0; guard < 10; guard++) {
    for (const send of cluster.take('list-idle-blobs')) cluster.reply(send, none)
  }
}

const nodes = (cluster: Cluster, count: number): Cluster => {
  for (let number = 1; number <= count; number++) cluster.join(`n${number}`, [held(1, count)])
  return cluster
}

function collectionOf(cluster: Cluster): CollectionStatus {
  const answer = cluster.ask({type: 'status'})
  if (answer?.type !== 'status') throw new Error('no status')
  return answer.status.collection
}

test('a dry run is told as one from its first moment, also in the second that a status is kept', () => {
  const cluster = nodes(makeCluster(), 1)
  statusOf(cluster)
  cluster.ask({type: 'gc-start', isDryRun: true})
  expect(collectionOf(cluster).round).toMatchObject({isDryRun: true})
  endRound(cluster)
  expect(collectionOf(cluster)).toMatchObject({last: {number: 1, isDryRun: true, outcome: 'complete'}})
})

test.each([true, false])('a round asked for while another runs follows it (dry run: %s)', isDryRun => {
  const cluster = nodes(makeCluster(), 1)
  cluster.ask({type: 'gc-start', isDryRun: !isDryRun})
  expect(cluster.ask({type: 'gc-start', isDryRun})).toEqual({type: 'gc-started', round: 2})
  expect(collectionOf(cluster)).toMatchObject({round: {number: 1, isDryRun: !isDryRun}, waitingCount: 1})
  endRound(cluster)
  // The first one's result stays for whoever waits for it.
  cluster.pass(1499)
  expect(collectionOf(cluster)).toMatchObject({last: {number: 1, isDryRun: !isDryRun}, waitingCount: 1})
  cluster.pass(1)
  expect(collectionOf(cluster).round).toMatchObject({number: 2, isDryRun})
})

test('a round asked for right after the end of one leaves time to read its result', () => {
  const cluster = nodes(makeCluster(), 1)
  cluster.ask({type: 'gc-start', isDryRun: true})
  endRound(cluster)
  expect(cluster.ask({type: 'gc-start', isDryRun: false})).toEqual({type: 'gc-started', round: 2})
  expect(collectionOf(cluster)).toMatchObject({last: {number: 1, isDryRun: true}, waitingCount: 1})
  cluster.pass(1500)
  expect(collectionOf(cluster).round).toMatchObject({number: 2, isDryRun: false})
})

test('equal requests that wait are one round, in the order of their asking', () => {
  const cluster = nodes(makeCluster(), 1)
  const rounds = [false, true, false, true, false].map(isDryRun => cluster.ask({type: 'gc-start', isDryRun}))
  expect(rounds.map(answer => (answer?.type === 'gc-started' ? answer.round : undefined))).toEqual([1, 2, 3, 2, 3])
  endRound(cluster)
  cluster.pass(1500)
  expect(collectionOf(cluster).round).toMatchObject({number: 2, isDryRun: true})
  endRound(cluster)
  cluster.pass(1500)
  expect(collectionOf(cluster)).toMatchObject({round: {number: 3, isDryRun: false}, waitingCount: 0})
})

test('a round that runs by itself and a dry run asked for meanwhile stay apart', () => {
  const cluster = nodes(makeCluster({gcEveryMs: 10_000}), 1)
  cluster.pass(10_000)
  expect(collectionOf(cluster).round).toMatchObject({number: 1, isDryRun: false})
  cluster.ask({type: 'gc-start', isDryRun: true})
  endRound(cluster)
  cluster.pass(1500)
  expect(collectionOf(cluster)).toMatchObject({
    round: {number: 2, isDryRun: true},
    last: {number: 1, isDryRun: false},
  })
})

test('rounds begin by themselves after the start and after the end of the last one', () => {
  const cluster = nodes(makeCluster({gcEveryMs: 10_000}), 1)
  cluster.pass(9999)
  expect(collectionOf(cluster)).toEqual({waitingCount: 0})
  cluster.pass(1)
  expect(collectionOf(cluster).round?.number).toBe(1)
  cluster.pass(3000)
  endRound(cluster)
  cluster.pass(9999)
  expect(collectionOf(cluster).round).toBeUndefined()
  cluster.pass(1)
  expect(collectionOf(cluster).round?.number).toBe(2)
})

test('a dry run does not put off the next round, and waits for nobody', () => {
  const cluster = nodes(makeCluster({gcEveryMs: 10_000}), 1)
  cluster.pass(7000)
  cluster.ask({type: 'gc-start', isDryRun: true})
  expect(collectionOf(cluster).round).toMatchObject({isDryRun: true})
  endRound(cluster)
  cluster.pass(3000)
  expect(collectionOf(cluster).round).toMatchObject({number: 2, isDryRun: false})
})

test('without any node a round ends, and the next begins in its time', () => {
  const cluster = makeCluster({gcEveryMs: 10_000})
  cluster.feed({type: 'tick'})
  cluster.pass(10_000)
  cluster.pass(10_000)
  expect(collectionOf(cluster)).toMatchObject({last: {number: 2}})
})

test('a node that does not answer is skipped after three tries, and the round ends incomplete', () => {
  const cluster = nodes(makeCluster(), 2)
  cluster.ask({type: 'gc-start', isDryRun: false})
  for (let count = 0; count < 3; count++) {
    const [list] = cluster.take('list-idle-blobs', 'n1')
    cluster.feed({type: 'call-failed', call: list!.call, message: 'n1 is silent'})
    expect(cluster.take('list-idle-blobs', 'n1')).toEqual([])
    cluster.pass(5000)
  }
  cluster.reply(cluster.take('list-idle-blobs', 'n2')[0]!, none)
  expect(collectionOf(cluster).last).toMatchObject({
    outcome: 'incomplete',
    reason: 'not looked at: n1 (n1 is silent)',
  })
})

test('a node that is lost before its turn is skipped', () => {
  const cluster = nodes(makeCluster(), 2)
  cluster.ask({type: 'gc-start', isDryRun: false})
  cluster.feed({type: 'node-lost', node: 'n2'})
  cluster.reply(cluster.take('list-idle-blobs', 'n1')[0]!, none)
  expect(collectionOf(cluster).last).toMatchObject({
    outcome: 'incomplete',
    reason: 'not looked at: n2 (it is not connected)',
  })
})

test('a round that does not come forward for a minute is told as stuck, with the node it waits for', () => {
  const cluster = nodes(makeCluster({callMs: 1e9}), 1)
  cluster.ask({type: 'gc-start', isDryRun: false})
  cluster.pass(60_000)
  expect(collectionOf(cluster).round).toMatchObject({isStuck: false})
  cluster.pass(1)
  expect(collectionOf(cluster).round).toMatchObject({isStuck: true, reason: 'waiting for n1'})
})

test('a round that cannot see everything says until when it tries', () => {
  const cluster = nodes(
    makeCluster({gcBlockedMs: 60_000}, () => ({isComplete: false, uncoveredTags: ['t'], missingNodes: ['n2']})),
    1,
  )
  cluster.ask({type: 'gc-start', isDryRun: true})
  const [list] = cluster.take('list-idle-blobs')
  cluster.reply(list!, {type: 'idle-blobs', blobs: [held(1)]})
  expect(collectionOf(cluster).round).not.toHaveProperty('givesUpInMs')
  const [find] = cluster.take('find-references')
  cluster.reply(find!, {type: 'references', blobs: []})
  cluster.pass(2000)
  expect(collectionOf(cluster).round).toMatchObject({
    phase: 'wait',
    reason: expect.stringContaining('n2'),
    givesUpInMs: 58_000,
  })
})
