import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {runWorker, type WorkerResult} from '../../../../src/worker/index.ts'

const task = {
  taskid: 0,
  master: 'http://m',
  disco_port: 1,
  put_port: 1,
  ddfs_data: '/d',
  disco_data: '/j',
  stage: 'map',
  grouping: 'split',
  group: [0, ''],
  jobfile: '/f',
  jobname: 'j@1',
  host: 'n1',
} as const

/** @param script - lines of a shell worker; `say NAME PAYLOAD` writes a message */
async function run(
  script: string,
  times = {},
  taskSeconds = 8,
): Promise<WorkerResult & {readonly log: string[]; readonly folder: string}> {
  const root = mkdtempSync(join(tmpdir(), 'worker-'))
  onTestFinished(() => rmSync(root, {recursive: true, force: true}))
  const [home, folder] = [join(root, 'home'), join(root, 'run')]
  mkdirSync(home)
  mkdirSync(folder)
  const say = `say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; }\nask() { say "$@"; read -r answer; }\n`
  writeFileSync(join(home, 'w.sh'), `#!/bin/sh\n${say}${script}\n`, {mode: 0o755})
  const log: string[] = []
  const result = await runWorker(
    {
      task,
      run: 1,
      worker: 'w.sh',
      home,
      envs: {GREETING: 'hi'},
      folder,
      inputs: [{label: 3, urls: ['raw://a', 'raw://b']}],
      hasAllInputs: true,
      limits: {memoryBytes: 1 << 30, taskSeconds},
    },
    {log: line => log.push(line), limits: times},
  )
  return {...result, log, folder}
}

const hello = `ask WORKER '{"version":"1.1","pid":1}'\n`

test('a worker reads its task and inputs and leaves outputs', async () => {
  const script = `${hello}ask PING '""'; echo "$answer" > out
ask TASK '""'; echo "$answer" >> out
ask INPUT '""'; echo "$answer" >> out
ask INPUT_ERR '[0,[0]]'; echo "$answer" >> out
echo "$GREETING \${DISCO_TOKEN-none}" >> out
echo printed
ask MSG '"said"'
ask OUTPUT '[7,"out",1]'
ask OUTPUT '[0,"http://x/y",5]'
say DONE '""'`
  const {error, outputs, remoteOutputs, log, folder} = await run(script)
  expect(error).toBeNull()
  expect(outputs).toEqual([{label: 7, file: 'out', bytes: readFileSync(join(folder, 'out')).length}])
  expect(remoteOutputs).toEqual([{label: 0, url: 'http://x/y', bytes: 5}])
  expect(log.sort()).toEqual(['printed', 'said'])
  const lines = readFileSync(join(folder, 'out'), 'utf8').trim().split('\n')
  expect(lines[0]).toBe('OK 6 "pong"')
  expect(lines[1]).toMatch(/^TASK \d+ \{"taskid":0,"master":"http:\/\/m"/)
  expect(lines[2]).toBe('INPUT 51 ["done",[[0,"ok",3,[[0,"raw://a"],[1,"raw://b"]]]]]')
  expect(lines[3]).toBe('RETRY 15 [[1,"raw://b"]]')
  expect(lines[4]).toBe('hi none')
})

test.each([
  ['exit 7', 'error', 'Worker died without output (exit code: 7)'],
  ['echo oops >&2; exit 1', 'error', 'Worker died (exit code: 1). Last words:\noops'],
  [`${hello}say ERROR '"again"'; sleep 9`, 'error', 'again'],
  [`${hello}say FATAL '"never"'; sleep 9`, 'fatal', 'never'],
  [`${hello}ask INPUT_ERR '[0,[0,1]]'; say ERROR '"lost"'`, 'input-lost', 'lost'],
  [`say WORKER '{"version":"9","pid":1}'; sleep 9`, 'fatal', 'Invalid worker version: 9'],
  [`say HELLO '""'; sleep 9`, 'fatal', "Unknown message type 'HELLO'"],
  ['say MSG 7; sleep 9', 'fatal', 'Invalid message body 7 of MSG'],
  ["printf 'MSG x' >&2; exit 1", 'error', 'Last words:\nMSG x'],
  ['printf \'MSG 9999999999 "a"\\n\' >&2; exit 1', 'error', 'Last words:\nMSG 9999999999 "a"'],
  ['printf \'MSG 2 "abc"\\n\' >&2; exit 1', 'error', 'Worker died (exit code: 1). Last words'],
  ['printf \'MSG 50 "abc"\\n\' >&2; exit 1', 'error', 'Worker died'],
  ["printf 'TASK 3 \\377\\376x\\n' >&2; sleep 9", 'fatal', 'Payload is not valid JSON'],
  ["head -c 3000 /dev/urandom | tr -d '\\n' >&2; exit 1", 'error', 'Worker died (exit code: 1)'],
  [`${hello}ask OUTPUT '[0,"../x",1]'`, 'error', 'invalid_output'],
  [`${hello}ask OUTPUT '[0,"missing",1]'; say DONE '""'`, 'error', 'is not there'],
  [`${hello}ln -s /etc/passwd p; ask OUTPUT '[0,"p",1]'; say DONE '""'`, 'error', 'is not in the folder'],
  ['sleep 60 & exit 3', 'error', '(exit code: 3)'],
])('%s', async (script, kind, text) => {
  const {error} = await run(script)
  expect([error?.class, error?.text]).toEqual([kind, expect.stringContaining(text)])
})

test('silence at the start and in a message ends the run', async () => {
  expect((await run('sleep 9', {handshakeMs: 300})).error?.text).toContain('Worker did not send its PID')
  expect((await run(`${hello}printf 'MSG 10 "a' >&2; sleep 9`, {partialMs: 300})).error?.text).toContain('stuck')
})

test('a worker that asks on and on without reading is read no further, and ends by its time', async () => {
  const before = process.memoryUsage.rss()
  const {error, wallMs} = await run(`${hello}i=0; while :; do say TASK '""'; done`, {}, 1)
  expect(error?.text).toBe('the run took longer than its limit of 1 s')
  expect(wallMs).toBeLessThan(8000)
  expect(process.memoryUsage.rss() - before).toBeLessThan(200e6)
})
