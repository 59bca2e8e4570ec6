/** What people, failures and time do to the world; and what must be true when all is well again. */
import {assert} from '../../../src/base/index.ts'
import {checkBlobs, isRepaired, listMissing} from '../../../src/ddfs/blobs/index.ts'
import type {BlobId, NodeName} from '../../../src/protocol/index.ts'
import {accountOf, reportOf, type SimStore, storeBlob} from './store.ts'
import {
  ask,
  connect,
  disconnect,
  feed,
  fire,
  goodCopies,
  isReferenced,
  knownWanted,
  type Mutation,
  makeWorld,
  note,
  startMaster,
  type Tag,
  tell,
  tellStatus,
  type World,
} from './world.ts'

const troubledMs = 200_000
/** Scrub, repair, surplus, two rounds of collection: each bounded by its settings. */
const healMs = 420_000

/** @returns the number of times that each kind of fault happened; throws when the model is broken */
export function runSeed(seed: number, mutation: Mutation = 'none'): ReadonlyMap<string, number> {
  const world = makeWorld(seed, mutation)
  try {
    every(world, 1500, () =>
      [...world.stores.values()].forEach(store => {
        tellStatus(world, store)
      }),
    )
    every(world, 1200, () => people(world))
    every(world, 2500, () => failures(world))
    world.timeline.runUntil(troubledMs)
    heal(world)
    checkHealed(world)
    drainOne(world)
    return world.fired
  } catch (error) {
    const tail = world.log.slice(-25).join('\n')
    throw new Error(`seed ${seed} at ${world.timeline.nowMs} ms\n${tail}`, {cause: error})
  }
}

/** While there is trouble. */
function every(world: World, ms: number, act: () => void): void {
  world.timeline.after(Math.ceil(ms * (0.5 + world.random.next())), () => {
    if (world.timeline.nowMs >= troubledMs && ms !== 1500) return
    act()
    every(world, ms, act)
  })
}

