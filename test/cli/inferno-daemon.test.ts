import {existsSync, readFileSync} from 'node:fs'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {hasLogged, journalOf, logLinesOf, ruleFile, startDaemon} from './daemon-stand-in.ts'
import {Project, type Running} from './inferno-project.ts'
import type {Outcome} from './launcher-run.ts'

let project: Project
beforeEach(() => {
  project = new Project()
})
afterEach(() => project.close())

const often = `name: 'often', timeDelta: {seconds: 1}`
const weekly = `name: 'weekly', timeDelta: {weeks: 1}`

const start = (...flags: string[]): Running => startDaemon(project, ...flags)
const journal = (): string[] => journalOf(project)
const begins = (rule: string): number => journal().filter(line => line.startsWith(`begin ${rule} `)).length

/** Waits for what files tell. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 30_000
  while (!condition()) {
    if (Date.now() > deadlineMs) throw new Error(`still waiting until ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function stop(daemon: Running): Promise<Outcome> {
  daemon.child.kill('SIGTERM')
  return daemon.ended
}

interface Status {
  readonly daemon?: {readonly pid: number}
  readonly rules: readonly Record<string, unknown>[]
}
const status = (): Status => JSON.parse(project.inferno(['status', '--json']).stdout) as Status

test('runs what is due, and tells of it', async () => {
  project.write('rules/m.ts', ruleFile(often, weekly))
  project.write('rules/by-hand.ts', ruleFile(often).replace('AUTORUN = true', 'AUTORUN = false'))
  const daemon = start()
  await daemon.until(() => hasLogged(daemon, 'run done', 'm.weekly') && hasLogged(daemon, 'run done', 'm.often'))
  expect(status().daemon?.pid).toBe(daemon.child.pid)
  expect(status().rules).toMatchObject([
    {rule: 'm.often', schedule: 'every 1 second', lastState: 'done', backlog: {blobs: 2, bytes: 2000}},
    {rule: 'm.weekly', state: 'waiting', schedule: 'every 1 week', retryCount: 0},
  ])
  const shown = project.inferno(['status'])
  expect(shown.exitCode).toBe(0)
  expect(shown.stdout).toMatch(/m\.weekly +waiting .* done +in 16[78] h/)
  expect(project.inferno(['runs', 'm.weekly']).stdout).toMatch(/m\.weekly +done .* 3 +1\.0 kB +1 /)
  const [run] = JSON.parse(project.inferno(['runs', 'm.weekly', '--json']).stdout) as [{id: number}]
  const one = project.inferno(['runs', 'show', String(run.id)]).stdout
  for (const text of ['plan     abc123', 'in:2026-01-01  b1', 'batch    f00', 'hello from m.weekly'])
    expect(one).toContain(text)
  const {exitCode} = await stop(daemon)
  expect(exitCode).toBe(0)
  expect(status().daemon).toBeUndefined()
})

test('obeys wake, pause and resume within moments, and remembers them', async () => {
  project.write('rules/m.ts', ruleFile(weekly))
  let daemon = start('--start-paused')
  await daemon.until(() => hasLogged(daemon, 'rule added'))
  expect(status().rules[0]).toMatchObject({state: 'paused'})
  expect(project.inferno(['wake', 'm.weekly']).stdout).toBe('m.weekly: started\n')
  await until('it runs', () => begins('m.weekly') === 1)
  expect(project.inferno(['resume']).stdout).toBe('all rules: resumed\n')
  expect(project.inferno(['pause', 'm.weekly']).stdout).toBe('m.weekly: paused\n')
  await stop(daemon)
  expect(project.inferno(['resume', 'm.weekly']).stdout).toBe('m.weekly: will be resumed when a daemon works here\n')
  expect(status().rules[0]).toMatchObject({state: 'waiting'})
  daemon = start()
  await daemon.until(() => hasLogged(daemon, 'told to resume'))
  await stop(daemon)
  expect(status().rules[0]).toMatchObject({state: 'waiting'})
  const unknown = project.inferno(['wake', 'm.weakly'])
  expect(unknown.exitCode).toBe(2)
  expect(unknown.stderr).toContain('Did you mean "m.weekly"?')
})

test('without a daemon ever, says so', () => {
  const {exitCode, stderr} = project.inferno(['status'])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('no daemon has worked with the rules in')
})

test('a failure shows with its reason; one without a report with its last words', async () => {
  project.write('rules/m.ts', ruleFile(`name: 'often', timeDelta: {seconds: 1}, retry: true, retryDelay: 1`))
  project.write('outcome.txt', 'failed')
  const daemon = start()
  await daemon.until(() => hasLogged(daemon, 'run failed'))
  project.write('outcome.txt', 'crash')
  await daemon.until(() => logLinesOf(daemon).some(({error}) => String(error).includes('status 7')))
  const {exitCode, stdout} = project.inferno(['status'])
  expect(exitCode).toBe(1)
  expect(stdout).toContain('m.often: it ended with status 7 and left no report')
  await stop(daemon)
  const [last] = JSON.parse(project.inferno(['runs', '--json', '-c', '1']).stdout) as [{error: string}]
  expect(last.error).toContain('out of luck')
})

describe('rule files that change', () => {
  test('are read again; a broken one goes on as it was, also with a new daemon, and says where', async () => {
    project.write('data.ndjson', '{"a":"x"}\n{"a":"y"}\n')
    project.write('rules/words.ts', `export const key = 'a'\n`)
    const whole = `import {defineRule} from 'disco-inferno'
import {key} from './words.ts'
export const AUTORUN = true
export default defineRule({name: 'real', sourceUrls: ['data.ndjson'], keyParts: [key], valueParts: ['count'], timeDelta: {seconds: 1}})
`
    project.write('rules/m.ts', whole)
    // The real thing, over files.
    const run = ['daemon']
    let daemon = project.start(run)
    await daemon.until(() => hasLogged(daemon, 'run done', 'm.real'))
    project.write('rules/m.ts', `${whole}\nexport const oops = = 5\n`)
    await daemon.until(() => hasLogged(daemon, 'rule file is broken; its rules go on as they were'))
    const broken = logLinesOf(daemon).findIndex(({msg}) => String(msg).startsWith('rule file is broken'))
    expect(String(logLinesOf(daemon)[broken]?.['file'])).toMatch(/rules\/m\.ts:\d+$/)
    await daemon.until(
      () =>
        logLinesOf(daemon)
          .slice(broken)
          .filter(({msg}) => msg === 'run done').length >= 2,
    )
    await stop(daemon)
    daemon = project.start(run)
    await daemon.until(() => hasLogged(daemon, 'run done', 'm.real'))
    expect(project.inferno(['status']).stdout).toContain('runs as it was; its file is broken')
    project.write('rules/m.ts', whole.replace('real', 'renewed'))
    await daemon.until(() => hasLogged(daemon, 'rule removed', 'm.real') && hasLogged(daemon, 'run done', 'm.renewed'))
    const {stderr} = await stop(daemon)
    // One that had begun when its rule went may find it gone.
    expect(stderr).not.toMatch(/"run failed","rule":"m\.renewed"/)
    expect(project.inferno(['runs', 'm.renewed']).stdout).toMatch(/done .* 2 /)
  })

  test('cannot end the daemon, nor keep other files from being read', async () => {
    project.write('rules/a.ts', 'export const AUTORUN = true\nprocess.exit(3)\n')
    project.write('rules/b.ts', ruleFile(weekly))
    project.write('rules/c.ts', ruleFile(`name: 'bad', timeDelta: {minute: 5}`))
    const daemon = start()
    await daemon.until(() => hasLogged(daemon, 'run done', 'b.weekly'))
    const problems = logLinesOf(daemon).filter(({level}) => level === 'error')
    expect(problems.map(({file, problem}) => [String(file).replace(/^.*rules\//, ''), problem])).toEqual([
      ['a.ts', expect.stringContaining('status 3')],
      ['c.ts:3', expect.stringContaining('did you mean "minutes"?')],
    ])
    await stop(daemon)
  })
})

describe('two daemons', () => {
  test('do not work with one state: the second is refused by the name of the first, or waits', async () => {
    project.write('rules/m.ts', ruleFile(weekly))
    const first = start()
    await first.until(() => hasLogged(first, 'run done'))
    const second = await start().ended
    expect(second.exitCode).toBe(1)
    expect(second.stderr).toContain(`already: process ${first.child.pid},`)
    const third = start('--wait')
    await third.until(() => hasLogged(third, 'waiting for another daemon to end'))
    await stop(first)
    await third.until(() => hasLogged(third, 'rule added'))
    await stop(third)
    expect(begins('m.weekly')).toBe(1)
  })

  test('one that is killed is followed by another at once; its run goes on to its end and is not run twice', async () => {
    project.write('rules/m.ts', ruleFile(weekly))
    project.write('ms.txt', '2500')
    const first = start()
    await until('it runs', () => begins('m.weekly') === 1)
    first.child.kill('SIGKILL')
    await first.ended
    const second = start()
    await second.until(() => hasLogged(second, 'run done', 'm.weekly'))
    expect(journal().map(line => line.split(' ')[0])).toEqual(['begin', 'end'])
    await stop(second)
  })

  test('a report that was left while none worked is found', async () => {
    project.write('rules/m.ts', ruleFile(weekly))
    project.write('ms.txt', '800')
    const first = start()
    await until('it runs', () => begins('m.weekly') === 1)
    first.child.kill('SIGKILL')
    await until('it ended', () => journal().some(line => line.startsWith('end')))
    const second = start()
    await second.until(() => hasLogged(second, 'run done', 'm.weekly'))
    await stop(second)
    expect(begins('m.weekly')).toBe(1)
  })

  test('a run that was killed with its daemon is run again', async () => {
    project.write('rules/m.ts', ruleFile(weekly))
    project.write('ms.txt', '60000')
    const first = start()
    await until('it runs', () => begins('m.weekly') === 1)
    first.child.kill('SIGKILL')
    process.kill(Number(journal()[0]?.split(' ')[2]), 'SIGKILL')
    project.write('ms.txt', '20')
    const second = start()
    await second.until(() => hasLogged(second, 'run done', 'm.weekly'))
    expect(hasLogged(second, 'run was interrupted')).toBe(true)
    expect(begins('m.weekly')).toBe(2)
    await stop(second)
  })
})

describe('SIGTERM', () => {
  test('waits for the runs that go on and starts none', async () => {
    project.write('rules/m.ts', ruleFile(weekly, often))
    project.write('ms.txt', '1500')
    const daemon = start('--concurrent', '1')
    await until('one runs', () => journal().length > 0)
    expect((await stop(daemon)).exitCode).toBe(0)
    expect(journal().map(line => line.split(' ')[0])).toEqual(['begin', 'end'])
  })

  test('after the grace ends them, and the next daemon runs them again', async () => {
    project.write('rules/m.ts', ruleFile(weekly))
    project.write('ms.txt', '60000')
    const daemon = start('--grace', '1')
    await until('it runs', () => begins('m.weekly') === 1)
    await stop(daemon)
    expect(journal().map(line => line.split(' ')[0])).toEqual(['begin', 'term'])
    expect(status().rules[0]).toMatchObject({lastState: 'interrupted'})
    project.write('ms.txt', '20')
    const next = start()
    await next.until(() => hasLogged(next, 'run done', 'm.weekly'))
    await stop(next)
  })

  test('twice ends all at once', async () => {
    project.write('rules/m.ts', ruleFile(weekly))
    project.write('ms.txt', '60000')
    const daemon = start()
    await until('it runs', () => begins('m.weekly') === 1)
    daemon.child.kill('SIGTERM')
    await daemon.until(() => hasLogged(daemon, 'stopping'))
    await stop(daemon)
    const pid = Number(journal()[0]?.split(' ')[2])
    expect(existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z')).toBe(false)
  })
})
