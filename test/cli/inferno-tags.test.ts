import {afterAll, beforeAll, expect, test} from 'vitest'
import type {RunReport} from '../../src/project/index.ts'
import {DiscoProject} from './disco-project.ts'
import {rowsOf} from './inferno-project.ts'

const project = new DiscoProject()
let left: readonly string[] = ['not stopped']

beforeAll(() => {
  project.write(
    'rules/clicks.ts',
    `import {defineRule} from 'disco-inferno'
const base = {sourceTags: ['in:clicks'], keyParts: ['site'], valueParts: ['n']}
export const plain = defineRule({name: 'plain', ...base})
export const once = defineRule({name: 'once', ...base, archive: true})
export const kept = defineRule({name: 'kept', ...base, save: true, columnMappings: {n: 'Sum'}})
export const hooked = defineRule({
  name: 'hooked',
  ...base,
  async resultProcessor(rows) {
    for await (const [key, values] of rows) console.log('row', ...key, ...values)
  },
})
`,
  )
  project.startCluster()
  for (const [day, n] of [
    ['2026-11-20', 1],
    ['2026-11-21', 10],
    ['2026-11-23', 100],
  ] as const) {
    const path = project.writeRecords(`${day}.json`, [
      {site: 'a', n},
      {site: 'b', n: 0.1},
    ])
    project.ddfs(['push', `in:clicks:${day}`, path])
  }
})

afterAll(async () => {
  left = await project.stopCluster()
  project.close()
  expect(left).toEqual([])
})

const reportOf = (name: string): RunReport => JSON.parse(project.read(name)) as RunReport

test('without --input a rule runs over its tags, with the rows and the account of the same files', () => {
  const onTags = project.inferno(['run', 'clicks.plain', '--json'])
  const onFiles = project.inferno([
    'run',
    'clicks.plain',
    '--json',
    '-i',
    '2026-11-20.json',
    '-i',
    '2026-11-21.json',
    '-i',
    '2026-11-23.json',
  ])
  expect(onTags.exitCode, onTags.stdout + onTags.stderr).toBe(0)
  const [tags] = JSON.parse(onTags.stdout)
  const [files] = JSON.parse(onFiles.stdout)
  expect(tags.keysets).toEqual(files.keysets)
  expect(tags.account).toEqual(files.account)
  expect(tags.report).toMatchObject({rule: 'clicks.plain', state: 'done', rowCounts: {_default: 2}})
})

test('flags choose days', () => {
  const {stdout} = project.inferno(['run', 'clicks.plain', '-S', '2026-11-21', '-R', '2', '--format', 'csv'])
  expect(rowsOf(stdout)).toEqual([
    ['site', 'n'],
    ['a', '11'],
    ['b', '0.2'],
  ])
  expect(rowsOf(project.inferno(['run', 'clicks.plain', '-t', 'in:clicks:2026-11-23', '-f', 'csv']).stdout)[1]).toEqual(
    ['a', '100'],
  )
})

