import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {JobRow, JobStateRow, RunRow, TaskRow, TroubleRow} from '../../../../src/scheduler/index.ts'
import {type Journal, openJournal} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'

const job = 'words@1'
const spec = {name: job, owner: 'ann', pipeline: [], inputs: []}
const jobRow: JobRow = {job, number: 1, submittedMs: 5.5, spec}
const stateRow: JobStateRow = {job, state: 'running', priority: 1, weight: 2.5, slotsMax: 3}
const taskRow: TaskRow = {
  job,
  task: 4,
  stage: 0,
  key: '0000',
  run: 9,
  node: 'n1',
  outputs: [{label: 2, place: {type: 'file', node: 'n1', path: '9/out@8'}, bytes: 10, records: 1}],
  homes: ['n1'],
  isLost: false,
  isGone: false,
  progress: {records: 1, bytes: 2, cpuMs: 3.25},
  durationMs: 12.5,
}
const troubleRow: TroubleRow = {job, task: 4, stage: 0, key: '0000', failures: 1, losses: 2, avoid: ['n2']}
const runRow: RunRow = {job, task: 5, stage: 0, key: '0001', run: 10, node: 'n2', startedMs: 7}
const event = (number: number, text = `event ${number}`) =>
  ({type: 'job-event', event: {job, number, nowMs: number + 0.5, kind: 'task', source: 'n1', text}}) as const

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

let folder: string
let path: string
let journal: Journal

beforeEach(async () => {
  folder = temporaryFolder()
  path = join(folder, 'journal.sqlite')
  journal = await openJournal(path)
})
afterEach(() => journal.close())

async function reopened(): Promise<Journal> {
  journal.close()
  journal = await openJournal(path)
  return journal
}

describe('rows', () => {
  test('come back as they were given, after a new opening', async () => {
    journal.commit([
      {type: 'persist-job', row: jobRow},
      {type: 'persist-job-state', row: stateRow},
      {type: 'persist-task', row: taskRow},
      {type: 'persist-trouble', row: troubleRow},
      {type: 'persist-run', row: runRow},
      {type: 'persist-next-run', nextRun: 1000},
      event(0),
      event(1),
    ])
    expect((await reopened()).load()).toEqual({
      nextRun: 1000,
      jobs: [jobRow],
      jobStates: [stateRow],
      tasks: [taskRow],
      troubles: [troubleRow],
      runs: [runRow],
      eventCounts: new Map([[job, 2]]),
    })
  })

  test('of a new journal are none, and runs count from 1', () => {
    expect(journal.load()).toEqual({
      nextRun: 1,
      jobs: [],
      jobStates: [],
      tasks: [],
      troubles: [],
      runs: [],
      eventCounts: new Map(),
    })
  })

  test('replace those with the same key', () => {
    journal.commit([
      {type: 'persist-job-state', row: stateRow},
      {type: 'persist-task', row: taskRow},
    ])
    journal.commit([
      {type: 'persist-job-state', row: {...stateRow, state: 'done'} as JobStateRow},
      {type: 'persist-task', row: {...taskRow, run: 11} as TaskRow},
    ])
    const {jobStates, tasks} = journal.load()
    expect(jobStates).toEqual([{...stateRow, state: 'done'}])
    expect(tasks).toEqual([{...taskRow, run: 11}])
  })

  test('a forgotten run is gone; trouble of a done task stays', () => {
    journal.commit([
      {type: 'persist-run', row: runRow},
      {type: 'persist-trouble', row: troubleRow},
      {type: 'persist-task', row: taskRow},
    ])
    journal.commit([{type: 'forget-run', job, run: runRow.run}])
    expect(journal.load()).toMatchObject({runs: [], troubles: [troubleRow]})
  })

  test('of a forgotten job all go but its state', () => {
    const other = {...taskRow, job: 'other@1'}
    journal.commit([
      {type: 'persist-job', row: jobRow},
      {type: 'persist-job-state', row: stateRow},
      {type: 'persist-task', row: taskRow},
      {type: 'persist-task', row: other},
      {type: 'persist-trouble', row: troubleRow},
      {type: 'persist-run', row: runRow},
      event(0),
    ])
    journal.commit([{type: 'forget-job', job}])
    expect(journal.load()).toMatchObject({
      jobs: [],
      jobStates: [stateRow],
      tasks: [other],
      troubles: [],
      runs: [],
      eventCounts: new Map(),
    })
  })

  test('of one job can be read by themselves, by number', () => {
    journal.commit([7, 3, 5].map(task => ({type: 'persist-task', row: {...taskRow, task}}) as const))
    expect(journal.tasksOf(job)).toEqual([3, 5, 7].map(task => ({...taskRow, task})))
  })
})

