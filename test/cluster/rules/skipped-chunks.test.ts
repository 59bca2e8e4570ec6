/** Chunks whose statistics rule out what a rule looks for, on a real cluster. */
import {afterAll, beforeAll, expect, test} from 'vitest'
import type {RunReport} from '../../../src/project/index.ts'
import {DiscoProject} from '../../cli/disco-project.ts'

const project = new DiscoProject()
let left: readonly string[] = ['not stopped']

beforeAll(() => {
  project.write(
    'rules/clicks.ts',
    `import {defineRule, where} from 'disco-inferno'
const base = {keyParts: ['site'], valueParts: ['n'], partsPreprocess: [where('time >= $from')], params: {from: 250}}
export const with_some = defineRule({name: 'with_some', sourceTags: ['ranges:'], ...base})
export const without = defineRule({name: 'without', sourceTags: ['bare:'], ...base})
export const watched = defineRule({name: 'watched', sourceTags: ['watched:'], ...base})
const only = {sourceTags: ['ranges:'], valueParts: ['count']}
export const by_day = defineRule({name: 'by_day', ...only, keyParts: ['site'], partsPreprocess: [where('day(time) > "1970-01-01"')]})
export const by_value = defineRule({name: 'by_value', ...only, keyParts: ['site'], partsPreprocess: [where('site in ("d", "e")')]})
export const by_name = defineRule({name: 'by_name', ...only, keyParts: ['site'], partsPreprocess: [where('exists debug')]})
export const no_key = defineRule({name: 'no_key', ...only, keyParts: ['time', 'gone']})
export const set_by_hook = defineRule({name: 'set_by_hook', ...only, ...base, mapInitFunction: params => { params.from = 0 }})
`,
  )
  project.startCluster()
  const records = (from: number, count: number) =>
    Array.from({length: count}, (_, index) => ({time: from + index, site: 'abc'[index % 3], n: index}))
  project.writeRecords('logs/a.json', records(0, 200))
  project.writeRecords('logs/b.json', records(200, 200))
  // Its last line is not a record, so that its bad line has to be counted.
  project.write(
    'logs/c.json',
    `${project.read(project.writeRecords('c.json', records(0, 100)).split('/').at(-1)!)}{"time":\n`,
  )
  const files = ['a', 'b', 'c'].map(name => project.path(`logs/${name}.json`))
  for (const [tag, ...more] of [['ranges:2026-11-23', '--statistics', 'time,site'], ['bare:2026-11-23']] as const)
    expect(project.ddfs(['chunk', ...more, tag, ...files])).toMatchObject({exitCode: 0})
  const watch = ['watch', project.path('logs'), '--tag', 'watched:2026-11-23', '--once', '--statistics', 'time', '-q']
  expect(project.ddfs(watch)).toMatchObject({exitCode: 0, stderr: ''})
})

afterAll(async () => {
  left = await project.stopCluster()
  project.close()
  expect(left).toEqual([])
})

function run(rule: string, ...args: string[]) {
  const {exitCode, stdout, stderr} = project.inferno(['run', `clicks.${rule}`, '--json', ...args])
  expect(exitCode, stdout + stderr).toBe(0)
  const [{keysets, account, report}] = JSON.parse(stdout)
  const {badSamples, ...counts} = account
  const skipped = (report as RunReport).blobs.filter(({skipped}) => skipped !== undefined).length
  return {keysets, counts, badCount: badSamples.length, skipped}
}

test('a chunk that a filter rules out is skipped, and rows and account are as without statistics', () => {
  const plain = run('without')
  expect(plain).toMatchObject({counts: {in: 501, bad: 1, filtered: 350, used: 150}, skipped: 0})
  expect(run('with_some')).toEqual({...plain, skipped: 1})
  expect(run('watched')).toEqual({...plain, skipped: 1})
  // Kept, it was not skipped a second time.
  expect(run('with_some')).toEqual(plain)
})

test('parameters decide, and a filter that rules out all chunks gives no rows', () => {
  for (const [from, skipped] of [
    ['200', 1],
    ['199', 0],
    ['400', 2],
    ['x', 2],
  ] as const)
    expect(run('with_some', '-P', `from=${from}`), from).toEqual({...run('without', '-P', `from=${from}`), skipped})
})

test('the run says how much was skipped', () => {
  const {stderr} = project.inferno(['run', 'clicks.with_some', '--no-cache', '--format', 'csv'])
  expect(stderr).toMatch(
    /skipped by their statistics: 1 of 3 inputs \([\d.]+ \S+ stored, [\d.]+ \S+ of text, 200 records\): where time >= \$from\n/,
  )
})

test.each([
  ['by_day', {preprocess: 500}, 'where day(time) > "1970-01-01"'],
  ['by_value', {preprocess: 500}, 'where site in ("d", "e")'],
  ['by_name', {preprocess: 500}, 'where exists debug'],
  ['no_key', {'key part missing': 500}, 'key gone in no record'],
])('%s reads only the chunk without statistics, as the dry run and explain say', (rule, filteredByReason, because) => {
  const dry = JSON.parse(project.inferno(['run', `clicks.${rule}`, '--dry-run', '--json']).stdout)
  const [{blobs, skipped}] = Array.isArray(dry) ? dry : [dry]
  expect(skipped).toMatchObject({blobs: 2, records: 400})
  expect(blobs.map((blob: {skipped?: {because: string}}) => blob.skipped?.because ?? '').sort()).toEqual(
    ['', because, because].sort(),
  )
  const text = project.inferno(['run', `clicks.${rule}`, '--dry-run'])
  expect(text.stdout + text.stderr).toContain('skips    by statistics 2 of 3 blobs')
  expect(project.inferno(['explain', `clicks.${rule}`]).stdout).toContain(`400 records): ${because}`)
  const ran = run(rule)
  expect(ran).toMatchObject({counts: {in: 501, bad: 1, used: 0, filteredByReason}, skipped: 2})
})

test('a dry run does not count on parameters that a hook of the rule may set', () => {
  const [{skipped}] = [JSON.parse(project.inferno(['run', 'clicks.set_by_hook', '--dry-run', '--json']).stdout)].flat()
  expect(skipped).toMatchObject({blobs: 0})
  expect(run('set_by_hook')).toMatchObject({counts: {used: 500}, skipped: 0})
})

test('a field that cannot have a range is refused', () => {
  for (const fields of ['user.id', 'a,,b', 'a,b,c,d,e,f,g,h,i']) {
    const {exitCode, stderr} = project.ddfs(['chunk', '--statistics', fields, 'x', project.path('logs/a.json')])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--statistics')
  }
})
