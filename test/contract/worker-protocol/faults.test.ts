/** Workers that misbehave on a real cluster: each fails or is slowed down by itself, and a job beside it goes on as if nothing was. */
import {spawnSync} from 'node:child_process'
import {beforeAll, expect, test, vi} from 'vitest'
import {JobClient} from '../../../src/client/index.ts'
import {encodeDiscoPack, type JobResults} from '../../../src/protocol/index.ts'
import {writeZip} from '../../../src/worker/index.ts'
import {clusterFor} from '../../cli/cluster-for.ts'
import {DiscoProject} from '../../cli/disco-project.ts'
import {shellPack, textsOf} from './shell-pack.ts'

/** `say NAME PAYLOAD` writes a message, `ask` waits for its answer, too. */
const prelude = `#!/bin/sh
say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; }
ask() { say "$@"; read -r answer; }
ask WORKER '{"version":"1.1","pid":1}'
`

const finish = `echo fine > out; ask OUTPUT '[0,"out",5]'; ask DONE '""'\n`

interface Job {
  readonly scheduler?: Readonly<Record<string, number>>
  readonly stages?: readonly string[]
  readonly envs?: Readonly<Record<string, string>>
}

const project = clusterFor(
  () => new DiscoProject(),
  () => ['--agents', '2'],
)
let jobs: JobClient
beforeAll(() => {
  jobs = new JobClient(project().client())
})

const submit = (
  script: string,
  {scheduler = {max_failures: 1}, stages = ['map'], envs = {}}: Job = {},
): Promise<string> =>
  jobs.submit(
    shellPack(prelude + script, {
      jobDict: {
        prefix: 'faults',
        scheduler,
        pipeline: stages.map((name, index) => [name, index === 0 ? 'split' : 'group_all', false]),
        inputs: [[0, 0, ['raw://hello']]],
      },
      envs,
    }),
  )

const textOf = async (results: JobResults): Promise<string> => (await textsOf(jobs, results)).join('')

const eventsOf = async (job: string): Promise<string[]> =>
  (await Array.fromAsync(jobs.events(job))).map(event => event.text)

const running = (): string[] => spawnSync('ps', ['-eo', 'args='], {encoding: 'utf8'}).stdout.split('\n')

/** Runs a job, and a good one beside it, which is done as always. */
async function beside(script: string, options?: Job): Promise<{job: string; results: JobResults; wallMs: number}> {
  const startMs = performance.now()
  const job = await submit(script, options)
  const good = await submit(finish)
  const done = await jobs.wait(good, {timeoutMs: 15_000})
  expect([done.state, await textOf(done), (await jobs.read(good)).failedCount]).toEqual(['done', 'fine\n', 0])
  const results = await jobs.wait(job, {timeoutMs: 30_000})
  return {job, results, wallMs: performance.now() - startMs}
}

test('a flood of messages is slowed down, told whole, and never an end', async () => {
  const script = `i=0; while [ $i -lt 25 ]; do i=$((i+1)); say MSG "\\"message $i.\\""; done\n`
  // It does not wait for the answers before it goes on; they are in front of the others in its input.
  const {job, results, wallMs} = await beside(
    `${script}i=0; while [ $i -lt 25 ]; do i=$((i+1)); read -r answer; done\n${finish}`,
  )
  expect([results.state, await textOf(results)]).toEqual(['done', 'fine\n'])
  expect(wallMs).toBeGreaterThan(2000)
  const told = (await eventsOf(job)).filter(text => /message \d+\./.test(text))
  expect(told.map(text => Number(/(\d+)\.$/.exec(text)?.[1]))).toEqual(
    Array.from({length: 25}, (_, index) => index + 1),
  )
})

test('a flood of text is bounded, and said to be', async () => {
  const {job, results} = await beside(`yes 'a line that says nothing' | head -c 20000000\n${finish}`)
  expect([results.state, await textOf(results)]).toEqual(['done', 'fine\n'])
  const texts = await eventsOf(job)
  expect(texts.length).toBeLessThan(5000)
  expect(texts.join('\n')).toMatch(/lines that the worker printed were dropped/)
})

test.each([
  [
    'more memory than its limit',
    'head -c 300000000 /dev/zero | tail | sleep 20',
    {task_memory: 60_000_000},
    /more than its limit of/,
  ],
  ['more time than its limit', 'sleep 31.7', {task_seconds: 1}, /longer than its limit of 1 s/],
  ['an end without a word', 'exit 3', {}, /exit code: 3/],
  ['an end in the middle of a message', `printf 'MSG 10 "ab' >&2; exit 0`, {}, /Worker died/],
  ['bytes that are no message', `printf 'MSG x "a"\\n' >&2; exit 1`, {}, /Worker died/],
  ['a message that nobody knows', `say HELLO '""'; sleep 31.7`, {}, /Unknown message type 'HELLO'/],
  ['another version', `say WORKER '{"version":"9","pid":1}'; sleep 31.7`, {}, /Invalid worker version: 9/],
  ['a fatal error', `say FATAL '"no use"'; sleep 31.7`, {max_failures: 100}, /no use/],
  ['an output that is elsewhere', `ask OUTPUT '[0,"/etc/passwd",5]'; sleep 31.7`, {}, /invalid_output/],
] as const)('%s ends its job and no other', async (_, script, scheduler, message) => {
  const {results} = await beside(`${script}\n`, {scheduler: {max_failures: 1, ...scheduler}})
  expect(results.state).toBe('failed')
  expect(results.error?.message).toMatch(message)
})

