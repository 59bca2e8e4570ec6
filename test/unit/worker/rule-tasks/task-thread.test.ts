import {crc32} from 'node:zlib'
import {afterEach, expect, test} from 'vitest'
import {TaskThread} from '../../../../src/worker/index.ts'
import {fileOf, scanOf, specOf, workOf} from './rule-work.ts'

const work = workOf({keyParts: ['k'], valueParts: ['count']})
const never = new AbortController().signal
const ports = {headers: {}, progress: () => undefined, verified: () => undefined}
const threads: TaskThread[] = []
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close()
})
const newThread = (): TaskThread => {
  const thread = new TaskThread()
  threads.push(thread)
  return thread
}

test('a thread runs one task after the other, whatever their rules are', async () => {
  const thread = newThread()
  const results = [
    await thread.run(work, specOf(scanOf('a'), [[fileOf('{"k":1}\n')]]), ports, never),
    await thread.run(work, specOf(scanOf('gone'), [['/nowhere/at/all']]), ports, never),
    await thread.run(
      workOf({keyParts: [], valueParts: ['n']}),
      specOf(scanOf('b'), [[fileOf('{"n":2}\n{}\n')]]),
      ports,
      never,
    ),
  ]
  expect(results.map(({error, account}) => error?.class ?? account.in)).toEqual([1, 'input-lost', 2])
  expect(thread.isAlive).toBe(true)
})

test('a thread tells of a file whose blocks were all right', async () => {
  const text = Buffer.from('{"k":1}\n')
  const path = fileOf(text)
  const checksums = Buffer.alloc(4)
  checksums.writeUInt32LE(crc32(text))
  const localBlobs = {'blob://x': {path, bytes: text.length, checksums: checksums.toString('base64')}}
  const told: string[] = []
  await newThread().run(
    work,
    specOf(scanOf('a', {localBlobs}), [['blob://x']]),
    {...ports, verified: file => told.push(file.path)},
    never,
  )
  expect(told).toEqual([path])
})

test('a run that is stopped ends at once with its thread, and no other run does', async () => {
  const thread = newThread()
  const stopping = new AbortController()
  const running = thread.run(work, specOf(scanOf('a'), [['http://127.0.0.1:9/']]), ports, stopping.signal)
  stopping.abort()
  expect((await running).error?.message).toBe('the run was stopped')
  expect(thread.isAlive).toBe(false)
  const next = await newThread().run(work, specOf(scanOf('a'), [[fileOf('{"k":1}\n')]]), ports, never)
  expect(next.error).toBeNull()
})

test('a thread that dies fails its run', async () => {
  const thread = newThread()
  // A plan that no compiler makes.
  const broken = {...work, params: Buffer.from('nonsense').toString('base64')}
  const {error} = await thread.run(broken, specOf(scanOf('a'), [[fileOf('')]]), ports, never)
  expect(error?.class).toBe('error')
})
