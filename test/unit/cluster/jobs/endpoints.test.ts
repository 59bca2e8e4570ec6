/** The endpoints of the master, asked by the client that commands use. */
import {readFile} from 'node:fs/promises'
import {expect, onTestFinished, test} from 'vitest'
import {ClusterClient, JobClient} from '../../../../src/client/index.ts'
import {jobHandlers} from '../../../../src/cluster/jobs/master/handlers.ts'
import type {ReadJobPlan} from '../../../../src/cluster/jobs/master/submit-job.ts'
import {checkCodeJob} from '../../../../src/cluster/security/index.ts'
import type {Scope} from '../../../../src/protocol/index.ts'
import {soon} from '../../soon.ts'
import {serve, tokenFor} from '../serve.ts'
import {FakeCluster} from './fake-cluster.ts'

const plan: ReadJobPlan = {
  hasCode: true,
  version: 1,
  name: 'words',
  description: '',
  stages: [
    {name: 'map', grouping: 'split', isConcurrent: false, isMerged: false, isSorted: true, partitions: 2},
    {name: 'reduce', grouping: 'group-label', isConcurrent: false, isMerged: true, isSorted: true, partitions: null},
  ],
  inputs: [['raw://a'], ['raw://b']],
  reader: {type: 'lines'},
  params: {},
  files: [],
  saveResults: null,
  limits: {memoryBytes: 1e9, sortBytes: 1e6, taskSeconds: 60, badRecords: null, slots: 3, failures: null},
}

interface Setup {
  readonly cluster: FakeCluster
  readonly jobs: JobClient
  readonly client: ClusterClient
  readonly url: string
}

async function setUp(change: Partial<ReadJobPlan> = {}, scope: Scope = 'admin', isPrivate = true): Promise<Setup> {
  const cluster = await FakeCluster.start()
  const {url} = await serve(
    jobHandlers({
      jobs: cluster.driver,
      // The pack of these tests is the plan's name, to see that it arrives.
      readPlan: async path => ({...plan, name: (await readFile(path)).toString().trim().split('\n')[0]!, ...change}),
      checkCode: call => checkCodeJob(call.scopes, 'loopback', isPrivate),
      sourcesFor: () => ({
        entriesOf: async () => [],
        tagNames: () => [],
        locate: async () => [],
        resultsOf: () => [],
        checkResultTag: async () => undefined,
      }),
      addressOf: node => `http://${node}:1`,
      urlsOfBlob: () => [],
      onSubmit: () => undefined,
    }),
  )
  const client = new ClusterClient({url, token: tokenFor(scope), ca: undefined})
  onTestFinished(() => client.close())
  return {cluster, client, jobs: new JobClient(client), url}
}

const pack = Buffer.from('words\n')

test('a job that is submitted has the name of its plan and what the caller asked for', async () => {
  const {jobs} = await setUp()
  const job = await jobs.submit(pack, {owner: 'ann@desk', priority: -2, weight: 1.5, slotsMax: 1})
  expect(job).toMatch(/^words@[a-z0-9]{10,}$/)
  expect(await jobs.read(job)).toMatchObject({
    job,
    owner: 'ann@desk',
    state: 'running',
    priority: -2,
    weight: 1.5,
    slotsMax: 1,
    stages: [
      {name: 'map', grouping: 'split', state: 'running', taskCount: 2, pendingCount: 2},
      {name: 'reduce', grouping: 'group-label', state: 'waiting'},
    ],
  })
  expect(await jobs.pack(job)).toEqual(pack)
})

test('a submission that is repeated with its stamp is the same job', async () => {
  const {client, jobs} = await setUp()
  const call = {query: {stamp: 'abcdefgh1234'}}
  const first = await client.sendBytes('submitJob', pack, call)
  expect(await client.sendBytes('submitJob', pack, call)).toEqual(first)
  expect((await jobs.list()).jobs).toHaveLength(1)
})

test('a job with code is submitted with a token for code only', async () => {
  for (const scope of ['read', 'write', 'run-rules'] as const) {
    const {jobs, cluster} = await setUp({}, scope)
    await expect(jobs.submit(pack)).rejects.toMatchObject({code: 'FORBIDDEN'})
    expect(cluster.driver.state.jobs.size).toBe(0)
  }
  const {jobs} = await setUp({}, 'run-code')
  expect(await jobs.submit(pack)).toMatch(/^words@/)
})

