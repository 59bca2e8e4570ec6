/** The one executable on a machine that has nothing but a C library: no Node, no packages, no HOME, a read-only program folder. */
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {writeAdLogs} from './ad-logs.ts'
import {Machine} from './machine.ts'

const templates = join(import.meta.dirname, '../../templates')

describe('the executable in an empty root', () => {
  let machine: Machine
  const run = (...words: string[]) => machine.run(words)
  const good = (...words: string[]): string => {
    const {exitCode, stdout, stderr} = run(...words)
    expect(exitCode, stderr).toBe(0)
    return stdout
  }

  beforeAll(() => {
    machine = new Machine()
  })
  afterAll(() => {
    machine.run(['/data/bin/disco', 'stop', '--home', '/data/home'])
    machine.remove()
  })

  it('has no Node and no shell', () => {
    expect(machine.has('bin/sh')).toBe(false)
    expect(machine.has('usr/bin/node')).toBe(false)
    expect(good('/opt/tool', '--version')).toMatch(/^disco-inferno\/\d+\.\d+\.\d+ /)
  })

  it('makes a project, tests it and runs a rule of it', () => {
    good('/opt/tool', 'inferno', 'init', 'project')
    expect(good('/opt/tool', 'inferno', 'test', '-y', 'project/rules')).toContain('3 passed, 0 failed')
    const rows = good('/opt/tool', 'inferno', 'run', 'project/rules/talk.ts', '--input', 'project/data/talk.ndjson')
    expect(rows).toBe('ad_id,site_id,count\n11056,bighealthtree.com,2\n11056,gardenhub.org,1\n20471,gardenhub.org,2\n')
    expect(machine.has('data/project/.disco-inferno')).toBe(true)
  })

  it('reads a large file in several threads', () => {
    const {path, recordCount, remove} = writeAdLogs()
    machine.put(path, 'data/ads.ndjson')
    remove()
    const {stdout, stderr} = run(
      '/opt/tool',
      'inferno',
      'query',
      '-k',
      'size',
      '-v',
      'count',
      '--threads',
      '2',
      'ads.ndjson',
    )
    const counts = stdout
      .split('\n')
      .slice(1, -1)
      .map(line => Number(line.split(',')[1]))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(recordCount)
    expect(stderr).toContain('2 threads')
  })

  it('goes by its other names through links', () => {
    good('/opt/tool', 'install-links', '/data/bin')
    expect(good('/data/bin/ddfs', '--help')).toContain('$ ddfs COMMAND')
    expect(good('/opt/tool', 'ddfs', '--help')).toContain('$ disco-inferno ddfs COMMAND')
    expect(good('/data/bin/inferno', 'init', '--list')).toContain('access-log')
  })

  it('is a cluster: agents as copies of itself, blobs, a job with functions in processes of their own, a rule over tags into a database', () => {
    const home = ['--home', '/data/home']
    good('/data/bin/disco', 'start', '--detach', '--agents', '2', '--port', '18971', ...home)
    machine.put(join(templates, 'word-count'), 'data/word-count')
    good('/data/bin/ddfs', 'push', ...home, 'data:words', 'word-count/data/harbour.txt', 'word-count/data/tides.txt')
    expect(good('/data/bin/ddfs', 'cat', ...home, 'data:words')).toContain('tide')
    const words = good('/data/bin/disco', 'run', ...home, 'word-count/jobs/word-count.ts', 'tag://data:words')
    expect(words).toMatch(/^tide\t6$/m)
    const logs = ['sales:2026-11-22', 'project/data/talk.ndjson']
    good('/data/bin/ddfs', 'chunk', ...home, ...logs)
    const rule = [
      '/data/bin/inferno',
      'run',
      'project/rules/talk.ts',
      ...home,
      '-t',
      'sales',
      '--to',
      'sqlite:/data/out.db',
    ]
    const {exitCode, stderr} = run(...rule)
    expect(exitCode, stderr).toBe(0)
    expect(stderr).toContain('3 into')
    const again = run(...rule)
    expect(again.stderr).toContain('there already')
    expect(good('/data/bin/disco', 'stop', ...home)).toContain('stopped')
  })

  it('says what to do when there is no folder of the user', () => {
    const {exitCode, stderr} = run('/opt/tool', 'disco', 'status')
    expect(stderr).toContain('HOME is not set')
    expect(exitCode).toBe(2)
  })
})
