/** What is told about jobs beside their results, on a cluster of three agents. */
import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {manifest} from '../../src/cli/manifest.ts'
import type {JobInfo} from '../../src/protocol/index.ts'
import {DiscoProject} from './disco-project.ts'

let project: DiscoProject
let job = ''
beforeAll(() => {
  project = new DiscoProject()
  project.startCluster('--agents', '3')
  project.write(
    'jobs/talks.ts',
    `import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'talks',
  map(line, context) {
    context.counter('lines')
    context.counter('quarters', 0.25)
    context.log('read ' + line)
    console.log('printed ' + line)
    if (line === 'a') {
      context.oob.put('summary', {params: context.params})
      context.oob.put('note', 'plain text')
      context.oob.put('bytes', new Uint8Array([0, 255, 10]))
    }
    let x = 0
    for (const end = performance.now() + 60; performance.now() < end; ) x += Math.sqrt(end)
    return [[line, x > 0]]
  },
  reduce: (line, values, {counter}) => {
    counter('keys')
    return [[line, [...values].length]]
  },
  partitions: 1,
})`,
  )
  project.write(
    'jobs/sleeps.ts',
    `import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'sleeps',
  async map(line) {
    await new Promise(resolve => setTimeout(resolve, Number(line)))
    return [[line, 1]]
  },
  reduce: (line, values) => [[line, [...values].length]],
})`,
  )
  project.write(
    'jobs/slow-reduce.ts',
    `import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'slow-reduce',
  map: line => [[line, 1]],
  reduce: async () => {
    await new Promise(resolve => setTimeout(resolve, 60_000))
    return []
  },
  partitions: 1,
})`,
  )
  project.write('text.txt', 'one\ntwo\n')
  expect(project.ddfs(['push', 'data:texts', 'text.txt']).exitCode).toBe(0)
  const args = ['run', 'jobs/talks.ts', 'raw://a', 'raw://b', 'raw://c', '--profile', '-P', 'n=3', '-P', 'code=007']
  const {exitCode, stdout, stderr} = project.disco(args)
  expect(exitCode, stderr).toBe(0)
  expect(stdout).toBe('a\t1\nb\t1\nc\t1\n')
  job = /^job (\S+)/.exec(stderr)?.[1] ?? ''
})
afterAll(async () => {
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

const linesOf = (stdout: string): string[] => stdout.trimEnd().split('\n')

describe('disco logs', () => {
  test('prints what tasks logged and printed, of all or of one', () => {
    const {stdout} = project.disco(['logs', job])
    const texts = linesOf(stdout).map(line => line.split('  ').slice(3).join('  '))
    const wanted = ['a', 'b', 'c'].flatMap(line => [`printed ${line}`, `read ${line}`])
    expect(texts.sort()).toEqual(wanted.sort())
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}map:\d {2}agent-\d {2}\w/)
    const one = project.json(['disco', 'logs', '@', '--task', '1', '-f']) as {text: string}[]
    expect(one).toHaveLength(2)
    expect(one[0]).toMatchObject({
      stage: 'map',
      task: 1,
      node: expect.stringMatching(/^agent-/),
      atMs: expect.any(Number),
    })
    expect(project.disco(['logs', 'none@1'])).toMatchObject({exitCode: 1})
  })
})

describe('disco stageresults', () => {
  test('prints the last stage of a job that is done, and says what became of the others', () => {
    expect(project.disco(['stageresults', '@?talks', 'reduce']).stdout).toBe('a\t1\nb\t1\nc\t1\n')
    expect(project.disco(['stageresults', job, 'reduce', '--urls']).stdout).toMatch(/^http:\S+\n$/)
    expect(project.disco(['stageresults', job, 'map'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/over, and of stage map no files are left\nHint: .*disco results talks@/),
    })
    expect(project.disco(['stageresults', job, 'reduced']).stderr).toContain('Did you mean "reduce"?')
  })

  test('prints a stage that is complete while the job goes on', () => {
    const args = ['run', 'jobs/slow-reduce.ts', 'raw://x', 'raw://y', '--no-wait']
    const {job: running} = project.json(['disco', ...args]) as {job: string}
    expect(project.disco(['stageresults', running, 'reduce'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /stage reduce of job \S+ (?:has not begun|has 0 of 1 tasks done); the job is running/,
      ),
    })
    while ((project.json(['disco', 'jobs', running]) as JobInfo).stages[0]?.state !== 'done');
    expect(linesOf(project.disco(['stageresults', running, 'map']).stdout)).toEqual(['x\t1', 'y\t1'])
    expect(project.disco(['kill', running]).exitCode).toBe(0)
    expect(project.disco(['stageresults', running, 'map']).stderr).toContain('no files are left')
  })
})

