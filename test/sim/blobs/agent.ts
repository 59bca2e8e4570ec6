/** What a node does with an order. */
import {unreachable} from '../../../src/base/index.ts'
import type {FindReferences} from '../../../src/ddfs/blobs/index.ts'
import type {BlobId, BlobReply, BlobRequest, Failed, TagReply} from '../../../src/protocol/index.ts'
import {accountOf, reportOf, type SimStore, storeBlob} from './store.ts'
import {fire, judgeDrop, tell, type World} from './world.ts'

type Reply = (reply: BlobReply | TagReply) => void

export function execute(world: World, store: SimStore, request: BlobRequest | FindReferences, reply: Reply): void {
  if (request.epoch < store.epoch) {
    reply({type: 'failed', code: 'STALE_EPOCH', message: 'newer master', epoch: store.epoch})
    return
  }
  const nowMs = world.timeline.nowMs
  switch (request.type) {
    case 'fetch-blob':
      fetchBlob(world, store, request, reply)
      break
    case 'touch-blobs':
      reply({type: 'touched', blobs: touch(world, store, request)})
      break
    case 'list-idle-blobs': {
      const idle = [...store.blobs.keys()]
        .filter(blob => blob > request.after && idleMsOf(store, blob, nowMs) >= request.idleMs)
        .sort()
      const blobs = idle.slice(0, request.count).map(blob => reportOf(store, blob, nowMs))
      const last = blobs.at(-1)
      reply({type: 'idle-blobs', blobs, ...(idle.length > blobs.length && last ? {after: last.blob} : {})})
      break
    }
    case 'drop-blobs':
      reply(drop(world, store, request))
      break
    case 'scrub':
      reply(scrub(world, store, request))
      break
    case 'find-references': {
      const tags = [...store.tags]
      const used = request.blobs.flatMap(blob => {
        const tag = tags.find(([, blobs]) => blobs.has(blob))
        return tag === undefined ? [] : [{blob, tag: tag[0]}]
      })
      reply({type: 'references', blobs: used})
      break
    }
    default:
      unreachable(request)
  }
}

const idleMsOf = (store: SimStore, blob: BlobId, nowMs: number): number =>
  accountOf(store, nowMs) - store.blobs.get(blob)!.touchedMs

function touch(world: World, store: SimStore, request: Extract<BlobRequest, {type: 'touch-blobs'}>): BlobId[] {
  const here: BlobId[] = []
  for (const blob of request.blobs) {
    if (request.isDeep && store.blobs.get(blob)?.isGood === false && world.mutation !== 'blind-touch') {
      setAside(world, store, blob)
    }
    const stored = store.blobs.get(blob)
    if (stored !== undefined) {
      stored.touchedMs = accountOf(store, world.timeline.nowMs)
      stored.replicaCount = Math.max(stored.replicaCount, request.replicaCount)
    }
    if (stored !== undefined || (request.isDeep && world.mutation === 'blind-touch')) here.push(blob)
  }
  return here
}

function drop(world: World, store: SimStore, request: Extract<BlobRequest, {type: 'drop-blobs'}>): BlobReply {
  const dropped: BlobId[] = []
  let bytes = 0
  for (const blob of request.blobs) {
    const stored = store.blobs.get(blob)
    if (stored === undefined) continue
    const isIdle = idleMsOf(store, blob, world.timeline.nowMs) >= request.idleMs || world.mutation === 'blind-drop'
    if (!isIdle) {
      fire(world, 'drop-refused')
      continue
    }
    judgeDrop(world, store, blob, request.idleMs)
    fire(world, request.idleMs === 0 ? 'surplus-dropped' : 'collected')
    store.blobs.delete(blob)
    dropped.push(blob)
    bytes += stored.bytes
  }
  if (dropped.length > 0) tell(world, store, {type: 'blobs-gone', blobs: dropped, reason: 'dropped'})
  return {type: 'dropped', blobs: dropped, bytes}
}

/** Sets a rotten copy aside. */
export function setAside(world: World, store: SimStore, blob: BlobId): void {
  store.blobs.delete(blob)
  tell(world, store, {type: 'blobs-gone', blobs: [blob], reason: 'corrupt'})
}

function fetchBlob(
  world: World,
  store: SimStore,
  request: Extract<BlobRequest, {type: 'fetch-blob'}>,
  reply: Reply,
): void {
  const {blob, bytes, replicaCount} = request
  const failed = (code: Failed['code']): void => reply({type: 'failed', code, message: `${store.name}: ${code}`})
  const account = store.sinceMs
  world.timeline.after(20 + world.random.int(300), () => {
    if (!store.isRunning || store.sinceMs !== account) return
    for (const name of request.from) {
      const source = world.stores.get(name)
      const copy = source?.isRunning ? source.blobs.get(blob) : undefined
      if (source === undefined || copy === undefined) continue
      if (!copy.isGood) {
        setAside(world, source, blob)
        continue
      }
      if (!storeBlob(store, blob, bytes, replicaCount, world.timeline.nowMs)) {
        fire(world, 'copy-refused')
        return failed('DISK_FULL')
      }
      tell(world, store, {type: 'blobs-stored', blobs: [reportOf(store, blob, world.timeline.nowMs)]})
      fire(world, 'copied')
      return reply({type: 'stored', blob, bytes})
    }
    failed('NOT_FOUND')
  })
}

function scrub(world: World, store: SimStore, request: Extract<BlobRequest, {type: 'scrub'}>): BlobReply {
  const ids = [...store.blobs.keys()].filter(blob => blob > request.after).sort()
  const corrupt: BlobId[] = []
  let bytes = 0
  let count = 0
  for (; count < ids.length && bytes < request.bytes; count++) {
    const blob = ids[count]!
    const stored = store.blobs.get(blob)!
    bytes += stored.bytes
    if (stored.isGood) continue
    corrupt.push(blob)
    setAside(world, store, blob)
  }
  const last = ids[count - 1]
  const after = count < ids.length && last !== undefined ? {after: last} : {}
  return {type: 'scrubbed', blobCount: count, bytes, corrupt, ...after}
}
