/** Nodes that go, come back, are emptied, wiped, doubled, or away for too long. */
import assert from 'node:assert/strict'
import {cpSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {TestCluster} from './kit/cluster.ts'
import {blobsOf, contentOf, pushContent, readWhole} from './kit/content.ts'
import {Program, runCommand} from './kit/program.ts'
import {waitFor} from './kit/wait.ts'
import type {Counts} from './scenarios.ts'

const blobCount = 24
const blobBytes = 50_000
/** Blobs that are pushed when a node is killed. */
const killedAfter = 4

async function fill(cluster: TestCluster, from: number, onPushed?: (count: number) => void): Promise<void> {
  for (let index = from; index < from + blobCount; index++) {
    await pushContent(cluster.client, `nodes:${index % 4}`, `b${index}`, contentOf(index, blobBytes))
    onPushed?.(index - from + 1)
  }
}

async function checkAll(cluster: TestCluster, count: number): Promise<void> {
  let seen = 0
  for (let tag = 0; tag < 4; tag++) {
    for (const {name, blob} of await blobsOf(cluster.client, `nodes:${tag}`)) {
      assert.ok((await readWhole(cluster.client, blob)).equals(contentOf(Number(name.slice(1)), blobBytes)))
      seen++
    }
  }
  assert.equal(seen, count)
}

/** One is killed: repair begins when it is declared lost, and ends; it comes back, another is drained and removed. */
export async function nodeLostAndDrained(): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 4, settings: {replicas: 2, replaceAfter: '1s'}})
  const {client} = cluster
  await fill(cluster, 0)
  await cluster.repaired()

  await cluster.kill('a1')
  const killedAt = performance.now()
  await waitFor('a1 is lost', async () => (await cluster.node('a1'))?.state === 'lost')
  const lostMs = performance.now() - killedAt
  await cluster.repaired()
  const repairedMs = performance.now() - killedAt - lostMs
  assert.ok(repairedMs < 60_000)
  await checkAll(cluster, blobCount)
  await cluster.startAgent('a1')
  await cluster.allUp()
  await fill(cluster, blobCount)

  await client.changeNode('drain', 'a2')
  await waitFor('a2 is safe to remove', async () => (await cluster.node('a2'))?.isSafeToRemove === true, 60_000)
  await client.changeNode('remove', 'a2')
  const gone = await cluster.program('a2').exited
  assert.equal(gone.code, 1, 'a removed node ends')
  assert.match(cluster.program('a2').log(), /was removed from the cluster/)
  rmSync(cluster.folderOf('a2'), {recursive: true})
  await cluster.repaired()
  await checkAll(cluster, 2 * blobCount)
  await cluster.clean()
  const fsck = runCommand(['ddfs', 'fsck', '--json'], cluster.environment)
  assert.equal(fsck.status, 0, fsck.stderr + fsck.stdout)
  assert.equal((await client.nodes()).nodes.length, 3)
  return {blobs: 2 * blobCount, lostMs: Math.round(lostMs), repairMs: Math.round(repairedMs)}
}

/** A folder that was emptied, a second folder of one name, and a folder from before the tombstones. */
export async function strangeFolders(): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 2}})
  const {client} = cluster
  await fill(cluster, 0)
  await cluster.repaired()
  const log = (name: string): string => join(cluster.folder, 'log', `${name}.log`)

  // A second folder of the same name: while the first one runs, and while it is away.
  const twin = new Program({
    args: cluster.agentArgs('a1', {folder: join(cluster.folder, 'twin'), port: 0}),
    logFile: log('twin'),
  })
  assert.equal((await twin.exited).code, 1)
  assert.match(twin.log(), /another folder is already running as node a1/)

  // Wiped: refused until a person insists, then it gets everything again.
  await cluster.kill('a1')
  renameSync(cluster.folderOf('a1'), join(cluster.folder, 'a1-old'))
  await waitFor('a1 is away', async () => (await cluster.node('a1'))?.state !== 'up')
  await assert.rejects(cluster.startAgent('a1'), /is known with another folder and is away/)
  rmSync(cluster.folderOf('a1'), {recursive: true, force: true})
  await cluster.startAgent('a1', {isForced: true})
  await cluster.allUp()
  await cluster.repaired()
  await checkAll(cluster, blobCount)
  await waitFor('a1 has tags again', async () => ((await cluster.node('a1'))?.status?.tagCount ?? 0) > 0)
  await cluster.clean()

  // The same folder twice at once.
  const second = new Program({args: cluster.agentArgs('a2', {port: 0}), logFile: log('second')})
  assert.equal((await second.exited).code, 1)
  assert.match(
    second.log(),
    new RegExp(`${cluster.program('a2').child.pid}`),
    'it names the process that has the folder',
  )

  // A copy of a folder, from before what was deleted meanwhile was forgotten.
  await client.setSetting('tombstone', '1s')
  await cluster.kill('a3')
  cpSync(cluster.folderOf('a3'), join(cluster.folder, 'a3-copy'), {recursive: true})
  await sleep(1200)
  await assert.rejects(cluster.startAgent('a3'), /longer than deletions are remembered/)
  await cluster.startAgent('a3', {isForced: true})
  await cluster.allUp()
  await checkAll(cluster, blobCount)
  return {blobs: blobCount, refusals: 4}
}

/** Pushes go on while one of three agents is killed: everything reads back. */
export async function pushWhileKilled(): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 3}})
  const begun = Promise.withResolvers<void>()
  const pushing = fill(cluster, 0, count => {
    if (count === killedAfter) begun.resolve()
  })
  await Promise.race([begun.promise, pushing])
  await cluster.kill('a2')
  await pushing
  await checkAll(cluster, blobCount)
  await cluster.startAgent('a2')
  await cluster.allUp()
  await cluster.repaired()
  await cluster.clean()
  return {blobs: blobCount, kills: 1}
}
