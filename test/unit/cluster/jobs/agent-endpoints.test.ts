/** What an agent answers: orders, and files over HTTP. */
import {existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {machineId} from '../../../../src/client/index.ts'
import {AgentJobs} from '../../../../src/cluster/jobs/agent/agent-jobs.ts'
import {agentJobHandlers} from '../../../../src/cluster/jobs/agent/handlers.ts'
import {fileTarget} from '../../../../src/cluster/jobs/agent/input-addresses.ts'
import type {RunRecord} from '../../../../src/cluster/jobs/agent/run-files.ts'
import {
  failed,
  localFileHeader,
  machineHeader,
  parseLocalFile,
  signTicket,
  type TaskNotice,
  ticketKeyOf,
} from '../../../../src/protocol/index.ts'
import {soon} from '../../soon.ts'
import {serve, tokenFor} from '../serve.ts'

const job = 'words@1'
const ticketKey = ticketKeyOf('secret')
const record: RunRecord = {
  state: 'done',
  job,
  task: 3,
  run: 7,
  stageIndex: 0,
  isLastStage: false,
  outputs: [{label: 0, place: {type: 'file', node: 'n1', path: '7/out@2'}, bytes: 4, records: 1}],
  progress: {records: 1, bytes: 2, cpuMs: 3},
  oob: [{key: 'k', file: 'oob-0', bytes: 3}],
}

interface Setup {
  readonly jobs: AgentJobs
  readonly sent: TaskNotice[]
  readonly folder: string
  readonly url: string
}

/** A node with one run that was done before it started. */
async function setUp(isRefusing = false): Promise<Setup> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-jobs-'))
  mkdirSync(join(folder, job, '7'), {recursive: true})
  writeFileSync(join(folder, job, 'runs.ndjson'), `${JSON.stringify(record)}\n`)
  writeFileSync(join(folder, job, '7', 'out'), '0123456789')
  writeFileSync(join(folder, job, '7', 'oob-0'), 'abc')
  const sent: TaskNotice[] = []
  const jobs = new AgentJobs({
    node: 'n1',
    folder,
    slotCount: 2,
    masterUrl: () => 'http://127.0.0.1:9',
    joinToken: tokenFor('join'),
    ca: undefined,
    ticketKey,
    nowMs: () => 1000,
    addresses: () => new Map(),
    hasBlob: () => false,
    promise: epoch => (isRefusing ? failed('STALE_EPOCH', 'newer', epoch + 1) : undefined),
    send: async notice => {
      sent.push(notice)
    },
    log: () => undefined,
  })
  const readBlob = async () => ({body: {isBlob: true}})
  const {url} = await serve(agentJobHandlers({node: 'n1', jobs, readBlob, ticketKey, nowMs: () => 1000}))
  onTestFinished(async () => {
    await jobs.close()
    rmSync(folder, {recursive: true, force: true})
  })
  return {jobs, sent, folder, url}
}

const authorization = `Bearer ${tokenFor('read')}`
const fileUrl = (url: string, path: string): string =>
  `${url}/api/v1/jobs/${encodeURIComponent(job)}/files/${encodeURIComponent(path)}`

test('a run that was done before a restart is reported until it is accepted', async () => {
  const {jobs, sent, folder} = await setUp()
  await jobs.report()
  const {outputs, progress} = record
  expect(sent.map(notice => notice.type)).toEqual(['jobs-begin', 'jobs-status', 'run-ended', 'jobs-ready'])
  expect(sent[0]).toMatchObject({slots: 2, jobs: [job]})
  expect(sent[2]).toEqual({type: 'run-ended', job, task: 3, run: 7, end: {state: 'done', at: 0, outputs, progress}})
  expect(await jobs.handle({type: 'accept-run', epoch: 1, job, task: 3, run: 7})).toEqual({type: 'noted'})
  sent.length = 0
  await jobs.report()
  expect(sent.map(notice => notice.type)).toEqual(['jobs-begin', 'jobs-status', 'jobs-ready'])
  expect(jobs.files.recordsOf(job)).toMatchObject([{state: 'accepted'}])
  expect(folder).toBeTruthy()
})

