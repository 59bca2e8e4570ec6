/** What Inferno did and no other test shows: see README.md. */
import {afterAll, beforeAll, expect, test} from 'vitest'
import {DiscoProject} from '../cli/disco-project.ts'
import {waitFor} from '../cluster/kit/wait.ts'

const project = new DiscoProject()
let left: readonly string[] = ['not stopped']
beforeAll(() => {
  project.startCluster()
  for (const [tag, site] of [
    ['one:2026-11-23', 'a'],
    ['two:2026-11-23', 'b'],
  ] as const) {
    project.ddfs(['push', tag, project.writeRecords(`${site}.json`, [{site, n: 1}])])
  }
})
afterAll(async () => {
  left = await project.stopCluster()
  project.close()
  expect(left).toEqual([])
})

test('two rules that share an archive are told where rules are listed, and by the daemon', async () => {
  project.write(
    'clash/m.ts',
    `import {defineRule} from 'disco-inferno'
export const AUTORUN = true
const base = {sourceTags: ['one:'], keyParts: ['site'], archive: true, timeDelta: {weeks: 1}, resultProcessor: null}
export const a = defineRule({name: 'a', ...base})
export const b = defineRule({name: 'b', ...base})
export const c = defineRule({name: 'c', ...base, archiveTagPrefix: 'c'})
`,
  )
  const told = 'm.a and m.b both keep what they have done under processed:'
  expect(project.inferno(['rules', '-y', 'clash']).stdout).toContain(`warning: ${told}`)
  const daemon = project.startTool(['inferno', 'daemon', '-y', 'clash', '--state', 'state', '--start-paused'])
  await waitFor('the daemon says so', () => daemon.stderr().includes(told))
  daemon.child.kill('SIGTERM')
  await daemon.ended
  expect(daemon.stderr().match(/hide blobs/g)).toHaveLength(1)
})

test('two inner rules run at the same time', () => {
  // Each waits until the other has begun: one after the other they would wait for ever.
  const waits = (own: string, other: string): string => `partsPreprocess: [parts => parts], mapInitFunction: () => {
    writeFileSync(${JSON.stringify(project.path(''))} + '/${own}', '')
    const untilMs = Date.now() + 20_000
    while (!existsSync(${JSON.stringify(project.path(''))} + '/${other}')) if (Date.now() > untilMs) throw new Error('alone')
  }`
  project.write(
    'rules/nested.ts',
    `import {existsSync, writeFileSync} from 'node:fs'
import {defineRule} from 'disco-inferno'
const base = {keyParts: ['site'], valueParts: ['n']}
const first = defineRule({name: 'first', ...base, sourceTags: ['one:'], ${waits('began-1', 'began-2')}})
const second = defineRule({name: 'second', ...base, sourceTags: ['two:'], ${waits('began-2', 'began-1')}})
export const outer = defineRule({name: 'outer', ...base, sourceTags: [first, second]})
`,
  )
  const {exitCode, stdout} = project.inferno(['run', 'nested.outer', '--format', 'csv'])
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'site,n\na,1\nb,1\n'})
})

test('a run leaves no job behind unless it failed', () => {
  project.write(
    'rules/jobs.ts',
    `import {defineRule} from 'disco-inferno'
const base = {sourceTags: ['one:'], keyParts: ['site'], valueParts: ['n']}
export const good = defineRule({name: 'good', ...base})
export const bad = defineRule({name: 'bad', ...base, mapInitFunction: () => { throw new Error('no') }})
`,
  )
  expect(project.inferno(['run', 'jobs.good']).exitCode).toBe(0)
  expect(project.inferno(['run', 'jobs.bad']).exitCode).toBe(1)
  const jobs = project.json(['disco', 'jobs']) as {job: string; state: string}[]
  expect(jobs.filter(({job}) => job.startsWith('jobs.')).map(({job, state}) => [job.split('@')[0], state])).toEqual([
    ['jobs.bad', 'failed'],
  ])
})

test('parameters are there in every hook', () => {
  project.write(
    'rules/hooks.ts',
    `import {defineRule} from 'disco-inferno'
const seen = (hook, params) => { if (params.word !== 'given') throw new Error(hook + ' does not see it') }
export const all = defineRule({
  name: 'all', sourceTags: ['one:'], keyParts: ['site'], valueParts: ['n'], params: {word: 'default'},
  ruleInitFunction: params => seen('ruleInitFunction', params),
  mapInitFunction: params => seen('mapInitFunction', params),
  reduceInitFunction: params => seen('reduceInitFunction', params),
  partsPreprocess: [(parts, params) => (seen('partsPreprocess', params), parts)],
  partsPostprocess: [(key, values, params) => (seen('partsPostprocess', params), [[key, values]])],
  async resultProcessor(rows, {params}) {
    seen('resultProcessor', params)
    for await (const [key] of rows) console.log('row', ...key)
  },
  ruleCleanup: ({params}) => { seen('ruleCleanup', params); console.error('all have seen it') },
})
`,
  )
  const {exitCode, stdout, stderr} = project.inferno(['run', 'hooks.all', '-P', 'word=given'])
  expect(stderr).not.toContain('does not see it')
  expect(stderr).toContain('all have seen it')
  expect({exitCode, stdout}).toEqual({exitCode: 0, stdout: 'row _default a\n'})
})
