import {createHash} from 'node:crypto'
import {renameSync, utimesSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import {join} from 'node:path'
import {crc32, gzipSync, zstdCompressSync} from 'node:zlib'
import {beforeEach, expect, onTestFinished, test} from 'vitest'
import {
  openPartial,
  type RuleStage,
  runRuleTask,
  type TaskResult,
  type VerifiedFile,
} from '../../../../src/worker/index.ts'
import {fileOf, scanOf, specOf, workOf} from './rule-work.ts'

const mebibyte = 1 << 20
const text = Array.from({length: 60_000}, (_, index) => `{"k":${index % 7},"pad":"${'x'.repeat(20)}"}\n`).join('')
const content = Buffer.from(text)
const blob = createHash('sha256').update(content).digest('hex')
const work = workOf({keyParts: ['k'], valueParts: ['count']})

function checksumsOf(bytes: Buffer): string {
  const sums = Buffer.alloc(4 * Math.ceil(bytes.length / mebibyte))
  for (let block = 0; block * mebibyte < bytes.length; block++)
    sums.writeUInt32LE(crc32(bytes.subarray(block * mebibyte, (block + 1) * mebibyte)), 4 * block)
  return sums.toString('base64')
}

async function served(bytes: Buffer): Promise<{url: string; ranges: (string | undefined)[]}> {
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(request.headers.range === undefined ? 200 : 206).end(bytes.subarray(start))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address() as {port: number}
  return {url: `http://127.0.0.1:${address.port}/`, ranges}
}

async function scan(stage: RuleStage, replicas: readonly string[], more = {}): Promise<TaskResult & {folder: string}> {
  const spec = specOf(stage, [replicas])
  const result = await runRuleTask({work: {...work, ...more}, module: null}, spec, {
    headers: {},
    progress: () => undefined,
    verified: file => verified.push(file),
  })
  return {...result, folder: spec.folder}
}

/** Files of which a scan said that all their blocks are right. */
let verified: VerifiedFile[] = []
beforeEach(() => {
  verified = []
})

const local = (path: string) => ({'blob://x': {path, bytes: content.length, checksums: checksumsOf(content)}})

test('a blob of this machine is read from its file', async () => {
  const {error, account, usage} = await scan(scanOf('a', {blob, localBlobs: local(fileOf(content))}), ['blob://x'])
  expect(error).toBeNull()
  expect(account.in).toBe(60_000)
  expect(usage.bytes).toBe(content.length)
})

test('a block of it that has changed comes from another node, and what was before it is not read again', async () => {
  const rotten = Buffer.from(content)
  rotten[mebibyte + 5]! ^= 1
  const {url, ranges} = await served(content)
  const stage = scanOf('a', {blob, localBlobs: local(fileOf(rotten))})
  const {error, account} = await scan(stage, ['blob://x', url])
  expect(error).toBeNull()
  expect(account).toMatchObject({in: 60_000})
  expect(ranges).toEqual([`bytes=${mebibyte}-`])
  expect(verified).toEqual([])
})

test('a file whose blocks were all right is not compared again while it is the same file', async () => {
  const path = fileOf(content)
  await scan(scanOf('a', {blob, localBlobs: local(path)}), ['blob://x'])
  const [file] = verified
  expect(verified).toEqual([{path, stamp: expect.stringContaining(`:${content.length}:`)}])
  // With checksums of something else it could not be read if it were compared.
  const known = {
    'blob://x': {
      ...local(path)['blob://x'],
      checksums: checksumsOf(Buffer.alloc(content.length)),
      verified: file!.stamp,
    },
  }
  const stage = scanOf('a', {blob, localBlobs: known})
  expect(await scan(stage, ['blob://x'])).toMatchObject({error: null, account: {in: 60_000}})
  expect(verified).toHaveLength(1)
  utimesSync(path, 1, 1)
  expect(await scan(stage, ['blob://x'])).toMatchObject({error: {class: 'input-lost'}})
})

test('another file of the same name and length is compared', async () => {
  const path = fileOf(content)
  await scan(scanOf('a', {blob, localBlobs: local(path)}), ['blob://x'])
  const rotten = Buffer.from(content)
  rotten[5]! ^= 1
  renameSync(fileOf(rotten), path)
  const {stamp} = verified[0]!
  const stage = scanOf('a', {blob, localBlobs: {'blob://x': {...local(path)['blob://x'], verified: stamp}}})
  expect(await scan(stage, ['blob://x'])).toMatchObject({error: {class: 'input-lost'}})
})

test('archives of many blocks are unpacked from memory that is used again, compared or not', async () => {
  // Digits of a hash do not pack: some megabytes stay.
  const records = Array.from({length: 60_000}, (_, index) => {
    const pad = createHash('sha512').update(String(index)).digest('base64')
    return `{"k":${index % 7},"pad":"${pad}"}\n`
  })
  for (const pack of [gzipSync, zstdCompressSync]) {
    const packed = pack(records.join(''))
    const path = fileOf(packed)
    const file = {path, bytes: packed.length, checksums: checksumsOf(packed)}
    expect(packed.length).toBeGreaterThan(3 * mebibyte)
    const first = await scan(scanOf('a', {blob, localBlobs: {'blob://x': file}}), ['blob://x'])
    const known = {'blob://x': {...file, verified: verified.at(-1)!.stamp}}
    const second = await scan(scanOf('a', {blob, localBlobs: known}), ['blob://x'])
    for (const {error, account, usage} of [first, second]) {
      expect(error).toBeNull()
      expect(account).toMatchObject({in: 60_000, bad: 0})
      expect(usage.bytes).toBe(packed.length)
    }
  }
})

test('what is not the blob that was asked for is no input', async () => {
  const {url} = await served(Buffer.from(text.replace('"k":1', '"k":2')))
  const {error} = await scan(scanOf('a.log', {blob}), [url])
  expect(error).toMatchObject({class: 'input-lost', input: 0})
  expect(error?.message).toContain(`a.log: what came is not blob ${blob}`)
})

test('an input that nobody gives is lost, or left out where that is allowed', async () => {
  const stage = scanOf('a.log', {blob})
  const path = fileOf('')
  for (const replicas of [[], [`${path}.gone`]]) {
    const {error} = await scan(stage, replicas)
    expect(error).toMatchObject({class: 'input-lost', message: expect.stringContaining('a.log: ')})
    const {outputs, counters, folder} = await scan(stage, replicas, {allowsMissing: true})
    expect(counters).toEqual({missing: 1})
    expect(openPartial(join(folder, outputs[0]!.file))).toMatchObject({missing: [0], account: {in: 0}})
  }
})

test('an archive that is corrupt ends the job: it is so everywhere', async () => {
  const path = fileOf('')
  writeFileSync(path, Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), Buffer.from('no deflate')]))
  const {error} = await scan(scanOf('a.gz'), [path])
  expect(error).toMatchObject({
    class: 'fatal',
    message: expect.stringMatching(/^a\.gz: the gzip data .* \[INPUT_UNREADABLE\]/),
  })
})
