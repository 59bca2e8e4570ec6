import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {Project} from './inferno-project.ts'

const project = new Project()

beforeAll(() => {
  project.write(
    'mine/clicks.ts',
    `import {defineRule} from 'disco-inferno'
const base = {keyParts: ['site'], valueParts: ['n']}
export const plain = defineRule({name: 'plain', ...base})
export const hooked = defineRule({
  name: 'hooked',
  ...base,
  async resultProcessor(rows) {
    for await (const [key, values] of rows) console.log('row', ...key, ...values)
  },
})
`,
  )
  project.write('data.json', '{"site":"a","n":1}\n{"site":"b","n":2}\n{"site":\n')
  // Enough for three threads to find work.
  for (const name of ['0', '1', '2']) project.write(`big/${name}.json`, '{"site":"a","n":1}\n'.repeat(400_000))
})
afterAll(() => project.close())

const run = (settings: string, rule: string, ...flags: string[]) => {
  project.write('settings.yaml', `rulesDirectory: mine\n${settings}\n`)
  return project.inferno([
    'run',
    rule,
    '-e',
    'settings.yaml',
    ...(flags.includes('-i') ? [] : ['-i', 'data.json']),
    ...flags,
  ])
}

describe('a setting takes effect', () => {
  test('rulesDirectory and threads, and a flag beats them', () => {
    const threads = (...flags: string[]): unknown =>
      JSON.parse(run('threads: 3', 'clicks.plain', '-i', 'big', '--json', ...flags).stdout)
    expect(threads()).toMatchObject([{threads: 3}])
    expect(threads('--threads', '2')).toMatchObject([{threads: 2}])
  })

  test('memory, maxBad and engine', () => {
    expect(run('memory: 1kB', 'clicks.plain').stderr).toContain('--memory 1kB is too little')
    expect(run('maxBad: 0', 'clicks.plain')).toMatchObject({exitCode: 1})
    expect(run('maxBad: 50%\nengine: row', 'clicks.plain')).toMatchObject({exitCode: 0})
  })

  test('format and out, behind the processor of a rule', () => {
    expect(run('format: ndjson', 'clicks.plain', '-q').stdout.split('\n')[0]).toMatch(/^\{"/)
    expect(run('format: ndjson', 'clicks.plain', '-q', '-f', 'csv').stdout).toBe('site,n\na,1\nb,2\n')
    expect(run('out: rows', 'clicks.plain', '-q').stdout).toBe('')
    expect(project.has('rows')).toBe(true)
    expect(run('format: ndjson\nout: rows', 'clicks.hooked', '-q').stdout).toBe('row _default a 1\nrow _default b 2\n')
  })

  test('cluster.home, for ddfs too, from a file that is found at home', () => {
    project.write('.home/.inferno', 'cluster: {home: nowhere, master: "http://127.0.0.1:9"}\n')
    const {exitCode, stderr} = project.inferno(['results', 'clicks.plain@1', '-y', 'mine'])
    project.write('.home/.inferno', '')
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('127.0.0.1:9')
  })
})

test('inferno settings says what holds and where it was said', () => {
  project.write('settings.yaml', 'threads: 3\n')
  const {exitCode, stdout} = project.inferno(['settings', '-e', 'settings.yaml'], {env: {DISCO_INFERNO_MEMORY: '1GB'}})
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^threads +3 +settings\.yaml:1$/m)
  expect(stdout).toMatch(/^memory +1GB +DISCO_INFERNO_MEMORY$/m)
  expect(stdout).toMatch(/^engine +auto +default$/m)
})

test('inferno settings with flags says what a command with them would work with', () => {
  project.write('settings.yaml', 'threads: 3\nparams: {country: CA, limit: 2}\n')
  const flags = [
    '--threads',
    '2',
    '-P',
    'limit=7',
    '--no-cache',
    '--to',
    'postgres://u:secret@db/x',
    '--concurrent',
    '5',
  ]
  const given = {env: {DISCO_INFERNO_CONCURRENT: '4', DISCO_INFERNO_GRACE: '7'}}
  const {exitCode, stdout} = project.inferno(['settings', '-e', 'settings.yaml', ...flags], given)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^threads +2 +--threads$/m)
  expect(stdout).toMatch(/^params +\{"country":"CA","limit":7\} +--param, settings\.yaml:2$/m)
  expect(stdout).toMatch(/^cache +false +--no-cache$/m)
  expect(stdout).toMatch(/^daemon\.concurrent +5 +--concurrent$/m)
  expect(stdout).toMatch(/^daemon\.grace +7 +DISCO_INFERNO_GRACE$/m)
  expect(stdout).toMatch(/^sink\.to +.* +--to$/m)
  expect(stdout).not.toContain('secret')
  const wrong = project.inferno(['settings', '--memory', 'much'])
  expect(wrong).toMatchObject({exitCode: 2, stderr: expect.stringContaining('--memory: expected a size like 512MiB')})
})

test('a settings file that is wrong is told by its line, in front of every command that looks at settings', () => {
  project.write('.home/.inferno', 'threads: 3\nthraeds: 4\n')
  for (const args of [['query', '-k', 'site', 'data.json'], ['rules'], ['run', 'clicks.plain', '-i', 'data.json']]) {
    expect(project.inferno(args)).toMatchObject({exitCode: 2, stdout: '', stderr: expect.stringMatching(wrong)})
  }
  for (const line of ['ddfs ls', 'ddfs chunk a b', 'disco token', 'disco stop', 'disco doctor']) {
    expect(project.shell(`"$node" "$tool" ${line}`), line).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(wrong),
    })
  }
  // These look at none.
  for (const line of ['disco install-service start', 'completion bash', 'disco start --help']) {
    expect(project.shell(`"$node" "$tool" ${line}`), line).toMatchObject({exitCode: 0, stderr: ''})
  }
  project.write('.home/.inferno', '')
})

const wrong = /^Error: \S+\/\.inferno:2: there is no setting "thraeds"\. Did you mean "threads"\?\n/
