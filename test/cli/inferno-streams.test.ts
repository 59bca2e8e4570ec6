import {execFileSync} from 'node:child_process'
import {closeSync, openSync, writeSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {Project, type Running} from './inferno-project.ts'

let project: Project
beforeAll(() => {
  project = new Project()
  project.writeRecords(
    'many.ndjson',
    Array.from({length: 100_000}, (_, index) => ({a: `some key that is long ${index}`, v: index})),
  )
  project.write('few.ndjson', '{"a":1}\n{"a":2}\nbad{\n')
})
afterEach(() => expect(project.leftovers()).toEqual([]))
afterAll(() => project.close())

describe('standard output', () => {
  test.each(['csv', 'ndjson', 'json', 'table'])('closed early as %s ends the program quietly', format => {
    const {exitCode, stdout, stderr} = project.shell(
      `inferno query -k a -v v -f ${format} --rows 0 many.ndjson | head -1`,
    )
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(stderr).not.toMatch(/EPIPE|Error/)
  })

  test('closed early under --json ends the program quietly', () => {
    const {exitCode, stdout, stderr} = project.shell('inferno query -k a -v v --json many.ndjson | head -1')
    expect({exitCode, stdout, stderr}).toEqual({exitCode: 0, stdout: '{\n', stderr: ''})
  })

  test.skipIf(process.platform !== 'linux').each(['', '--json', '-f ndjson'])(
    'on a full disk %s is an error in one sentence',
    flags => {
      const {exitCode, stderr} = project.shell(`inferno query -q -k a -v v ${flags} many.ndjson > /dev/full`)
      expect(exitCode).toBe(1)
      expect(stderr).toMatch(/^Error: cannot write (to stdout|standard output): [^\n]+\n(Hint: [^\n]+\n)?$/)
    },
  )

  test('holds rows only', () => {
    expect(project.shell('inferno query -k a -v count few.ndjson 2> /dev/null').stdout).toBe('a,count\n1,1\n2,1\n')
  })
})

describe('standard error', () => {
  test.skipIf(process.platform !== 'linux')('on a full disk costs the messages, not the rows', () => {
    const {exitCode, stdout} = project.shell('inferno query -k a -v count few.ndjson 2> /dev/full')
    expect({exitCode, stdout}).toEqual({exitCode: 1, stdout: 'a,count\n1,1\n2,1\n'})
  })

  test('closed early costs the messages, not the rows', () => {
    const {stdout} = project.shell('{ inferno query -k a -v count few.ndjson 2>&1 1>&3 | true; } 3>&1')
    expect(stdout).toBe('a,count\n1,1\n2,1\n')
  })

  test('holds nothing with --quiet but errors', () => {
    expect(project.inferno(['query', '-q', '-k', 'a', 'few.ndjson']).stderr).toBe('')
    expect(project.inferno(['query', '-q', '-k', 'a', 'none.ndjson']).stderr).toMatch(/^Error: there is no input/)
  })

  test('holds no colour and no cursor movement when it is not a terminal', () => {
    expect(project.inferno(['query', '-k', 'b', 'many.ndjson'], {env: {FORCE_COLOR: '1'}}).stderr).not.toContain(
      '\u001b',
    )
  })
})

describe('standard input', () => {
  const expected = 'a,count\n1,1\n2,1\n'

  test.each([
    ['a pipe', 'cat few.ndjson | inferno query -q -k a -v count -'],
    ['a redirect', 'inferno query -q -k a -v count - < few.ndjson'],
    ['a compressed pipe', 'gzip -c few.ndjson | inferno query -q -k a -v count -'],
    ['process substitution', 'inferno query -q -k a -v count <(cat few.ndjson)'],
    ['two of them', 'inferno query -q -k a -v count <(head -1 few.ndjson) <(tail -n +2 few.ndjson)'],
    ['a pipe beside a file', 'tail -2 few.ndjson | inferno query -q -k a -v count - <(head -1 few.ndjson)'],
  ])('is %s', (_, line) => {
    expect(project.shell(line)).toEqual({exitCode: 0, stdout: expected, stderr: ''})
  })

  test('is left alone by commands that do not read data', () => {
    project.write(
      'rules/r.ts',
      "import {defineRule} from 'disco-inferno'\nexport default defineRule({name: 'r', keyParts: ['a']})\n",
    )
    const {stdout} = project.shell(
      'printf "one\\ntwo\\n" | while read -r word; do inferno rules > /dev/null; echo "$word"; done',
    )
    expect(stdout).toBe('one\ntwo\n')
  })
})

/** A run that waits for more input: it cannot end before it is told to. */
async function waitingRun(args: readonly string[] = []): Promise<Running> {
  const run = project.start(['query', '-k', 'a', '-v', 'count', '--bad-out', 'bad.out', ...args, '-'])
  run.child.stdin?.write('{"a":1}\n'.repeat(1000))
  // The folder for temporary files is the sign that reading has begun.
  while (project.leftovers().length < 2) await new Promise(resolve => setImmediate(resolve))
  return run
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s in the middle', signal => {
  test('ends the run, status 130, without rows and temporary files', async () => {
    const run = await waitingRun()
    run.child.kill(signal)
    run.child.stdin?.end()
    expect(await run.ended).toEqual({exitCode: 130, stdout: '', stderr: 'interrupted; nothing was written\n'})
    expect(project.has('bad.out')).toBe(false)
  })
})

