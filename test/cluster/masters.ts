/** The master is killed and comes back on its folder, on an empty one, and as two at once. */
import assert from 'node:assert/strict'
import {cpSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {ClusterClient} from '../../src/client/index.ts'
import {TestCluster} from './kit/cluster.ts'
import {blobsOf, contentOf, pushContent, readWhole} from './kit/content.ts'
import {Program} from './kit/program.ts'
import {freePort, waitFor} from './kit/wait.ts'
import type {Counts} from './scenarios.ts'

const tagCount = 5
const blobsPerTag = 4

async function fill(cluster: TestCluster, prefix: string): Promise<Map<string, Buffer>> {
  const pushed = new Map<string, Buffer>()
  for (let tag = 0; tag < tagCount; tag++) {
    for (let index = 0; index < blobsPerTag; index++) {
      const name = `${prefix}${tag}-${index}`
      const content = contentOf(tag * 100 + index + prefix.length * 10_000, 20_000)
      await pushContent(cluster.client, `masters:${tag}`, name, content)
      pushed.set(`${tag} ${name}`, content)
    }
  }
  return pushed
}

async function checkAll(cluster: TestCluster, pushed: ReadonlyMap<string, Buffer>): Promise<void> {
  const seen = new Set<string>()
  for (let tag = 0; tag < tagCount; tag++) {
    for (const {name, blob} of await blobsOf(cluster.client, `masters:${tag}`)) {
      const content = pushed.get(`${tag} ${name}`)
      assert.ok(content !== undefined && !seen.has(`${tag} ${name}`), `masters:${tag} has ${name} once`)
      assert.ok((await readWhole(cluster.client, blob)).equals(content), `${name} reads back`)
      seen.add(`${tag} ${name}`)
    }
  }
  assert.equal(seen.size, pushed.size)
}

/** On its folder, then on an empty one: tags, blobs, settings and drains come back, and writes go on. */
export async function masterRestarts(): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 2, quarantine: '11d'}})
  const {client} = cluster
  const pushed = await fill(cluster, 'a')
  await client.changeTag('masters:attributes', {change: {type: 'set-attributes', set: {owner: 'me'}, unset: []}})
  await client.changeNode('drain', 'a3')
  const {clusterId, epoch} = await client.cluster()

  await cluster.kill('master')
  await cluster.startMaster()
  await cluster.allUp()
  await checkAll(cluster, pushed)
  for (const [key, content] of await fill(cluster, 'bb')) pushed.set(key, content)

  await cluster.kill('master')
  rmSync(join(cluster.home, 'master'), {recursive: true})
  await cluster.startMaster()
  await cluster.allUp()
  await checkAll(cluster, pushed)
  for (const [key, content] of await fill(cluster, 'ccc')) pushed.set(key, content)
  await checkAll(cluster, pushed)

  const after = await client.cluster()
  assert.equal(after.clusterId, clusterId, 'it is the same cluster')
  assert.ok(after.epoch > epoch + 1, 'each life has a higher epoch')
  assert.equal((await client.settings())['quarantine'], '11d')
  assert.equal((await cluster.node('a3'))?.state, 'draining')
  assert.equal((await client.readTag('masters:attributes')).attributes['owner'], 'me')
  await waitFor('a3 is empty', async () => (await cluster.node('a3'))?.isSafeToRemove === true)
  await client.changeNode('undrain', 'a3')
  await cluster.repaired()
  await cluster.clean()
  return {restarts: 2, blobs: pushed.size, epochs: after.epoch}
}

/**
 * The first master is stopped with SIGSTOP, a second one takes its place on a copy of its folder, and the agents are started
 * again with its address. Then the first one goes on: as soon as a node dials it, it finds out and ends.
 */
export async function twoMasters(): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 3}})
  const {client} = cluster
  const pushed = await fill(cluster, 'a')
  const first = cluster.program('master')
  const home = join(cluster.folder, 'home-2')
  first.child.kill('SIGSTOP')
  cpSync(cluster.home, home, {
    recursive: true,
    filter: path => !path.includes('lock.sqlite') && !path.includes('nodes'),
  })

  const port = await freePort()
  const second = new Program({
    args: ['disco', 'master', '--home', home, '--port', String(port)],
    logFile: cluster.logOf('second'),
  })
  try {
    const {url} = await second.ready()
    // Their links to the first one are silent: they go to the second one when they are told where it is.
    for (const name of cluster.agentNames) {
      await cluster.kill(name)
      await cluster.startAgent(name, {join: url})
    }
    const other = new ClusterClient({url, token: client.address.token, ca: undefined})
    try {
      await waitFor('all are with the second master', async () => (await other.cluster()).upCount === 3)
      const late = contentOf(77, 30_000)
      await pushContent(other, 'masters:0', 'late', late)
      pushed.set('0 late', late)

      first.child.kill('SIGCONT')
      // It has no links left; whoever still asks it must not be told what is no longer so.
      const stale = client.readTag('masters:0').then(
        info => info.entryCount,
        () => undefined,
      )
      assert.notEqual(await stale, blobsPerTag, 'the old master tells nothing that is out of date')
      await cluster.kill('a1')
      // It cannot join there, so nobody waits for it.
      cluster.startAgent('a1', {join: cluster.url}).catch(() => undefined)
      const {code} = await Promise.race([
        first.exited,
        new Promise<never>((_, reject) =>
          setTimeout(() => reject(new Error('the old master goes on')), 20_000).unref(),
        ),
      ])
      assert.equal(code, 3, `the old master ends with 3:\n${first.log()}`)
      assert.match(first.log(), /a newer master \(epoch \d+\) has taken over/)
      await cluster.kill('a1')
      await cluster.startAgent('a1', {join: url})
      await waitFor('a1 is back', async () => (await other.cluster()).upCount === 3)
      for (const [key, content] of pushed) {
        const [tag, name] = key.split(' ')
        const entry = (await blobsOf(other, `masters:${tag}`)).find(one => one.name === name)
        assert.ok(entry !== undefined, `${key} is there`)
        assert.ok((await readWhole(other, entry.blob)).equals(content))
      }
      return {blobs: pushed.size, exitStatus: code}
    } finally {
      other.close()
    }
  } finally {
    await second.end('SIGTERM')
  }
}