test('who gets its pipes does not hold up its end; what is in its process group ends with it', async () => {
  const {results, wallMs} = await beside(`setsid sleep 9.3 &\nsleep 41.9 &\nsleep 0.5\n${finish}`)
  expect([results.state, await textOf(results)]).toEqual(['done', 'fine\n'])
  expect(wallMs).toBeLessThan(8000)
  // It has left the group, and is nobody's to end.
  expect(running()).toContain('sleep 9.3')
  expect(running().filter(line => /^sleep (?:41\.9|31\.7)$/.test(line))).toEqual([])
})

test('a job that is killed takes its worker and what it started along', async () => {
  const job = await submit('sleep 52.6 & sleep 53.6\n')
  const sleeping = (): string[] => running().filter(line => /^sleep 5[23]\.6$/.test(line))
  await vi.waitFor(() => expect(sleeping()).toHaveLength(2), {timeout: 10_000})
  await jobs.change(job, 'cancel')
  await vi.waitFor(() => expect(sleeping()).toEqual([]), {timeout: 10_000})
  expect((await jobs.wait(job, {timeoutMs: 5000})).state).toBe('cancelled')
})

test('a pack that is cut short, lies or leaves its folder is refused, and the cluster goes on', async () => {
  const zip = writeZip([{path: 'w.sh', content: Buffer.from(prelude), isExecutable: true}])
  const slip = Buffer.from(zip.toString('latin1').replaceAll('w.sh', '../x'), 'latin1')
  const whole = (jobHome: Buffer): Buffer =>
    encodeDiscoPack({
      version: 2,
      jobDict: {
        ...{prefix: 'faults', owner: 'u@h', worker: 'w.sh', scheduler: {}},
        ...{pipeline: [['map', 'split', false]], inputs: [[0, 0, ['raw://x']]]},
      },
      jobEnvs: {},
      jobHome,
      jobData: Buffer.alloc(0),
    })
  const lying = whole(zip)
  lying.writeUInt32BE(0xfffffff0, 16)
  const count = (await jobs.list({count: 1000})).jobs.length
  for (const pack of [
    whole(zip).subarray(0, 200),
    whole(zip).subarray(0, 20),
    lying,
    whole(slip),
    whole(zip.subarray(0, 90)),
  ]) {
    await expect(jobs.submit(pack)).rejects.toMatchObject({code: 'JOB_FILE_BROKEN'})
  }
  expect((await jobs.list({count: 1000})).jobs).toHaveLength(count)
  await beside(finish)
})

test('an input that is gone is made again by the task that made it', async () => {
  const mark = project().path('mark')
  // The first run of the second stage removes what the first stage made, then cannot read it.
  const script = `ask TASK '""'; task=$answer
case $task in *'"stage":"map"'*) echo "made" > out; ask OUTPUT '[0,"out",5]'; ask DONE '""' ;; esac
data=$(echo "$task" | sed 's/.*"disco_data":"\\([^"]*\\)".*/\\1/'); job=$(echo "$task" | sed 's/.*"jobname":"\\([^"]*\\)".*/\\1/')
ask INPUT '""'
index=$(echo "$answer" | grep -o 'dir://[^"]*' | sed 's/^dir/http/')
file=$(curl -sf "$index" | cut -d' ' -f2 | sed 's/^disco/http/')
if [ ! -e "$MARK" ]; then echo > "$MARK"; rm "$ALL"/*/jobs/"$job"/*/out "$data"/"$job"/*/out 2>/dev/null; fi
if ! curl -sf "$file" > got; then
  ask INPUT_ERR '[0,[0]]'
  case $answer in FAIL*) ask ERROR '"cannot read it"' ;; *) ask FATAL '"no FAIL"' ;; esac
fi
cp got out; ask OUTPUT '[0,"out",5]'; ask DONE '""'
`
  const {job, results} = await beside(script, {
    scheduler: {max_failures: 5},
    stages: ['map', 'join'],
    envs: {MARK: mark, ALL: project().discoHome},
  })
  expect(results.error).toBeUndefined()
  expect([results.state, await textOf(results)]).toEqual(['done', 'made\n'])
  const {stages} = await jobs.read(job)
  expect(stages.map(stage => [stage.name, stage.againCount])).toEqual([
    ['map', 1],
    ['join', 0],
  ])
})