test('an endless loop in a rule is ended by Ctrl-C', async () => {
  project.write(
    'loop.ts',
    `import {defineRule} from 'disco-inferno'
export default defineRule({name: 'r', keyParts: ['a'], partsPreprocess: [() => { process.stderr.write('looping\\n'); for (;;); }]})`,
  )
  const run = project.start(['run', 'loop.ts', '-i', 'few.ndjson'])
  await run.until(() => run.stderr().includes('looping') || project.leftovers().length > 1)
  run.child.kill('SIGINT')
  expect(await run.ended).toMatchObject({exitCode: 130, stdout: ''})
})

describe('--watch', () => {
  const ruleText = (key: string): string => `import {defineRule} from 'disco-inferno'
import {value} from './values.ts'
export default defineRule({name: 'r', keyParts: ['${key}'], valueParts: [value], examples: [{input: ['{"a":1}'], rows: [['1', 1]]}]})
`

  const waits = 'watching for changes; Ctrl-C stops\n'

  /**
   * Writes a file until the program has noticed: its first look at a file and our first change to it may be the same moment.
   * Each time differs, so that no version is taken for the one before.
   */
  async function change(name: string, content: string, isNoticed: () => boolean): Promise<void> {
    for (let attempt = 0; !isNoticed(); attempt++) {
      project.write(name, `${content}${'\n'.repeat(attempt)}`)
      const deadline = performance.now() + 1000
      while (!isNoticed() && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  test('on run starts again when the rule, a module of it or the data changes, and waits errors out', async () => {
    project.write('watched/r.ts', ruleText('a'))
    project.write('watched/values.ts', "export const value = 'count'\n")
    project.write('watched.ndjson', '{"a":1,"b":7,"n":3}\n')
    const watched = project.start(['run', 'watched/r.ts', '-i', 'watched.ndjson', '--watch'])
    await watched.until(() => watched.stdout() === 'a,count\n1,1\n' && watched.stderr().endsWith(waits))
    const prints = (rows: string) => (): boolean => watched.stdout().endsWith(rows)
    await change('watched/r.ts', ruleText('b'), prints('b,count\n7,1\n'))
    await change('watched/values.ts', "export const value = 'n'\n", prints('b,n\n7,3\n'))
    await change('watched.ndjson', '{"a":1,"b":7,"n":3}\n{"a":1,"b":8,"n":4}\n', prints('b,n\n7,3\n8,4\n'))
    await change('watched/r.ts', 'export default {{', () => watched.stderr().includes('r.ts does not load'))
    await change('watched/r.ts', ruleText('a'), prints('a,n\n1,7\n'))
    watched.child.kill('SIGINT')
    expect((await watched.ended).exitCode).toBe(0)
  })

  test('on test runs the examples again', async () => {
    project.write('tested/r.ts', ruleText('a'))
    project.write('tested/values.ts', "export const value = 'count'\n")
    const watched = project.start(['test', 'r.r', '-y', 'tested', '--watch'])
    await watched.until(() => watched.stdout().endsWith('1 passed, 0 failed\n') && watched.stderr().endsWith(waits))
    await change('tested/r.ts', ruleText('b'), () => watched.stdout().endsWith('0 passed, 1 failed\n'))
    await change('tested/r.ts', ruleText('a'), () => watched.stdout().endsWith('1 passed, 0 failed\n'))
    watched.child.kill('SIGINT')
    expect((await watched.ended).exitCode).toBe(0)
  })

  test('refuses standard input, which cannot be read again', () => {
    expect(project.inferno(['run', 'watched/r.ts', '-i', '-', '--watch'])).toMatchObject({exitCode: 2, stdout: ''})
  })
})

test.skipIf(process.platform === 'win32')('a named pipe is read to its end', async () => {
  execFileSync('mkfifo', [project.path('fifo')])
  const run = project.start(['query', '-q', '-k', 'a', '-v', 'count', '--from', 'json', 'fifo'])
  const pipe = openSync(project.path('fifo'), 'w')
  writeSync(pipe, '{"a":1}\n{"a":')
  writeSync(pipe, '2}\n')
  closeSync(pipe)
  expect(await run.ended).toEqual({exitCode: 0, stdout: 'a,count\n1,1\n2,1\n', stderr: ''})
})

test.skipIf(process.platform === 'win32')(
  'Ctrl-C ends a run that waits for a named pipe whose writer is silent',
  async () => {
    const pipe = project.path('silent-pipe')
    execFileSync('mkfifo', [pipe])
    const running = project.start(['query', '-k', 'a', '-v', 'count', pipe])
    // Opening for writing waits until the program has opened the other end.
    const writer = await open(pipe, 'w')
    try {
      await writer.write('{"a":1}\n')
      running.child.kill('SIGINT')
      expect(await running.ended).toMatchObject({exitCode: 130, stdout: ''})
    } finally {
      await writer.close()
    }
  },
)

test('what a rule file prints goes to standard error, what its result processor prints to standard output', () => {
  const rule = (more: string): string => `import {defineRule} from 'disco-inferno'
console.log('loading')
export default defineRule({name: 'r', keyParts: ['a'], valueParts: ['count'], ${more}})
`
  project.write('prints/loads.ts', rule(''))
  project.write(
    'prints/processes.ts',
    rule("resultProcessor: async rows => { for await (const [key] of rows) console.log('row', key[1]) }"),
  )
  project.write('prints.ndjson', '{"a":1}\n')
  const loads = project.inferno(['run', 'prints/loads.ts', '-i', 'prints.ndjson'])
  expect(loads).toMatchObject({stdout: 'a,count\n1,1\n', stderr: expect.stringContaining('loading')})
  expect(project.inferno(['run', 'prints/processes.ts', '-i', 'prints.ndjson'])).toMatchObject({stdout: 'row 1\n'})
})
