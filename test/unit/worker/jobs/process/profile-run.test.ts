import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import type {Profiler} from 'node:inspector/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {foldProfile, profileRun} from '../../../../../src/worker/jobs/process/profile-run.ts'
import {decodeOob} from '../../../../../src/worker/jobs/task/task-context.ts'
import type {TaskResult} from '../../../../../src/worker/jobs/task/types.ts'

const result: TaskResult = {
  outputs: [],
  counters: {},
  account: {in: 0, out: 0, bad: 0, badByReason: {}, badSamples: []},
  oob: [{key: 'own', file: 'oob-0', bytes: 1}],
  logsDropped: 0,
  usage: {wallMs: 0, cpuMs: 0, bytes: 0},
  error: null,
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'profile-run-'))
  onTestFinished(() => rmSync(path, {recursive: true}))
  return path
}

function spinsAround(ms: number): number {
  let x = 0
  for (const endMs = performance.now() + ms; performance.now() < endMs; ) x += Math.sqrt(endMs)
  return x
}

test('a run leaves its stacks beside its own out-of-band values', async () => {
  const path = folder()
  const run = async (): Promise<TaskResult> => {
    spinsAround(150)
    return result
  }
  const {oob} = await profileRun(run, {folder: path, stage: 'a b', task: 7})
  expect(oob).toMatchObject([{key: 'own'}, {key: 'disco.profile:a_b:7', file: 'cpu-profile'}])
  const stored = readFileSync(join(path, 'cpu-profile'))
  expect(stored.length).toBe(oob[1]?.bytes)
  const lines = String(decodeOob(stored)).trim().split('\n')
  for (const line of lines) expect(line).toMatch(/^.+ \d+$/)
  const spinning = lines.filter(line => /spinsAround \(profile-run\.test\.ts:\d+\)/.test(line))
  const us = spinning.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  expect(us).toBeGreaterThan(30_000)
  expect(lines.some(line => line.startsWith('(idle)'))).toBe(false)
})

test('a run that fails leaves no profile, and one after it is measured again', async () => {
  const error = {class: 'error', message: 'x', stack: null, record: null, input: null} as const
  const failed = {...result, oob: [], error}
  expect(await profileRun(async () => failed, {folder: folder(), stage: 's', task: 1})).toEqual(failed)
  const thrown = new Error('out')
  await expect(profileRun(() => Promise.reject(thrown), {folder: folder(), stage: 's', task: 1})).rejects.toBe(thrown)
  expect((await profileRun(async () => result, {folder: folder(), stage: 's', task: 2})).oob).toHaveLength(2)
})

test('samples count until the next one, under what called them', () => {
  const frame = (functionName: string, url = ''): Profiler.Profile['nodes'][number]['callFrame'] => ({
    functionName,
    url,
    scriptId: '1',
    lineNumber: 4,
    columnNumber: 0,
  })
  const stacks = new Map<string, number>()
  foldProfile(
    {
      startTime: 0,
      endTime: 10_000,
      nodes: [
        {id: 1, callFrame: frame('(root)'), children: [2, 4]},
        {id: 2, callFrame: frame('map', 'file:///x/job.ts?v=1'), children: [3]},
        {id: 3, callFrame: frame('', 'file:///x/a;b.ts')},
        {id: 4, callFrame: frame('(idle)')},
      ],
      samples: [3, 4, 2, 3],
      timeDeltas: [10, 100, 5000, 200],
    },
    stacks,
  )
  expect([...stacks]).toEqual([
    ['map (job.ts:5);(anonymous) (a_b.ts:5)', 1100],
    ['map (job.ts:5)', 200],
  ])
})
