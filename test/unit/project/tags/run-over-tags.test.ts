import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest'
import {ClusterError} from '../../../../src/base/index.ts'
import {claimBatch, readBatchPlace} from '../../../../src/project/tags/open-batch.ts'
import {defineRule} from '../../../../src/rules/index.ts'
import {clicks, MemorySink, OneNode, runRule} from './one-node.ts'

const node = new OneNode()
beforeAll(() => node.start())
afterAll(() => node.stop())
beforeEach(async () => {
  await node.push(
    'in:clicks:2026-11-22',
    [
      {site: 'a', n: 1},
      {site: 'b', n: 2},
    ],
    'one.json',
  )
  await node.push('in:clicks:2026-11-23', [{site: 'a', n: 10}], 'two.json')
})
afterEach(async () => {
  const {tags} = await node.client.listTags({count: 1000})
  for (const {tag} of tags) await node.client.changeTag(tag, {change: {type: 'delete'}})
})

test('all blobs of the matched tags are read, and the report names them', async () => {
  const {rows, report} = await node.run(clicks())
  expect(rows).toEqual([
    ['a', '11'],
    ['b', '2'],
  ])
  expect(report).toMatchObject({
    rule: 'm.clicks',
    state: 'done',
    isRepeat: false,
    rowCounts: {_default: 2},
    backlog: {blobs: 0, bytes: 0},
    sink: 'the test',
  })
  expect(report.blobs.map(({tag}) => tag)).toEqual(['in:clicks:2026-11-22', 'in:clicks:2026-11-23'])
  expect(report.batch).toMatch(/^[0-9a-f]{64}$/)
  expect(report.job).toMatch(/^m\.clicks@/)
  expect(report.account).toMatchObject({in: 3, used: 3})
})

test('days choose tags', async () => {
  expect((await node.run(clicks({dayRange: 1}))).rows).toEqual([['a', '10']])
  expect((await node.run(clicks({dayRange: 1}), {overrides: {dayOffset: 1}})).rows).toEqual([
    ['a', '1'],
    ['b', '2'],
  ])
})

test('a day without data is skipped, no error', async () => {
  const {report, error} = await node.run(clicks(), {overrides: {dayStart: '2026-01-01'}})
  expect(error).toBeUndefined()
  expect(report).toMatchObject({state: 'skipped', batch: null, job: null})
  expect(report.reason).toBe('there is nothing to read (no tag is of 2026-01-01)')
})

test('a tag that does not exist is an error that names the nearest', async () => {
  const {report, error} = await node.run(clicks({sourceTags: ['in:cliks']}))
  expect(error).toMatchObject({code: 'TAG_NOT_FOUND', exitCode: 2})
  expect(report.state).toBe('failed')
  expect(report.error).toMatchObject({code: 'TAG_NOT_FOUND'})
  expect(report.error?.message).toBe('no tag begins with "in:cliks". Did you mean "in:clicks"?')
})

test('too few blobs are skipped and told as backlog; force runs them', async () => {
  const skipped = await node.run(clicks({minBlobs: 3}))
  expect(skipped.report).toMatchObject({state: 'skipped', backlog: {blobs: 2}})
  expect(skipped.report.backlog.oldestAtMs).toBeGreaterThan(Date.now() - 60_000)
  expect(skipped.report.reason).toBe('there are 2 blobs, fewer than minBlobs: 3')
  expect((await node.run(clicks({minBlobs: 3}), {force: true})).report.state).toBe('done')
})

test('an archiving rule reads each blob once, also when its tag grows', async () => {
  const rule = clicks({archive: true})
  expect((await node.run(rule)).rows).toHaveLength(2)
  expect((await node.run(rule)).report).toMatchObject({
    state: 'skipped',
    reason: 'there is nothing to read (2 blobs are done already)',
  })
  await node.push('in:clicks:2026-11-22', [{site: 'c', n: 5}])
  expect((await node.run(rule)).rows).toEqual([['c', '5']])
  expect(await node.namesIn('processed:clicks:2026-11-23')).toEqual(['two.json'])
  expect(await node.namesIn('in:clicks:2026-11-22')).toHaveLength(2)
})

