/** What happens to people who let rules run over tags: inputs, sinks and rules that misbehave, through the built program. */
import {existsSync, mkdirSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {RunReport} from '../../src/project/index.ts'
import {DiscoProject} from '../cli/disco-project.ts'
import {rowsOf} from '../cli/inferno-project.ts'
import {waitFor} from '../cluster/kit/wait.ts'
import {query} from '../databases/place.ts'

const project = new DiscoProject()
let left: readonly string[] = ['not stopped']
beforeAll(() => project.startCluster())
afterAll(async () => {
  left = await project.stopCluster()
  project.close()
  expect(left).toEqual([])
})

const reportOf = (name: string): RunReport => JSON.parse(project.read(name)) as RunReport
const rowsIn = (file: string, table: string): Promise<(string | null)[][]> =>
  query(`sqlite:${project.path(file)}`, `SELECT * FROM ${table} ORDER BY 1`)

describe('logs that are followed', () => {
  const watchOnce = (): void => {
    const args = ['watch', 'logs', '--tag', 'same:{file}', '--once', '-q']
    expect(project.ddfs(args)).toMatchObject({exitCode: 0, stderr: ''})
  }

  test('the same line counts as often as it was written: in two files, and again in one', () => {
    project.write('rules/same.ts', ruleText(`name: 'lines', sourceTags: ['same:'], archive: true`))
    const line = '{"site":"a","n":1}\n'
    project.write('logs/one.log', line)
    project.write('logs/two.log', line)
    watchOnce()
    project.write('logs/one.log', line + line)
    watchOnce()
    const {stdout} = project.inferno(['run', 'same.lines', '--format', 'csv'])
    expect(rowsOf(stdout)[1]).toEqual(['a', '3'])
    // Pushed already: nothing comes twice.
    watchOnce()
    expect(project.inferno(['run', 'same.lines']).stderr).toContain('there is nothing to read')
  })
})

describe('a blob that no node can give', () => {
  test('fails the run naming it; --allow-missing goes on and says how much is missing', () => {
    project.write('rules/gone.ts', ruleText(`name: 'rows', sourceTags: ['gone:']`))
    for (const site of ['a', 'b']) {
      project.ddfs(['push', 'gone:2026-11-23', project.writeRecords(`${site}.json`, [{site, n: 1}])])
    }
    const [first] = project.json(['ddfs', 'blobs', 'gone:2026-11-23']) as {entry: {blob: string}}[]
    const {blob} = first!.entry
    removeFile(project.discoHome, blob)
    const failed = project.inferno(['run', 'gone.rows', '--format', 'csv', '--report', 'gone.json'])
    // No node is away that could have it: nobody waits for one, unless the master has not heard yet that it is gone.
    const jobs = project.json(['disco', 'jobs']) as {job: string}[]
    const {job = ''} = jobs.find(each => each.job.startsWith('gone.rows@')) ?? {}
    const events = project.disco(['events', job]).stdout
    expect(events).toContain('FATAL')
    expect(events.match(/is tried again/g)?.length ?? 0).toBeLessThan(2)
    expect(failed.exitCode).toBe(1)
    expect(failed.stdout).toBe('')
    expect(failed.stderr).toContain(blob)
    expect(reportOf('gone.json')).toMatchObject({state: 'failed', error: {code: 'BLOB_NOT_FOUND'}})
    const rest = project.inferno(['run', 'gone.rows', '--format', 'csv', '--allow-missing'])
    expect(rest.exitCode).toBe(0)
    expect(rowsOf(rest.stdout)).toHaveLength(2)
    expect(rest.stderr).toContain('missing in the rows: 1 of 2 (19 B of 38 B stored): gone:2026-11-23/a.json')
  })
})

describe('days', () => {
  test('one without data is skipped, one before any tag too; the others count', () => {
    project.write('rules/days.ts', ruleText(`name: 'rows', sourceTags: ['days'], dayRange: 3`))
    for (const day of ['2028-02-28', '2028-03-01']) {
      project.ddfs(['push', `days:${day}`, project.writeRecords(`${day}.json`, [{site: day, n: 1}])])
    }
    // A leap year: the three days that end with the first of March begin with the 28th. Of the 29th there is nothing.
    const over = project.inferno(['run', 'days.rows', '-S', '2028-03-01', '-R', '3', '--format', 'csv'])
    expect(rowsOf(over.stdout).slice(1)).toEqual([
      ['2028-02-28', '1'],
      ['2028-03-01', '1'],
    ])
    const none = project.inferno(['run', 'days.rows', '-S', '2028-02-29', '--report', 'none.json'])
    expect(none.exitCode).toBe(0)
    expect(reportOf('none.json')).toMatchObject({state: 'skipped'})
  })
})

describe('files into a database', () => {
  test('count once under any folder, again when they have grown, and a changed rule is another batch', async () => {
    project.write('rules/files.ts', ruleText(`name: 'rows', sink: {to: 'sqlite:files.db', mode: 'add'}`))
    project.writeRecords('in/a.json', [{site: 'x', n: 1}])
    project.writeRecords('copy/a.json', [{site: 'x', n: 1}])
    const first = project.inferno(['run', 'files.rows', '-i', 'in', '--report', 'files.json'])
    expect(first).toMatchObject({exitCode: 0, stdout: ''})
    expect(first.stderr).toContain('rows to sqlite:files.db: 1 into')
    expect(reportOf('files.json')).toMatchObject({isRepeat: false, sink: 'sqlite:files.db', batch: expect.any(String)})
    const again = project.inferno(['run', 'files.rows', '-i', 'copy', '--report', 'files.json'])
    expect(again.stderr).toContain('the rows are in sqlite:files.db already')
    expect(reportOf('files.json')).toMatchObject({isRepeat: true})
    expect(await rowsIn('files.db', 'rows')).toEqual([['x', '1']])
    project.writeRecords('in/a.json', [
      {site: 'x', n: 1},
      {site: 'x', n: 1},
    ])
    project.inferno(['run', 'files.rows', '-i', 'in'])
    expect(await rowsIn('files.db', 'rows')).toEqual([['x', '3']])
  })

  test('--to beats the rule, --format shows the rows instead', async () => {
    project.inferno(['run', 'files.rows', '-i', 'in', '--to', 'sqlite:other.db'])
    expect(await rowsIn('other.db', 'rows')).toEqual([['x', '2']])
    expect(project.inferno(['run', 'files.rows', '-i', 'in', '--format', 'csv']).stdout).toBe('site,n\nx,2\n')
  })

  test('a pipe is told to count anew each time; looking puts nothing in', async () => {
    const pipe = {input: '{"site":"p","n":1}\n'}
    const args = ['run', 'files.rows', '-i', '-', '--to', 'sqlite:pipe.db']
    for (let time = 0; time < 2; time++) {
      expect(project.inferno(args, pipe).stderr).toContain('a pipe is another one each time')
    }
    expect((await rowsIn('pipe.db', 'rows')).map(([site]) => site)).toEqual(['p', 'p'])
    for (const flag of [['--watch'], ['--sample', '3']]) {
      const {exitCode, stderr} = project.inferno(['run', 'files.rows', '-i', 'in', ...flag])
      expect(exitCode).toBe(2)
      expect(stderr).toContain('--format table')
    }
  })
})

describe('a daemon', () => {
  test('goes on with rules that fail always, now and then, or for one record; each line counts once', async () => {
    project.write(
      'auto/m.ts',
      `import {existsSync} from 'node:fs'
import {defineRule} from 'disco-inferno'
export const AUTORUN = true
const base = {sourceTags: ['auto:'], keyParts: ['site'], valueParts: ['n'], timeDelta: {seconds: 1}, archive: true}
const add = {to: 'sqlite:place/auto.db', mode: 'add'}
const broken = () => { throw new Error('always broken') }
const sometimes = () => { if (!existsSync(${JSON.stringify(project.path('healed'))})) throw new Error('not healed') }
export const always = defineRule({...base, name: 'always', archiveTagPrefix: 'p1', sink: add, mapInitFunction: broken})
export const now = defineRule({...base, name: 'now', archiveTagPrefix: 'p2', sink: add, mapInitFunction: sometimes})
export const picky = defineRule({...base, name: 'picky', archiveTagPrefix: 'p3', sink: add, partsPreprocess: [parts => {
  if (parts.site === 'bad') throw new Error('not this one')
  return parts
}]})
export const well = defineRule({...base, name: 'well', archiveTagPrefix: 'p4', sink: add})
`,
    )
    // Different in every push: equal content is one blob, which rules that archive read once.
    const push = (id: number, site: string): void => {
      project.ddfs(['push', 'auto:2026-11-23', project.writeRecords(`${id}.json`, [{site, n: 1, id}])])
    }
    push(1, 'a')
    push(2, 'bad')
    const env = {LANG: 'C.UTF-8'}
    const daemon = project.startTool(['inferno', 'daemon', '-y', 'auto', '--state', 'state'], {env})
    try {
      type Status = {rules: {rule: string; lastState?: string; lastError?: string}[]}
      const status = (): Status =>
        JSON.parse(project.inferno(['status', '-y', 'auto', '--state', 'state', '--json']).stdout) as Status
      // The folder of the database is not there: it is down for all of them.
      await waitFor('all have failed', () => {
        const {rules} = status()
        return rules.length === 4 && rules.every(({lastState}) => lastState === 'failed')
      })
      mkdirSync(project.path('place'))
      const rows = async (table: string): Promise<string> =>
        existsSync(project.path('place/auto.db')) ? (await rowsIn('place/auto.db', table)).join(' ') : ''
      await waitFor('two work', async () => (await rows('well')) === 'a,1 bad,1' && (await rows('picky')) === 'a,1')
      project.write('healed', '')
      push(3, 'a')
      await waitFor(
        'three work',
        async () => (await rows('well')) === 'a,2 bad,1' && (await rows('now')) === 'a,2 bad,1',
      )
      const {rules} = status()
      const errors = rules.filter(({lastError}) => lastError !== undefined)
      expect(errors.map(({rule}) => rule)).toEqual(['m.always'])
      expect(errors[0]?.lastError).toContain('always broken')
    } finally {
      daemon.child.kill('SIGTERM')
      expect((await daemon.ended).exitCode).toBe(0)
    }
  })
})

function ruleText(options: string): string {
  return `import {defineRule} from 'disco-inferno'
export default defineRule({${options}, keyParts: ['site'], valueParts: ['n']})
`
}

/** Takes the file of a blob away from all nodes. */
function removeFile(folder: string, blob: string): void {
  const found = (readdirSync(folder, {recursive: true}) as string[]).filter(name => name.includes(blob))
  expect(found.length).toBeGreaterThan(0)
  for (const name of found) rmSync(join(folder, name))
}
