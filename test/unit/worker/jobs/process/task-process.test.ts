import assert from 'node:assert/strict'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {availableParallelism, tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, test, vi} from 'vitest'
import {
  loadJob,
  type ProcessPorts,
  readSections,
  type TaskInput,
  TaskProcess,
  type TaskResult,
} from '../../../../../src/worker/jobs/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'task-process-'))
const processes: TaskProcess[] = []
afterEach(async () => {
  for (const each of processes.splice(0)) await each.close()
})
afterAll(() => rmSync(folder, {recursive: true}))

let count = 0
const logs: string[] = []
const ports: ProcessPorts = {
  log: line => logs.push(line),
  getOob: async key => (key === 'known' ? Buffer.from([2, 0x35]) : undefined),
}

async function processOf(map: string, more = ''): Promise<TaskProcess> {
  const file = join(folder, `job-${count++}.ts`)
  writeFileSync(
    file,
    `import {defineJob} from 'disco-inferno'\nimport {writeSync} from 'node:fs'\nimport {spawn} from 'node:child_process'\nvoid writeSync; void spawn\nexport default defineJob({name: 'tried', ${more} async map(line, context) { ${map} }})\n`,
  )
  const {plan} = await loadJob(file)
  const made = new TaskProcess({file, folder, plan, headers: {}})
  processes.push(made)
  return made
}

function specOf(text: string, more: {isOpen?: boolean} = {}) {
  const runFolder = join(folder, `run-${count++}`)
  mkdirSync(runFolder)
  const inputs: TaskInput[] = [{number: 0, label: 0, replicas: [`raw://${text}`]}]
  return {job: 'tried@1', stage: 0, task: 3, run: 7, node: 'n1', label: 0, inputs, folder: runFolder, ...more}
}

const messageOf = (result: TaskResult): string => {
  assert.ok(result.error, 'the run failed')
  assert.deepEqual(result.outputs, [])
  return result.error.message
}

/** The same process runs nothing else wrong afterwards. */
async function runsAgain(tried: TaskProcess): Promise<void> {
  const result = await tried.run(specOf('fine'), ports)
  assert.equal(result.error, null)
  assert.equal(result.outputs[0]!.records, 1)
}

test('a process is kept for the next run, and its file is there when it says so', async () => {
  const tried = await processOf('context.emit(line, context.task.task); context.counter("lines")')
  const spec = specOf('one\ntwo')
  const result = await tried.run(spec, ports)
  assert.equal(result.error, null)
  assert.deepEqual(
    readSections(join(spec.folder, result.outputs[0]!.file)).map(({records}) => records),
    [2],
  )
  assert.deepEqual([result.account.in, result.account.out, result.counters], [2, 2, {lines: 2}])
  const {pid} = tried
  await runsAgain(tried)
  assert.equal(tried.pid, pid)
})

test('an error of the function comes with its record and its place in the job file', async () => {
  const tried = await processOf('if (line === "bad") throw new RangeError("cannot"); context.emit(line, 1)')
  const result = await tried.run(specOf('fine\nbad'), ports)
  assert.equal(messageOf(result), 'RangeError: cannot')
  assert.deepEqual([result.error!.class, result.error!.record], ['error', 'bad'])
  assert.match(result.error!.stack!, /job-\d+\.ts/)
  await runsAgain(tried)
})

test('context.fatal ends the job, and so does a file that does not load', async () => {
  const tried = await processOf('context.fatal("no such customer")')
  const result = await tried.run(specOf('x'), ports)
  assert.deepEqual([result.error?.class, result.error?.message], ['fatal', 'no such customer'])
  const gone = await processOf('context.emit(line, 1)')
  rmSync(join(folder, `job-${count - 2}.ts`), {force: true})
  writeFileSync(join(folder, `job-${count - 1}.ts`), 'export const nothing = 1')
  assert.match(messageOf(await gone.run(specOf('x'), ports)), /exports no job/)
})

