import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {findCluster, homePaths} from '../../../../src/client/index.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'client-home-'))
  for (const name of ['DISCO_HOME', 'DISCO_MASTER', 'DISCO_TOKEN', 'DISCO_CA', 'XDG_DATA_HOME']) vi.stubEnv(name, '')
})
afterEach(() => {
  rmSync(home, {recursive: true})
  vi.unstubAllEnvs()
})

const running = (url = 'http://127.0.0.1:7000'): void => {
  writeFileSync(join(home, 'address.json'), JSON.stringify({url, pid: 1, name: 'n'}))
  writeFileSync(join(home, 'tokens.json'), JSON.stringify({admin: 'dsc_admin_x', read: 'dsc_read_x'}))
}

test('the cluster of the home folder is found with its token', () => {
  running()
  expect(findCluster({home})).toEqual({url: 'http://127.0.0.1:7000', token: 'dsc_admin_x', ca: undefined})
})

test('without any cluster the usual address is tried', () => {
  expect(findCluster({home})).toEqual({url: 'http://127.0.0.1:8989', token: undefined, ca: undefined})
})

test('flags win over the environment, and that over the home folder', () => {
  running()
  vi.stubEnv('DISCO_MASTER', 'http://127.0.0.1:1')
  vi.stubEnv('DISCO_TOKEN', 'env')
  expect(findCluster({home})).toMatchObject({url: 'http://127.0.0.1:1', token: 'env'})
  expect(findCluster({home, master: 'http://h:2', token: 'flag'})).toMatchObject({url: 'http://h:2', token: 'flag'})
})

test('the token of the home folder is sent to no other machine', () => {
  running('http://10.0.0.1:8989')
  expect(findCluster({home}).token).toBe('dsc_admin_x')
  expect(findCluster({home, master: '10.0.0.1'}).token).toBe('dsc_admin_x')
  expect(findCluster({home, master: 'http://localhost:9'}).token).toBe('dsc_admin_x')
  expect(findCluster({home, master: 'http://10.0.0.2:8989'}).token).toBeUndefined()
  expect(findCluster({home, master: 'http://127.0.0.1.evil.example:8989'}).token).toBe(undefined)
})

test.each([
  ['web1', 'http://web1:8989'],
  ['web1:80', 'http://web1'],
  ['ws://web1:7000/', 'http://web1:7000'],
  ['wss://web1:7000', 'https://web1:7000'],
  ['https://web1/x', 'https://web1:8989'],
  ['[::1]:7000', 'http://[::1]:7000'],
])('the address %s is %s', (master, url) => {
  expect(findCluster({home, master}).url).toBe(url)
})

test.each(['ftp://x', 'http://:::', '', 'a b'])('"%s" is no address', master => {
  expect(() => findCluster({home, master})).toThrow(`"${master}" is not the address of a cluster`)
})

test('files that cannot be used are told by name', () => {
  writeFileSync(join(home, 'address.json'), '{')
  expect(() => findCluster({home})).toThrow(`${join(home, 'address.json')} cannot be read`)
  expect(() => findCluster({home, ca: join(home, 'none.pem'), master: 'h'})).toThrow('cannot be read')
})

test('the home folder is named by flag, environment or usual place', () => {
  expect(homePaths('/a').tokens).toBe('/a/tokens.json')
  vi.stubEnv('XDG_DATA_HOME', '/data')
  expect(homePaths(undefined).home).toBe('/data/disco-inferno')
  vi.stubEnv('DISCO_HOME', '/b')
  expect(homePaths(undefined).nodes).toBe('/b/nodes')
})
