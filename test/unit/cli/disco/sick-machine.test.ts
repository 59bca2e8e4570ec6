/** Each look at the machine, on one that has just that. */
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {afterEach, expect, test, vi} from 'vitest'
import {examine} from '../../../../src/cli/disco/doctor/doctor.ts'
import type {Finding} from '../../../../src/cli/disco/doctor/finding.ts'
import {lookAtMachine} from '../../../../src/cli/disco/doctor/machine.ts'
import {homePaths} from '../../../../src/client/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const machine = vi.hoisted(() => ({
  disk: undefined as Record<string, number> | undefined,
  limits: undefined as string | undefined,
}))
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    statfsSync: (path: string) => machine.disk ?? fs.statfsSync(path),
    readFileSync: (path: string, encoding: 'utf8') =>
      path === '/proc/self/limits' && machine.limits !== undefined ? machine.limits : fs.readFileSync(path, encoding),
  }
})

const healthy = {bavail: 500, blocks: 1000, bsize: 4096, ffree: 500, files: 1000}
const tokens = {admin: 'a', write: 'b', read: 'c', join: 'd'}

function home(): string {
  const made = join(temporaryFolder(), 'home')
  mkdirSync(made, {mode: 0o700})
  writeFileSync(join(made, 'tokens.json'), JSON.stringify(tokens), {mode: 0o600})
  return made
}

afterEach(() => {
  machine.disk = undefined
  machine.limits = undefined
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

function told(path: string): Record<string, string> {
  machine.disk ??= healthy
  machine.limits ??= 'Max open files            65536                65536                files'
  return toldOf(lookAtMachine(homePaths(path)))
}

/** What is not well; how fast this disk is, and how much memory there is, is not what is tried. */
const toldOf = (findings: readonly Finding[], passed: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    findings.flatMap(({about, level, advice}) => {
      if (level !== 'ok') expect(advice).toMatch(/\w/)
      return level === 'ok' || passed.includes(about) ? [] : [[about, level]]
    }),
  )

test('of a machine that is well nothing is told', () => {
  vi.spyOn(performance, 'now').mockReturnValue(0)
  vi.spyOn(process, 'availableMemory').mockReturnValue(2 ** 32)
  expect(told(home())).toEqual({})
})

test.each([
  ['little room', {...healthy, bavail: 80}, {disk: 'warn'}],
  ['no room', {...healthy, bavail: 10}, {disk: 'bad'}],
  ['no more files', {...healthy, ffree: 10}, {disk: 'bad'}],
])('a disk with %s is told', (_, disk, expected) => {
  vi.spyOn(performance, 'now').mockReturnValue(0)
  machine.disk = disk
  expect(told(home())).toMatchObject(expected)
})

test('a slow disk is told', () => {
  let nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => {
    nowMs += 100
    return nowMs
  })
  expect(told(home())).toMatchObject({'disk speed': 'warn'})
})

test('few open files and little memory are told', () => {
  machine.limits = 'Max open files            1024                 4096                 files'
  vi.spyOn(process, 'availableMemory').mockReturnValue(100 * 2 ** 20)
  expect(told(home())).toMatchObject({limits: 'warn', memory: 'warn'})
})

test.each([
  ['that is no JSON', '{"admin":', 'bad'],
  ['without one of the four', JSON.stringify({...tokens, join: undefined}), 'bad'],
])('a file of tokens %s is told', (_, text, level) => {
  const path = home()
  writeFileSync(join(path, 'tokens.json'), text)
  expect(told(path)).toMatchObject({tokens: level})
})

test('a folder that is not there, or is of another user, is told', () => {
  expect(told(join(temporaryFolder(), 'none'))).toMatchObject({folder: 'warn'})
  vi.spyOn(process, 'getuid').mockReturnValue(4711)
  expect(told(home())).toMatchObject({folder: 'warn'})
})

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written is told', () => {
  const path = home()
  chmodSync(path, 0o500)
  expect(told(path)).toMatchObject({folder: 'bad'})
})

const ofMachine = ['disk', 'disk speed', 'limits', 'memory']

test('what is broken is told, and the rest is looked at all the same', async () => {
  const path = home()
  writeFileSync(join(path, 'address.json'), 'not JSON')
  const findings = await examine({home: path}, '0.1.0')
  expect(toldOf(findings, ofMachine)).toEqual({cluster: 'bad'})
  expect(findings.map(({about}) => about)).toEqual(expect.arrayContaining(['program', 'folder', 'tokens', 'disk']))
  expect(toldOf(await examine({home: path, master: 'ftp://x'}, '0.1.0'), ofMachine)).toEqual({cluster: 'bad'})
  expect(toldOf(await examine({home: home(), ca: '/no/such.pem'}, '0.1.0'), ofMachine)).toEqual({cluster: 'bad'})
})

test('settings that cannot be read are told', async () => {
  vi.stubEnv('DISCO_INFERNO_THREADS', 'many')
  expect(toldOf(await examine({home: home(), master: 'http://127.0.0.1:1'}, '0.1.0'), ofMachine)).toMatchObject({
    settings: 'bad',
    cluster: 'bad',
  })
})

test('without HOME the doctor says so, and goes on', async () => {
  for (const name of ['HOME', 'XDG_DATA_HOME', 'DISCO_HOME']) vi.stubEnv(name, '')
  const findings = await examine({}, '0.1.0')
  expect(toldOf(findings, ofMachine)).toMatchObject({folder: 'bad', cluster: 'bad'})
})

test('a port at which something else listens is told', async () => {
  const server = createServer(socket => socket.destroy())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as {port: number}
  const findings = await examine({home: home(), master: `http://127.0.0.1:${port}`}, '0.1.0')
  expect(toldOf(findings, ofMachine)).toMatchObject({cluster: 'bad'})
  await new Promise(resolve => server.close(resolve))
})
