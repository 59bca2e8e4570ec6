/** Rules of one name, of two projects or of one before and after it was edited, over one cluster. */
import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest'
import {planReset, resetArchive} from '../../../../src/project/index.ts'
import {claimBatch, type OpenBatch, readBatchPlace} from '../../../../src/project/tags/open-batch.ts'
import type {Rule} from '../../../../src/rules/index.ts'
import {clicks, MemorySink, OneNode} from './one-node.ts'

const node = new OneNode()
const {signal} = new AbortController()
beforeAll(() => node.start())
afterAll(() => node.stop())
beforeEach(async () => {
  await node.push('in-a:2026-11-23', [{site: 'x', n: 3}])
  await node.push('in-b:2026-11-23', [{site: 'y', n: 1}])
})
afterEach(async () => {
  const {tags} = await node.client.listTags({count: 1000})
  for (const {tag} of tags) await node.client.changeTag(tag, {change: {type: 'delete'}})
})

const a = clicks({archive: true, sourceTags: ['in-a:'], archiveTagPrefix: 'done-a'})
const b = clicks({archive: true, sourceTags: ['in-b:'], archiveTagPrefix: 'done-b'})
const both = clicks({archive: true, sourceTags: ['in-a:', 'in-b:'], archiveTagPrefix: 'done-a'})

/** Ends before the sink, or between sink and archive. */
const kills = {
  'before the sink': {scan: () => Promise.reject(new Error('killed'))},
  'after the sink': {onDelivered: () => Promise.reject(new Error('killed'))},
} as const
const moments = Object.keys(kills) as (keyof typeof kills)[]

const openBatches = async (): Promise<readonly OpenBatch[]> =>
  (await readBatchPlace(node.client, 'm.clicks', signal)).batches

async function runs(rule: Rule, sink: MemorySink): Promise<string[]> {
  const notes: string[] = []
  const {report} = await node.run(rule, {sink, onNote: note => notes.push(note)})
  expect(report.state).toBe('done')
  return notes
}

test.each(moments)('two projects, both killed %s: each finishes its own', async moment => {
  const [sinkA, sinkB] = [new MemorySink('memory:a'), new MemorySink('memory:b')]
  await node.run(a, {sink: sinkA, ...kills[moment]})
  await node.run(b, {sink: sinkB, ...kills[moment]})
  expect(await openBatches()).toHaveLength(2)
  await node.push('in-a:2026-11-23', [{site: 'x', n: 10}])
  const notes = await runs(b, sinkB)
  expect(notes[0]).toContain('left alone: a batch of 1 input of in-a:2026-11-23')
  expect(notes).toContain('an earlier run left 1 input unfinished; they come first')
  await runs(a, sinkA)
  await runs(a, sinkA)
  expect(await openBatches()).toEqual([])
  expect([Object.fromEntries(sinkA.totals), Object.fromEntries(sinkB.totals)]).toEqual([{x: 13}, {y: 1}])
})

test('two projects with one sink: each finishes its own', async () => {
  const sink = new MemorySink()
  await node.run(a, {sink, ...kills['after the sink']})
  expect((await node.run(b, {sink})).report.blobs.map(({tag}) => tag)).toEqual(['in-b:2026-11-23'])
  expect((await node.run(a, {sink})).report.isRepeat).toBe(true)
  expect(Object.fromEntries(sink.totals)).toEqual({x: 3, y: 1})
})

test.each(moments)('a rule that reads more tags finishes what was begun %s', async moment => {
  const sink = new MemorySink()
  await node.run(a, {sink, ...kills[moment]})
  await runs(both, sink)
  expect(Object.fromEntries(sink.totals)).toEqual({x: 3})
  await runs(both, sink)
  expect(Object.fromEntries(sink.totals)).toEqual({x: 3, y: 1})
  expect((await node.run(both, {sink})).report.state).toBe('skipped')
})

