/**
 * Collection, repair, drain and deletion against a model: what a tag names stays readable whatever is killed meanwhile, what is
 * deleted stays deleted, and what nobody names goes in the end.
 */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {type Random, seededRandom} from '../../src/base/index.ts'
import {TestCluster} from './kit/cluster.ts'
import {blobsOf, contentOf, idOf, pushContent, readWhole} from './kit/content.ts'
import {waitFor} from './kit/wait.ts'
import type {Counts} from './scenarios.ts'

const tagCount = 12
const quarantineMs = 4000
/** A deleted tag is restored only well inside the quarantine: else the outcome would be open. */
const restoreMsMax = 1500

export interface CollectionOptions {
  readonly seed: number
  readonly roundCount: number
}

interface Tag {
  /** Name of the entry to the seed of its contents. */
  readonly entries: Map<string, number>
  deletedAtMs: number | undefined
}

const bytesOf = (seed: number): number => 2000 + (seed % 30_000)
const content = (seed: number): Buffer => contentOf(seed, bytesOf(seed))

/** What a client does that must succeed: as long as nodes are away it is told so, and tries again. */
async function untilDone<T>(what: string, work: () => Promise<T>): Promise<T> {
  const result = await waitFor(what, async () => ({value: await work()}), 40_000)
  return result.value
}

export async function collection({seed, roundCount}: CollectionOptions): Promise<Counts> {
  await using cluster = await TestCluster.start({
    agentCount: 4,
    settings: {
      ...{replicas: 2, gcGrace: '2s', gcConfirm: '1s', gcEvery: '1s', quarantine: `${quarantineMs}ms`},
      ...{replaceAfter: '3s', scrubEvery: '20s'},
    },
  })
  const run = new Run(cluster, seededRandom(seed))
  try {
    for (let round = 0; round < roundCount; round++) {
      await run.step(round)
      if (round % 10 === 9) await run.check(12)
    }
    await run.calm()
    await run.check(Number.POSITIVE_INFINITY)
    const blobs = await run.collected()
    await run.check(Number.POSITIVE_INFINITY)
    await cluster.clean()
    const collections = readFileSync(cluster.logOf('master'), 'utf8').split('"collection ended"').length - 1
    return {rounds: roundCount, ...run.counts, collections, blobsLeft: blobs, lost: 0, returned: 0}
  } catch (error) {
    throw new Error(`seed ${seed}: ${run.story.slice(-12).join('; ')}`, {cause: error})
  }
}

class Run {
  readonly counts: Record<string, number> = {}
  readonly story: string[] = []
  readonly #cluster: TestCluster
  readonly #random: Random
  readonly #tags = new Map<string, Tag>()
  /** Contents that were pushed at some time: pushed again while their collection may be under way. */
  readonly #seeds: number[] = []
  #nextSeed = 1
  #draining: string | undefined

  constructor(cluster: TestCluster, random: Random) {
    this.#cluster = cluster
    this.#random = random
    for (let index = 0; index < tagCount; index++) {
      this.#tags.set(`gc:${index}`, {entries: new Map(), deletedAtMs: undefined})
    }
  }