test('a job with code is refused, whoever asks, where others can reach the master and nobody has allowed it', async () => {
  const {jobs} = await setUp({}, 'admin', false)
  await expect(jobs.submit(pack)).rejects.toMatchObject({
    code: 'FORBIDDEN',
    hint: expect.stringContaining('disco config set allowCode on'),
  })
})

test('a job without code needs a token for rules, wherever the master listens', async () => {
  const {jobs} = await setUp({hasCode: false}, 'run-rules', false)
  expect(await jobs.submit(pack)).toMatch(/^words@/)
  const other = await setUp({hasCode: false}, 'write')
  await expect(other.jobs.submit(pack)).rejects.toMatchObject({code: 'FORBIDDEN'})
})

test('jobs are listed newest first, by prefix and state', async () => {
  const {jobs} = await setUp()
  const first = await jobs.submit(pack)
  const second = await jobs.submit(Buffer.from('other\n'))
  await jobs.change(first, 'cancel')
  const names = async (query: Parameters<JobClient['list']>[0]): Promise<string[]> =>
    (await jobs.list(query)).jobs.map(({job}) => job)
  expect(await names({})).toEqual([second, first])
  expect(await names({prefix: 'words'})).toEqual([first])
  expect(await names({state: 'cancelled'})).toEqual([first])
  expect(await names({count: 1})).toEqual([second])
})

test('a wait ends with the job, and tells its results with their addresses', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  const waiting = jobs.wait(job)
  expect((await jobs.wait(job, {timeoutMs: 20})).state).toBe('running')
  cluster.obey()
  cluster.join('n1')
  const {state, outputs} = await waiting
  expect(state).toBe('done')
  expect(outputs[0]?.urls[0]).toMatch(
    new RegExp(`^http://n1:1/api/v1/jobs/${encodeURIComponent(job)}/files/\\d+%2Fout$`),
  )
  expect((await jobs.results(job, {stage: 'map'})).outputs).toHaveLength(2)
  await expect(jobs.results(job, {stage: 'no'})).rejects.toMatchObject({code: 'BAD_JOB'})
})

test('a failed job tells the error with stage, task, node and record', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  cluster.onSend = async ({node, request}) => {
    if (request.type === 'start-run') {
      const {task, run} = request
      const failure = {class: 'fatal', message: 'it cannot be', sample: 'a line'} as const
      queueMicrotask(() => cluster.tell(node, {type: 'run-ended', job, task, run, end: {state: 'failed', failure}}))
    }
    return {type: 'noted'}
  }
  cluster.join('n1')
  const {state, error} = await jobs.wait(job)
  expect(state).toBe('failed')
  expect(error).toMatchObject({message: 'it cannot be', stage: 'map', node: 'n1', sample: 'a line'})
  expect(error?.task).toBeTypeOf('number')
})

test('events are followed to the end of the job, and read again from a number', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  const followed: string[] = []
  const following = (async () => {
    for await (const event of jobs.events(job, {isFollowing: true})) followed.push(event.text)
  })()
  await soon(() => expect(followed.length).toBeGreaterThan(0))
  cluster.obey()
  cluster.join('n1')
  await following
  expect(followed[0]).toBe(`Created job ${job}`)
  expect(followed.at(-1)).toMatch(/^READY: /)
  const again = await Array.fromAsync(jobs.events(job, {after: 2}))
  expect(again.map(event => event.text)).toEqual(followed.slice(3))
})

test('tasks are listed in pages, by stage and state', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  const {tasks, next} = await jobs.tasks(job, {count: 1})
  expect(tasks).toMatchObject([{task: 0, stage: 'map', state: 'pending', attemptCount: 0}])
  expect(next).toBe(0)
  expect((await jobs.tasks(job, {after: next!})).tasks.map(({task}) => task)).toEqual([1])
  cluster.obey()
  cluster.join('n1')
  await jobs.wait(job)
  expect((await jobs.tasks(job, {stage: 'map', state: 'done'})).tasks).toMatchObject([
    {state: 'done', node: 'n1', attemptCount: 1, records: 1, bytes: 4},
    {state: 'done', node: 'n1', attemptCount: 1},
  ])
  expect((await jobs.tasks(job, {state: 'running'})).tasks).toEqual([])
})

