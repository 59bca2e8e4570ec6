import {expect, test} from 'vitest'
import {checkTagPage, makeFsck, summariseFsck} from '../../../../src/ddfs/blobs/index.ts'
import type {TagHead} from '../../../../src/protocol/index.ts'
import {answerIn, blob, held, makeCluster, statusOf} from './cluster-kit.ts'

const headOf = (tag: string): TagHead => ({
  tag,
  version: {epoch: 1, counter: 1},
  replicas: ['n1'],
  replicaCount: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
  entryCount: 5,
  bytes: 0,
  recordCount: 0,
  rawBytes: 0,
  nextNumber: 11,
  attributes: {},
})

test('a corrupt copy is told of at once, also in the second that a status is kept', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 2)])
  cluster.join('n2', [held(1, 2)])
  cluster.pass(120_000)
  expect(statusOf(cluster).repair.underCount).toBe(0)
  cluster.notice('n2', {type: 'blobs-gone', blobs: [blob(1)], reason: 'corrupt'})
  expect(statusOf(cluster).repair.underCount).toBe(1)
})

test('a lost node starts repair at once, the blob with the fewest copies first', () => {
  const cluster = makeCluster({repairsPerNodeMax: 1})
  // In this order no blob lacks a copy at any moment before the loss.
  cluster.join('n1', [held(1, 1), held(2, 1)])
  cluster.join('n2', [held(1, 2), held(2, 2)])
  cluster.join('n3', [held(1, 3)])
  cluster.join('n4', [])
  cluster.pass(120_000)
  expect(cluster.take('fetch-blob')).toEqual([])
  expect(statusOf(cluster).repair).toMatchObject({underCount: 0, doneCount: 0})
  cluster.feed({type: 'node-lost', node: 'n2'})
  expect(cluster.take('fetch-blob').map(send => send.request)).toMatchObject([
    {blob: blob(2), from: ['n1']},
    {blob: blob(1), from: ['n3', 'n1']},
  ])
})

test('a failed copy is tried again later with another target, and counted when stored', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1)])
  cluster.join('n2', [])
  cluster.join('n3', [])
  const [first] = cluster.take('fetch-blob')
  expect(first?.request).toMatchObject({blob: blob(1), from: ['n1'], bytes: 100, replicaCount: 2})
  cluster.reply(first!, {type: 'failed', code: 'DISK_FULL', message: 'n2 is full'})
  cluster.pass(1000)
  const [second] = cluster.take('fetch-blob')
  expect(second?.node).not.toBe(first?.node)
  cluster.reply(second!, {type: 'stored', blob: blob(1), bytes: 100})
  expect(statusOf(cluster).repair).toMatchObject({underCount: 0, doneCount: 1, doneBytes: 100})
})

test('repair starts no more bytes than its rate allows', () => {
  const cluster = makeCluster({repairBytesPerSecond: 1000, repairsPerNodeMax: 100})
  cluster.join(
    'n1',
    Array.from({length: 30}, (_, number) => held(number + 1, 2, 500)),
  )
  cluster.join('n2', [])
  let startedCount = 0
  const startedMs = cluster.nowMs
  for (let second = 1; second <= 10; second++) {
    cluster.pass(1000)
    for (const send of cluster.take('fetch-blob')) {
      startedCount++
      if (send.request.type !== 'fetch-blob') continue
      cluster.reply(send, {type: 'stored', blob: send.request.blob, bytes: 500})
    }
    // A second of the rate may be saved up, and the last copy may be larger than what is left.
    expect(startedCount * 500).toBeLessThanOrEqual(cluster.nowMs - startedMs + 1000 + 500)
  }
  expect(startedCount).toBeGreaterThanOrEqual(20)
})

test('nothing is repaired at the start until all members have told what they hold, or the grace has passed', () => {
  const cluster = makeCluster({startGraceMs: 30_000})
  cluster.feed({type: 'master-started', epoch: 1, members: ['n1', 'n2', 'n3']})
  cluster.join('n1', [held(1)])
  cluster.join('n2', [])
  expect(cluster.take('fetch-blob')).toEqual([])
  cluster.pass(30_000)
  expect(cluster.take('fetch-blob')).toHaveLength(1)
})

test('a blob without a live copy is missing, and found again when its node returns', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 1)])
  cluster.feed({type: 'node-lost', node: 'n1'})
  expect(statusOf(cluster).repair).toMatchObject({missingCount: 1, missing: [blob(1)]})
  cluster.join('n1', [held(1, 1)])
  expect(statusOf(cluster).repair.missingCount).toBe(0)
})