test('a backlog is worked off in bites, newest first', async () => {
  const rule = clicks({archive: true, maxBlobs: 1})
  const first = await node.run(rule)
  expect(first.rows).toEqual([['a', '10']])
  expect(first.report.backlog.blobs).toBe(1)
  const second = await node.run(rule)
  expect(second.rows).toHaveLength(2)
  expect(second.report.backlog.blobs).toBe(0)
})

test('a blob under two tags counts once, and under both of them it is done', async () => {
  await node.push('in:clicks:2026-11-24', [{site: 'a', n: 10}], 'two.json')
  const rule = clicks({archive: true})
  expect((await node.run(rule)).rows).toContainEqual(['a', '11'])
  expect((await node.run(rule, {overrides: {dayStart: '2026-11-24'}})).report.state).toBe('skipped')
})

test('when the delivery fails nothing is marked, and the next run repeats it', async () => {
  const rule = clicks({archive: true})
  const failed = await node.run(rule, {deliver: () => Promise.reject(new ClusterError('UNAVAILABLE', 'down'))})
  expect(failed.report).toMatchObject({state: 'failed', error: {code: 'UNAVAILABLE', message: 'down'}})
  expect(failed.report.account).not.toBeNull()
  expect((await node.run(rule)).rows).toHaveLength(2)
})

test('a batch that the sink has is not read again', async () => {
  const sink = new MemorySink()
  const first = await node.run(clicks(), {sink})
  expect(first.report).toMatchObject({state: 'done', isRepeat: false, rowCounts: {t: 2}, sink: 'memory'})
  const second = await node.run(clicks(), {sink, scan: () => Promise.reject(new Error('not asked'))})
  expect(second.report).toMatchObject({state: 'done', isRepeat: true, job: null, batch: first.report.batch})
  expect(Object.fromEntries(sink.totals)).toEqual({a: 11, b: 2})
})

test('killed between sink and archive, with new data since: nothing counts twice', async () => {
  const rule = clicks({archive: true})
  const sink = new MemorySink()
  const killed = await node.run(rule, {sink, onDelivered: () => Promise.reject(new Error('killed'))})
  expect(killed.report.state).toBe('failed')
  await node.push('in:clicks:2026-11-23', [{site: 'c', n: 7}])
  const finishing = await node.run(rule, {sink})
  expect(finishing.report).toMatchObject({state: 'done', isRepeat: true, batch: killed.report.batch})
  const rest = await node.run(rule, {sink})
  expect(rest.report).toMatchObject({state: 'done', isRepeat: false})
  expect(Object.fromEntries(sink.totals)).toEqual({a: 11, b: 2, c: 7})
  expect((await node.run(rule, {sink})).report.state).toBe('skipped')
})

test('killed before the sink, with new data since: the same batch comes first', async () => {
  const rule = clicks({archive: true})
  const sink = new MemorySink()
  const killed = await node.run(rule, {sink, scan: () => Promise.reject(new Error('killed'))})
  await node.push('in:clicks:2026-11-23', [{site: 'c', n: 7}])
  expect((await node.run(rule, {sink})).report.batch).toBe(killed.report.batch)
  expect((await node.run(rule, {sink})).report.state).toBe('done')
  expect(Object.fromEntries(sink.totals)).toEqual({a: 11, b: 2, c: 7})
})

test('runs of one rule at the same time count every blob once', async () => {
  const rule = clicks({archive: true})
  const sink = new MemorySink()
  const outcomes = await Promise.all(Array.from({length: 4}, () => runRule(node.client, rule, {sink})))
  expect(outcomes.map(({report}) => report.state)).not.toContain('failed')
  expect(Object.fromEntries(sink.totals)).toEqual({a: 11, b: 2})
})

