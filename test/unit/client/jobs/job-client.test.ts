/** What the client makes of answers; the endpoints themselves are asked in test/unit/cluster/jobs. */
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, onTestFinished, test} from 'vitest'
import {ClusterClient, isJobOver, JobClient, machineId} from '../../../../src/client/index.ts'
import {
  type JobResults,
  type LocalFile,
  localFileHeader,
  localFileText,
  machineHeader,
} from '../../../../src/protocol/index.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function serve(answer: Answer): Promise<{url: string; jobs: JobClient; asked: string[]}> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new ClusterClient({url, token: 't', ca: undefined})
  onTestFinished(async () => {
    client.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return {url, jobs: new JobClient(client), asked}
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body))
}

const later = {error: {code: 'UNAVAILABLE', message: 'the node is starting', retryable: true}}

const output = (urls: readonly string[], path: string, bytes: number): JobResults['outputs'][number] => ({
  label: 0,
  place: {type: 'file', node: 'n1', path},
  bytes,
  records: 1,
  urls,
})

const textOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(chunks)).toString()

test('a submission that was told to come later is repeated as the same job', async () => {
  let tries = 0
  const {jobs, asked} = await serve((request, response) => {
    request.resume().on('end', () => {
      if (++tries === 1) json(response, 503, later)
      else json(response, 201, {job: 'words@1'})
    })
  })
  expect(await jobs.submit(Buffer.from('pack'), {owner: 'ann'})).toBe('words@1')
  expect(asked).toHaveLength(2)
  expect(asked[0]).toMatch(/^POST \/api\/v1\/jobs\?stamp=[a-z0-9]{13,}&owner=ann$/)
  expect(asked[1]).toBe(asked[0])
})

test('a wait goes on when the master is away for a while', async () => {
  let tries = 0
  const {jobs} = await serve((_, response) => {
    tries++
    if (tries <= 8) json(response, 503, later)
    else json(response, 200, {state: tries === 9 ? 'running' : 'done', outputs: []})
  })
  expect(await jobs.wait('words@1')).toMatchObject({state: 'done'})
  expect(tries).toBe(10)
})

test('events go on behind the last one, until the end', async () => {
  const pages = [
    {events: [{number: 0, text: 'a'}], next: 0, isEnd: false},
    {events: [], next: 0, isEnd: false},
    {events: [{number: 1, text: 'b'}], next: 1, isEnd: true},
  ]
  const {jobs, asked} = await serve((_, response) => json(response, 200, pages.shift()))
  const events = await Array.fromAsync(jobs.events('words@1', {isFollowing: true}))
  expect(events.map(({text}) => text)).toEqual(['a', 'b'])
  expect(asked.map(line => new URLSearchParams(line.split('?')[1]).get('after'))).toEqual(['-1', '0', '0'])
})

test('an output is its section of the file, from the first address that gives it', async () => {
  const file = Buffer.from('0123456789')
  const {jobs, url, asked} = await serve((request, response) => {
    if (request.url === '/gone')
      return json(response, 404, {error: {code: 'BLOB_NOT_FOUND', message: 'no', retryable: false}})
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    const part = start === undefined ? file : file.subarray(Number(start), Number(end) + 1)
    response.writeHead(start === undefined ? 200 : 206).end(part)
  })
  expect(await textOf(jobs.readOutput(output([`${url}/gone`, `${url}/file`], '3/out@4', 3)))).toBe('456')
  expect(await textOf(jobs.readOutput(output([`${url}/file`], '3/out', 10)))).toBe('0123456789')
  expect(asked.filter(line => line === 'GET /gone')).toHaveLength(1)
  expect(await textOf(jobs.readOutput(output([`${url}/file`], '3/out@4', 0)))).toBe('')
})

test('an output that nobody has is an error that says what was tried', async () => {
  const {jobs} = await serve((_, response) => json(response, 500, {}))
  await expect(textOf(jobs.readOutput(output([], '3/out@4', 3)))).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('no node that is up has it'),
  })
})

test('a job is over when it is done, failed, cancelled or purged', () => {
  const states = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'purged'] as const
  expect(states.filter(isJobOver)).toEqual(['done', 'failed', 'cancelled', 'purged'])
})

describe('results on this machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'results-'))
  afterAll(() => rmSync(folder, {recursive: true, force: true}))
  mkdirSync(join(folder, '7'))
  for (const name of ['one', 'two']) writeFileSync(join(folder, '7', name), `content of ${name}`)
  const bytes = 'content of one'.length
  const {dev, ino} = statSync(join(folder, '7', 'one'), {bigint: true})
  const one = {path: join(folder, '7', 'one'), device: String(dev), inode: String(ino), bytes}

  async function openedFrom(place: LocalFile | undefined, second = '7/two', status = 200) {
    const {url, jobs} = await serve((request, response) => {
      expect(request.headers[machineHeader]).toBe(machineId())
      const headers = place === undefined ? {} : {[localFileHeader]: localFileText(place)}
      response.writeHead(status, headers).end(place === undefined ? 'content of one' : '')
    })
    return await jobs.openOutputs([output([url], '7/one@0', bytes), output([url], `${second}@0`, bytes)])
  }

  test('are opened where they lie, and stay readable when they are removed', async () => {
    const opened = await openedFrom(one)
    const paths = opened!.map(file => file.path)
    renameSync(join(folder, '7', 'two'), join(folder, '7', 'three'))
    expect(paths.map(path => readFileSync(path, 'latin1'))).toEqual(['content of one', 'content of two'])
    renameSync(join(folder, '7', 'three'), join(folder, '7', 'two'))
    for (const file of opened!) file.close()
    expect(paths.filter(path => existsSync(path))).toEqual([])
  })

  test.each<[string, LocalFile | undefined, string?, number?]>([
    ['the node tells no place', undefined],
    ['the node does not have it', undefined, '7/two', 404],
    ['there is another file of that name', {...one, inode: '1'}],
    ['it is on another device', {...one, device: '1'}],
    ['nothing is there', {...one, path: `${one.path}/none`}],
    ['one of them is not there', one, '7/four'],
  ])('are fetched when %s', async (_, place, second, status) => {
    expect(await openedFrom(place, second, status)).toBeUndefined()
  })
})