test('an inventory replaces what was known at its end, and keeps what is stored meanwhile', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 1), held(2, 1)])
  cluster.feed({type: 'node-joined', node: 'n1', link: 2})
  const tell = (notice: Parameters<typeof cluster.notice>[1]): void =>
    cluster.feed({type: 'notice', node: 'n1', link: 2, notice})
  tell({type: 'blobs-stored', blobs: [held(3, 1)]})
  tell({type: 'inventory-blobs', blobs: [held(2, 1)]})
  expect(statusOf(cluster).repair.missingCount).toBe(0)
  tell({type: 'inventory-end'})
  const answer = cluster.ask({type: 'locate', blobs: [blob(1), blob(2), blob(3), blob(4)]})
  expect(answer).toMatchObject({blobs: [{nodes: []}, {nodes: ['n1']}, {nodes: ['n1']}], unknown: [blob(4)]})
})

test('who asks for a blob that nobody has is told whether a node is away that could', () => {
  const cluster = makeCluster()
  const isCertain = (): boolean => {
    const answer = cluster.ask({type: 'locate', blobs: [blob(1)]})
    return answer?.type === 'located' && answer.isCertain
  }
  expect(isCertain()).toBe(false)
  cluster.join('n1', [held(1, 1)])
  cluster.join('n2', [])
  expect(isCertain()).toBe(true)
  cluster.feed({type: 'node-lost', node: 'n2'})
  expect(isCertain()).toBe(false)
  cluster.feed({type: 'node-joined', node: 'n2', link: 9})
  expect(isCertain()).toBe(false)
  cluster.feed({type: 'notice', node: 'n2', link: 9, notice: {type: 'inventory-end'}})
  expect(isCertain()).toBe(true)
})

test('a notice of an older connection changes nothing', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1, 1)])
  cluster.join('n1', [held(1, 1)])
  cluster.feed({type: 'notice', node: 'n1', link: 1, notice: {type: 'blobs-gone', blobs: [blob(1)], reason: 'missing'}})
  expect(statusOf(cluster).repair.missingCount).toBe(0)
})

test('surplus is dropped only after all other copies were read again', () => {
  const cluster = makeCluster({surplusAfterMs: 1000})
  for (const node of ['n1', 'n2', 'n3']) cluster.join(node, [held(1)])
  cluster.pass(999)
  expect(cluster.take('touch-blobs')).toEqual([])
  cluster.pass(100_000)
  const touches = cluster.take('touch-blobs')
  expect(touches).toHaveLength(2)
  expect(touches[0]?.request).toMatchObject({isDeep: true})
  cluster.reply(touches[0]!, {type: 'touched', blobs: [blob(1)]})
  expect(cluster.take('drop-blobs')).toEqual([])
  cluster.reply(touches[1]!, {type: 'touched', blobs: [blob(1)]})
  expect(cluster.take('drop-blobs')[0]?.request).toMatchObject({blobs: [blob(1)], idleMs: 0})
})

test.each(['a copy is not there', 'the node list changed'])('surplus stays when %s', reason => {
  const cluster = makeCluster({surplusAfterMs: 1000})
  for (const node of ['n1', 'n2', 'n3']) cluster.join(node, [held(1)])
  cluster.pass(100_000)
  const touches = cluster.take('touch-blobs')
  if (reason === 'the node list changed') cluster.join('n4', [])
  const isAbsent = reason === 'a copy is not there'
  cluster.reply(touches[0]!, {type: 'touched', blobs: isAbsent ? [] : [blob(1)]})
  cluster.reply(touches[1]!, {type: 'touched', blobs: [blob(1)]})
  expect(cluster.take('drop-blobs')).toEqual([])
})

test('a drain is safe when every blob has its copies elsewhere, and undrain takes it back', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  cluster.join('n3', [])
  cluster.feed({type: 'node-draining', node: 'n1'})
  expect(statusOf(cluster).drains).toMatchObject([{node: 'n1', leftCount: 1, isSafe: false}])
  const [copy] = cluster.take('fetch-blob', 'n3')
  cluster.reply(copy!, {type: 'stored', blob: blob(1), bytes: 100})
  expect(statusOf(cluster).drains).toMatchObject([{node: 'n1', blobCount: 1, leftCount: 0, isSafe: true}])
  cluster.feed({type: 'node-undraining', node: 'n1'})
  expect(statusOf(cluster).drains).toEqual([])
})

