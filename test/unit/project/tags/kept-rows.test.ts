import {afterAll, beforeAll, expect, test} from 'vitest'
import {listAllTags} from '../../../../src/client/index.ts'
import {
  keptRowsOf,
  keptRun,
  listArchive,
  planBackfill,
  planReset,
  resetArchive,
  tagDryRun,
  tagDryRunText,
} from '../../../../src/project/index.ts'
import {keptRowsTag, stagingPrefix, stagingTag} from '../../../../src/project/tags/own-tags.ts'
import type {Rule} from '../../../../src/rules/index.ts'
import {clicks, MemorySink, OneNode, rowsOf} from './one-node.ts'

const node = new OneNode()
beforeAll(async () => {
  await node.start()
  await node.push('in:clicks:2026-11-21', [{site: 'a', n: 1}], 'one.json')
  await node.push(
    'in:clicks:2026-11-23',
    [
      {site: 'a', n: 0.1},
      {site: 'b', n: 2},
    ],
    'two.json',
  )
  await node.push('in:clicks_old:2026-11-23', [{site: 'old', n: 1}], 'old.json')
  await node.touch('in:clicks:2026-11-24')
})
afterAll(() => node.stop())

const {signal} = new AbortController()
const nowMs = Date.UTC(2026, 10, 23, 12)
const source = (rule: Rule) => ({rule, module: 'm', address: null})
const exact = clicks({sourceTags: ['in:clicks:'], resultTag: 'res:clicks', columnMappings: {n: 'Count'}})

test('rows are kept under the newest day that was read, and once however often it runs', async () => {
  await node.run(exact)
  await node.run(exact)
  expect(await node.namesIn('res:clicks:2026-11-23')).toHaveLength(1)
})

test('a later rule reads them as records', async () => {
  await node.run(exact)
  const later = clicks({name: 'later', sourceTags: ['res:clicks'], keyParts: ['_keyset'], valueParts: ['n']})
  expect((await node.run(later)).rows).toEqual([['_default', '3.1']])
})

test('the result tag of the command line wins, with or without one in the rule', async () => {
  await node.run(clicks({sourceTags: ['in:clicks:'], resultTagSuffix: 'date'}), {resultTag: 'other'})
  expect(await node.namesIn('other:2026-11-23')).toHaveLength(1)
})

test('the kept rows of a job are those that it gave', async () => {
  const {report, rows} = await node.run(clicks({sourceTags: ['in:clicks:'], save: true}))
  const rule = clicks({sourceTags: ['in:clicks:'], save: true})
  const about = await keptRowsOf(node.client, report.job ?? '')
  expect(about).toMatchObject({rule: 'm.clicks', batch: report.batch})
  const {run} = await keptRun(source(rule), about, {client: node.client, params: {}, signal})
  expect(rowsOf(run.rows())).toEqual(rows)
})

test('equal rows of two runs count twice where they are read, those of a repeated batch once', async () => {
  const rule = clicks({archive: true, archiveTagPrefix: 'twice', sourceTags: ['twin:'], resultTag: 'twins'})
  const sum = clicks({name: 'sum', sourceTags: ['twins']})
  for (const name of ['one', 'two']) {
    await node.push(`twin:${name}:2026-11-23`, [{site: 'a', n: 5, from: name}])
    expect((await node.run(rule)).rows).toEqual([['a', '5']])
  }
  expect((await node.run(sum)).rows).toEqual([['a', '10']])
  const same = {overrides: {tags: ['twin:one']}, resultTag: 'repeated'}
  for (let time = 0; time < 2; time++) await node.run(clicks({}), same)
  expect((await node.run(sum, {overrides: {tags: ['repeated']}})).rows).toEqual([['a', '5']])
})

test('rows that a killed run left half-way go with the next run; those of a rule that is gone, after a day', async () => {
  const left = (rule: string) => node.push(stagingTag(rule), [{site: 'left', n: 7}])
  await left('m.staged')
  await left('m.gone')
  const staged = clicks({name: 'staged', sourceTags: ['in:clicks:'], resultTag: 'staged'})
  const tagsWithRows = async (): Promise<string[]> => {
    const tags = await Array.fromAsync(listAllTags(node.client, stagingPrefix))
    return tags.filter(({entryCount}) => entryCount > 0).map(({tag}) => tag)
  }
  await node.run(staged, {keepsJob: false})
  expect(await tagsWithRows()).toEqual([stagingTag('m.gone')])
  expect(await node.namesIn('staged:2026-11-23')).toHaveLength(1)
  await node.run(staged, {keepsJob: false, clockMs: () => Date.now() + 25 * 3_600_000, overrides: {dayRange: 0}})
  expect(await tagsWithRows()).toEqual([])
})

test.each([true, false])(
  'rows of a rule that does not archive replace those of its last run (keepsJob %s)',
  async keepsJob => {
    const [tag, from] = [`totals_${keepsJob}`, `grows_${keepsJob}`]
    const total = clicks({name: 'total', sourceTags: [from], resultTag: tag})
    const other = clicks({name: 'other', sourceTags: [from], resultTag: tag})
    const readers = clicks({name: 'reader', sourceTags: [tag]})
    await node.push(`${from}:2026-11-23`, [{site: 'a', n: 1}], 'first.json')
    for (let time = 0; time < 2; time++) await node.run(total, {keepsJob})
    await node.push(`${from}:2026-11-23`, [{site: 'a', n: 2}], 'second.json')
    await node.run(total, {keepsJob})
    expect((await node.run(readers)).rows).toEqual([['a', '3']])
    // Rows of other rules, and of the same rule for other tags, stay.
    await node.run(other, {keepsJob})
    await node.push(`more_${from}:2026-11-23`, [{site: 'a', n: 3, from}])
    await node.run(total, {keepsJob, overrides: {tags: [`more_${from}:2026-11-23`]}})
    expect((await node.run(readers)).rows).toEqual([['a', '9']])
  },
)

