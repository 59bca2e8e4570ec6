/** Backup and restore of nodes that work, with everything wiped in between. */
import {chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {NodeInfo} from '../../src/protocol/index.ts'
import {DiscoProject} from './disco-project.ts'

/** What nodes may take to get where a test waits for them to be. Milliseconds. */
const waitMs = 40_000

let project: DiscoProject
beforeEach(() => {
  project = new DiscoProject()
})
afterEach(async () => {
  expect(await project.stopCluster()).toEqual([])
  project.close()
})

const upNodes = (): readonly string[] =>
  (project.json(['disco', 'nodes']) as NodeInfo[]).flatMap(({name, state}) => (state === 'up' ? [name] : []))

async function untilUp(count: number): Promise<void> {
  await expect.poll(() => upNodes().length, {timeout: waitMs}).toBe(count)
}

/** Ends all at once, as a power cut does. */
async function pullThePlug(): Promise<void> {
  const agents = (project.json(['disco', 'nodes']) as NodeInfo[]).map(({pid}) => pid)
  const pids = [...new Set([project.pid, ...agents])]
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await expect.poll(() => pids.filter(pid => existsSync(`/proc/${pid}`)), {timeout: waitMs}).toEqual([])
}

const wipe = (): void => rmSync(project.discoHome, {recursive: true})

describe('a backup that was made under load', () => {
  test('brings back all that was acknowledged before, after everything else is gone; jobs and tokens, too', async () => {
    project.startCluster('--agents', '2')
    await untilUp(2)
    project.write('in.txt', 'one\ntwo\none\n')
    expect(project.ddfs(['push', 'data:in', 'in.txt']).exitCode).toBe(0)
    const token = project.disco(['token', 'create', 'grafana']).stdout.trim()
    project.write(
      'jobs/count.ts',
      `import {defineJob} from 'disco-inferno'
export default defineJob({name: 'count', map: line => [[line, 1]], reduce: (key, values) => [[key, [...values].length]]})`,
    )
    expect(project.disco(['run', 'jobs/count.ts', 'data:in']).exitCode).toBe(0)

    const client = project.client()
    let isWriting = true
    const acknowledged: string[] = []
    const write = async (writer: number): Promise<void> => {
      for (let count = 0; isWriting; count++) {
        const tag = `load:${writer}-${count}`
        await client.changeTag(tag, {change: {type: 'set-attributes', set: {count: String(count)}, unset: []}})
        acknowledged.push(tag)
      }
    }
    const writers = [0, 1, 2, 3].map(write)
    await expect.poll(() => acknowledged.length, {timeout: waitMs}).toBeGreaterThan(50)
    const before = [...acknowledged]
    const backup = project.startTool(['disco', 'backup', 'all.backup'])
    const {exitCode, stderr} = await backup.ended
    const after = acknowledged.length
    isWriting = false
    await Promise.all(writers)
    client.close()
    expect(stderr).toMatch(/^all\.backup: .*, \d+ files of the master, agent-1, agent-2\nblobs are not in it/)
    expect([exitCode, statSync(project.path('all.backup')).mode & 0o777]).toEqual([0, 0o600])
    expect(after).toBeGreaterThan(before.length)

    expect(project.disco(['restore', 'all.backup'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is not empty: nothing was restored'),
    })
    await pullThePlug()
    wipe()
    const restored = project.disco(['restore', 'all.backup'])
    expect(restored.stderr).toContain('tags are as they were then')
    expect([restored.exitCode, statSync(`${project.discoHome}/tokens.json`).mode & 0o777]).toEqual([0, 0o600])
    project.startCluster('--agents', '2')
    await untilUp(2)
    const tags = project
      .ddfs(['ls', 'load:'])
      .stdout.split('\n')
      .map(line => line.split(/\s/)[0])
    expect(before.filter(tag => !tags.includes(tag))).toEqual([])
    expect(project.ddfs(['getattr', before.at(-1)!, 'count']).exitCode).toBe(0)
    expect(project.ddfs(['ls'], {env: {DISCO_TOKEN: token}}).exitCode).toBe(0)
    expect(project.disco(['jobs']).stdout).toContain('count')
    // The blobs are gone with the folders of the nodes, and that is told.
    expect(project.ddfs(['fsck'])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('1 problem')})
    expect(project.ddfs(['push', 'data:again', 'in.txt']).exitCode).toBe(0)
    expect(project.disco(['run', 'jobs/count.ts', 'data:again']).stdout).toMatch(/one\t2/)
  }, 180_000)

  test('has the state of rules, and is refused when it is torn', async () => {
    project.startCluster()
    project.write(
      'rules/a.ts',
      "import {defineRule} from 'disco-inferno'\nexport const RULES = [defineRule({name: 'a', sourceTags: 't', keyParts: ['x'], valueParts: ['count'], timeDelta: {weeks: 1}})]\nexport const AUTORUN = true\n",
    )
    const daemon = project.startTool(['inferno', 'daemon', '-y', 'rules', '--home', project.discoHome])
    await expect
      .poll(() => project.inferno(['status', '-y', 'rules'], {env: project.env()}).stdout, {timeout: waitMs})
      .toContain('a.a')
    daemon.child.kill('SIGTERM')
    await daemon.ended
    const made = project.json(['disco', 'backup', 'one.backup']) as {fileCount: number}
    await pullThePlug()
    wipe()
    const whole = readFileSync(project.path('one.backup'))
    writeFileSync(project.path('torn.backup'), whole.subarray(0, -1000))
    expect(project.disco(['restore', 'torn.backup'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/torn\.backup is no backup, or was cut short\nHint: nothing was restored/),
    })
    expect(project.has('.cluster')).toBe(false)
    expect(project.disco(['restore', 'one.backup']).exitCode).toBe(0)
    expect(project.inferno(['status', '-y', 'rules'], {env: project.env()}).stdout).toContain('a.a')
    expect(made.fileCount).toBeGreaterThan(6)
    project.startCluster()
    await untilUp(1)
  }, 120_000)
})

test('a backup of a master that does not run is refused, and one that is there is not replaced', async () => {
  // A port where nobody listens, whatever else runs on this machine.
  expect(project.disco(['backup', 'x.backup'], {env: {DISCO_MASTER: 'http://127.0.0.1:9'}})).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('nothing answers'),
  })
  project.startCluster()
  project.write('x.backup', 'mine')
  expect(project.disco(['backup', 'x.backup'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('is there already'),
  })
  expect(project.read('x.backup')).toBe('mine')
  expect(project.disco(['backup', 'y.backup', '--node', 'nobody'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there is no node "nobody"'),
  })
  expect(project.disco(['backup', 'no/such/folder/y.backup'])).toMatchObject({exitCode: 1})
  const read = project.disco(['token', 'read']).stdout.trim()
  expect(project.disco(['backup', 'z.backup'], {env: {DISCO_TOKEN: read}})).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('this needs a token for admin'),
  })
  expect(project.has('z.backup')).toBe(false)
})