test('who has lost the place to a changed rule does not deliver', async () => {
  const rule = clicks({archive: true})
  const sink = new MemorySink()
  const {report, error} = await node.run(rule, {
    sink,
    scan: async request => {
      const place = await readBatchPlace(node.client, 'm.clicks', request.signal)
      const other = {id: 'f'.repeat(64), planHash: 'other', scope: 'all', inputs: [], marks: []}
      expect(await claimBatch(node.client, 'm.clicks', other, place, place.batches, request.signal)).toBe(true)
      const {scanHere} = await import('../../../../src/project/index.ts')
      return scanHere(request, 1)
    },
  })
  expect(error).toMatchObject({code: 'STALE_EPOCH'})
  expect(report.state).toBe('failed')
  expect(sink.totals.size).toBe(0)
})

test('rows of inner rules are the input, and are kept for a repeat', async () => {
  const inner = clicks({name: 'inner'})
  const outer = defineRule({name: 'outer', sourceTags: [inner], keyParts: ['_keyset'], valueParts: ['n']})
  let scans = 0
  const {scanHere} = await import('../../../../src/project/index.ts')
  const counting: Parameters<typeof runRule>[2] = {
    scan: request => {
      scans++
      return scanHere(request, 1)
    },
  }
  expect((await node.run(outer, counting)).rows).toEqual([['_default', '13']])
  expect(scans).toBe(2)
  expect((await node.run(outer, counting)).rows).toEqual([['_default', '13']])
  expect(scans).toBe(3)
  await node.push('in:clicks:2026-11-23', [{site: 'c', n: 100}])
  expect((await node.run(outer, counting)).rows).toEqual([['_default', '113']])
  expect(scans).toBe(5)
})

test('an archiving inner rule is done when the outer one is', async () => {
  const inner = clicks({name: 'inner', archive: true})
  const outer = defineRule({name: 'outer', sourceTags: [inner], keyParts: ['site'], valueParts: ['n']})
  const failing = await node.run(outer, {deliver: () => Promise.reject(new Error('down'))})
  expect(failing.report.state).toBe('failed')
  expect((await node.run(outer)).rows).toHaveLength(2)
  expect((await node.run(outer)).report.state).toBe('skipped')
})

test('an inner rule without data is no input', async () => {
  const nothing = clicks({name: 'inner', dayRange: 1, dayStart: '2020-01-01'})
  const both = defineRule({name: 'outer', sourceTags: [nothing, 'in:clicks'], keyParts: ['site'], valueParts: ['n']})
  expect((await node.run(both)).rows).toHaveLength(2)
  const lone = defineRule({name: 'outer', sourceTags: [nothing], keyParts: ['site']})
  expect((await node.run(lone)).report).toMatchObject({state: 'skipped', reason: 'there is nothing to read'})
})

test('an inner rule whose rows are none is an empty input', async () => {
  const none = clicks({name: 'inner', keyParts: ['absent']})
  const outer = defineRule({name: 'outer', sourceTags: [none], keyParts: ['absent'], valueParts: ['n']})
  expect((await node.run(outer)).report).toMatchObject({state: 'done', rowCounts: {_default: 0}})
})

test('a missing mark fails the run loudly', async () => {
  const rule = clicks({archive: true})
  const change = node.client.changeTag.bind(node.client)
  node.client.changeTag = (tag, request, options) =>
    tag.startsWith('processed:')
      ? Promise.reject(new ClusterError('DISK_FULL', 'no room', {retryable: false}))
      : change(tag, request, options)
  const {report} = await node.run(rule).finally(() => {
    node.client.changeTag = change
  })
  expect(report.state).toBe('failed')
  expect(report.error?.code).toBe('DISK_FULL')
  expect(report.error?.message).toContain('could not be marked as done under processed:clicks:2026-11-22: no room')
})
