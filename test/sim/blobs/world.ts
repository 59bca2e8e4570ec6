/**
 * A cluster of in-memory stores around the real blob core: messages that are late, lost, doubled and out of order, nodes
 * that crash, return, lose files or their whole disk, masters that begin with nothing. All from one seed.
 *
 * The model is `truth` (what tags name) and `wanted`, beside the stores themselves: a copy that is ordered to be dropped
 * is compared with them on the spot.
 */
import {assert, type Random, seededRandom} from '../../../src/base/index.ts'
import {
  type BlobAnswer,
  type BlobClientRequest,
  type BlobEffect,
  type BlobEvent,
  type BlobSettings,
  type BlobState,
  type CoverageAnswer,
  checkBlobs,
  makeBlobState,
  stepBlobs,
} from '../../../src/ddfs/blobs/index.ts'
import type {AgentNotice, BlobId, BlobReply, NodeName, TagName, TagReply} from '../../../src/protocol/index.ts'
import {execute} from './agent.ts'
import {makeStore, reportOf, type SimStore, usedBytesOf} from './store.ts'
import {makeTimeline, type Timeline} from './timeline.ts'

/** Deliberate bugs around the core that the model must notice. */
export type Mutation =
  | 'none'
  /** The tag side says that all tags are covered, whoever answered. */
  | 'blind-coverage'
  /** A node confirms copies without looking: surplus is dropped on the word of the directory. */
  | 'blind-touch'
  /** Nodes drop what collection names even if it was touched since. */
  | 'blind-drop'

export interface Tag {
  readonly name: TagName
  readonly blobs: Set<BlobId>
  readonly replicas: readonly NodeName[]
  /** Replicas that have the latest contents, and since when. */
  readonly current: Map<NodeName, number>
}

export const settings: Partial<BlobSettings> = {
  repairsPerNodeMax: 3,
  repairBytesPerSecond: 20_000,
  startGraceMs: 5000,
  surplusAfterMs: 15_000,
  graceMs: 40_000,
  confirmMs: 10_000,
  gcEveryMs: 12_000,
  gcPageCount: 7,
  gcBlockedMs: 20_000,
  scrubEveryMs: 100_000,
  scrubPageBytes: 8000,
  scrubBytesPerSecond: 100_000,
  callMs: 3000,
}

export type SentRequest = Extract<BlobEffect, {type: 'send'}>['request']

export interface World {
  readonly random: Random
  readonly timeline: Timeline
  readonly mutation: Mutation
  readonly stores: Map<NodeName, SimStore>
  readonly tags: Map<TagName, Tag>
  /** Copies that somebody was promised. */
  readonly wanted: Map<BlobId, number>
  /** When a fault last destroyed a copy of it. */
  readonly harmedMs: Map<BlobId, number>
  readonly fired: Map<string, number>
  readonly draining: Set<NodeName>
  readonly answers: Map<number, (answer: BlobAnswer) => void>
  /** Chance of each message fault; 0 while healing. */
  trouble: number
  /** For scenarios that are written by hand: how much later than others a request comes. */
  lateMs: (request: SentRequest) => number
  state: BlobState
  epoch: number
  /** Of the master's clock, which only leaps forward. */
  leapMs: number
  nextLink: number
  nextRequest: number
  steps: number
  /** The last notice of a node leaves not before. */
  readonly noticeMs: Map<NodeName, number>
  /** What happened lately, for a failure's report. */
  readonly log: string[]
}

export function makeWorld(seed: number, mutation: Mutation): World {
  const random = seededRandom(seed)
  const nodeCount = 3 + random.int(3)
  const world: World = {
    random,
    timeline: makeTimeline(),
    mutation,
    stores: new Map(),
    tags: new Map(),
    wanted: new Map(),
    harmedMs: new Map(),
    fired: new Map(),
    draining: new Set(),
    answers: new Map(),
    trouble: random.pick([0, 0.01, 0.05, 0.15]),
    lateMs: () => 0,
    state: makeBlobState({coverage: () => ({isComplete: false, uncoveredTags: [], missingNodes: []}), seed}),
    epoch: 0,
    leapMs: 0,
    nextLink: 1,
    nextRequest: 1,
    steps: 0,
    noticeMs: new Map(),
    log: [],
  }
  for (let number = 1; number <= nodeCount; number++) {
    world.stores.set(`n${number}`, makeStore(`n${number}`, 60_000 + random.int(60_000)))
  }
  startMaster(world)
  return world
}

export function fire(world: World, kind: string): void {
  world.fired.set(kind, (world.fired.get(kind) ?? 0) + 1)
  note(world, kind)
}