test('a node that is put back among others that went on takes its tags from them', async () => {
  project.startCluster('--agents', '3')
  await untilUp(3)
  for (const count of ['1', '2']) expect(project.ddfs(['setattr', 'data:a', 'count', count]).exitCode).toBe(0)
  expect(project.disco(['backup', 'one.backup', '--node', 'agent-1'])).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('not in it: agent-2, agent-3'),
  })
  expect(project.ddfs(['setattr', 'data:a', 'count', '3']).exitCode).toBe(0)
  expect(await project.stopCluster()).toEqual([])
  rmSync(project.path('.cluster/nodes/agent-1'), {recursive: true})
  const restored = project.disco(['restore', 'one.backup', '--home', project.path('back')])
  expect(restored.stderr).toContain('tags come from agent-2, agent-3')
  chmodSync(project.path('back'), 0o700)
  project.shell(`mv back/nodes/agent-1 .cluster/nodes/`)
  project.startCluster('--agents', '3')
  await untilUp(3)
  await expect.poll(() => project.ddfs(['getattr', 'data:a', 'count']).stdout, {timeout: waitMs}).toBe('3\n')
  const agent = (project.json(['disco', 'nodes']) as NodeInfo[]).find(({name}) => name === 'agent-2')!
  process.kill(agent.pid, 'SIGSTOP')
  try {
    await expect.poll(() => project.ddfs(['getattr', 'data:a', 'count']).stdout, {timeout: waitMs}).toBe('3\n')
  } finally {
    process.kill(agent.pid, 'SIGCONT')
  }
}, 180_000)
