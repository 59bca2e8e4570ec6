import {expect, test} from 'vitest'
import type {BlobId} from '../../../../src/protocol/index.ts'
import {blob, type Cluster, held, makeCluster, statusOf} from './cluster-kit.ts'

type Page = Cluster['sent'][number]

const read = (cluster: Cluster, page: Page, blobCount: number, after?: BlobId): void =>
  cluster.reply(page, {
    ...{type: 'scrubbed', blobCount, bytes: blobCount * 100, corrupt: []},
    ...(after === undefined ? {} : {after}),
  })

const afterOf = (page: Page | undefined): unknown => (page?.request.type === 'scrub' ? page.request.after : undefined)

/** Without the pause that `statusOf` makes. */
function requestOf(cluster: Cluster): unknown {
  const answer = cluster.ask({type: 'status'})
  return answer?.type === 'status' ? answer.status.scrubRequest : undefined
}

test('a page that was ordered before the request counts for nothing, and does not end it', () => {
  const cluster = makeCluster({scrubEveryMs: 1e9})
  cluster.join('n1', [held(1, 1), held(2, 1)])
  const [old] = cluster.take('scrub')
  cluster.ask({type: 'scrub-start'})
  expect(cluster.take('scrub')).toEqual([])
  // The node's own round began at the first id that was drawn: this is its last page but one.
  read(cluster, old!, 7)
  expect(requestOf(cluster)).toMatchObject({isRunning: true, readCount: 0})
  const [first] = cluster.take('scrub')
  expect(afterOf(first)).toBe('')
  read(cluster, first!, 1, blob(1))
  const [second] = cluster.take('scrub')
  expect(afterOf(second)).toBe(blob(1))
  read(cluster, second!, 1)
  expect(requestOf(cluster)).toEqual({
    ...{round: 1, isRunning: false, readCount: 2, readBytes: 200, corruptCount: 0},
    leftOut: [],
  })
})

test('it runs from the request to the end of the last node, also in the second that a status is kept', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  expect(statusOf(cluster).scrubRequest).toBeUndefined()
  cluster.ask({type: 'scrub-start'})
  expect(requestOf(cluster)).toMatchObject({isRunning: true})
  const [one, two] = cluster.take('scrub')
  read(cluster, one!, 1)
  expect(requestOf(cluster)).toMatchObject({isRunning: true, readCount: 1})
  read(cluster, two!, 1)
  expect(requestOf(cluster)).toMatchObject({isRunning: false, readCount: 2})
})

test('a requested scrub follows page on page without a pause', () => {
  const cluster = makeCluster({scrubBytesPerSecond: 1})
  cluster.join('n1', [held(1, 1)])
  cluster.ask({type: 'scrub-start'})
  for (let number = 1; number <= 5; number++) {
    const [page] = cluster.take('scrub')
    expect(page).toBeDefined()
    read(cluster, page!, 1, blob(number))
  }
})

test('a later request reads all again, and the pages of the earlier one do not count', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 1)])
  cluster.ask({type: 'scrub-start'})
  read(cluster, cluster.take('scrub')[0]!, 1, blob(1))
  const [old] = cluster.take('scrub')
  expect(cluster.ask({type: 'scrub-start'})).toEqual({type: 'scrub-started', round: 2, nodes: ['n1']})
  read(cluster, old!, 1)
  expect(requestOf(cluster)).toMatchObject({round: 2, isRunning: true, readCount: 0})
  const [first] = cluster.take('scrub')
  expect(afterOf(first)).toBe('')
  read(cluster, first!, 1)
  expect(requestOf(cluster)).toMatchObject({round: 2, isRunning: false, readCount: 1})
})