test('balancing moves blobs by copy, confirmation and drop until the nodes are equally full', () => {
  const cluster = makeCluster({surplusAfterMs: 1000})
  const blobs = Array.from({length: 8}, (_, number) => held(number + 1, 1, 100_000))
  cluster.join('n1', blobs, 200_000, 800_000)
  cluster.join('n2', [], 1_000_000, 0)
  cluster.pass(60_000)
  cluster.ask({type: 'balance-start'})
  for (let guard = 0; guard < 20; guard++) {
    cluster.pass(1000)
    for (const send of cluster.take('fetch-blob')) {
      if (send.request.type === 'fetch-blob')
        cluster.reply(send, {type: 'stored', blob: send.request.blob, bytes: 100_000})
    }
    for (const send of cluster.take('touch-blobs')) {
      if (send.request.type === 'touch-blobs') cluster.reply(send, {type: 'touched', blobs: send.request.blobs})
    }
    for (const send of cluster.take('drop-blobs')) {
      if (send.request.type === 'drop-blobs')
        cluster.reply(send, {type: 'dropped', blobs: send.request.blobs, bytes: 0})
    }
  }
  expect(statusOf(cluster).balance).toMatchObject({state: 'idle', movedCount: 4, difference: 0})
})

test('placement takes the emptiest nodes, never one twice, and says why there are fewer', () => {
  const cluster = makeCluster()
  cluster.join('n1', [], 500_000, 500_000)
  cluster.join('n2', [], 900_000, 100_000)
  cluster.join('n3', [], 500, 999_500)
  cluster.join('n4', [])
  cluster.feed({type: 'node-draining', node: 'n4'})
  const answer = cluster.ask({type: 'place', target: 'u', bytes: 1000, replicaCount: 3, exclude: []})
  expect(answer).toMatchObject({nodes: [{node: 'n2'}, {node: 'n1'}]})
  expect(answer).toMatchObject({
    warning: expect.stringMatching(/2 of 3 copies: n3 has no room: 500 bytes.*n4 is drain/),
  })
  const near = cluster.ask({type: 'place', target: 'u', bytes: 1000, replicaCount: 1, exclude: [], near: 'n1'})
  expect(near).toMatchObject({nodes: [{node: 'n1'}]})
  const none = cluster.ask({type: 'place', target: 'u', bytes: 1e9, replicaCount: 1, exclude: []})
  expect(none).toMatchObject({type: 'refused', code: 'DISK_FULL', message: expect.stringContaining('n2 has no room')})
})

test('uploads in flight count as used space', () => {
  const cluster = makeCluster()
  cluster.join('n1', [], 1_000_000, 0)
  cluster.join('n2', [], 1_000_000, 0)
  const nodeOf = (): unknown => cluster.ask({type: 'place', target: 'u', bytes: 100_000, replicaCount: 1, exclude: []})
  expect(JSON.stringify([nodeOf(), nodeOf()])).toMatch(/n1.*n2|n2.*n1/)
})

test('an upload that ended, well or not, holds no room any more', () => {
  const cluster = makeCluster()
  cluster.join('n1', [], 1_000_000, 0)
  const place = (target: string, bytes: number): unknown =>
    cluster.ask({type: 'place', target, bytes, replicaCount: 1, exclude: []})
  place('small', 100)
  place('failed', 900_000)
  expect(place('next', 500_000)).toMatchObject({code: 'DISK_FULL'})
  cluster.notice('n1', {type: 'uploads-ended', targets: ['failed', 'never begun']})
  expect(place('next', 500_000)).toMatchObject({type: 'placed'})
  // A copy that repair makes frees nothing that an upload needs.
  cluster.notice('n1', {type: 'blobs-stored', blobs: [held(1)]})
  expect(place('more', 500_000)).toMatchObject({code: 'DISK_FULL'})
})

test('lengths are told that a known blob has', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1)])
  expect(cluster.ask({type: 'find-sizes', sizes: [99, 100, 0]})).toEqual({type: 'sizes-found', sizes: [100]})
})