test('disco jobdict tells what was submitted', () => {
  const dict = project.json(['disco', 'jobdict', job])
  expect(dict).toMatchObject({
    job,
    plan: {
      name: 'talks',
      inputs: [['raw://a'], ['raw://b'], ['raw://c']],
      params: {n: 3, code: '007'},
      isProfiled: true,
    },
    jobFile: expect.stringMatching(/talks\.ts$/),
  })
  expect(JSON.parse(project.disco(['jobdict', '@?talks']).stdout)).toEqual(dict)
})

describe('disco oob', () => {
  test('lists keys and prints values as they are', () => {
    const [head, ...rows] = linesOf(project.disco(['oob', job]).stdout)
    expect(head).toMatch(/^key +bytes +task$/)
    expect(rows.map(row => row.split(' ')[0])).toEqual(expect.arrayContaining(['bytes', 'note', 'summary']))
    expect(project.disco(['oob', 'get', job, 'note']).stdout).toBe('plain text\n')
    expect(JSON.parse(project.disco(['oob', 'get', job, 'summary']).stdout)).toEqual({params: {n: 3, code: '007'}})
    expect(project.json(['disco', 'oob', 'get', job, 'bytes'])).toEqual({job, key: 'bytes', value: 'AP8K'})
    expect(project.disco(['oob', 'get', job, 'nothing'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`Hint: see the keys with: disco oob ${job}`),
    })
    expect(project.disco(['oob', 'none@1'])).toMatchObject({exitCode: 1})
  })
})

describe('disco deref', () => {
  test('gives URLs of tags, blobs and results, each line of bytes that are there', async () => {
    const [url] = linesOf(project.disco(['deref', 'tag://data:texts']).stdout).map(line => line.split('\t')[0]!)
    const {authorization} = project.client().authorization() as {authorization: string}
    const response = await fetch(url!, {headers: {authorization}})
    expect(await response.text()).toBe('one\ntwo\n')
    const [found] = project.json(['disco', 'deref', 'data:texts']) as {address: string; urls: string[]}[]
    expect(found?.urls).toHaveLength(3)
    expect(project.json(['disco', 'deref', found!.address])).toMatchObject([{urls: {length: 3}}])
    const ofJob = project.disco(['deref', `job://${job}`]).stdout
    expect(ofJob).toMatch(/^http:\S+\n$/)
    expect(project.disco(['deref', '-j', job]).stdout).toBe(ofJob)
  })

  test('takes lines of standard input, with replicas and URLs as they are', () => {
    const input = 'data:texts\n\nhttp://a/1 http://b/1\nraw://to be\n'
    const lines = linesOf(project.disco(['deref', '-'], {input}).stdout)
    expect(lines.slice(1)).toEqual(['http://a/1\thttp://b/1', 'raw://to be'])
    // Copies come in any order.
    const again = linesOf(project.disco(['deref'], {input}).stdout)
    expect(again.map(line => line.split('\t').sort())).toEqual(lines.map(line => line.split('\t').sort()))
  })

  test('names what is not there', () => {
    expect(project.disco(['deref', 'tag://data:nothing']).exitCode).toBe(1)
    expect(project.disco(['deref', `blob://${'ab'.repeat(32)}`]).exitCode).not.toBe(0)
    expect(project.disco(['deref', 'ftp://x'])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('Hint: ')})
    expect(project.disco(['deref', 'job://none@1']).exitCode).toBe(1)
  })
})

