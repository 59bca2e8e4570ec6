import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {type Asked, lookAtCluster, minorsApart} from '../../../../src/cli/disco/doctor/cluster.ts'
import {doctorText} from '../../../../src/cli/disco/doctor/doctor.ts'
import {lookAtMachine} from '../../../../src/cli/disco/doctor/machine.ts'
import {homePaths} from '../../../../src/client/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

const node = (name: string, more: object = {}): object => ({name, state: 'up', version: 'disco-inferno 1.2.0', ...more})

const well = {
  url: 'https://10.0.0.1:8989',
  cluster: {address: 'https://10.0.0.1:8989', version: 'disco-inferno 1.2.0', upCount: 3, nodeCount: 3, nowMs: 1e12},
  atMs: 1e12,
  nodes: [node('n1'), node('n2'), node('n3')],
  settings: {replicas: '3', allowCode: 'loopback'},
  maintenance: {repair: {missingCount: 0, underReplicatedCount: 0}},
  tokens: [],
  version: '1.2.0',
} as unknown as Asked

const levelsOf = (change: object): Record<string, string> =>
  Object.fromEntries(
    lookAtCluster({...well, ...change} as Asked)
      .filter(({level}) => level !== 'ok')
      .map(({about, level}) => [about, level]),
  )

test('of a cluster that is well nothing is told but that', () => {
  expect(levelsOf({})).toEqual({})
})

test.each([
  ['a node is away', {nodes: [node('n1'), node('n2'), node('n3'), node('n4', {state: 'lost'})]}, {nodes: 'bad'}],
  ['a node is full', {nodes: [node('n1', {status: {isFull: true}}), node('n2'), node('n3')]}, {room: 'bad'}],
  ['copies are corrupt', {nodes: [node('n1', {status: {corruptCount: 1}}), node('n2'), node('n3')]}, {copies: 'warn'}],
  ['blobs are missing', {maintenance: {repair: {missingCount: 1, underReplicatedCount: 0}}}, {replicas: 'bad'}],
  ['too few nodes for the copies', {nodes: [node('n1'), node('n2')]}, {replicas: 'warn'}],
  ['a clock is off', {atMs: 1e12 + 5000}, {clock: 'warn'}],
  ['a clock is far off', {atMs: 1e12 - 100_000}, {clock: 'bad'}],
  ['an upgrade is half done', {version: '1.3.0'}, {versions: 'warn'}],
  ['versions are too far apart', {version: '1.4.0'}, {versions: 'bad'}],
  ['a token ends soon', {tokens: [{name: 'a', isExpired: false, expiresAtMs: 1e12 + 1000}]}, {tokens: 'warn'}],
  ['code runs for all', {settings: {replicas: '3', allowCode: 'on'}}, {code: 'warn'}],
  ['a network is in the clear', {cluster: {...well.cluster, address: 'http://10.0.0.1:8989'}}, {encryption: 'bad'}],
])('%s: it is told', (_, change, told) => {
  expect(levelsOf(change)).toEqual(told)
})

test('a folder and tokens that others can read are bad', () => {
  const home = join(temporaryFolder(), 'home')
  mkdirSync(home, {mode: 0o700})
  const paths = homePaths(home)
  writeFileSync(paths.tokens, '{"admin":"a","write":"b","read":"c","join":"d"}', {mode: 0o600})
  const badOnes = (): string[] =>
    lookAtMachine(paths)
      .filter(({level, about}) => level === 'bad' && about !== 'disk')
      .map(({about}) => about)
  expect(badOnes()).toEqual([])
  chmodSync(home, 0o755)
  chmodSync(paths.tokens, 0o644)
  expect(badOnes()).toEqual(['folder', 'tokens'])
})

test('what is wrong has a line with what to do', () => {
  const text = doctorText([
    {about: 'disk', level: 'ok', text: 'fine'},
    {about: 'clock', level: 'bad', text: 'far\noff', advice: 'set it'},
  ])
  expect(text.split('\n')).toEqual(['ok   disk   fine', 'bad  clock  far\\noff', '      -> set it', ''])
})

test('versions are compared by their minor parts', () => {
  expect(minorsApart('1.2.9', '1.3.0')).toBe(1)
  expect(minorsApart('1.2.0', '2.2.0')).toBe(Number.POSITIVE_INFINITY)
})
