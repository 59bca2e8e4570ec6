import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {manifest} from '../../src/cli/manifest.ts'
import type {JobEventInfo, JobSummary} from '../../src/protocol/index.ts'
import {DiscoProject} from './disco-project.ts'

const template = join(import.meta.dirname, '../../templates/word-count/jobs/word-count.ts')

const texts = ['the tide and the gull\nThe anchor', "it's the gull\nand the sea sea sea"]

/** Words and how often each occurs, counted without any of our code. */
const counts = new Map<string, number>()
for (const word of texts.join('\n').toLowerCase().split(/\s+/)) counts.set(word, (counts.get(word) ?? 0) + 1)
const expectedLines = [...counts].map(([word, count]) => `${word}\t${count}`).sort()

const linesOf = (stdout: string): string[] => stdout.trimEnd().split('\n')

let project: DiscoProject
beforeAll(() => {
  project = new DiscoProject()
  project.startCluster('--name', 'one')
  project.write('jobs/word-count.ts', readFileSync(template))
  project.write(
    'jobs/fails.ts',
    `import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'fails',
  map(line) {
    if (line.includes('bad')) throw new Error('this line cannot be')
    return [[line, 1]]
  },
  limits: {failures: 1},
})`,
  )
  project.write(
    'jobs/values.ts',
    `import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'values',
  map: (line, {params}) => [
    [1, params],
    [[line, null], 'two\\twords'],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['large', {n: 2n ** 70n}],
  ],
  sort: true,
  partitions: 1,
  params: {kept: true, changed: 0},
})`,
  )
  project.write(
    'jobs/slow.ts',
    `import {defineJob} from 'disco-inferno'
export default defineJob({
  name: 'slow-word-count',
  async map(line) {
    await new Promise(resolve => setTimeout(resolve, 60_000))
    return [[line, 1]]
  },
})`,
  )
  texts.forEach((text, index) => {
    project.write(`text-${index}.txt`, text)
  })
  const {exitCode, stderr} = project.ddfs(['push', 'data:texts', 'text-0.txt', 'text-1.txt'])
  expect(exitCode, stderr).toBe(0)
})
afterAll(async () => {
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

const submit = (file: string, ...inputs: string[]): string =>
  (project.json(['disco', 'run', file, ...inputs, '--no-wait']) as {job: string}).job

describe('disco run', () => {
  test('counts words of a tag as an independent count does, and tells its progress', () => {
    const {exitCode, stdout, stderr} = project.disco(['run', 'jobs/word-count.ts', 'data:texts'])
    expect(exitCode, stderr).toBe(0)
    expect(linesOf(stdout).sort()).toEqual(expectedLines)
    expect(stderr).toMatch(/^job word-count@\w+\n/)
    expect(stderr).toContain('map: 2/2\n')
    expect(stderr).toMatch(/reduce: (\d+)\/\1\n/)
  })

  test('prints JSON for what is not text, and takes parameters', () => {
    const args = ['run', 'jobs/values.ts', 'raw://x', '-P', 'changed={"a":[1]}', '-P', 'word=b=c']
    const {exitCode, stdout, stderr} = project.disco(args)
    expect(exitCode, stderr).toBe(0)
    expect(linesOf(stdout)).toEqual([
      '1\t{"changed":{"a":[1]},"kept":true,"word":"b=c"}',
      'bytes\t"AQID"',
      'large\t{"n":1180591620717411303424}',
      '["x",null]\t"two\\twords"',
    ])
    expect(project.json(['disco', ...args])).toMatchObject({
      job: expect.stringMatching(/^values@/),
      results: [
        [1, {word: 'b=c'}],
        ['bytes', 'AQID'],
        ['large', {}],
        [['x', null], 'two\twords'],
      ],
    })
  })

  test('tells why a job failed: error, record, stage and node', () => {
    const failing = ['run', 'jobs/fails.ts', 'raw://good', 'raw://a bad line']
    const {exitCode, stdout, stderr} = project.disco(failing)
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: ''})
    expect(stderr).toMatch(/Error: job fails@\w+ failed in stage map, task 1, node one: .*this line cannot be/)
    expect(stderr).toContain('at record a bad line')
    expect(stderr).toMatch(/Hint: see what happened with: disco events fails@/)
    const asJson = project.disco([...failing, '--json'])
    expect(asJson.exitCode).toBe(1)
    expect(JSON.parse(asJson.stdout)).toMatchObject({error: {code: 'JOB_FAILED'}})
    expect(project.disco(['wait', '@']).exitCode).toBe(1)
    expect(project.disco(['results', '@']).stderr).toContain('this line cannot be')
  })

  test('refuses what a cluster cannot read, with the way to mend it', () => {
    expect(project.disco(['run', 'jobs/word-count.ts', './text-0.txt'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/not an input that a cluster can read\nHint: push files into a tag first/),
    })
    expect(project.disco(['run', 'jobs/none.ts'])).toMatchObject({exitCode: 2})
    expect(project.disco(['run', 'jobs/values.ts', 'raw://x', '-P', 'changed'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('write it as name=value'),
    })
  })

  test('keeps results under a tag', () => {
    const {exitCode, stderr} = project.disco([
      'run',
      'jobs/word-count.ts',
      'data:texts',
      '--save-results',
      'data:counts',
    ])
    expect(exitCode, stderr).toBe(0)
    expect(stderr).toContain('the results are kept under the tag data:counts\n')
    expect(project.ddfs(['ls', 'data:counts']).stdout).toBe('data:counts\n')
  })
})

describe('Ctrl-C', () => {
  test('ends the waiting and leaves the job', async () => {
    const running = project.startTool(['disco', 'run', 'jobs/slow.ts', 'raw://x'])
    await running.until(() => running.stderr().includes('map: 0/1\n'))
    running.child.kill('SIGINT')
    const {exitCode, stdout, stderr} = await running.ended
    expect({exitCode, stdout}).toEqual({exitCode: 130, stdout: ''})
    expect(stderr).toMatch(
      /\ninterrupted; the job is not ended by that\. Its results: disco results slow-word-count@\w+\n$/,
    )
    expect(project.disco(['jobs', '-c', '1']).stdout).toMatch(/slow-word-count@\w+ +running/)
    expect(project.disco(['kill', '@']).exitCode).toBe(0)
  })
})

describe('a job that was submitted', () => {
  test('is waited for, printed, listed, told about and purged', () => {
    const job = submit('jobs/word-count.ts', 'data:texts')
    expect(project.json(['disco', 'wait', '@?ord-c'])).toEqual({job, state: 'done'})
    expect(linesOf(project.disco(['results', job]).stdout).sort()).toEqual(expectedLines)
    const urls = linesOf(project.disco(['results', '@', '--urls']).stdout)
    expect(urls.length).toBeGreaterThan(0)
    for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/)

    const [listed] = project.json(['disco', 'jobs', 'word-count', '-c', '1']) as JobSummary[]
    expect(listed).toMatchObject({job, state: 'done', doneCount: listed?.taskCount})
    const [head, row] = linesOf(project.disco(['jobs', '--state', 'done']).stdout)
    expect(head).toMatch(/^job +state +tasks +running +failed +age$/)
    expect(row).toMatch(new RegExp(`^${job} +done +(\\d+)/\\1 +0 +0 +\\d`))

    const events = project.json(['disco', 'events', job]) as JobEventInfo[]
    expect(events.map(({kind}) => kind)).toContain('stage')
    const told = project.disco(['events', job, '-f'])
    expect(linesOf(told.stdout)).toHaveLength(events.length)

    expect(project.disco(['purge', job])).toMatchObject({exitCode: 0, stdout: `${job}\tpurged\n`})
    expect(project.disco(['results', job])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Hint: see their names with: disco jobs'),
    })
    expect(project.disco(['wait', '@?nothing-like-it'])).toMatchObject({exitCode: 1})
  })

  test('is paused, resumed and ended; the others are changed when one cannot be', () => {
    const over = submit('jobs/values.ts', 'raw://x')
    expect(project.disco(['wait', over]).exitCode).toBe(0)
    const job = submit('jobs/slow.ts', 'raw://x')
    expect(project.disco(['pause', job]).stdout).toBe(`${job}\tpaused\n`)
    expect(project.disco(['results', job]).stderr).toContain(`Hint: wait for it with: disco wait ${job}`)
    expect(project.disco(['resume', job]).stdout).toMatch(/\t(queued|running)\n$/)
    expect(project.disco(['kill', over, job])).toMatchObject({exitCode: 1, stdout: `${job}\tcancelled\n`})
    expect(project.disco(['wait', job])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('cancelled')})
  })
})

describe('the example in the help of', () => {
  const names = ['run', 'jobs', 'wait', 'results', 'events', 'pause', 'resume', 'kill', 'purge']
  test.each(names)('disco %s works', name => {
    const examples = manifest.commands[`disco:${name}`]?.examples ?? []
    expect(examples.length).toBeGreaterThan(0)
    // Each finds what it speaks of: the newest is done, or one that takes its time.
    const isOfRunning = ['pause', 'resume', 'kill'].includes(name)
    if (isOfRunning) {
      const job = submit('jobs/slow.ts', 'raw://x')
      if (name === 'resume') project.disco(['pause', job])
    } else if (name !== 'run') {
      expect(project.disco(['run', 'jobs/word-count.ts', 'data:texts']).exitCode).toBe(0)
    }
    for (const example of examples) {
      const {exitCode, stderr} = project.shell(String(example).replaceAll('<%= config.bin %> ', ''))
      expect(exitCode, stderr).toBe(0)
    }
    if (isOfRunning && name !== 'kill') expect(project.disco(['kill', '@']).exitCode).toBe(0)
  })
})