describe('a commit', () => {
  test('that fails in the middle leaves nothing of itself', () => {
    const circle: {job: string; task: number; self?: unknown} = {job, task: 1}
    circle.self = circle
    expect(() =>
      journal.commit([
        {type: 'persist-task', row: taskRow},
        {type: 'persist-task', row: circle},
      ]),
    ).toThrow('circular')
    expect(journal.load().tasks).toEqual([])
  })

  test('is whole or not there after kill -9', async () => {
    journal.close()
    const program = join(import.meta.dirname, 'writes-without-end.ts')
    const writer = spawn(process.execPath, [program, path], {stdio: ['ignore', 'pipe', 'inherit']})
    let said = 0
    for await (const line of writer.stdout) {
      said = Number(String(line).trim().split('\n').at(-1))
      if (said >= 20) break
    }
    const ended = new Promise(resolve => writer.once('exit', resolve))
    writer.kill('SIGKILL')
    await ended
    journal = await openJournal(path)
    const count = journal.load().tasks.length
    expect(count % 100).toBe(0)
    expect(count).toBeGreaterThanOrEqual(said * 100)
  })
})

describe('events', () => {
  test('are read from a number on, oldest first', () => {
    journal.commit([event(0), event(1), event(2)])
    const {events, first} = journal.eventsOf(job, 1, 10)
    expect(events).toEqual([event(1).event, event(2).event])
    expect(first).toBe(0)
    expect(journal.eventsOf(job, 0, 2).events).toHaveLength(2)
  })

  test('past the bound are dropped, and still counted', () => {
    const numbers = Array.from({length: 2001}, (_, index) => 99_000 + index)
    journal.commit(numbers.map(number => event(number)))
    expect(journal.eventsOf(job, 0, 1).first).toBe(99_000)
    journal.commit([event(200_000)])
    expect(journal.eventsOf(job, 0, 1).first).toBe(100_001)
    expect(journal.load().eventCounts.get(job)).toBe(200_001)
  })
})

describe('packs', () => {
  const packs = (): string[] => readdirSync(join(folder, 'packs'))

  test('are files named by their hash; the same one twice is one', async () => {
    const first = await journal.packs.put(chunks('a', 'bc'), 10)
    const second = await journal.packs.put(chunks('abc'), 10)
    expect(first).toEqual({hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', bytes: 3})
    expect(second).toEqual(first)
    expect(packs()).toEqual([`${first.hash}.pack`])
  })

  test('that are too long are refused, and nothing stays', async () => {
    await expect(journal.packs.put(chunks('abc', 'def'), 5)).rejects.toThrow('longer than 5 bytes')
    expect(packs()).toEqual([])
  })

  test('go with the last job that names them', async () => {
    const pack = await journal.packs.put(chunks('abc'), 10)
    journal.commit([
      {type: 'persist-pack', job: 'a@1', ...pack},
      {type: 'persist-pack', job: 'b@1', ...pack},
    ])
    journal.releasePack(pack.hash)
    expect(journal.packOf('b@1')).toEqual(pack)
    journal.commit([{type: 'forget-job', job: 'a@1'}])
    expect(existsSync(journal.packs.pathOf(pack.hash))).toBe(true)
    journal.commit([{type: 'forget-job', job: 'b@1'}])
    expect(packs()).toEqual([])
  })

  test('that are waited for stay although the last job that named them is forgotten', async () => {
    const pack = await journal.packs.put(chunks('abc'), 10)
    journal.commit([{type: 'persist-pack', job: 'a@1', ...pack}])
    journal.releasePack(pack.hash)
    await journal.packs.put(chunks('abc'), 10)
    journal.commit([{type: 'forget-job', job: 'a@1'}])
    expect(packs()).toHaveLength(1)
    journal.releasePack(pack.hash)
    expect(packs()).toEqual([])
  })

  test('that could not be put in place are not held', async () => {
    const {hash} = await journal.packs.put(chunks('abc'), 10)
    journal.releasePack(hash)
    const path = journal.packs.pathOf(hash)
    mkdirSync(path)
    await expect(journal.packs.put(chunks('abc'), 10)).rejects.toMatchObject({code: 'STORAGE_BROKEN'})
    rmdirSync(path)
    await journal.packs.put(chunks('abc'), 10)
    journal.releasePack(hash)
    expect(packs()).toEqual([])
  })

  test('that no job names are removed at the next opening, with drafts', async () => {
    const kept = await journal.packs.put(chunks('kept'), 10)
    journal.commit([{type: 'persist-pack', job, ...kept}])
    await journal.packs.put(chunks('left'), 10)
    writeFileSync(join(folder, 'packs', '7.new'), 'half')
    await reopened()
    expect(packs()).toEqual([`${kept.hash}.pack`])
  })
})

describe('opening', () => {
  test('is refused while another process has it', async () => {
    await expect(openJournal(path)).rejects.toThrow('in use by another process')
  })

  test('of a corrupt one is refused with what to do', async () => {
    journal.close()
    writeFileSync(path, 'not a database at all, but long enough to be taken for the head of one'.repeat(40))
    await expect(openJournal(path)).rejects.toMatchObject({
      code: 'CANNOT_START',
      hint: expect.stringContaining('move it away'),
    })
    journal = await openJournal(join(folder, 'other.sqlite'))
  })
})
