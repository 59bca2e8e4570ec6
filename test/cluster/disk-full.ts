/** One node on a small disk fills up in the middle of pushes: it is named, the others go on, and room is all it needs. */
import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {closeSync, mkdirSync, openSync, rmSync, statfsSync, writeFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {TestCluster} from './kit/cluster.ts'
import {blobsOf, contentOf, pushContent, readWhole} from './kit/content.ts'
import {waitFor} from './kit/wait.ts'
import type {Counts} from './scenarios.ts'

const diskBytes = 64 << 20
const blobBytes = 4 << 20

/** @returns why not, when this machine does not let us mount */
function mountSmall(path: string): string | undefined {
  mkdirSync(path, {recursive: true})
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', path], {stdio: 'pipe'})
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.trim() : 'mount failed'
  }
}

export async function diskFull(): Promise<Counts> {
  await using cluster = await TestCluster.start({agentCount: 3, settings: {replicas: 3}, reserve: '1MiB'})
  const {client} = cluster
  const disk = join(cluster.folder, 'small')
  const why = mountSmall(disk)
  if (why !== undefined) return {skipped: why}
  try {
    await cluster.kill('a3', 'SIGTERM')
    rmSync(cluster.folderOf('a3'), {recursive: true})
    await waitFor('a3 is away', async () => (await cluster.node('a3'))?.state !== 'up')
    cluster.folders.set('a3', join(disk, 'a3'))
    await cluster.startAgent('a3', {isForced: true})
    await cluster.allUp()

    // It fills while a blob is on its way: nobody could know before.
    const {free} = freeBytesOf(disk)
    const filler = join(disk, 'filler')
    writeFileSync(filler, Buffer.alloc(free - 5 * blobBytes))
    const warnings: string[] = []
    const pushed = new Map<string, Buffer>()
    for (let index = 0; index < 8; index++) {
      const content = contentOf(index, blobBytes)
      await pushContent(client, 'full:a', `f${index}`, content, {onWarning: text => warnings.push(text)})
      pushed.set(`f${index}`, content)
    }
    const words = warnings.join('\n')
    assert.match(words, /a3/, `the node is named: ${words}`)
    fillUp(join(disk, 'filler-2'))
    await waitFor('a3 says that it is full', async () => (await cluster.node('a3'))?.status?.isFull === true)
    // Others go on: also with what a3 would have to hold of tags.
    for (let index = 0; index < 10; index++) {
      const content = contentOf(2000 + index, 10_000)
      await pushContent(client, `full:more${index}`, 'x', content)
    }

    rmSync(filler)
    rmSync(join(disk, 'filler-2'))
    await waitFor('a3 takes data again', async () => (await cluster.node('a3'))?.status?.isFull === false)
    // What had no place to go is looked at again once a minute.
    await cluster.repaired(100_000)
    for (const {name, blob} of await blobsOf(client, 'full:a')) {
      assert.ok((await readWhole(client, blob)).equals(pushed.get(name)!))
    }
    await cluster.clean()
    return {pushes: pushed.size + 10, warnings: warnings.length}
  } finally {
    await cluster.kill('a3', 'SIGTERM')
    execFileSync('umount', [disk])
  }
}

/** To the last byte: the databases have no room either. */
function fillUp(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}

function freeBytesOf(path: string): {readonly free: number} {
  const {bavail, bsize} = statfsSync(path)
  return {free: bavail * bsize}
}