test('rows of a run that nobody looks at stand under the result tag only, unless the rule says save', async () => {
  const tagsOfJob = async (job: string | null): Promise<number> => {
    const {tags} = await node.client.listTags({prefix: '_inferno:job:', count: 1000})
    return tags.filter(({tag}) => tag === keptRowsTag(job ?? '')).length
  }
  const unseen = {keepsJob: false, resultTag: 'unseen'}
  const {report} = await node.run(clicks({}), unseen)
  expect(await tagsOfJob(report.job)).toBe(0)
  expect((await node.run(clicks({}), {overrides: {tags: ['unseen']}})).rows.length).toBeGreaterThan(0)
  const saved = await node.run(clicks({save: true}), unseen)
  expect(await tagsOfJob(saved.report.job)).toBe(1)
})

test('a job without kept rows and a job of another rule are errors', async () => {
  await expect(keptRowsOf(node.client, 'm.clicks@none')).rejects.toMatchObject({code: 'JOB_NOT_FOUND', exitCode: 2})
  const {report} = await node.run(clicks({save: true}))
  const about = await keptRowsOf(node.client, report.job ?? '')
  const other = source(clicks({name: 'other'}))
  await expect(keptRun(other, about, {client: node.client, params: {}, signal})).rejects.toMatchObject({
    code: 'WRONG_STATE',
  })
})

test('kept rows of a run that ended half-way are an error, not a part of the rows', async () => {
  await node.push(keptRowsTag('m.clicks@half'), [{site: 'a', n: 1}])
  await expect(keptRowsOf(node.client, 'm.clicks@half')).rejects.toMatchObject({code: 'WRONG_STATE'})
})

test('a dry run tells tags, blobs, what is left out and why, and changes nothing', async () => {
  const rule = clicks({archive: true, archiveTagPrefix: 'dry', maxBlobs: 1})
  const given = {params: {}, cluster: node.client, overrides: {}, force: false, nowMs, signal}
  const before = await node.client.listTags({count: 1000})
  const dry = await tagDryRun({
    ...given,
    usesCache: true,
    keepsBad: false,
    source: source(rule),
    sink: new MemorySink(),
  })
  expect(tagDryRunText(dry)).toBe(`rule     m.clicks
format   json
asks     in:clicks
tags     in:clicks_old:2026-11-23  1 blob, 21 B
         in:clicks:2026-11-24  0 blobs, 0 B
         in:clicks:2026-11-23  0 blobs, 0 B; 1 beyond maxBlobs
         in:clicks:2026-11-21  0 blobs, 0 B; 1 beyond maxBlobs
reads    1 blob (21 B stored)
cached   nothing; all blobs are scanned
archive  dry:clicks_old:2026-11-23
sink     memory
keyset   _default: site, n
warning  "in:clicks" also takes in:clicks_old:2026-11-23, because tags are prefixes; to leave it out ask for "in:clicks:"
nothing was read; leave out --dry-run to run it
`)
  expect(await node.client.listTags({count: 1000})).toEqual(before)
})

test('the archive of a rule is listed and reset, by day', async () => {
  const rule = clicks({archive: true, archiveTagPrefix: 'arc', sourceTags: ['in:clicks:']})
  await node.run(rule)
  await node.push('in:clicks:2026-11-23', [{site: 'late', n: 1}])
  const selection = {client: node.client, nowMs, signal}
  const {tags} = await listArchive(source(rule), selection)
  expect(tags.map(({source: tag, archive, done, waiting}) => [tag, archive, done, waiting])).toEqual([
    ['in:clicks:2026-11-21', 'arc:clicks:2026-11-21', 1, 0],
    ['in:clicks:2026-11-23', 'arc:clicks:2026-11-23', 1, 1],
    ['in:clicks:2026-11-24', 'arc:clicks:2026-11-24', 0, 0],
  ])
  const plan = await planReset(source(rule), {...selection, days: {from: 20_778, to: 20_778}})
  expect(plan.tags.map(({archive}) => archive)).toEqual(['arc:clicks:2026-11-21'])
  expect(await resetArchive(node.client, plan, signal)).toBe(1)
  expect((await node.run(rule)).rows).toEqual([
    ['a', '1'],
    ['late', '1'],
  ])
})

test('a backfill knows days without tag, without blobs, done and to be run', async () => {
  const rule = clicks({sourceTags: ['in:clicks']})
  const sink = new MemorySink()
  await node.run(rule, {sink, overrides: {dayStart: '2026-11-21'}})
  const given = {params: {}, client: node.client, from: '2026-11-21', to: '2026-11-24', sink, nowMs, signal}
  const {days} = await planBackfill({...given, source: source(rule)})
  expect(days.map(({day, state}) => [day, state])).toEqual([
    ['2026-11-21', 'done'],
    ['2026-11-22', 'no tag'],
    ['2026-11-23', 'waits'],
    ['2026-11-24', 'no blobs'],
  ])
})

test.each([
  ['2026-11-31', '2026-12-01', '--from "2026-11-31" is not a day'],
  ['2026-12-02', '2026-12-01', '--to 2026-12-01 is before --from 2026-12-02'],
  ['1990-01-01', '2026-12-01', '13484 days are more than the 3660 of one backfill'],
])('a backfill from %s to %s is refused', async (from, to, message) => {
  const given = {params: {}, client: node.client, from, to, nowMs, signal}
  await expect(planBackfill({...given, source: source(clicks())})).rejects.toThrow(message)
})
