import {mkdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {AuditLog, auditLineOf, isAudited} from '../../../../src/cluster/security/index.ts'
import {type AuditLine, type EndpointName, endpoints} from '../../../../src/protocol/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'
import {serve, tokenFor} from '../serve.ts'

const line = (number: number): AuditLine => ({
  ts: '2026-11-23T18:00:00.000Z',
  by: 'admin',
  from: '127.0.0.1',
  what: 'setSetting',
  target: {setting: `s${number}`},
  status: 200,
})
const silent = (): void => undefined

test('lines come back in their order, also after a restart, and the file is its owner’s alone', async () => {
  const path = join(temporaryFolder(), 'audit.log')
  const log = new AuditLog(path, silent)
  for (let number = 0; number < 100; number++) log.write(line(number))
  await log.close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const again = new AuditLog(path, silent)
  again.write(line(100))
  expect((await again.last(3)).map(({target}) => target)).toEqual([
    {setting: 's98'},
    {setting: 's99'},
    {setting: 's100'},
  ])
  expect(await again.last(1000)).toHaveLength(101)
})

test('two files of a limited size are kept, and no line is cut', async () => {
  const path = join(temporaryFolder(), 'audit.log')
  const bytesMax = 1000
  const log = new AuditLog(path, silent, bytesMax)
  for (let number = 0; number < 50; number++) {
    log.write(line(number))
    await log.close()
  }
  expect(statSync(path).size).toBeLessThanOrEqual(bytesMax)
  expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(bytesMax)
  const kept = await log.last(1000)
  expect(kept.at(-1)).toEqual(line(49))
  expect(kept.map(({target}) => target['setting'])).toEqual(
    Array.from({length: kept.length}, (_, index) => `s${50 - kept.length + index}`),
  )
})

test('a disk that takes nothing is told, and stops nobody', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'audit.log'))
  const told: string[] = []
  const log = new AuditLog(join(folder, 'audit.log'), ({msg}) => told.push(msg))
  log.write(line(1))
  await log.close()
  expect(told).toEqual(['changes are not written down'])
})

test('every endpoint that changes something is written down', () => {
  const changing = (Object.keys(endpoints) as EndpointName[]).filter(isAudited)
  expect(changing).toEqual([
    'drainNode',
    'undrainNode',
    'removeNode',
    'setSetting',
    'stop',
    'backup',
    'createToken',
    'revokeToken',
    'changeTag',
    'submitJob',
    'changeJob',
    'collect',
    'balance',
    'scrub',
  ])
})

test('a change is told with who, where and what; strangers and readers are not', async () => {
  const told: (AuditLine | undefined)[] = []
  const {url} = await serve({}, {onServed: served => told.push(auditLineOf(served, 'now'))})
  const post = async (path: string, token?: string): Promise<void> => {
    const headers = token === undefined ? {} : {authorization: `Bearer ${token}`, 'x-disco-for': '10.0.0.9'}
    await (await fetch(url + path, {method: 'POST', headers})).arrayBuffer()
  }
  await post('/api/v1/tags/logs%3Aa', tokenFor('write'))
  await post('/api/v1/tags/logs%3Aa', tokenFor('read'))
  await post('/api/v1/tags/logs%3Aa')
  await post('/api/v1/blobs/locate', tokenFor('read'))
  await expect.poll(() => told.length).toBe(4)
  const common = {ts: 'now', from: '127.0.0.1', for: '10.0.0.9', what: 'changeTag', target: {tag: 'logs:a'}}
  expect(told).toEqual([
    {...common, by: 'write', status: 200},
    {...common, by: 'read', status: 403},
    undefined,
    undefined,
  ])
})

test('the file is text that other tools read', async () => {
  const path = join(temporaryFolder(), 'audit.log')
  const log = new AuditLog(path, silent)
  log.write({...line(1), target: {tag: 'a\nb'}})
  await log.close()
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(1)
})

test('the limit counts bytes, not characters', async () => {
  const path = join(temporaryFolder(), 'audit.log')
  const log = new AuditLog(path, silent, 1000)
  for (let number = 0; number < 2; number++) {
    log.write({...line(number), target: {tag: '€'.repeat(150)}})
    await log.close()
  }
  expect(statSync(path).size).toBeLessThanOrEqual(1000)
  expect(await log.last(10)).toHaveLength(2)
})