test('a done run that was not accepted outlives the end of its job: it may be a result', async () => {
  const {jobs, sent} = await setUp()
  await jobs.handle({type: 'end-job', epoch: 1, job, isPurged: false})
  await jobs.report()
  expect(sent.some(notice => notice.type === 'run-ended')).toBe(true)
  await jobs.handle({type: 'accept-run', epoch: 1, job, task: 3, run: 7})
  expect(jobs.files.recordsOf(job)).toMatchObject([{run: 7, state: 'accepted'}])
})

test.each([false, true])(
  'files of a stage between go with the end of their job, unless it keeps them: %j',
  async keepsStages => {
    const {jobs, folder} = await setUp()
    await jobs.handle({type: 'accept-run', epoch: 1, job, task: 3, run: 7})
    await jobs.handle({type: 'end-job', epoch: 1, job, isPurged: false, ...(keepsStages && {keepsStages})})
    expect(existsSync(join(folder, job, '7', 'out'))).toBe(keepsStages)
    await jobs.handle({type: 'end-job', epoch: 1, job, isPurged: true})
    expect(existsSync(join(folder, job))).toBe(false)
  },
)

test('a disk that takes nothing is an answer, and not a crash', async () => {
  const {jobs, folder} = await setUp()
  writeFileSync(join(folder, 'other@1'), 'a file where the folder of a job should be')
  const order = {
    ...({type: 'start-run', epoch: 1, job: 'other@1', task: 4, run: 8, stage: 'map', stageIndex: 0} as const),
    ...({grouping: 'split', group: {label: 0, node: ''}, inputs: [], hasAllInputs: true, isLastStage: true} as const),
    pack: {hash: 'ab'.repeat(32), bytes: 3},
  }
  expect(await jobs.handle(order)).toMatchObject({type: 'failed', code: 'STORAGE_BROKEN'})
})

test('orders of a master that was followed by another one are refused', async () => {
  const {jobs} = await setUp(true)
  expect(await jobs.handle({type: 'end-job', epoch: 1, job, isPurged: true})).toMatchObject({
    code: 'STALE_EPOCH',
    epoch: 2,
  })
  expect(jobs.files.jobs()).toEqual([job])
})

test('a run that is stopped leaves nothing; a purged job neither', async () => {
  const {jobs} = await setUp()
  await jobs.handle({type: 'stop-run', epoch: 1, job, task: 3, run: 7})
  expect(jobs.files.recordsOf(job)).toEqual([])
  await jobs.handle({type: 'end-job', epoch: 1, job, isPurged: true})
  expect(jobs.files.jobs()).toEqual([])
})

test('a run whose pack cannot be had says so while it is stopped at once', async () => {
  const {jobs, sent} = await setUp()
  const order = {
    type: 'start-run',
    epoch: 1,
    job,
    task: 4,
    run: 8,
    stage: 'map',
    stageIndex: 0,
    grouping: 'split',
    group: {label: 0, node: ''},
    inputs: [],
    hasAllInputs: true,
    isLastStage: true,
    pack: {hash: 'ab'.repeat(32), bytes: 3},
  } as const
  expect(await jobs.handle(order)).toEqual({type: 'noted'})
  expect(await jobs.handle(order)).toEqual({type: 'noted'})
  await jobs.report()
  expect(sent.filter(notice => notice.type === 'run-running')).toEqual([
    {type: 'run-running', job, task: 4, run: 8, hasAllInputs: true},
  ])
  await jobs.handle({type: 'stop-run', epoch: 1, job, task: 4, run: 8})
  expect(jobs.files.recordsOf(job).map(({run}) => run)).toEqual([7])
})

test('files of tasks are served whole and by ranges, and only to those who may read', async () => {
  const {url} = await setUp()
  const path = fileUrl(url, '7/out')
  expect((await fetch(path)).status).toBe(401)
  expect(await (await fetch(path, {headers: {authorization}})).text()).toBe('0123456789')
  const part = await fetch(path, {headers: {authorization, range: 'bytes=2-5'}})
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-5/10', '2345'])
  const behind = await fetch(path, {headers: {authorization, range: 'bytes=10-'}})
  expect(behind.status).toBe(416)
})