describe('disco profile', () => {
  test('tells of each stage its time, bytes and slowest tasks, and what was counted', () => {
    const profile = project.json(['disco', 'profile', job])
    expect(profile).toMatchObject({
      job,
      state: 'done',
      counters: {keys: 3, lines: 3, quarters: 0.75},
      stages: [
        {
          name: 'map',
          taskCount: 3,
          records: 3,
          outputRecords: 3,
          counters: {lines: 3, quarters: 0.75},
          slowest: {length: 3},
        },
        {name: 'reduce', taskCount: 1, records: 3, counters: {keys: 3}, slowest: {length: 1}},
      ],
    })
    const {stdout} = project.disco(['profile', '@?talks', '--slowest', '1'])
    expect(stdout).toMatch(/^talks@\w+ done: \d.* of CPU\n/)
    expect(stdout).toMatch(/\nstage +tasks +elapsed +task time +cpu +cpu\/time +median +p90 +slowest +skew\nmap +3\/3 /)
    expect(stdout).toMatch(/\ncounter +value\nkeys +3\nlines +3\nquarters +0\.75\n/)
    expect(stdout.match(/^(?:map|reduce):\d/gm)).toHaveLength(2)
  })

  test('draws the CPU profiles that were taken, as a picture or as stacks', () => {
    expect(project.disco(['profile', job, '--flame', 'f.folded']).stderr).toContain(
      'wrote f.folded: CPU profiles of 4 tasks',
    )
    const stacks = readFileSync(project.path('f.folded'), 'utf8')
    const us = linesOf(stacks)
      .filter(line => /^map;.*map \(talks\.ts:\d+\)/.test(line))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    expect(us).toBeGreaterThan(50_000)
    expect(project.json(['disco', 'profile', job, '--flame', 'f.svg'])).toMatchObject({
      flame: {file: 'f.svg', profileCount: 4},
    })
    expect(readFileSync(project.path('f.svg'), 'utf8')).toMatch(/<title>map \(talks\.ts:\d+\): \d/)
    expect(project.disco(['profile', job, '--flame', 'f.png']).exitCode).toBe(2)
  })

  test('says how to take one', () => {
    expect(project.disco(['run', 'jobs/sleeps.ts', 'raw://1']).exitCode).toBe(0)
    expect(project.disco(['profile', '@', '--flame', 'f.svg'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('disco run --profile'),
    })
  })
})

test('disco jobs shows one job with its stages and counters, results and monitor find it by @', () => {
  expect(project.json(['disco', 'jobs', '@?talks'])).toMatchObject({job, counters: {lines: 3}, stages: {length: 2}})
  expect(project.disco(['jobs', job]).stdout).toMatch(/\nmap +done +3\/3 [\s\S]*\nlines +3\n/)
  expect(project.json(['disco', 'results', '@?talks'])).toMatchObject({counters: {keys: 3}, results: {length: 3}})
  expect(project.disco(['monitor', '@?talks', '--once']).stdout).toMatch(/^talks@\w+ +done/)
  expect(project.disco(['monitor', '@?none']).exitCode).toBe(1)
  expect(project.disco(['jobs', 'none@1']).exitCode).toBe(1)
})

describe('settings of the scheduler', () => {
  test('hold at once on a master that runs', () => {
    const running = (): number => (project.json(['disco', 'jobs', '@']) as JobInfo).runningCount
    expect(project.json(['disco', 'config', 'set', 'slotsPerJob', '1'])).toEqual({slotsPerJob: '1'})
    const inputs = Array.from({length: 4}, () => 'raw://60000')
    const {job: slow} = project.json(['disco', 'run', 'jobs/sleeps.ts', ...inputs, '--no-wait']) as {job: string}
    while (running() === 0);
    expect(running()).toBe(1)
    project.disco(['config', 'set', 'slotsPerJob', '0'])
    while (running() < 2);
    expect(project.disco(['kill', slow]).exitCode).toBe(0)
  })

  test('are kept over a restart, listed with default and unit, and checked', () => {
    project.disco(['config', 'set', 'speculation', 'off'])
    project.disco(['config', 'set', 'localityWait', '250ms'])
    expect(project.disco(['restart']).exitCode).toBe(0)
    expect(project.json(['disco', 'config', 'list', 'localityWait'])).toEqual([
      {name: 'localityWait', value: '250ms', default: '3s', unit: 'time', about: expect.any(String)},
    ])
    expect(project.disco(['config', 'list']).stdout).toMatch(/\nspeculation +off +on +on or off +a second copy/)
    expect(project.disco(['config', 'set', 'jobPolicy', 'none'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('fair or fifo'),
    })
    expect(project.disco(['config', 'list', 'nothing'])).toMatchObject({exitCode: 1})
  })
})

describe('a template of a job', () => {
  test.each(['inverted-index', 'join', 'sort', 'word-count'])('%s makes a project whose commands work', template => {
    const made = project.inferno(['init', `p/${template}`, '--template', template])
    expect(made).toMatchObject({exitCode: 0, stderr: ''})
    // A cluster runs already.
    const commands = made.stdout.split('next:\n')[1]!.trim().split('\n').slice(2)
    expect(commands.length).toBeGreaterThan(1)
    const {exitCode, stdout, stderr} = project.shell(`cd "p/${template}"; set -e\n${commands.join('\n')}`)
    expect(exitCode, stderr).toBe(0)
    expect(stdout).toMatch(/\t[\s\S]*slowest tasks/)
  })
})

describe('the example in the help of', () => {
  test.each(['logs', 'stageresults', 'jobdict', 'deref', 'oob', 'oob:get', 'profile', 'jobs', 'config'])(
    'disco %s works',
    name => {
      const examples = manifest.commands[`disco:${name}`]?.examples ?? []
      expect(examples.length).toBeGreaterThan(0)
      expect(project.disco(['run', 'jobs/talks.ts', 'raw://a']).exitCode).toBe(0)
      for (const example of examples) {
        const {exitCode, stderr} = project.shell(String(example).replaceAll('<%= config.bin %> ', ''))
        expect(exitCode, stderr).toBe(0)
      }
    },
  )
})