test.each(moments)(
  'a rule that reads other tags tells of what was begun %s, and finishes it when it reads them again',
  async moment => {
    const sink = new MemorySink()
    await node.run(a, {sink, ...kills[moment]})
    expect((await runs(b, sink))[0]).toContain('left alone')
    expect((await node.run(b, {sink})).report.state).toBe('skipped')
    await runs(a, sink)
    expect(Object.fromEntries(sink.totals)).toEqual({x: 3, y: 1})
    expect(await openBatches()).toEqual([])
  },
)

test.each(moments)('a rule with another sink fails until what was begun %s is finished', async moment => {
  const [old, other] = [new MemorySink('memory:old'), new MemorySink('memory:other')]
  await node.run(a, {sink: old, ...kills[moment]})
  const {report} = await node.run(a, {sink: other})
  expect(report).toMatchObject({state: 'failed', error: {code: 'WRONG_STATE'}})
  expect(report.error?.message).toContain('began a batch of 1 input for memory:old')
  await runs(a, old)
  await node.push('in-a:2026-11-23', [{site: 'x', n: 10}])
  await runs(a, other)
  expect([Object.fromEntries(old.totals), Object.fromEntries(other.totals)]).toEqual([{x: 3}, {x: 10}])
})

test('a batch is finished in a database that has moved', async () => {
  const sink = new MemorySink('memory:here')
  await node.run(a, {sink, ...kills['after the sink']})
  const moved = new MemorySink('memory:there')
  moved.batches.push(...sink.batches)
  expect((await node.run(a, {sink: moved})).report).toMatchObject({state: 'done', isRepeat: true})
})

test('a reset forgets the batch of its rule alone; with open only, the archive stays', async () => {
  const [sinkA, sinkB] = [new MemorySink('memory:a'), new MemorySink('memory:b')]
  await runs(a, sinkA)
  await node.push('in-a:2026-11-23', [{site: 'x', n: 10}])
  await node.run(a, {sink: sinkA, ...kills['before the sink']})
  await node.run(b, {sink: sinkB, ...kills['before the sink']})
  const selection = {client: node.client, nowMs: Date.UTC(2026, 10, 23, 12), signal}
  const plan = await planReset({rule: a, module: 'm', address: null}, selection, true)
  expect(plan.openBatches.map(({sink}) => sink)).toEqual(['memory:a'])
  expect(await resetArchive(node.client, plan, signal)).toBe(0)
  expect((await openBatches()).map(({sink}) => sink)).toEqual(['memory:b'])
  const other = new MemorySink('memory:other')
  await runs(a, other)
  expect(Object.fromEntries(other.totals)).toEqual({x: 10})
})

test.each(moments)('a batch that an older version began is finished, when its run ended %s', async moment => {
  const [sinkA, sinkB] = [new MemorySink('memory:a'), new MemorySink('memory:b')]
  await node.run(a, {sink: sinkA, ...kills[moment]})
  const place = await readBatchPlace(node.client, 'm.clicks', signal)
  const {tags: _tags, sink: _sink, ...old} = place.batches[0]!
  expect(await claimBatch(node.client, 'm.clicks', old, place, place.batches, signal)).toBe(true)
  await runs(b, sinkB)
  await runs(a, sinkA)
  expect([Object.fromEntries(sinkA.totals), Object.fromEntries(sinkB.totals)]).toEqual([{x: 3}, {y: 1}])
  expect(await openBatches()).toEqual([])
})

test('projects that run at the same time count every blob once', async () => {
  const [sinkA, sinkB] = [new MemorySink('memory:a'), new MemorySink('memory:b')]
  const outcomes = await Promise.all([
    node.run(a, {sink: sinkA}),
    node.run(b, {sink: sinkB}),
    node.run(a, {sink: sinkA}),
    node.run(b, {sink: sinkB}),
  ])
  expect(outcomes.map(({report}) => report.state)).not.toContain('failed')
  expect([Object.fromEntries(sinkA.totals), Object.fromEntries(sinkB.totals)]).toEqual([{x: 3}, {y: 1}])
})