test('who is on the same machine is told where a file is, others get its content', async () => {
  const {url, folder} = await setUp()
  const ask = (headers: Record<string, string>) => fetch(fileUrl(url, '7/out'), {headers: {authorization, ...headers}})
  const here = await ask({[machineHeader]: machineId()!})
  expect([here.status, await here.text()]).toEqual([200, ''])
  const path = join(folder, job, '7', 'out')
  const {dev, ino} = statSync(path, {bigint: true})
  expect(parseLocalFile(here.headers.get(localFileHeader)!)).toEqual({
    path,
    device: String(dev),
    inode: String(ino),
    bytes: 10,
  })
  const there = await ask({[machineHeader]: 'another'})
  expect([there.headers.get(localFileHeader), await there.text()]).toEqual([null, '0123456789'])
  const missing = await fetch(fileUrl(url, '7/none'), {headers: {authorization, [machineHeader]: machineId()!}})
  expect(missing.status).toBe(404)
})

test('what is no file of a job is not served', async () => {
  const {url} = await setUp()
  const statusOf = async (path: string): Promise<number> =>
    (await fetch(fileUrl(url, path), {headers: {authorization}})).status
  expect(await statusOf('7/no')).toBe(404)
  for (const path of ['../secret', '7/../../secret', '/etc/passwd', '7//out', '7/%2e%2e/x']) {
    expect(await statusOf(path)).toBe(400)
  }
})

test('a task reads with a ticket for one file at one node, while it lasts', async () => {
  const {url} = await setUp()
  const ticket = (file: string, node = 'n1', expiresAtMs = 2000): string =>
    signTicket(
      {method: 'GET', node, target: fileTarget(job, file), bytesMax: 0, replicaCount: 0, expiresAtMs},
      ticketKey,
    )
  const read = async (text: string): Promise<Response> =>
    await fetch(`${url}/fetch/jobs/${encodeURIComponent(job)}/${encodeURIComponent('7/out')}/${text}`)
  expect(await (await read(ticket('7/out'))).text()).toBe('0123456789')
  for (const wrong of [ticket('7/oob-0'), ticket('7/out', 'n2'), ticket('7/out', 'n1', 999), 'x']) {
    expect((await read(wrong)).status).toBe(403)
  }
  const blob = 'ab'.repeat(32)
  const good = signTicket(
    {method: 'GET', node: 'n1', target: blob, bytesMax: 0, replicaCount: 0, expiresAtMs: 2000},
    ticketKey,
  )
  expect(await (await fetch(`${url}/fetch/blobs/${blob}/${good}`)).json()).toEqual({isBlob: true})
  expect((await fetch(`${url}/fetch/blobs/${blob}/${good}`, {method: 'HEAD'})).status).toBe(200)
  expect((await fetch(`${url}/fetch/blobs/${blob}/${good}x`, {method: 'HEAD'})).status).toBe(403)
  expect((await fetch(`${url}/fetch/blobs/${'cd'.repeat(32)}/${good}`)).status).toBe(403)
})

test('out-of-band values are listed and read by key', async () => {
  const {url, jobs} = await setUp()
  const base = `${url}/api/v1/jobs/${encodeURIComponent(job)}/oob`
  const headers = {authorization}
  expect(await (await fetch(base, {headers})).json()).toEqual({
    values: [{key: 'k', bytes: 3, stageIndex: 0, task: 3, run: 7}],
  })
  expect(await (await fetch(`${base}/k`, {headers})).text()).toBe('abc')
  expect((await fetch(`${base}/no`, {headers})).status).toBe(404)
  expect(Buffer.from((await jobs.getOob(job, 'k'))!).toString()).toBe('abc')
  await soon(async () => expect(await jobs.getOob(job, 'no')).toBeUndefined())
})

test('a node says which partials of rules it keeps', async () => {
  const {folder, url} = await setUp()
  const [kept, other] = ['ab'.repeat(32), 'cd'.repeat(32)]
  writeFileSync(join(folder, '..', 'partials', kept), 'x')
  const ask = (names: readonly string[]): Promise<Response> =>
    fetch(`${url}/api/v1/partials`, {
      method: 'POST',
      headers: {authorization: `Bearer ${tokenFor('read')}`},
      body: JSON.stringify({names}),
    })
  expect(await (await ask([kept, other])).json()).toEqual({kept: [kept]})
  expect((await ask(['../secrets'])).status).toBe(400)
})
