/** Limits that a task cannot leave, tried by tasks that want to. Only root can start them as another user. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, describe, expect, test} from 'vitest'
import {loadJob, TaskProcess, type TaskResult} from '../../../../../src/worker/jobs/index.ts'

/** Each run has its own: what the one before started counts until the system has forgotten it. */
let user = 61_000
const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

const folder = mkdtempSync(join(tmpdir(), 'task-user-'))
// Others may pass, as through the folder of a node.
chmodSync(folder, 0o711)
const processes: TaskProcess[] = []
afterEach(async () => {
  for (const each of processes.splice(0)) await each.close()
})
afterAll(() => rmSync(folder, {recursive: true}))

let count = 0

interface Seen {
  readonly logs: readonly string[]
  readonly result: TaskResult
  readonly folder: string
}

/** Runs the body of a map function once. @param more - of the job */
async function run(map: string, more = ''): Promise<Seen> {
  const file = join(folder, `job-${count++}.ts`)
  const imports = `import {defineJob} from 'disco-inferno'
import fs from 'node:fs'
import {spawn, spawnSync} from 'node:child_process'
void fs; void spawn; void spawnSync`
  writeFileSync(
    file,
    `${imports}\nexport default defineJob({name: 'tried', ${more} async map(line, context) { ${map} }})\n`,
  )
  const {plan} = await loadJob(file)
  const tried = new TaskProcess({file, folder, plan, headers: {}}, ++user)
  processes.push(tried)
  const logs: string[] = []
  const runFolder = join(folder, `run-${count++}`)
  const inputs = [{number: 0, label: 0, replicas: ['raw://x']}]
  const result = await tried.run(
    {job: 'tried@1', stage: 0, task: 0, run: 1, node: 'n1', label: 0, inputs, folder: runFolder},
    {log: line => logs.push(line), getOob: async () => undefined},
  )
  return {logs, result, folder: runFolder}
}

/** Processes whose command line has a word, other than shells of this test. */
const runningWith = (word: string): boolean =>
  globPids().some(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word)
    } catch {
      // It ended between the two looks.
      return false
    }
  })

const globPids = (): string[] => readdirSync('/proc').filter(name => /^\d+$/.test(name))

describe.skipIf(!isRoot)('a task of an agent that is root', () => {
  test('is another user with no groups, reads nothing of root, and its output is root’s when it is done', async () => {
    const secret = join(folder, 'secret')
    writeFileSync(secret, 'x', {mode: 0o600})
    const seen = await run(`
      context.log([process.getuid(), process.getgid(), process.getgroups().join()].join(' '))
      try { fs.readFileSync(${JSON.stringify(secret)}) } catch (error) { context.log(error.code) }
      try { process.kill(process.ppid, 0) } catch (error) { context.log(error.code) }
      context.log(Object.keys(process.env).filter(name => ['HOME', 'USER', 'LOGNAME', 'TMPDIR'].includes(name)).join() || 'nobody')
      context.emit(line, 1)`)
    expect(seen.result.error).toBe(null)
    expect(seen.logs).toEqual([`${user} ${user} ${user}`, 'EACCES', 'EPERM', 'nobody'])
    const output = join(seen.folder, seen.result.outputs[0]!.file)
    expect([statSync(output).uid, statSync(seen.folder).uid]).toEqual([0, 0])
  })

  test('leaves no link through which root would serve what is not its own', async () => {
    const seen = await run(`
      fs.symlinkSync('/etc/shadow', ${JSON.stringify(folder)} + '/' + 'run-' + ${count + 1} + '/link')
      context.emit(line, 1)`)
    expect(seen.result.error).toBe(null)
    expect(existsSync(join(seen.folder, 'link')) || lstatSync(seen.folder).isSymbolicLink()).toBe(false)
  })

  test('starts so many processes and no more', async () => {
    // A number of this run's own: a run that was killed leaves its processes.
    const napSeconds = 60_000_000 + process.pid
    const seen = await run(
      `
      let started = 0
      for (; started < 3000; started++) {
        const child = spawn('sleep', ['${napSeconds}'], {stdio: 'ignore'})
        child.on('error', () => undefined)
        if (child.pid === undefined) break
      }
      context.log(fs.readFileSync('/proc/self/limits', 'latin1').match(/Max processes +(\\d+)/)[1])
      context.log(started < 1024 && started > 500 ? 'refused' : String(started))
      context.emit(line, 1)`,
      'limits: {memory: "16GiB"},',
    )
    expect(seen.logs).toEqual(['1024', 'refused'])
    for (const each of processes.splice(0)) await each.close()
    await expect.poll(() => runningWith(`sleep\u0000${napSeconds}`), {timeout: 5000}).toBe(false)
  }, 60_000)

  test('opens so many files and no more', async () => {
    const seen = await run(`
      const opened = []
      try { for (;;) opened.push(fs.openSync('/dev/null')) } catch (error) { context.log(error.code) }
      for (const file of opened) fs.closeSync(file)
      context.log(opened.length > 4000 && opened.length < 4096 ? 'enough' : String(opened.length))
      context.emit(line, 1)`)
    expect(seen.logs).toEqual(['EMFILE', 'enough'])
  })

  test('is ended when what it started holds more memory than it may', async () => {
    const {result} = await run(
      `
      const child = spawn(process.execPath, ['-e', 'globalThis.a = Buffer.alloc(400e6, 1); setTimeout(() => {}, 60000)'], {stdio: 'ignore'})
      await new Promise(resolve => child.on('exit', resolve))`,
      'limits: {memory: "300MiB"},',
    )
    expect(result.error?.message).toMatch(
      /held 4\d\d\.?\d* MB of memory, more than its limit of 31\d MB|held .* more than its limit/,
    )
  })

  test('cannot leave its limits by leaving its group', async () => {
    const loop = 'setTimeout(() => {}, 60000) // escaped'
    const {result, logs} = await run(
      `
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(loop)}], {stdio: 'ignore', detached: true})
      child.unref()
      context.log(String(child.pid))
      context.emit(line, 1)`,
      'limits: {taskSeconds: 30},',
    )
    expect(result.error).toBe(null)
    const pid = Number(logs[0])
    try {
      const limits = readFileSync(`/proc/${pid}/limits`, 'latin1')
      expect(limits).toMatch(new RegExp(`Max cpu time +${60 * availableParallelism() + 1} `))
      expect(limits).toMatch(/Max open files +4096 .*/)
      expect(limits).toMatch(/Max processes +1024 .*/)
    } finally {
      process.kill(pid, 'SIGKILL')
    }
  })
})
