import {afterAll, afterEach, beforeAll, beforeEach, expect, test} from 'vitest'
import {ClusterError} from '../../../../src/base/index.ts'
import {scanHere, type TagRunRequest} from '../../../../src/project/index.ts'
import {clicks, MemorySink, OneNode} from './one-node.ts'

const node = new OneNode()
beforeAll(() => node.start())
afterAll(() => node.stop())
beforeEach(async () => {
  await node.push('in:clicks:2026-11-22', [{site: 'a', n: 1}], 'one.json')
  await node.push('in:clicks:2026-11-23', [{site: 'a', n: 10}], 'two.json')
})
afterEach(async () => {
  const {tags} = await node.client.listTags({count: 1000})
  for (const {tag} of tags) await node.client.changeTag(tag, {change: {type: 'delete'}})
})

/** The first input cannot be read. */
const firstIsMissing: TagRunRequest['scan'] = async request => {
  const scan = await scanHere({...request, inputs: request.inputs.slice(1)}, 1)
  return {...scan, missing: [0]}
}
const rule = clicks({archive: true})
const missing = {allowsMissing: true, scan: firstIsMissing}

test('what was missing is told, is not marked as done, and is all that a later run reads', async () => {
  const sink = new MemorySink()
  const {report} = await node.run(rule, {...missing, sink})
  expect(report.blobs.map(({tag, isMissing}) => [tag, isMissing])).toEqual([
    ['in:clicks:2026-11-22', true],
    ['in:clicks:2026-11-23', undefined],
  ])
  expect(sink.totals.get('a')).toBe(10)
  const later = await node.run(rule, {sink})
  expect(later.report.blobs.map(({tag}) => tag)).toEqual(['in:clicks:2026-11-22'])
  expect(sink.totals.get('a')).toBe(11)
  expect((await node.run(rule, {sink})).report.state).toBe('skipped')
})

test('a run that ended between its rows and its marks is followed by the same batch, without what was missing', async () => {
  const sink = new MemorySink()
  const change = node.client.changeTag.bind(node.client)
  node.client.changeTag = (tag, request, options) =>
    tag.startsWith('processed:')
      ? Promise.reject(new ClusterError('DISK_FULL', 'no room', {retryable: false}))
      : change(tag, request, options)
  const {report} = await node.run(rule, {...missing, sink}).finally(() => {
    node.client.changeTag = change
  })
  expect(report.state).toBe('failed')
  // Both can be read by now.
  for (let time = 0; time < 3; time++) await node.run(rule, {sink})
  expect(sink.totals.get('a')).toBe(11)
  expect(sink.batches).toHaveLength(2)
})

test('without a database a run that reads all is another batch than one that missed something', async () => {
  const first = await node.run(clicks(), missing)
  const second = await node.run(clicks())
  expect(first.rows).toEqual([['a', '10']])
  expect(second.rows).toEqual([['a', '11']])
  expect(first.report.batch).not.toBe(second.report.batch)
})