test('a process that is killed in mid-task is an error with the signal, and the next run gets a new one', async () => {
  const tried = await processOf(
    'context.log("pid " + process.pid); if (line === "wait") await new Promise(() => setInterval(() => 1, 1000)); context.emit(line, 1)',
  )
  const running = tried.run(specOf('wait'), {
    ...ports,
    log: line => line.startsWith('pid') && process.kill(Number(line.slice(4)), 'SIGKILL'),
  })
  assert.match(messageOf(await running), /was ended by SIGKILL before the task was done/)
  await runsAgain(tried)
})

test.each([
  ['process.exit(0)', /ended with status 0 before the task was done/],
  [
    'console.error("my last words"); process.exit(3)',
    /ended with status 3 before the task was done. Last words:\nmy last words/,
  ],
  [
    'setTimeout(() => { throw new Error("thrown aside") }, 0); await new Promise(() => setInterval(() => 1, 1000))',
    /ended with status 1 [\s\S]*thrown aside/,
  ],
  ['writeSync(3, "garbage\\n"); await new Promise(() => setInterval(() => 1, 1000))', /no message/],
  ['writeSync(3, "{\\"type\\":\\"result\\"}\\n"); await new Promise(() => setInterval(() => 1, 1000))', /no message/],
])('a task that does %s is an error', async (map, expected) => {
  const tried = await processOf(`if (line !== "fine") { ${map} } context.emit(line, 1)`)
  assert.match(messageOf(await tried.run(specOf('x'), ports)), expected)
  await runsAgain(tried)
})

test('a task that hangs in a loop is ended at its time limit, with what it started', async () => {
  const tried = await processOf(
    `if (line === "fine") { context.emit(line, 1); return }
     const child = spawn("sleep", ["300"]); writeSync(1, "child " + child.pid + "\\n"); for (;;);`,
    // Its process starts within that on a busy machine, too.
    'limits: {taskSeconds: 4},',
  )
  const lines: string[] = []
  const result = await tried.run(specOf('x'), {...ports, log: line => lines.push(line)})
  assert.match(messageOf(result), /took longer than its limit of 4 s/)
  const child = Number(lines.find(line => line.startsWith('child '))!.slice(6))
  const isThere = (): boolean =>
    existsSync(`/proc/${child}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${child}/status`, 'latin1'))
  // The system ends it when it gets to it; a sleep of five minutes that is gone within seconds was ended.
  for (let tries = 0; tries < 200 && isThere(); tries++) await new Promise(resolve => setTimeout(resolve, 25))
  assert.equal(isThere(), false)
  await runsAgain(tried)
}, 20_000)

test.each([
  ['values', 'const all = []; for (;;) all.push({a: all.length, b: [1, 2, 3]})'],
  [
    'buffers',
    'const all = []; for (;;) { all.push(Buffer.alloc(1e6, 1)); if (all.length % 10 === 0) await new Promise(resolve => setTimeout(resolve, 1)) }',
  ],
])('a task that eats memory in %s is ended at its limit', {timeout: 60_000}, async (_what, map) => {
  const tried = await processOf(
    `if (line === "fine") { context.emit(line, 1); return } ${map}`,
    'limits: {memory: "192MiB"},',
  )
  assert.match(messageOf(await tried.run(specOf('x'), ports)), /memory/)
  await runsAgain(tried)
})

test('a flood on standard output costs lines, not the task', async () => {
  const tried = await processOf(
    'for (let i = 0; i < 20_000; i++) process.stdout.write("flood " + i + " ".repeat(500) + "\\n"); process.stderr.write("x".repeat(3_000_000)); context.emit(line, 1)',
  )
  const lines: string[] = []
  const result = await tried.run(specOf('x'), {...ports, log: line => lines.push(line)})
  assert.equal(result.error, null)
  assert.ok(result.logsDropped > 15_000 && lines.length < 1000, `${result.logsDropped} dropped, ${lines.length} seen`)
  assert.ok(lines.every(line => line.length <= 2001))
})

