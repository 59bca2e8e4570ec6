import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import type {NodeInfo} from '../../src/protocol/index.ts'
import {DiscoProject} from './disco-project.ts'

/** What a cluster may take to get where a test waits for it to be. Milliseconds. */
const waitMs = 30_000

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endsAtMs = Date.now() + waitMs
  while (!(await condition())) {
    if (Date.now() > endsAtMs) throw new Error('the cluster did not get there in time')
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const nodesOf = async (project: DiscoProject): Promise<readonly NodeInfo[]> => {
  const client = project.client()
  try {
    return (await client.nodes()).nodes
  } finally {
    client.close()
  }
}

describe('a cluster of one process', () => {
  let project: DiscoProject
  beforeEach(() => {
    project = new DiscoProject()
  })
  afterEach(() => project.close())

  test('starts in the background, is restarted as it was, and stops', async () => {
    const started = project.json(['disco', 'start', '--detach', '--port', '0', '--name', 'one'])
    expect(started).toEqual({url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), pid: project.pid})
    expect(project.disco(['status'])).toMatchObject({exitCode: 0, stdout: expect.stringContaining('1 of 1 up')})
    expect(project.disco(['nodes']).stdout).toMatch(/^node +state.*\none \* +up +http:\/\/127/)
    expect(project.disco(['start', '--detach', '--port', '0'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: the folder .* is in use by process \d+\nHint: stop it with: disco stop/),
    })
    const before = project.pid
    project.ddfs(['touch', 'kept'])
    expect(project.disco(['restart']).exitCode).toBe(0)
    expect(project.pid).not.toBe(before)
    expect(project.ddfs(['ls']).stdout).toBe('kept\n')
    expect(await project.stopCluster()).toEqual([])
    expect(project.disco(['stop'])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('no cluster runs')})
    expect(project.disco(['status']).exitCode).toBe(3)
  })

  test('in the foreground it ends with Ctrl-C', async () => {
    const running = project.startTool(['disco', 'start', '--port', '0'])
    await running.until(() => running.stderr().includes('the cluster is at http://127.0.0.1:'))
    running.child.kill('SIGINT')
    expect(await running.ended).toMatchObject({exitCode: 0, stdout: ''})
    expect(project.has('.cluster/address.json')).toBe(false)
  })

  test('does not listen to a network in the clear unless told to', () => {
    expect(project.disco(['start', '--host', '0.0.0.0', '--port', '0'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('without TLS would send tokens and data in the clear'),
    })
  })

  test('settings and tokens are shown, and wrong ones are told', async () => {
    expect(project.disco(['token'])).toMatchObject({exitCode: 1, stderr: expect.stringContaining('disco start')})
    project.startCluster()
    expect(project.disco(['token', 'read']).stdout).toMatch(/^dsc_read_[\w-]+\n$/)
    expect(project.json(['disco', 'config', 'set', 'replicas', '2'])).toEqual({replicas: '2'})
    expect(project.disco(['config', 'get', 'replicas']).stdout).toBe('replicas  2\n')
    expect(project.json(['disco', 'config', 'get'])).toMatchObject({replicas: '2', quarantine: '7d'})
    expect(project.disco(['config', 'set', 'replicas', 'many'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('replicas cannot be "many"'),
    })
    expect(project.disco(['config', 'get', 'replica'])).toMatchObject({
      exitCode: 1,
      stderr: 'Error: there is no setting "replica"\nHint: Did you mean "replicas"?\n',
    })
    expect(project.disco(['config', 'set', 'replicas'])).toMatchObject({exitCode: 2})
    expect(await project.stopCluster()).toEqual([])
  })
})

describe('a cluster of three agents', () => {
  let project: DiscoProject
  beforeAll(async () => {
    project = new DiscoProject()
    project.startCluster('--agents', '3')
    await until(async () => (await nodesOf(project)).filter(node => node.state === 'up').length === 3)
    project.disco(['config', 'set', 'replicas', '2'])
    project.write('a.log', 'one\ntwo\n'.repeat(1000))
  })
  afterAll(async () => {
    expect(await project.stopCluster()).toEqual([])
    project.close()
  })

  test('keeps copies on two nodes, and any of them answers', async () => {
    expect(project.json(['ddfs', 'push', 'data:a', 'a.log'])).toMatchObject({files: [{nodes: {length: 2}}]})
    const [agent] = await nodesOf(project)
    const {stdout} = project.ddfs(['cat', 'data:a', '--master', agent?.address ?? ''])
    expect(stdout).toBe(project.read('a.log'))
    const {problems} = JSON.parse(project.ddfs(['fsck', '--json']).stdout) as {problems: {kind: string}[]}
    // A copy too many may be on its way out.
    expect(problems.filter(({kind}) => kind !== 'over-replicated')).toEqual([])
  })

  test('a node is removed only when nothing on it is needed any more', () => {
    expect(project.disco(['node', 'remove', 'agent-3'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('agent-3 is not drained: what only it holds would be lost'),
    })
    expect(project.disco(['node', 'drain', 'agent-3', '--no-wait'])).toMatchObject({exitCode: 0})
    expect(project.disco(['node', 'undrain', 'agent-3'])).toMatchObject({
      exitCode: 0,
      stdout: 'agent-3 is in use again\n',
    })
    expect(project.disco(['node', 'drain', 'agent-3'])).toMatchObject({
      exitCode: 0,
      stdout: 'agent-3 is safe to remove: disco node remove agent-3\n',
    })
    expect(project.disco(['node', 'remove', 'agent-3'])).toMatchObject({exitCode: 0, stdout: 'agent-3 is removed\n'})
    expect((project.json(['disco', 'nodes']) as NodeInfo[]).map(node => node.name)).toEqual(['agent-1', 'agent-2'])
    expect(project.ddfs(['cat', 'data:a']).stdout).toBe(project.read('a.log'))
    expect(project.disco(['node', 'drain', 'agent-9'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('there is no node "agent-9"'),
    })
  })
})
