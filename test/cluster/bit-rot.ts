/**
 * Files of replicas are changed behind the back of their node: each change is found by reading or by the scrub, no wrong byte is
 * served, and what has a good copy left is repaired.
 */
import assert from 'node:assert/strict'
import {
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import {join} from 'node:path'
import {seededRandom} from '../../src/base/index.ts'
import {TestCluster} from './kit/cluster.ts'
import {contentOf, idOf, pushContent} from './kit/content.ts'
import {waitFor} from './kit/wait.ts'
import type {Counts} from './scenarios.ts'

const kinds = ['bit', 'truncate', 'zero-page', 'swap', 'empty'] as const
const pageBytes = 4096
const agentCount = 3

export interface RotOptions {
  readonly seed: number
  readonly flipCount: number
}

interface Replica {
  readonly node: string
  readonly path: string
}

export async function bitRot({seed, flipCount}: RotOptions): Promise<Counts> {
  const random = seededRandom(seed)
  await using cluster = await TestCluster.start({agentCount, settings: {replicas: agentCount}})
  const {client} = cluster
  const contents = new Map<string, Buffer>()
  const blobCount = Math.max(12, Math.ceil(flipCount / 1.3))
  for (let index = 0; index < blobCount; index++) {
    const content = contentOf(seed * 1000 + index, 5000 + random.int(60_000))
    contents.set(idOf(content), content)
    await pushContent(client, 'rot:all', `r${index}`, content)
  }
  await cluster.repaired()

  // Every good blob keeps one good copy, but every tenth, which loses all.
  const blobs = [...contents.keys()]
  const broken = new Map<string, Replica[]>()
  const counts: Record<string, number> = Object.fromEntries(kinds.map(kind => [kind, 0]))
  let flips = 0
  for (let index = 0; flips < flipCount && index < blobs.length; index++) {
    const blob = blobs[index]!
    const replicas = replicasOf(cluster, blob)
    assert.equal(replicas.length, agentCount)
    const hit = index % 10 === 9 ? agentCount : 1 + random.int(agentCount - 1)
    for (const replica of replicas.slice(0, hit)) {
      const kind = random.pick(kinds)
      if (!spoil(kind, replica.path, replicasOf(cluster, blobs[(index + 1) % blobs.length]!)[0]?.path, random)) continue
      counts[kind]!++
      flips++
      broken.set(blob, [...(broken.get(blob) ?? []), replica])
    }
  }

  // Half of them are met by readers, from the broken copy itself; the others by the scrub.
  let refused = 0
  for (const [index, [blob, replicas]] of [...broken].entries()) {
    if (index % 2 === 1) continue
    for (const {node} of replicas) {
      const served = await readFrom(cluster, node, blob)
      if (served !== undefined) assert.ok(served.equals(contents.get(blob)!), `${node} serves right bytes of ${blob}`)
      else refused++
    }
  }
  await client.scrub()
  const lost = [...broken].filter(([, replicas]) => replicas.length === agentCount).map(([blob]) => blob)
  await waitFor(
    'all is found and repaired',
    async () => {
      const {repair, scrub} = await client.maintenance()
      if (scrub.isRunning || repair.underReplicatedCount > 0 || repair.inFlightCount > 0) return false
      const found = await Promise.all(
        cluster.agentNames.map(async name => (await cluster.node(name))?.status?.corruptCount ?? 0),
      )
      const total = found.reduce((all, one) => all + one, 0)
      if (total < flips) throw new Error(`${total} of ${flips} are counted`)
      return total >= flips
    },
    120_000,
  )
  // Whatever is read is right; what lost all its copies is an error.
  let unreadable = 0
  for (const [blob, content] of contents) {
    for (const {node, path} of replicasOf(cluster, blob)) {
      assert.ok(idOf(readFileSync(path)) === blob, `${node} has a good copy of ${blob}`)
    }
    const copies = replicasOf(cluster, blob).length
    if (lost.includes(blob)) {
      unreadable++
      assert.equal(copies, 0)
      continue
    }
    assert.equal(copies, agentCount, `${blob} has all its copies again`)
    for (const name of cluster.agentNames) assert.ok((await readFrom(cluster, name, blob))?.equals(content))
  }
  const {problems} = await client.check({})
  assert.deepEqual([...new Set(problems.map(problem => problem.kind))], lost.length > 0 ? ['missing-blob'] : [])
  assert.equal(problems.length, lost.length)
  // The file again makes it whole.
  for (const [index, blob] of blobs.entries()) {
    if (lost.includes(blob)) await pushContent(client, 'rot:all', `r${index}`, contents.get(blob)!)
  }
  await cluster.repaired()
  await cluster.clean()
  const databases = await corruptDatabase(cluster)
  return {
    flips,
    ...counts,
    blobs: blobCount,
    refusedReads: refused,
    allCopiesLost: unreadable,
    wrongBytes: 0,
    databases,
  }
}

/** A page of a node's tags is overwritten while it is down: it says so, begins with an empty database, and gets all back. */
async function corruptDatabase(cluster: TestCluster): Promise<number> {
  const tagCount = 40
  for (let index = 0; index < tagCount; index++) {
    await cluster.client.changeTag(`rot:tag${index}`, {
      change: {type: 'append', entries: [{type: 'url', urls: [`http://example.org/${index}`]}], unique: 'none'},
    })
  }
  const name = 'a2'
  await cluster.kill(name, 'SIGTERM')
  const path = join(cluster.folderOf(name), 'tags.sqlite')
  const file = openSync(path, 'r+')
  for (let page = 1; page < statSync(path).size / pageBytes; page++)
    writeSync(file, Buffer.alloc(100, 0xee), 0, 100, page * pageBytes)
  closeSync(file)
  await cluster.startAgent(name)
  await cluster.allUp()
  assert.match(readFileSync(cluster.logOf(name), 'utf8'), /the database of tags was corrupt/)
  await waitFor(
    'its tags are there again',
    () => /all tags are here again/.test(readFileSync(cluster.logOf(name), 'utf8')),
    30_000,
  )
  assert.equal((await cluster.node(name))?.status?.tagCount, tagCount + 1)
  await cluster.kill(name, 'SIGTERM')
  await cluster.startAgent(name)
  await cluster.allUp()
  assert.equal((await cluster.client.readTag('rot:tag7')).entryCount, 1)
  await cluster.clean()
  return 1
}

function replicasOf(cluster: TestCluster, blob: string): Replica[] {
  return cluster.agentNames.flatMap(node => {
    const folder = join(cluster.folderOf(node), 'volume', 'blobs', blob.slice(0, 2))
    try {
      return readdirSync(folder).includes(blob) ? [{node, path: join(folder, blob)}] : []
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  })
}

/** @returns whether the file is another one now */
function spoil(
  kind: (typeof kinds)[number],
  path: string,
  other: string | undefined,
  random: ReturnType<typeof seededRandom>,
): boolean {
  const before = readFileSync(path)
  const at = random.int(before.length)
  switch (kind) {
    case 'bit':
      writeAt(path, Buffer.from([before[at]! ^ (1 << random.int(8))]), at)
      break
    case 'truncate':
      truncateSync(path, at)
      break
    case 'zero-page':
      writeAt(path, Buffer.alloc(Math.min(pageBytes, before.length - at)), at)
      break
    case 'swap': {
      // The other one's contents under this name; the other one stays as it is.
      if (other === undefined) return false
      copyFileSync(other, `${path}.swap`)
      renameSync(`${path}.swap`, path)
      break
    }
    case 'empty':
      truncateSync(path, 0)
      break
  }
  return !readFileSync(path).equals(before)
}

function writeAt(path: string, bytes: Buffer, at: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

/** What one node serves; undefined when it refuses, or breaks off. */
async function readFrom(cluster: TestCluster, name: string, blob: string): Promise<Buffer | undefined> {
  const address = (await cluster.node(name))?.address
  const response = await fetch(`${address}/blobs/${blob}`, {headers: cluster.client.authorization()})
  if (response.status !== 200) return undefined
  try {
    return Buffer.from(await response.arrayBuffer())
  } catch (error) {
    // Broken off in the middle.
    if (error instanceof TypeError) return undefined
    throw error
  }
}
