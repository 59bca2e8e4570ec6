/** The npm package, installed into an empty prefix, and a project of a user that imports it. */
import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'

const root = join(import.meta.dirname, '../..')

describe('the npm package', () => {
  let folder: string
  let prefix: string
  const run = (program: string, args: readonly string[], cwd = folder): string =>
    execFileSync(program, args, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']})

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'package-'))
    prefix = join(folder, 'prefix')
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root)
    const archive = readdirSync(folder).find(name => name.endsWith('.tgz'))!
    run('npm', ['install', '--silent', '--global', '--prefix', prefix, join(folder, archive)])
  }, 300_000)
  afterAll(() => rmSync(folder, {recursive: true, force: true}))

  it('puts four programs into the prefix that work from any folder', () => {
    expect(readdirSync(join(prefix, 'bin')).sort()).toEqual(['ddfs', 'disco', 'disco-inferno', 'inferno'])
    run(join(prefix, 'bin/inferno'), ['init', 'project'])
    const rows = run(
      join(prefix, 'bin/inferno'),
      ['run', 'talk', '--input', 'data/talk.ndjson'],
      join(folder, 'project'),
    )
    expect(rows).toContain('11056,bighealthtree.com,2')
  })

  it('runs a cluster with a job', () => {
    const home = ['--home', join(folder, 'home')]
    run(join(prefix, 'bin/disco'), ['start', '--detach', '--port', '18972', ...home])
    try {
      const job = join(root, 'templates/word-count')
      run(join(prefix, 'bin/ddfs'), ['push', ...home, 'data:words', join(job, 'data/harbour.txt')])
      const words = run(join(prefix, 'bin/disco'), [
        'run',
        ...home,
        join(job, 'jobs/word-count.ts'),
        'tag://data:words',
      ])
      expect(words.split('\n').length).toBeGreaterThan(3)
    } finally {
      run(join(prefix, 'bin/disco'), ['stop', ...home])
    }
  })

  it("gives a user's project functions and types", () => {
    const project = join(folder, 'user')
    mkdirSync(join(project, 'node_modules'), {recursive: true})
    symlinkSync(join(prefix, 'lib/node_modules/disco-inferno'), join(project, 'node_modules/disco-inferno'))
    writeFileSync(
      join(project, 'rule.ts'),
      `import {defineRule, sum, toInt} from 'disco-inferno'
       export const rule = defineRule({name: 'a', keyParts: ['x'], valueParts: {total: sum('y')}, fieldTransforms: {x: toInt}})
       console.log(rule.options.name)`,
    )
    writeFileSync(
      join(project, 'wrong.ts'),
      `import {defineRule} from 'disco-inferno'
       defineRule({name: 'a', keyPart: ['x'], valueParts: ['count']})`,
    )
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'esnext',
      '--skipLibCheck',
      'false',
      '--types',
      '',
    ]
    const tsc = join(root, 'node_modules/.bin/tsc')
    run(tsc, [...options, 'rule.ts'], project)
    expect(() => run(tsc, [...options, 'wrong.ts'], project)).toThrow()
    expect(run(process.execPath, ['rule.ts'], project)).toBe('a\n')
  })
})
