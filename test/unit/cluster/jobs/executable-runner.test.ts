/** One run of an executable, as an agent starts it: what its inputs become. */
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {type ExecutableOutcome, runExecutableOrder} from '../../../../src/cluster/jobs/agent/executable-runner.ts'
import type {AddressPorts} from '../../../../src/cluster/jobs/agent/input-addresses.ts'
import {RunInputs, type StartOrder} from '../../../../src/cluster/jobs/agent/task-order.ts'
import type {RunnerPorts} from '../../../../src/cluster/jobs/agent/task-runner.ts'
import type {JobPlan} from '../../../../src/jobs/index.ts'
import type {Grouping} from '../../../../src/pipeline/index.ts'
import {type TaskInput, ticketKeyOf} from '../../../../src/protocol/index.ts'

const job = 'wc@586:64640:1e240'

const file = (node: string, task: number, number: number, label: number): TaskInput => ({
  task,
  run: task + 10,
  number,
  key: String(task),
  output: {label, place: {type: 'file', node, path: `${task + 10}/out-${number}@0`}, bytes: 5, records: 0},
})

/** Notes that it was started, and what INPUT answered. */
const script = `#!/bin/sh
say() { printf '%s %d %s\\n' "$1" "\${#2}" "$2" >&2; read -r answer; }
echo > "$STARTED"
say WORKER '{"version":"1.1","pid":1}'
say INPUT '""'; echo "$answer" > out
say OUTPUT '[0,"out",0]'
say DONE '""'
`

async function run(
  inputs: readonly TaskInput[],
  grouping: Grouping,
): Promise<ExecutableOutcome & {readonly isStarted: boolean; readonly answer: string; readonly folder: string}> {
  const folder = mkdtempSync(join(tmpdir(), 'executable-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  const started = join(folder, 'started')
  const runFolder = join(folder, 'jobs', job, '30')
  mkdirSync(runFolder, {recursive: true})
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'home', 'w.sh'), script, {mode: 0o755})
  const addresses: AddressPorts = {
    node: 'n1',
    jobFolder: name => join(folder, 'jobs', name),
    hasPeers: () => true,
    addressOf: node => (node === 'gone' ? undefined : `http://${node}:80`),
    hasBlob: () => false,
    locate: async () => ({nodes: [], isGone: false}),
    ticketKey: ticketKeyOf('secret'),
    nowMs: () => 0,
  }
  const order = {
    ...{job, stage: 'join', stageIndex: 0, grouping, group: {label: 0, node: ''}, task: 7, run: 30},
    ...{inputs, hasAllInputs: true},
  } as unknown as StartOrder
  const plan = {stages: [{isConcurrent: false}], limits: {memoryBytes: 1 << 30, taskSeconds: 10}} as unknown as JobPlan
  const outcome = await runExecutableOrder(
    order,
    {
      ...{file: 'pack', folder: join(folder, 'home'), plan, rule: null},
      executable: {worker: 'w.sh', envs: {STARTED: started}},
    },
    new RunInputs(inputs, true),
    {addresses, masterUrl: () => 'http://m:8989'} as unknown as RunnerPorts,
    {log: () => undefined, progress: () => undefined},
    new AbortController().signal,
  )
  const isStarted = existsSync(started)
  const out = join(runFolder, 'out')
  return {...outcome, isStarted, answer: existsSync(out) ? readFileSync(out, 'utf8') : '', folder: runFolder}
}

test('the files of one task are one index, and an index is of the label that the grouping says', async () => {
  const inputs = [file('n1', 1, 0, 4), file('n1', 1, 1, 4), file('n2', 2, 0, 4)]
  const rows = (answer: string): [number, string, number | 'all', [number, string][]][] =>
    (
      JSON.parse(answer.replace(/^INPUT \d+ /, '')) as [string, [number, string, number | 'all', [number, string][]][]]
    )[1]
  const byLabel = await run(inputs, 'group-label')
  expect(byLabel.result.error).toBeNull()
  expect(rows(byLabel.answer).map(([id, , label, replicas]) => [id, label, replicas.length])).toEqual([
    [0, 4, 1],
    [1, 4, 1],
  ])
  expect(rows(byLabel.answer)[0]?.[3][0]?.[1]).toMatch(/^dir:\/\/n1:80\//)
  expect(rows((await run(inputs, 'group-all')).answer).map(([, , label]) => label)).toEqual(['all', 'all'])
})

test('without any address of an input the worker is not started, and the input is lost', async () => {
  const {result, given, isStarted} = await run([file('n1', 1, 0, 0), file('gone', 2, 0, 0)], 'group-all')
  expect(isStarted).toBe(false)
  expect(result.error).toMatchObject({class: 'input-lost', message: 'no node that is known has it'})
  expect(given[result.error?.input ?? -1]).toMatchObject({task: 2, run: 12})
})
