/** Programs of different versions in one cluster, and folders that other versions wrote. */
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {globSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import Driver from 'better-sqlite3'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import packageJson from '../../package.json' with {type: 'json'}
import type {NodeInfo} from '../../src/protocol/index.ts'
import {DiscoProject} from './disco-project.ts'
import type {Running} from './inferno-project.ts'

const fixtures = join(import.meta.dirname, '../fixtures/homes')
const waitMs = 30_000

const [major = 0, minor = 0] = packageJson.version.split('.').map(Number)
/** The version of some minor versions later. */
const later = (count: number): string => `${major}.${minor + count}.0`

let project: DiscoProject
beforeEach(() => {
  project = new DiscoProject()
})
afterEach(() => project.close())

const as = (version: string): {readonly env: NodeJS.ProcessEnv} => ({env: {DISCO_PRETEND_VERSION: version}})

function startAgent(name: string, version = packageJson.version): Running {
  const {url} = JSON.parse(project.read('.cluster/address.json')) as {url: string}
  const join = url.replace(/^http/, 'ws')
  return project.startTool(['disco', 'agent', '--join', join, '--port', '0', '--name', name], as(version))
}

const versionsOf = (): Record<string, string> =>
  Object.fromEntries(
    (project.json(['disco', 'nodes']) as NodeInfo[]).flatMap(({name, state, version}) =>
      state === 'up' ? [[name, version.replace('disco-inferno ', '')]] : [],
    ),
  )

async function end({child, ended}: Running): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

describe('a node that is one minor version newer than its master', () => {
  test('works with it, and is upgraded without losing anything', async () => {
    project.startCluster('--name', 'old')
    const before = startAgent('a')
    await expect.poll(versionsOf, {timeout: waitMs}).toEqual({old: packageJson.version, a: packageJson.version})
    project.write('in.txt', 'one\ntwo\none\n')
    expect(project.ddfs(['push', 'data:in', 'in.txt', '--replicas', '2']).exitCode).toBe(0)
    await end(before)
    expect(project.ddfs(['setattr', 'data:in', 'colour', 'red']).exitCode).not.toBe(70)
    const after = startAgent('a', later(1))
    await expect.poll(versionsOf, {timeout: waitMs}).toEqual({old: packageJson.version, a: later(1)})
    expect(project.ddfs(['setattr', 'data:in', 'colour', 'blue']).exitCode).toBe(0)
    expect(project.ddfs(['xcat', 'data:in']).stdout).toBe('one\ntwo\none\n')
    const doctor = project.disco(['doctor']).stdout
    expect(doctor).toMatch(new RegExp(`^warn +versions +.*a has ${later(1)}`, 'm'))
    // The other way round: a newer master, an older node.
    await end(after)
    expect(await project.stopCluster()).toEqual([])
    const {exitCode} = project.disco(['start', '--detach', '--port', '0', '--name', 'old'], as(later(1)))
    expect(exitCode).toBe(0)
    const older = startAgent('a')
    await expect.poll(versionsOf, {timeout: waitMs}).toEqual({old: later(1), a: packageJson.version})
    expect(project.ddfs(['getattr', 'data:in', 'colour']).stdout).toBe('blue\n')
    await end(older)
    expect(await project.stopCluster()).toEqual([])
  }, 120_000)
})

test.each([
  ['newer', later(2), packageJson.version],
  ['older', packageJson.version, later(2)],
])('a node that is two minor versions %s is refused with a sentence that names both', async (age, node, master) => {
  const {exitCode} = project.disco(['start', '--detach', '--port', '0', '--name', 'm'], as(master))
  expect(exitCode).toBe(0)
  expect(await startAgent('b', node).ended).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      new RegExp(
        `disco-inferno ${node} speaks mesh protocol .* this side \\(disco-inferno ${master}\\).*\\n` +
          `Hint: programs work together one minor version apart: update the node that ${age === 'older' ? 'dialled' : 'was dialled'}`,
      ),
    ),
  })
  expect(Object.keys(versionsOf())).toEqual(['m'])
  expect(await project.stopCluster()).toEqual([])
})

function unpack(archive: string): void {
  execFileSync('tar', ['-xzf', join(fixtures, archive), '-C', project.dir])
  project.shell('mv home .cluster')
}

describe('a home folder of a released version', () => {
  test.each(readdirSync(fixtures))('%s is opened, with all that is in it', async archive => {
    unpack(archive)
    // It was away for longer than deletions are remembered.
    project.startCluster('--name', 'one', '--reserve', '0', '--force')
    expect(project.ddfs(['ls']).stdout).toBe('data:in\n')
    expect(project.ddfs(['xcat', 'data:in']).stdout).toBe('one\ntwo\none\n')
    expect(project.ddfs(['getattr', 'data:in', 'colour']).stdout).toBe('red\n')
    expect(project.disco(['config', 'get', 'replicas']).stdout).toMatch(/^replicas +2$/m)
    const [job] = project.json(['disco', 'jobs']) as {job: string; state: string}[]
    expect(job).toMatchObject({state: 'done'})
    expect(project.disco(['results', job!.job]).stdout).toMatch(/^one\t2$/m)
    expect(project.ddfs(['ls'], {env: {DISCO_TOKEN: project.read('token.txt').trim()}}).exitCode).toBe(0)
    const client = project.client()
    const {folders} = await client.readJson<{folders: {rules: {rule: string}[]}[]}>('rules', {})
    client.close()
    expect(folders[0]?.rules.map(({rule}) => rule)).toEqual(['a.a'])
    expect(project.ddfs(['touch', 'new']).exitCode).toBe(0)
    expect(await project.stopCluster()).toEqual([])
  })
})

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a store of a newer version is refused with a sentence, and left as it is:', () => {
  const stores = ['nodes/one/tags.sqlite', 'nodes/one/blobs.sqlite', 'master/journal.sqlite']

  test.each(stores)('%s', async store => {
    unpack(readdirSync(fixtures)[0]!)
    const path = project.path(`.cluster/${store}`)
    const db = new Driver(path)
    db.pragma('user_version = 99')
    db.close()
    const before = hashOf(path)
    expect(project.disco(['start', '--detach', '--port', '0', '--name', 'one', '--force'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /sqlite was written by a newer version of this program\nHint: it has schema 99, this program knows \d+: install the newer version again/,
      ),
    })
    expect(hashOf(path)).toBe(before)
  })

  test('rules/*/rules.sqlite', async () => {
    unpack(readdirSync(fixtures)[0]!)
    const [path = ''] = globSync(project.path('.cluster/rules/*/rules.sqlite'))
    const db = new Driver(path)
    db.pragma('user_version = 99')
    db.close()
    const before = hashOf(path)
    const state = join(path, '..')
    expect(project.inferno(['status', '-y', 'rules', '--state', state], {env: project.env()})).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('was written by a newer version of this program'),
    })
    expect(hashOf(path)).toBe(before)
  })
})