test('a wrong day is a wrong flag', () => {
  const {exitCode, stderr} = project.inferno(['run', 'clicks.plain', '-S', '2026-02-30'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('--day-start "2026-02-30" is not a day')
})

test('an archiving rule is skipped with status 0 when nothing is new, and the report says so', () => {
  expect(project.inferno(['run', 'clicks.once', '--report', 'first.json']).exitCode).toBe(0)
  expect(reportOf('first.json')).toMatchObject({state: 'done', isRepeat: false})
  const again = project.inferno(['run', 'clicks.once', '--report', 'again.json'])
  expect(again.exitCode).toBe(0)
  expect(again.stdout).toBe('')
  expect(again.stderr).toContain('clicks.once was skipped: there is nothing to read (3 blobs are done already)')
  expect(reportOf('again.json')).toMatchObject({state: 'skipped', batch: null})
})

test('a rule with a resultProcessor gives its rows to it', () => {
  expect(project.inferno(['run', 'clicks.hooked', '-q']).stdout).toBe('row _default a 111\nrow _default b 0.3\n')
})

test.each([
  ['a tag that does not exist', ['clicks.plain', '-t', 'in:clikcs'], 2, 'TAG_NOT_FOUND'],
  ['a rule that does not exist', ['clicks.plian'], 2, 'RULE_NOT_FOUND'],
  ['a cluster that does not answer', ['clicks.plain', '--master', 'http://127.0.0.1:1'], 3, 'CANNOT_REACH'],
  ['a flag of files', ['clicks.plain', '--sample', '3'], 2, 'BAD_FLAG'],
])('%s fails at once, and there is a report', (_what, args, status, code) => {
  const {exitCode, stdout} = project.inferno(['run', ...args, '--report', 'failed.json'])
  expect(exitCode).toBe(status)
  expect(stdout).toBe('')
  expect(reportOf('failed.json')).toMatchObject({state: 'failed', error: {code}})
})

test('a run over files has a report too', () => {
  project.inferno(['run', 'clicks.plain', '-i', '2026-11-20.json', '--report', 'files.json'])
  expect(reportOf('files.json')).toMatchObject({rule: 'clicks.plain', state: 'done', blobs: [], sink: 'stdout'})
})

test('rows go to a database once', () => {
  const args = ['run', 'clicks.plain', '--to', 'sqlite:out.db', '--mode', 'add', '--report', 'sink.json']
  expect(project.inferno(args).exitCode).toBe(0)
  expect(reportOf('sink.json')).toMatchObject({isRepeat: false, sink: 'sqlite:out.db'})
  const again = project.inferno(args)
  expect(again.stderr).toContain('the rows were there already')
  expect(reportOf('sink.json')).toMatchObject({state: 'done', isRepeat: true, job: null})
})

test('a dry run of a sink shows the tables that it would make, and makes none', () => {
  const {stdout} = project.inferno(['run', 'clicks.plain', '--to', 'sqlite:dry.db', '--dry-run'])
  expect(stdout).toContain('sink     sqlite:dry.db')
  expect(stdout).toContain('CREATE TABLE')
  expect(project.has('dry.db')).toBe(false)
})

test('a backfill runs the days that wait and tells the gaps', () => {
  const args = ['backfill', 'clicks.plain', '--from', '2026-11-20', '--to', '2026-11-23', '--sink', 'sqlite:fill.db']
  const dry = project.inferno([...args, '--dry-run'])
  expect(dry.stdout).toContain('4 days: 3 to be run, 0 done, 1 without data')
  expect(project.inferno(args).exitCode).toBe(0)
  expect(project.inferno([...args, '--dry-run']).stdout).toContain('4 days: 0 to be run, 3 done, 1 without data')
})

test('the kept rows of a job are delivered once more; of others there are none', () => {
  const [run] = JSON.parse(project.inferno(['run', 'clicks.kept', '--json']).stdout) as [{job: string}]
  expect(project.inferno(['results', run.job, '--format', 'csv']).stdout).toBe('site,Sum\na,111\nb,0.3\n')
  const none = project.inferno(['results', 'clicks.kept@gone'])
  expect(none.exitCode).toBe(2)
  expect(none.stderr).toContain('no rows of clicks.kept@gone are kept')
})

test('the archive is listed; a reset without --yes changes nothing', () => {
  project.inferno(['run', 'clicks.once', '-q'])
  expect(project.inferno(['archive', 'list', 'clicks.once']).stdout).toContain('in:clicks:2026-11-23  1 done')
  expect(project.inferno(['archive', 'reset', 'clicks.once']).stdout).toContain('nothing was changed; do it with --yes')
  expect(project.inferno(['run', 'clicks.once']).stderr).toContain('was skipped')
  expect(project.inferno(['archive', 'reset', 'clicks.once', '--yes', '--day', '2026-11-22']).stdout).toContain(
    'nothing is archived',
  )
  expect(project.inferno(['archive', 'reset', 'clicks.once', '--yes', '--from', '2026-11-24']).stdout).toContain(
    'nothing is archived',
  )
  expect(project.inferno(['archive', 'reset', 'clicks.once', '--day', '2026-02-30']).stderr).toContain('is not a day')
  expect(project.inferno(['archive', 'reset', 'clicks.once', '--yes', '--day', '2026-11-23']).exitCode).toBe(0)
  expect(rowsOf(project.inferno(['run', 'clicks.once', '-f', 'csv', '-q']).stdout)[1]).toEqual(['a', '100'])
  const {exitCode, stderr} = project.inferno(['archive', 'list', 'clicks.plain'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('clicks.plain does not archive')
})

test('explain says what a rule would read now', () => {
  expect(project.inferno(['explain', 'clicks.plain']).stdout).toContain('tags        in:clicks:2026-11-23  1 blob')
  const away = project.inferno(['explain', 'clicks.plain', '--master', 'http://127.0.0.1:1'])
  expect(away.exitCode).toBe(0)
  expect(away.stdout).toContain('tags        not looked up: nothing answers')
})

test('a dry run and explain say what is kept, which is what the next run does not scan', () => {
  project.write(
    'rules/keeps.ts',
    `import {defineRule} from 'disco-inferno'
const base = {sourceTags: ['kept:'], keyParts: ['site'], valueParts: ['n']}
export const plain = defineRule({name: 'plain', ...base})
export const code = defineRule({name: 'code', ...base, partsPreprocess: [parts => parts]})
const inner = defineRule({name: 'inner', ...base, partsPreprocess: [parts => ({...parts, n: 2})]})
export const outer = defineRule({name: 'outer', sourceTags: [inner], keyParts: ['site'], valueParts: ['n']})
`,
  )
  const push = (name: string): void => {
    project.ddfs(['push', `kept:${name}`, project.writeRecords(`${name}.json`, [{site: name, n: 1}])])
  }
  push('2026-11-20')
  push('2026-11-21')
  const dry = (rule: string, ...flags: string[]): string =>
    project.inferno(['run', `keeps.${rule}`, '--dry-run', ...flags]).stdout
  for (const rule of ['plain', 'code', 'outer']) {
    expect(dry(rule)).toContain('cached   nothing; all blobs are scanned')
    expect(project.inferno(['run', `keeps.${rule}`]).exitCode).toBe(0)
    expect(dry(rule)).toContain('cached   2 of 2 blobs (56 B stored) are kept from earlier runs; nothing is scanned')
    expect(dry(rule, '--no-cache')).not.toContain('cached')
  }
  push('2026-11-22')
  for (const rule of ['plain', 'code']) {
    const said = '2 of 3 blobs (56 B stored) are kept from earlier runs; 1 to scan'
    expect(dry(rule)).toContain(`cached   ${said}`)
    expect(project.inferno(['explain', `keeps.${rule}`]).stdout).toContain(`cached      ${said}`)
    expect(JSON.parse(dry(rule, '--json'))).toMatchObject([{kept: {blobs: 2, bytes: 56}}])
    expect(project.inferno(['run', `keeps.${rule}`]).stderr).toContain('inputs kept from earlier runs: 2')
  }
})