test('blobs are named when they are confirmed, and refused when no node has them', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  const name = (number: number, bytes = 100): unknown =>
    cluster.ask({type: 'name', blobs: [{blob: blob(number), bytes}], replicaCount: 2, replicaCountMin: 2})
  name(1)
  const touches = cluster.take('touch-blobs')
  cluster.reply(touches[0]!, {type: 'touched', blobs: [blob(1)]})
  expect(answerIn(cluster)).toBeUndefined()
  cluster.reply(touches[1]!, {type: 'touched', blobs: [blob(1)]})
  expect(answerIn(cluster)).toEqual({type: 'named', replicaCountMin: 2})
  name(2)
  for (const send of cluster.take('touch-blobs')) cluster.reply(send, {type: 'touched', blobs: []})
  expect(answerIn(cluster)).toMatchObject({code: 'BLOB_NOT_FOUND'})
  expect(name(1, 7)).toMatchObject({code: 'PROTOCOL', message: expect.stringContaining('has 100 bytes, not 7')})
})

test('a blob is not said to be nowhere while a node that was asked has not answered', () => {
  const cluster = makeCluster()
  cluster.join('n1', [])
  cluster.join('n2', [])
  cluster.ask({type: 'name', blobs: [{blob: blob(2), bytes: 100}], replicaCount: 2, replicaCountMin: 1})
  const [first, second] = cluster.take('touch-blobs')
  cluster.reply(first!, {type: 'touched', blobs: []})
  // As after a master that stood still: calls are over before the answers that have come are read.
  cluster.reply(second!, {type: 'failed', code: 'UNREACHABLE', message: 'no answer'})
  const message = expect.stringMatching(new RegExp(`^fewer than 1 copies .*; without an answer: ${second?.node}$`))
  expect(answerIn(cluster)).toMatchObject({type: 'refused', code: 'UNAVAILABLE', message})
})

test('a scrub reads page by page to the end, and a corrupt copy is repaired', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1)])
  cluster.join('n2', [held(1)])
  cluster.ask({type: 'scrub-start'})
  const [one] = cluster.take('scrub', 'n1')
  cluster.reply(one!, {type: 'scrubbed', blobCount: 1, bytes: 100, corrupt: [blob(1)]})
  expect(statusOf(cluster).scrubs[0]).toMatchObject({node: 'n1', readCount: 1, corruptCount: 1, fraction: 1})
  expect(cluster.take('fetch-blob', 'n1')).toHaveLength(1)
})

test('copies beyond those wanted are told apart from problems, and what is being stored lacks nothing', () => {
  const cluster = makeCluster()
  for (const node of ['n1', 'n2', 'n3']) cluster.join(node, [held(1, 2)])
  cluster.notice('n1', {type: 'blobs-stored', blobs: [held(2, 2)]})
  const summary = (): ReturnType<typeof summariseFsck> => {
    const fsck = makeFsck(() => true)
    const entries = [1, 2].map(number => ({
      number,
      entry: {type: 'blob' as const, blob: blob(number), name: 'x', bytes: 100},
    }))
    checkTagPage(fsck, cluster.state, headOf('t'), entries, true)
    return summariseFsck(fsck)
  }
  expect(summary()).toMatchObject({
    problems: [],
    surplus: [{type: 'over', blob: blob(1), liveCount: 3, wantedCount: 2}],
    problemCounts: {over: 1, under: 0},
    isHealthy: true,
  })
  cluster.pass(5000)
  expect(summary()).toMatchObject({problems: [{type: 'under', blob: blob(2)}], isHealthy: false})
})

test('fsck tells missing, under-replicated, corrupt, wrongly sized and dangling entries, each once', () => {
  const cluster = makeCluster()
  cluster.join('n1', [held(1), held(2, 1)])
  cluster.join('n2', [])
  cluster.notice('n2', {type: 'blobs-gone', blobs: [blob(2)], reason: 'corrupt'})
  const fsck = makeFsck(tag => tag === 'known')
  const entries = [1, 2, 3].map(number => ({
    number,
    entry: {type: 'blob' as const, blob: blob(number), name: 'x', bytes: number === 2 ? 7 : 100},
  }))
  const links = ['known', 'gone'].map((tag, index) => ({number: 9 + index, entry: {type: 'tag' as const, tag}}))
  for (const isFirst of [true, false]) checkTagPage(fsck, cluster.state, headOf('t'), [...entries, ...links], isFirst)
  expect(summariseFsck(fsck)).toMatchObject({
    tagCount: 1,
    entryCount: 10,
    problemCounts: {missing: 1, under: 1, over: 0, corrupt: 1, size: 1, dangling: 1},
    hasLoss: true,
  })
})