export function note(world: World, text: string): void {
  world.log.push(`${world.timeline.nowMs} ${text}`)
  if (world.log.length > 400) world.log.shift()
}

const isTroubled = (world: World, kind: string): boolean => {
  if (world.trouble === 0 || world.random.next() >= world.trouble) return false
  fire(world, kind)
  return true
}

/** A master on an empty folder. All nodes connect to it anew. */
export function startMaster(world: World): void {
  world.epoch++
  world.answers.clear()
  world.state = makeBlobState({
    coverage: (answered, askedMs) => coverageOf(world, answered, askedMs - world.leapMs),
    seed: world.epoch,
    settings,
  })
  for (const store of world.stores.values()) store.link = 0
  feed(world, {type: 'master-started', epoch: world.epoch, members: [...world.stores.keys()]})
  for (const name of world.draining) feed(world, {type: 'node-draining', node: name})
  for (const store of world.stores.values()) {
    if (store.isRunning) world.timeline.after(world.random.int(2000), () => connect(world, store))
    else declareLostLater(world, store)
  }
}

export function coverageOf(world: World, answered: ReadonlySet<NodeName>, askedMs: number): CoverageAnswer {
  if (world.mutation === 'blind-coverage') return {isComplete: true, uncoveredTags: [], missingNodes: []}
  const isCovered = (tag: Tag): boolean =>
    [...tag.current].some(([name, sinceMs]) => answered.has(name) && sinceMs <= askedMs)
  const uncovered = [...world.tags.values()].filter(tag => !isCovered(tag))
  if (uncovered.length > 0) fire(world, 'tag-uncovered')
  const missingNodes = [...world.stores.keys()].filter(name => !answered.has(name))
  return {isComplete: uncovered.length === 0, uncoveredTags: uncovered.map(tag => tag.name), missingNodes}
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'nowMs'> : never

export function feed(world: World, event: Untimed<BlobEvent>): void {
  const timed = {...event, nowMs: world.timeline.nowMs + world.leapMs} as BlobEvent
  const effects = stepBlobs(world.state, timed)
  if (world.steps++ % 32 === 0) checkBlobs(world.state)
  for (const effect of effects) perform(world, effect)
}

function perform(world: World, effect: BlobEffect): void {
  const {state, timeline} = world
  switch (effect.type) {
    case 'send':
      deliver(world, effect)
      break
    case 'answer': {
      const onAnswer = world.answers.get(effect.id)
      world.answers.delete(effect.id)
      onAnswer?.(effect.answer)
      break
    }
    case 'wake':
      timeline.after(effect.atMs - world.leapMs - timeline.nowMs, () => {
        if (world.state === state) feed(world, {type: 'tick'})
      })
      break
    case 'deposed':
      assert(false, 'the only master is not deposed')
      break
    default:
      break
  }
}

/** A request to a node and its reply: each may be late, lost or doubled, and overtake others. */
function deliver(world: World, effect: Extract<BlobEffect, {type: 'send'}>): void {
  const {state, timeline, random} = world
  const store = world.stores.get(effect.node)!
  const link = store.link
  const isSame = (): boolean => world.state === state && store.link === link && store.isRunning
  if (link === 0) {
    timeline.after(5, () => {
      if (world.state === state) feed(world, {type: 'call-failed', call: effect.call, message: 'not connected'})
    })
    return
  }
  const reply = (answer: BlobReply | TagReply): void => {
    for (let copy = isTroubled(world, 'reply-doubled') ? 2 : 1; copy > 0; copy--) {
      if (isTroubled(world, 'reply-lost')) continue
      timeline.after(delayOf(world), () => {
        if (isSame()) feed(world, {type: 'reply', call: effect.call, reply: answer})
      })
    }
  }
  for (let copy = isTroubled(world, 'request-doubled') ? 2 : 1; copy > 0; copy--) {
    if (isTroubled(world, 'request-lost')) continue
    const wasSentMs = timeline.nowMs
    const allowedMs = effect.deadlineMs - world.leapMs - wasSentMs
    timeline.after(delayOf(world) + random.int(3) + world.lateMs(effect.request), () => {
      if (!isSame() || timeline.nowMs - wasSentMs > allowedMs) return
      execute(world, store, effect.request, reply)
    })
  }
}

const delayOf = (world: World): number =>
  isTroubled(world, 'message-late') ? world.random.int(4000) : 1 + world.random.int(20)

/** Notices keep their order on a connection, and come until it breaks. */
export function tell(world: World, store: SimStore, notice: AgentNotice): void {
  const {state, timeline} = world
  const {link} = store
  if (link === 0) return
  const atMs = Math.max(world.noticeMs.get(store.name) ?? 0, timeline.nowMs + delayOf(world))
  world.noticeMs.set(store.name, atMs)
  for (let copy = isTroubled(world, 'notice-doubled') ? 2 : 1; copy > 0; copy--) {
    timeline.after(atMs - timeline.nowMs, () => {
      if (world.state === state && store.link === link) feed(world, {type: 'notice', node: store.name, link, notice})
    })
  }
}

export function tellStatus(world: World, store: SimStore): void {
  const usedBytes = usedBytesOf(store)
  const freeBytes = Math.max(0, store.capacityBytes - usedBytes)
  const status = {
    freeBytes,
    usedBytes,
    blobCount: store.blobs.size,
    tagCount: 0,
    reserveBytes: 1000,
    isFull: freeBytes < 1000,
    corruptCount: 0,
    transferCount: 0,
  }
  tell(world, store, {type: 'status', status})
}

/** The node joins; its inventory leaves page by page while it works on. */
export function connect(world: World, store: SimStore): void {
  if (!store.isRunning || store.link !== 0) return
  store.link = world.nextLink++
  store.epoch = world.epoch
  const {link} = store
  feed(world, {type: 'node-joined', node: store.name, link, ...(store.isWiped ? {isWiped: true} : {})})
  store.isWiped = false
  tellStatus(world, store)
  tell(world, store, {type: 'inventory-begin', isRebuilding: false})
  sendPage(world, store, link, '')
}

function sendPage(world: World, store: SimStore, link: number, after: BlobId): void {
  if (store.link !== link || !store.isRunning) return
  const ids = [...store.blobs.keys()]
    .filter(blob => blob > after)
    .sort()
    .slice(0, 5)
  const blobs = ids.map(blob => reportOf(store, blob, world.timeline.nowMs))
  if (blobs.length > 0) tell(world, store, {type: 'inventory-blobs', blobs})
  const last = ids.at(-1)
  if (last === undefined) tell(world, store, {type: 'inventory-end'})
  else world.timeline.after(20 + world.random.int(100), () => sendPage(world, store, link, last))
}

/** The connection breaks; the membership declares the node lost unless it is back in time. */
export function disconnect(world: World, store: SimStore): void {
  store.link = 0
  declareLostLater(world, store)
}

function declareLostLater(world: World, store: SimStore): void {
  const {state} = world
  world.timeline.after(3000, () => {
    const isGone = world.state === state && store.link === 0 && world.stores.get(store.name) === store
    if (isGone) feed(world, {type: 'node-lost', node: store.name})
  })
}

export function ask(world: World, request: BlobClientRequest, onAnswer: (answer: BlobAnswer) => void): void {
  const id = world.nextRequest++
  world.answers.set(id, onAnswer)
  feed(world, {type: 'request', id, request})
}

export const isReferenced = (world: World, blob: BlobId): boolean =>
  [...world.tags.values()].some(tag => tag.blobs.has(blob))

/** Good copies on any disk, also of nodes that are down. */
export function goodCopies(world: World, blob: BlobId, except?: SimStore): number {
  let count = 0
  for (const store of world.stores.values()) if (store !== except && store.blobs.get(blob)?.isGood) count++
  return count
}

/** A copy that a fault took may be found out only after the drop has left; orders live no longer than this. */
const harmMs = 15_000

/** Wanted copies as the nodes that can be asked know them: a new master cannot know more. */
export function knownWanted(world: World, blob: BlobId): number {
  let count = 1
  for (const store of world.stores.values()) {
    if (store.link !== 0) count = Math.max(count, store.blobs.get(blob)?.replicaCount ?? 1)
  }
  return count
}

/** The model's word on an ordered drop. */
export function judgeDrop(world: World, store: SimStore, blob: BlobId, idleMs: number): void {
  if (!isReferenced(world, blob)) return
  const at = `${world.timeline.nowMs} ms: ${blob.slice(-4)} on ${store.name}`
  assert(idleMs === 0, `what a tag names is not collected (${at})`)
  const wantedCount = Math.min(world.wanted.get(blob) ?? 1, knownWanted(world, blob))
  const leftCount = goodCopies(world, blob, store)
  // A fault may take a copy between its confirmation and the drop; then the rest must do.
  const isHarmed = world.timeline.nowMs - (world.harmedMs.get(blob) ?? -Infinity) < harmMs
  assert(leftCount >= wantedCount || isHarmed, `${leftCount} copies are left of ${wantedCount} wanted (${at})`)
}