test('a lost node is left out with the reason, and ends the scrub when it was the last', () => {
  const cluster = makeCluster()
  cluster.feed({type: 'master-started', epoch: 1, members: ['n1', 'n2', 'n3']})
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  cluster.ask({type: 'scrub-start'})
  read(cluster, cluster.take('scrub', 'n1')[0]!, 1)
  cluster.feed({type: 'node-lost', node: 'n2'})
  expect(requestOf(cluster)).toMatchObject({
    isRunning: false,
    readCount: 1,
    leftOut: [
      {node: 'n2', reason: 'it was lost meanwhile'},
      {node: 'n3', reason: 'it is not connected'},
    ],
  })
})

test('a node that connects again goes on with the page that was not answered', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 1), held(2, 1)])
  cluster.ask({type: 'scrub-start'})
  read(cluster, cluster.take('scrub')[0]!, 1, blob(1))
  cluster.take('scrub')
  cluster.join('n1', [held(1, 1), held(2, 1)])
  cluster.pass(5000)
  const [again] = cluster.take('scrub')
  expect(afterOf(again)).toBe(blob(1))
  read(cluster, again!, 1)
  expect(requestOf(cluster)).toMatchObject({isRunning: false, readCount: 2, leftOut: []})
})

test('a node whose reading fails again and again is left out', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 1)])
  cluster.ask({type: 'scrub-start'})
  for (let count = 0; count < 5; count++) {
    expect(requestOf(cluster)).toMatchObject({isRunning: true})
    const [page] = cluster.take('scrub')
    cluster.reply(page!, {type: 'failed', code: 'STORAGE_BROKEN', message: 'the disk is broken'})
    cluster.pass(5000)
  }
  expect(requestOf(cluster)).toMatchObject({isRunning: false, leftOut: [{node: 'n1', reason: 'the disk is broken'}]})
})

test("a requested scrub stands for the node's own round", () => {
  const cluster = makeCluster({scrubEveryMs: 100_000})
  cluster.join('n1', [held(1, 1)])
  cluster.take('scrub')
  cluster.join('n1', [held(1, 1)])
  cluster.ask({type: 'scrub-start'})
  read(cluster, cluster.take('scrub')[0]!, 1)
  cluster.pass(99_999)
  expect(cluster.take('scrub')).toEqual([])
  cluster.pass(1)
  expect(cluster.take('scrub')).toHaveLength(1)
})

test('a node reads its own round around all ids from a drawn one, and then rests until the next is due', () => {
  const cluster = makeCluster({scrubEveryMs: 1_000_000, scrubBytesPerSecond: 1e9})
  cluster.join('n1', [held(1, 1)], 900_000, 3000)
  const pages: unknown[] = []
  const startedMs = cluster.nowMs
  const {start} = cluster.state.nodes.get('n1')!.scrub
  const high = 'f'.repeat(64)
  for (const after of [high, undefined, blob(1), high]) {
    const [page] = cluster.take('scrub')
    pages.push(afterOf(page))
    read(cluster, page!, 1, after)
    cluster.pass(30_000)
  }
  expect(pages).toEqual([start, high, '', blob(1)])
  expect(statusOf(cluster).scrubs[0]).toMatchObject({readCount: 4, fraction: 1})
  cluster.pass(startedMs + 999_999 - cluster.nowMs)
  expect(cluster.take('scrub')).toEqual([])
  cluster.pass(1)
  expect(cluster.take('scrub').map(afterOf)).toEqual([''])
})

test.each([
  {what: 'the time of a round', scrubBytesPerSecond: 1e9, pauseMs: 300_000},
  {what: 'the rate', scrubBytesPerSecond: 0.25, pauseMs: 400_000},
])('pages of the own round are spread by $what', ({scrubBytesPerSecond, pauseMs}) => {
  const cluster = makeCluster({scrubEveryMs: 1_000_000, scrubBytesPerSecond})
  cluster.join('n1', [held(1, 1)], 900_000, 300)
  // A third of the node's bytes, of nine tenths of the time.
  read(cluster, cluster.take('scrub')[0]!, 1, 'f'.repeat(64))
  cluster.pass(pauseMs - 1)
  expect(cluster.take('scrub')).toEqual([])
  cluster.pass(1)
  expect(cluster.take('scrub')).toHaveLength(1)
})
