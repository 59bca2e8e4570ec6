import {expect, test} from 'vitest'
import {batchNotes, isWithinReach, reachOf, sortBatches} from '../../../../src/project/tags/batch-owner.ts'
import type {OpenBatch} from '../../../../src/project/tags/open-batch.ts'
import {defineRule} from '../../../../src/rules/index.ts'
import {clicks} from './one-node.ts'

const entry = {type: 'blob', blob: 'b'.repeat(64), name: 'one', bytes: 1} as const
const input = {input: {name: 'in-a:1/one', addresses: []}, identity: entry.blob, tag: 'in-a:1', isImmutable: true}

const batch = (more: Partial<OpenBatch> = {}): OpenBatch => ({
  id: 'x',
  planHash: 'plan',
  scope: 'all',
  inputs: [input],
  marks: [['done-a:1', [entry]]],
  tags: ['in-a:1'],
  sink: 'sqlite:/a.db',
  ...more,
})

const rule = (sourceTags: string[], archiveTagPrefix: string) => clicks({archive: true, sourceTags, archiveTagPrefix})
const own = reachOf(rule(['in-a:'], 'done-a'))
const sink = (place: string, ...ids: string[]) => {
  const hasBatch = async (id: string) => ids.includes(id)
  return {place, hasBatch, knowsBatch: hasBatch}
}
const run = {rule: 'm.clicks', reach: own, planHash: 'plan'}

test.each([
  ['the tags and the prefix are those of the rule', ['in-a:'], 'done-a', true],
  ['the rule reads more', ['in-b:', 'in-a'], 'done-a', true],
  ['the rule reads other tags that are archived under the same names', ['in-b:'], 'done-a', false],
  ['the rule archives under another prefix', ['in-a:'], 'done-b', false],
])('whether a batch is within reach: %s', (_, tags, prefix, expected) => {
  expect(isWithinReach(batch(), reachOf(rule(tags, prefix)))).toBe(expected)
})

test('a batch of an older version is within reach by the names of its marks', () => {
  const {tags: _tags, sink: _sink, ...old} = batch()
  expect(isWithinReach(old, own)).toBe(true)
  expect(isWithinReach({...old, marks: [['done-a:1', [entry]]]}, reachOf(rule(['in-b:'], 'done-b')))).toBe(false)
})

test('a batch that could read nothing has no marks, and is within reach by its tags', () => {
  expect(isWithinReach(batch({marks: []}), own)).toBe(true)
})

test('the reach is that of all archiving rules of the tree; tags from outside are for the innermost', () => {
  const inner = rule(['in-a:'], 'done-a')
  const outer = defineRule({name: 'outer', archive: true, sourceTags: [inner, 'more:'], keyParts: ['site']})
  expect(reachOf(outer, ['given:'])).toEqual([
    {bases: ['more:'], prefix: 'processed'},
    {bases: ['given:'], prefix: 'done-a'},
  ])
  expect(reachOf(clicks())).toEqual([])
})

test('the own batch for the own sink comes first, also that of a version that did not note the sink', async () => {
  const foreign = batch({id: 'f', tags: ['in-b:1']})
  const {sink: _sink, ...old} = batch()
  for (const one of [batch(), old]) {
    const found = await sortBatches([foreign, one], {...run, sink: sink('sqlite:/a.db')})
    expect(found).toEqual({begun: one, isWritten: false, stale: [], foreign: [foreign]})
  }
})

test('a batch of another version of the rule is finished when the sink has it, and dropped otherwise', async () => {
  const changed = batch({planHash: 'older'})
  const without = await sortBatches([changed], {...run, sink: sink('sqlite:/a.db')})
  expect(without).toEqual({begun: undefined, isWritten: false, stale: [changed], foreign: []})
  expect(batchNotes('m.clicks', without)).toEqual([
    'an earlier run left 1 input unfinished, nothing of which was written; m.clicks has changed since, and reads its tags anew',
  ])
  const inOtherTables = {...sink('sqlite:/a.db'), knowsBatch: async () => true}
  expect(await sortBatches([changed], {...run, sink: inOtherTables})).toMatchObject({begun: changed, isWritten: true})
})

test('a batch for another sink is an error that says what to do, unless this sink has it', async () => {
  await expect(sortBatches([batch()], {...run, sink: sink('sqlite:/new.db')})).rejects.toMatchObject({
    code: 'WRONG_STATE',
    message:
      'a run of m.clicks began a batch of 1 input for sqlite:/a.db, which has not ended; this run writes to another place',
    hint: expect.stringContaining('inferno archive reset m.clicks --open --yes'),
  })
  expect((await sortBatches([batch()], {...run, sink: sink('sqlite:/moved.db', 'x')})).begun).toMatchObject({id: 'x'})
})

test('a batch of others is left alone and told, though the sink has one of its id', async () => {
  const foreign = batch({tags: ['in-b:1', 'in-b:2']})
  const found = await sortBatches([foreign], {...run, sink: sink('sqlite:/a.db', 'x')})
  expect(found).toEqual({begun: undefined, isWritten: false, stale: [], foreign: [foreign]})
  expect(batchNotes('m.clicks', found)[0]).toContain(
    'left alone: a batch of 1 input of in-b:1 and 1 more tags that a run of m.clicks began for sqlite:/a.db;',
  )
})