test('jobs are paused, resumed, given another priority, cancelled and purged', async () => {
  const {jobs} = await setUp()
  const job = await jobs.submit(pack)
  expect((await jobs.change(job, 'pause')).state).toBe('paused')
  expect((await jobs.change(job, 'resume')).state).toBe('running')
  expect(await jobs.setPriority(job, {priority: 4, weight: 2})).toMatchObject({priority: 4, weight: 2})
  expect((await jobs.change(job, 'cancel')).state).toBe('cancelled')
  await expect(jobs.change(job, 'resume')).rejects.toMatchObject({code: 'WRONG_STATE'})
  expect(await jobs.change(job, 'purge')).toEqual({job, state: 'purged'})
  await expect(jobs.read(job)).rejects.toMatchObject({code: 'JOB_NOT_FOUND'})
  await expect(Array.fromAsync(jobs.events(job))).rejects.toMatchObject({code: 'JOB_NOT_FOUND'})
})

test('what cannot be a job is refused, and leaves no pack', async () => {
  const {jobs} = await setUp({saveResults: 'not a tag'})
  await expect(jobs.submit(pack)).rejects.toMatchObject({code: 'BAD_JOB'})
  expect((await jobs.list()).jobs).toEqual([])
})

test('a number of rows below 0 is refused: it would be no bound', async () => {
  const {client, jobs} = await setUp()
  const job = await jobs.submit(pack)
  const asked = client.readJson('jobEvents', {parameters: {job}, query: {count: '-1'}})
  await expect(asked).rejects.toMatchObject({code: 'BAD_SETTING', message: 'count must be a whole number from 0 on'})
})

test('events are chosen by kind and task, also where few of many are wanted', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  cluster.join('n1')
  await soon(() => expect(cluster.starts()).toHaveLength(2))
  for (const {order} of cluster.starts()) {
    const {task, run} = order
    for (let at = 0; at < 13; at++) {
      const texts = Array.from({length: 500}, (_, line) => `line ${at * 500 + line} of ${task}`)
      cluster.tell('n1', {type: 'run-messages', job, task, run, texts})
    }
  }
  await jobs.change(job, 'cancel')
  const texts = async (query: Parameters<JobClient['events']>[1]): Promise<string[]> =>
    (await Array.fromAsync(jobs.events(job, query))).map(({text}) => text)
  const all = await texts({kind: 'message'})
  expect(all).toHaveLength(13_000)
  const ofOne = await texts({kind: 'message', task: 1})
  expect(ofOne).toHaveLength(6500)
  expect(ofOne[0]).toBe('MSG: [map:1] line 0 of 1')
  expect(ofOne.at(-1)).toBe('MSG: [map:1] line 6499 of 1')
  expect(await texts({kind: 'message', task: 7})).toEqual([])
  expect(await texts({kind: 'job', isFollowing: true})).toEqual(['Created job '.concat(job), 'WARN: Job killed'])
})

test('what tasks counted is told with the job, its stages and its results', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  cluster.onSend = async ({node, request}) => {
    if (request.type === 'start-run') {
      const notice = cluster.done({node, order: request})
      if (notice.type === 'run-ended' && notice.end.state === 'done') {
        const end = {...notice.end, counters: {lines: 0.25}}
        queueMicrotask(() => cluster.tell(node, {...notice, end}))
      }
    }
    return {type: 'noted'}
  }
  cluster.join('n1')
  expect((await jobs.wait(job)).counters).toEqual({lines: 0.75})
  const {counters, stages} = await jobs.read(job)
  expect(counters).toEqual({lines: 0.75})
  expect(stages.map(stage => stage.counters)).toEqual([{lines: 0.5}, {lines: 0.25}])
  expect(stages[0]).toMatchObject({outputRecords: 2, outputBytes: 8, lostCount: 0, againCount: 0, copyCount: 0})
  expect((await jobs.tasks(job)).tasks[0]).toMatchObject({cpuMs: 1})
})

test('of a job that was ended no task is told as running', async () => {
  const {cluster, jobs} = await setUp()
  const job = await jobs.submit(pack)
  cluster.join('n1')
  await soon(async () => expect((await jobs.read(job)).runningCount).toBe(2))
  await jobs.change(job, 'cancel')
  expect((await jobs.read(job)).stages[0]).toMatchObject({runningCount: 0})
  expect((await jobs.tasks(job)).tasks.map(({state}) => state)).toEqual(['pending', 'pending'])
})