  async step(round: number): Promise<void> {
    const dice = this.#random.next()
    if (round % 40 === 39) await this.#allButOneAway()
    else if (dice < 0.3) await this.#push(this.#newSeed())
    else if (dice < 0.45) await this.#push(this.#seeds.length === 0 ? this.#newSeed() : this.#random.pick(this.#seeds))
    else if (dice < 0.55) await this.#tagAgain()
    else if (dice < 0.7) await this.#untag()
    else if (dice < 0.79) await this.#remove()
    else if (dice < 0.86) await this.#restore()
    else if (dice < 0.95) await this.#kill()
    else await this.#drain()
    await sleep(this.#random.int(400))
  }

  /** Model and cluster are the same; so many blobs are read. */
  async check(readCount: number): Promise<void> {
    const {client} = this.#cluster
    const wanted: [string, number][] = []
    for (const [name, tag] of this.#tags) {
      const found = await untilDone(`${name} can be read`, async () => {
        try {
          return new Map((await blobsOf(client, name)).map(entry => [entry.name, entry.blob]))
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'TAG_NOT_FOUND') return undefined
          throw error
        }
      })
      if (tag.deletedAtMs !== undefined || tag.entries.size === 0) {
        assert.ok(found === undefined || (tag.deletedAtMs === undefined && found.size === 0), `${name} stays deleted`)
        continue
      }
      assert.deepEqual([...(found?.keys() ?? [])].sort(), [...tag.entries.keys()].sort(), `entries of ${name}`)
      for (const [entry, blobSeed] of tag.entries) {
        assert.equal(found?.get(entry), idOf(content(blobSeed)), `${entry} of ${name}`)
        wanted.push([entry, blobSeed])
      }
    }
    const picked =
      wanted.length <= readCount ? wanted : Array.from({length: readCount}, () => this.#random.pick(wanted))
    for (const [entry, blobSeed] of picked) {
      const bytes = await untilDone(`${entry} can be read`, () => readWhole(client, idOf(content(blobSeed))))
      assert.ok(bytes.equals(content(blobSeed)), `${entry} has its bytes`)
    }
    this.#count('blobsRead', picked.length)
  }

  async calm(): Promise<void> {
    if (this.#draining !== undefined) await this.#drain()
    await this.#cluster.allUp()
    await this.#cluster.repaired()
  }

  /** Waits until only what is named is left. @returns how many */
  async collected(): Promise<number> {
    const {client} = this.#cluster
    const named = new Set<number>()
    for (const tag of this.#tags.values())
      if (tag.deletedAtMs === undefined) for (const one of tag.entries.values()) named.add(one)
    await waitFor(
      'what nobody names is gone',
      async () => {
        const {blobCount} = await client.cluster()
        if (blobCount > named.size) {
          const {gc} = await client.maintenance()
          throw new Error(`${blobCount} blobs for ${named.size} names, ${JSON.stringify({...gc, deletions: []})}`)
        }
        return true
      },
      120_000,
    )
    return named.size
  }

  #newSeed(): number {
    const made = this.#nextSeed++
    this.#seeds.push(made)
    return made
  }

  #pickTag(isFit: (tag: Tag) => boolean): [string, Tag] | undefined {
    const fitting = [...this.#tags].filter(([, tag]) => isFit(tag))
    return fitting.length === 0 ? undefined : this.#random.pick(fitting)
  }

  async #push(blobSeed: number): Promise<void> {
    const [name, tag] = this.#pickTag(one => one.deletedAtMs === undefined) ?? []
    if (name === undefined || tag === undefined) return
    const entry = `e${blobSeed}`
    this.#note('push', `push ${entry} to ${name}`)
    await untilDone(`push to ${name}`, () => pushContent(this.#cluster.client, name, entry, content(blobSeed)))
    tag.entries.set(entry, blobSeed)
  }

  /** A blob that another tag names gets a second name, without being sent. */
  async #tagAgain(): Promise<void> {
    const [, from] = this.#pickTag(one => one.deletedAtMs === undefined && one.entries.size > 0) ?? []
    const [name, to] = this.#pickTag(one => one.deletedAtMs === undefined) ?? []
    if (from === undefined || name === undefined || to === undefined) return
    const [entry, blobSeed] = this.#random.pick([...from.entries])
    this.#note('tag', `tag ${entry} in ${name}`)
    const bytes = bytesOf(blobSeed)
    const blob = {type: 'blob', blob: idOf(content(blobSeed)), name: entry, bytes} as const
    const change = {type: 'append', entries: [blob], unique: 'name'} as const
    await untilDone(`tag ${name}`, () => this.#cluster.client.changeTag(name, {change}))
    to.entries.set(entry, blobSeed)
  }

  async #untag(): Promise<void> {
    const [name, tag] = this.#pickTag(one => one.deletedAtMs === undefined && one.entries.size > 0) ?? []
    if (name === undefined || tag === undefined) return
    const [entry, blobSeed] = this.#random.pick([...tag.entries])
    this.#note('untag', `untag ${entry} of ${name}`)
    const blob = {type: 'blob', blob: idOf(content(blobSeed)), name: entry, bytes: bytesOf(blobSeed)} as const
    await untilDone(`untag ${name}`, () =>
      this.#cluster.client.changeTag(name, {change: {type: 'remove', entries: [blob]}}),
    )
    tag.entries.delete(entry)
  }

  async #remove(): Promise<void> {
    const [name, tag] = this.#pickTag(one => one.deletedAtMs === undefined && one.entries.size > 0) ?? []
    if (name === undefined || tag === undefined) return
    this.#note('rm', `rm ${name}`)
    const startMs = performance.now()
    await untilDone(`rm ${name}`, () => this.#cluster.client.changeTag(name, {change: {type: 'delete'}}))
    tag.deletedAtMs = startMs
  }

  async #restore(): Promise<void> {
    const nowMs = performance.now()
    const [name, tag] = this.#pickTag(one => one.deletedAtMs !== undefined) ?? []
    if (name === undefined || tag === undefined) return
    if (nowMs - (tag.deletedAtMs ?? 0) > restoreMsMax) {
      // Made anew: nothing of what it had may come back.
      if (nowMs - (tag.deletedAtMs ?? 0) < quarantineMs) return
      const blobSeed = this.#newSeed()
      this.#note('renew', `push e${blobSeed} to the deleted ${name}`)
      await untilDone(`push to ${name}`, () =>
        pushContent(this.#cluster.client, name, `e${blobSeed}`, content(blobSeed)),
      )
      tag.entries.clear()
      tag.entries.set(`e${blobSeed}`, blobSeed)
      tag.deletedAtMs = undefined
      return
    }
    this.#note('restore', `restore ${name}`)
    await this.#cluster.client.changeTag(name, {change: {type: 'restore'}})
    tag.deletedAtMs = undefined
  }

  async #kill(): Promise<void> {
    const cluster = this.#cluster
    const name = this.#random.next() < 0.25 ? 'master' : this.#random.pick(cluster.agentNames)
    const awayMs = this.#random.int(this.#random.next() < 0.3 ? 4500 : 800)
    this.#note('kill', `kill ${name} for ${awayMs} ms`)
    await cluster.kill(name)
    await sleep(awayMs)
    await (name === 'master' ? cluster.startMaster() : cluster.startAgent(name))
  }

  async #drain(): Promise<void> {
    const {client, agentNames} = this.#cluster
    const name = this.#draining ?? this.#random.pick(agentNames)
    const verb = this.#draining === undefined ? 'drain' : 'undrain'
    this.#note(verb, `${verb} ${name}`)
    await untilDone(`${verb} ${name}`, () => client.changeNode(verb, name))
    this.#draining = verb === 'drain' ? name : undefined
  }

  /** Disco's issue 586: what cannot be seen during a collection is not gone. */
  async #allButOneAway(): Promise<void> {
    const cluster = this.#cluster
    const stays = this.#random.pick(cluster.agentNames)
    const away = cluster.agentNames.filter(name => name !== stays)
    this.#note('allAway', `all but ${stays} away`)
    await Promise.all(away.map(name => cluster.kill(name)))
    await cluster.client.collect({isDryRun: false}).catch(() => undefined)
    await sleep(6000)
    await Promise.all(away.map(name => cluster.startAgent(name)))
    await cluster.allUp()
  }

  #note(kind: string, text: string): void {
    this.#count(kind, 1)
    this.story.push(text)
  }

  #count(kind: string, more: number): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + more
  }
}