test('values out of band come from the parent, and go to files', async () => {
  const tried = await processOf(
    'context.oob.put("mine", {at: await context.oob.get("known"), none: (await context.oob.get("other")) ?? null}); context.emit(line, 1)',
  )
  const spec = specOf('x')
  const {oob, error} = await tried.run(spec, ports)
  assert.equal(error, null)
  assert.equal(oob[0]!.key, 'mine')
  assert.equal(readFileSync(join(spec.folder, oob[0]!.file)).subarray(1).toString(), '{"at":5,"none":null}')
})

test('a stage that streams asks for inputs until there are none', async () => {
  const tried = await processOf('context.emit(line, 1)')
  const more = [['raw://b\nc'], ['raw://d'], undefined]
  const result = await tried.run(specOf('a', {isOpen: true}), {
    ...ports,
    moreInputs: async () =>
      more.shift()?.map((replica, number) => ({number: number + 1, label: 0, replicas: [replica]})),
  })
  assert.deepEqual([result.error, result.account.in], [null, 4])
})

test('an input that no address gives is lost, by its number', async () => {
  const tried = await processOf('context.emit(line, 1)')
  const spec = {
    ...specOf('x'),
    inputs: [{number: 42, label: 0, replicas: [join(folder, 'gone'), 'http://127.0.0.1:1/gone']}],
  }
  const {error} = await tried.run(spec, ports)
  assert.deepEqual([error?.class, error?.input], ['input-lost', 42])
  assert.match(error!.message, /gone.*ENOENT/)
})

test('a signal ends a run, and closing leaves no process', async () => {
  const tried = await processOf('context.log("on it"); await new Promise(() => setInterval(() => 1, 1000))')
  const stop = new AbortController()
  assert.match(messageOf(await tried.run(specOf('x'), {...ports, log: () => stop.abort()}, stop.signal)), /stopped/)
  await tried.close()
  assert.equal(tried.pid, undefined)
})

const seenBy = async (tried: TaskProcess): Promise<string> => {
  const seen: string[] = []
  const result = await tried.run(specOf('x'), {...ports, log: line => seen.push(line)})
  assert.equal(result.error, null)
  return seen.join('\n')
}

test('a process sees nothing of our environment but what every program needs', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  vi.stubEnv('DISCO_TOKEN', 'secret')
  vi.stubEnv('TZ', 'Europe/Berlin')
  const names = (await seenBy(await processOf('context.log(Object.keys(process.env).sort().join(" "))'))).split(' ')
  vi.unstubAllEnvs()
  const known = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR']
  // The shell that sets the limits leaves some of its own.
  assert.deepEqual(
    names.filter(name => ![...known, 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
    [],
  )
  assert.ok(names.includes('TZ') && names.includes('PATH'))
})

test.runIf(process.platform === 'linux')('files, processor time and core dumps have limits of the system', async () => {
  const read = 'context.log((await import("node:fs")).readFileSync("/proc/self/limits", "latin1"))'
  const seen = await seenBy(await processOf(read, 'limits: {taskSeconds: 30},'))
  assert.match(seen, /Max open files +4096 +4096/)
  assert.match(seen, new RegExp(`Max cpu time +${60 * availableParallelism() + 1} `))
  assert.match(seen, /Max core file size +0 +0/)
})

test('a process that has been busy for the time of a run is replaced by a fresh one', async () => {
  const tried = await processOf(
    'if (line === "long") await new Promise(resolve => setTimeout(resolve, 200)); context.emit(line, 1)',
    'limits: {taskSeconds: 3},',
  )
  await runsAgain(tried)
  const {pid} = tried
  assert.ok(pid !== undefined)
  for (let run = 0; run < 16 && tried.pid === pid; run++) await tried.run(specOf('long'), ports)
  assert.notEqual(tried.pid, pid)
  await runsAgain(tried)
})

test('what a run prints without a line feed at its end is a line of its own log', async () => {
  const tried = await processOf("process.stdout.write('half of ' + line); if (line === 'last') process.exit(3)")
  const logged: Record<string, string[]> = {}
  for (const text of ['first', 'second', 'last']) {
    const lines: string[] = []
    logged[text] = lines
    await tried.run(specOf(text), {...ports, log: line => lines.push(line)})
  }
  assert.deepEqual(logged, {first: ['half of first'], second: ['half of second'], last: ['half of last']})
})