export const blobNamed = (number: number): BlobId => {
  const scattered = (Math.imul(number, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  return scattered + number.toString(16).padStart(56, '0')
}
export const bytesOf = (blob: BlobId): number => 50 + (Number.parseInt(blob.slice(0, 6), 16) % 900)

function people(world: World): void {
  const {random} = world
  const blob = blobNamed(1 + random.int(60))
  const kind = random.int(100)
  if (kind < 45) push(world, blob)
  else if (kind < 60) nameOnly(world, blob)
  else if (kind < 80) untag(world, blob)
  else if (kind < 86) deleteTag(world)
  else if (kind < 92) ask(world, {type: 'gc-start', isDryRun: random.int(3) === 0}, () => undefined)
  else if (kind < 94) ask(world, {type: 'gc-abort'}, () => undefined)
  else if (kind < 97) ask(world, {type: 'balance-start'}, () => undefined)
  else ask(world, {type: 'scrub-start'}, () => undefined)
}

/** Place, upload to each, name, commit. */
function push(world: World, blob: BlobId): void {
  const replicaCount = 1 + world.random.int(3)
  const bytes = bytesOf(blob)
  ask(world, {type: 'place', target: blob, bytes, replicaCount, exclude: []}, answer => {
    if (answer.type !== 'placed') return
    const nodes = answer.nodes.map(placed => placed.node)
    for (const name of nodes)
      world.timeline.after(20 + world.random.int(500), () => upload(world, name, blob, replicaCount))
    world.timeline.after(600, () => nameAndCommit(world, blob, replicaCount, nodes))
  })
}

export function upload(world: World, name: NodeName, blob: BlobId, replicaCount: number): void {
  const store = world.stores.get(name)
  if (!store?.isRunning) return
  if (!storeBlob(store, blob, bytesOf(blob), replicaCount, world.timeline.nowMs)) {
    fire(world, 'upload-refused')
    tell(world, store, {type: 'uploads-ended', targets: [blob]})
    return
  }
  tell(world, store, {type: 'blobs-stored', blobs: [reportOf(store, blob, world.timeline.nowMs)]})
  tell(world, store, {type: 'uploads-ended', targets: [blob]})
}

function nameAndCommit(world: World, blob: BlobId, replicaCount: number, nodes: readonly NodeName[]): void {
  const {state} = world
  const named = {blob, bytes: bytesOf(blob), nodes}
  ask(world, {type: 'name', blobs: [named], replicaCount, replicaCountMin: 1}, answer => {
    if (answer.type !== 'named') return
    world.timeline.after(world.random.int(1500), () => {
      if (world.state === state) commit(world, blob, replicaCount)
    })
  })
}

/** A blob that is there already, or was: a copy of a tag, an undone removal. */
const nameOnly = (world: World, blob: BlobId): void => nameAndCommit(world, blob, 1 + world.random.int(3), [])

/** A majority of the tag's replicas takes the change; the others follow later. */
export function commit(world: World, blob: BlobId, replicaCount: number): void {
  const tag = changeTag(world, world.random.pick(['a', 'b', 'c', 'd']), found => found.blobs.add(blob))
  if (tag === undefined) return
  note(world, `commit ${blob.slice(-4)} to ${tag.name} x${replicaCount}`)
  world.wanted.set(blob, Math.max(replicaCount, world.wanted.get(blob) ?? 0))
  assert(goodCopies(world, blob) > 0 || world.harmedMs.has(blob), `${blob} is there when it is named`)
}

/** @returns undefined when no majority is connected */
function changeTag(world: World, name: string, change: (tag: Tag) => void): Tag | undefined {
  const names = [...world.stores.keys()]
  const start = name.charCodeAt(0) % names.length
  const replicas = [0, 1, 2].map(offset => names[(start + offset) % names.length]!)
  const tag = world.tags.get(name) ?? {name, blobs: new Set<BlobId>(), replicas, current: new Map<NodeName, number>()}
  const majority = tag.replicas.filter(replica => world.stores.get(replica)!.link !== 0)
  if (majority.length < 2) return undefined
  if (majority.length > 2 && world.random.int(3) === 0) majority.splice(world.random.int(3), 1)
  world.tags.set(name, tag)
  change(tag)
  for (const replica of tag.replicas) {
    if (majority.includes(replica)) catchUp(world, tag, replica)
    else {
      tag.current.delete(replica)
      fire(world, 'tag-replica-behind')
      world.timeline.after(1000 + world.random.int(20_000), () => follow(world, tag, replica))
    }
  }
  return tag
}

function follow(world: World, tag: Tag, replica: NodeName): void {
  if (tag.current.has(replica) || world.tags.get(tag.name) !== tag) return
  // Copies of tags are not what is tried here: one that lost all of them gets its contents back.
  const canFollow = tag.current.size === 0 || [...tag.current.keys()].some(name => world.stores.get(name)?.isRunning)
  if (canFollow && world.stores.get(replica)?.isRunning) catchUp(world, tag, replica)
  else world.timeline.after(2000, () => follow(world, tag, replica))
}

function catchUp(world: World, tag: Tag, replica: NodeName): void {
  if (!tag.current.has(replica)) tag.current.set(replica, world.timeline.nowMs)
  world.stores.get(replica)!.tags.set(tag.name, new Set(tag.blobs))
}

export function untag(world: World, blob: BlobId): void {
  const tag = [...world.tags.values()].find(one => one.blobs.has(blob))
  if (tag === undefined) return
  changeTag(world, tag.name, found => found.blobs.delete(blob))
  forgetWanted(world, [blob])
}

function deleteTag(world: World): void {
  const tag = world.tags.get(world.random.pick(['a', 'b', 'c', 'd']))
  if (tag === undefined) return
  const blobs = [...tag.blobs]
  changeTag(world, tag.name, found => found.blobs.clear())
  forgetWanted(world, blobs)
}

/** What nobody names may vanish, and be pushed again later for fewer copies. */
function forgetWanted(world: World, blobs: readonly BlobId[]): void {
  for (const blob of blobs) if (!isReferenced(world, blob)) world.wanted.delete(blob)
}

function failures(world: World): void {
  const {random} = world
  const store = random.pick([...world.stores.values()])
  const blob = random.pick([...store.blobs.keys(), undefined])
  const isRare = random.int(4) === 0
  const kind = random.int(13)
  if (kind === 0) crash(world, store, 25_000)
  else if (kind === 1) blip(world, store)
  else if (kind === 2 && isRare) wipe(world, store)
  else if (kind === 3) fillDisk(world, store)
  else if (kind === 4) rot(world, store, blob)
  else if (kind === 5) loseFile(world, store, blob)
  else if (kind === 6) turnClock(world, store)
  else if (kind === 7 && isRare) leap(world)
  else if (kind === 8 && isRare) restartMaster(world)
  else if (kind === 9) drain(world, store)
  else if (kind === 10 && isRare) hideTag(world)
}

function turnClock(world: World, store: SimStore): void {
  fire(world, 'clock-of-node')
  store.skewMs += (world.random.int(2) * 2 - 1) * world.random.int(10 * 365 * 86_400_000)
}

function restartMaster(world: World): void {
  fire(world, 'master-restarted')
  startMaster(world)
}

/** All replicas of a tag go away together, for longer than it takes to confirm a suspect. */
function hideTag(world: World): void {
  const tag = [...world.tags.values()].find(one => one.blobs.size > 0)
  if (tag === undefined) return
  fire(world, 'tag-hidden')
  for (const name of tag.current.keys()) crash(world, world.stores.get(name)!, 70_000)
}

/** Its own account of idle time stands still while it is down. */
function crash(world: World, store: SimStore, longestMs: number): void {
  if (!store.isRunning) return
  fire(world, 'node-crashed')
  store.ranMs = accountOf(store, world.timeline.nowMs)
  store.isRunning = false
  disconnect(world, store)
  world.timeline.after(500 + longestMs / 2 + world.random.int(longestMs / 2), () => restart(world, store))
}

function restart(world: World, store: SimStore): void {
  if (store.isRunning) return
  fire(world, 'node-returned')
  store.isRunning = true
  store.sinceMs = world.timeline.nowMs
  connect(world, store)
}

function blip(world: World, store: SimStore): void {
  if (store.link === 0) return
  fire(world, 'connection-broken')
  disconnect(world, store)
  world.timeline.after(world.random.int(6000), () => connect(world, store))
}

/** The disk is replaced: nothing is left, and its tags are brought back from other replicas. */
function wipe(world: World, store: SimStore): void {
  if (!store.isRunning) return
  fire(world, 'node-wiped')
  for (const blob of store.blobs.keys()) world.harmedMs.set(blob, world.timeline.nowMs)
  store.blobs.clear()
  store.tags.clear()
  store.isWiped = true
  for (const tag of world.tags.values()) {
    if (!tag.current.delete(store.name) && !tag.replicas.includes(store.name)) continue
    world.timeline.after(2000, () => follow(world, tag, store.name))
  }
  crash(world, store, 25_000)
}

function fillDisk(world: World, store: SimStore): void {
  fire(world, 'disk-filled')
  const {capacityBytes} = store
  if (capacityBytes < 10_000) return
  store.capacityBytes = 2000
  world.timeline.after(10_000 + world.random.int(20_000), () => {
    store.capacityBytes = capacityBytes
  })
}

function rot(world: World, store: SimStore, blob: BlobId | undefined): void {
  if (blob === undefined || !store.blobs.get(blob)!.isGood) return
  fire(world, 'copy-rotted')
  world.harmedMs.set(blob, world.timeline.nowMs)
  store.blobs.get(blob)!.isGood = false
}

/** The node finds out by and by. */
function loseFile(world: World, store: SimStore, blob: BlobId | undefined): void {
  if (blob === undefined) return
  fire(world, 'file-lost')
  world.harmedMs.set(blob, world.timeline.nowMs)
  store.blobs.delete(blob)
  world.timeline.after(world.random.int(60_000), () => {
    if (!store.blobs.has(blob)) tell(world, store, {type: 'blobs-gone', blobs: [blob], reason: 'missing'})
  })
}

/** The master's machine slept: its clock is far ahead at once. */
function leap(world: World): void {
  fire(world, 'clock-of-master')
  world.leapMs += world.random.int(100_000)
  feed(world, {type: 'tick'})
}

function drain(world: World, store: SimStore): void {
  fire(world, 'node-drained')
  if (world.draining.has(store.name)) return
  world.draining.add(store.name)
  feed(world, {type: 'node-draining', node: store.name})
  world.timeline.after(10_000 + world.random.int(40_000), () => undrain(world, store.name))
}

function undrain(world: World, node: NodeName): void {
  if (world.draining.delete(node)) feed(world, {type: 'node-undraining', node})
}

/** Every fault ends; then everything that repairs has its time. */
function heal(world: World): void {
  world.trouble = 0
  world.timeline.runUntil(troubledMs + 60_000)
  for (const store of world.stores.values()) {
    store.capacityBytes = 200_000
    restart(world, store)
    connect(world, store)
    undrain(world, store.name)
  }
  for (const tag of world.tags.values()) for (const replica of tag.replicas) follow(world, tag, replica)
  note(world, 'healed')
  ask(world, {type: 'scrub-start'}, () => undefined)
  world.timeline.runUntil(troubledMs + 60_000 + healMs)
  checkBlobs(world.state)
}

const nameOf = (blob: BlobId): string => blob.slice(-4)

function checkHealed(world: World): void {
  const {state, stores} = world
  assert(isRepaired(state), 'nothing is left to be repaired')
  const missing = new Set(listMissing(state, 0, Infinity).blobs)
  const everything = new Set([...stores.values()].flatMap(store => [...store.blobs.keys()]))
  for (const tag of world.tags.values()) for (const blob of tag.blobs) everything.add(blob)
  for (const blob of everything) {
    const count = goodCopies(world, blob)
    if (!isReferenced(world, blob)) {
      assert(count === 0, `${nameOf(blob)}, which nobody names, is collected (${count} copies)`)
      continue
    }
    if (count === 0) {
      assert(world.harmedMs.has(blob), `${nameOf(blob)} is lost only by faults`)
      // A master that began after the last copy went cannot know of it; fsck compares with the tags.
      fire(world, missing.has(blob) ? 'lost-and-listed' : 'lost-and-unknown')
      continue
    }
    const promised = world.wanted.get(blob) ?? 1
    const wantedCount = Math.min(stores.size, promised, knownWanted(world, blob))
    // The number is kept by the holders: the only one that had heard it may be gone.
    if (knownWanted(world, blob) < promised) {
      assert(world.harmedMs.has(blob), `${nameOf(blob)} keeps its ${promised} wanted copies but for faults`)
      fire(world, 'wanted-forgotten')
    }
    assert(count >= wantedCount, `${nameOf(blob)} has ${count} of ${wantedCount} copies`)
    const known = Math.max(...[...stores.values()].map(store => store.blobs.get(blob)?.replicaCount ?? 0), wantedCount)
    assert(count <= known, `${nameOf(blob)} has ${count} copies, ${known} are wanted`)
    assert(!missing.has(blob), `${nameOf(blob)} is not missing`)
  }
}

/** A drain ends safe, and then the node can be taken away. */
function drainOne(world: World): void {
  const store = world.random.pick([...world.stores.values()])
  const before = [...world.wanted].map(([blob, promised]) => ({
    blob,
    wantedCount: Math.min(promised, knownWanted(world, blob), goodCopies(world, blob), world.stores.size - 1),
  }))
  feed(world, {type: 'node-draining', node: store.name})
  world.timeline.runUntil(world.timeline.nowMs + 90_000)
  ask(world, {type: 'status'}, answer => {
    const drain = answer.type === 'status' ? answer.status.drains[0] : undefined
    assert(drain?.isSafe, `the drain of ${store.name} ends: ${drain?.reason}`)
  })
  world.stores.delete(store.name)
  feed(world, {type: 'node-removed', node: store.name})
  for (const {blob, wantedCount} of before) {
    const isKept = !isReferenced(world, blob) || goodCopies(world, blob) >= wantedCount
    assert(isKept, `${nameOf(blob)} keeps its copies when ${store.name} goes`)
  }
  checkBlobs(world.state)
}
