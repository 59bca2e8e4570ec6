import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {type FetchTagPage, TagService} from '../../../../src/cluster/agent/tag-service.ts'
import type {Commit, StoreRequest, TagEntry, TagReply, TagRequest} from '../../../../src/protocol/index.ts'
import {openTagStore, type SqliteTagStore} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../../storage/folder.ts'

interface Opened {
  readonly service: TagService
  readonly store: SqliteTagStore
  /** How many requests each transaction had. */
  readonly batches: number[]
}

const noPeer: FetchTagPage = async () => {
  throw new Error('there is no peer')
}

async function open(fetchPage: FetchTagPage = noPeer): Promise<Opened> {
  const {store} = await openTagStore(join(temporaryFolder(), 'tags.sqlite'))
  onTestFinished(() => store.close())
  const batches: number[] = []
  const handleAll = store.handleAll.bind(store)
  store.handleAll = (requests: readonly StoreRequest[]): TagReply[] => {
    batches.push(requests.length)
    return handleAll(requests)
  }
  return {service: new TagService(store, fetchPage), store, batches}
}

const url = (text: string): TagEntry => ({type: 'url', urls: [`http://example.org/${text}`]})

const commit = (tag: string, counter: number, count = 1): TagRequest => ({
  type: 'commit',
  epoch: 1,
  commit: {
    tag,
    ...(counter === 1 ? {} : {base: {epoch: 1, counter: counter - 1}}),
    next: {epoch: 1, counter},
    change: {
      type: 'append',
      entries: Array.from({length: count}, (_, index) => url(`${counter}-${index}`)),
      unique: 'none',
    },
    placement: {replicas: ['n1', 'n2'], replicaCount: 2},
    atMs: 1000,
    by: 'write',
  } satisfies Commit,
})

const sync = (tag: string, counter: number, epoch = 1): TagRequest => ({
  type: 'sync',
  epoch,
  tag,
  from: 'n1',
  atLeast: {epoch: 1, counter},
})

describe('requests that arrive together', () => {
  test('share one transaction, in their order', async () => {
    const {service, batches} = await open()
    const replies = await Promise.all([1, 2, 3, 4, 5].map(counter => service.handle(commit('a', counter))))
    expect(replies.map(reply => reply.type)).toEqual(Array(5).fill('applied'))
    expect(batches).toEqual([5])
  })

  test('share several when there are very many', async () => {
    const {service, batches} = await open()
    const replies = await Promise.all(Array.from({length: 600}, (_, index) => service.handle(commit('a', index + 1))))
    expect(replies.every(reply => reply.type === 'applied')).toBe(true)
    expect(batches).toEqual([256, 256, 88])
  })

  test('are answered each for itself', async () => {
    const {service} = await open()
    const [first, second, third] = await Promise.all([
      service.handle(commit('a', 1)),
      service.handle({...commit('b', 1), epoch: 0} as TagRequest),
      service.handle(commit('c', 2)),
    ])
    expect(first?.type).toBe('applied')
    expect(second).toMatchObject({type: 'failed', code: 'STALE_EPOCH', epoch: 1})
    expect(third?.type).toBe('mismatch')
  })
})

test('an order whose link has ended before its turn is not carried out', async () => {
  const {service, store, batches} = await open()
  const link = new AbortController()
  const first = service.handle(commit('a', 1), link.signal)
  link.abort()
  expect(await first).toMatchObject({type: 'failed', code: 'UNREACHABLE'})
  expect(store.tagCount()).toBe(0)
  expect(batches).toEqual([])
})

describe('taking over a tag', () => {
  async function pair() {
    const source = await open()
    const asked: number[] = []
    const target = await open(async (_, request) => {
      asked.push(request.after)
      return source.service.handle(request)
    })
    return {source, target, asked}
  }

  test('copies it page by page from the peer', async () => {
    const {source, target, asked} = await pair()
    for (let counter = 1; counter <= 3; counter++) await source.service.handle(commit('a', counter, 1000))
    const reply = await target.service.handle(sync('a', 3))
    expect(reply).toMatchObject({type: 'synced', head: {version: {epoch: 1, counter: 3}, entryCount: 3000}})
    expect(asked.length).toBeGreaterThan(1)
    expect(target.store.heads('', 10)).toEqual(source.store.heads('', 10))
  })

  test('asks nobody when it has what is wanted', async () => {
    const {target, asked} = await pair()
    await target.service.handle(commit('a', 1))
    expect(await target.service.handle(sync('a', 1))).toMatchObject({type: 'synced'})
    expect(asked).toEqual([])
  })

  test('says so when the peer has less', async () => {
    const {source, target} = await pair()
    await source.service.handle(commit('a', 1))
    expect(await target.service.handle(sync('a', 2))).toMatchObject({type: 'failed', code: 'NOT_FOUND'})
    expect(await target.service.handle(sync('none', 1))).toMatchObject({type: 'failed', code: 'NOT_FOUND'})
  })

  test('says so when the peer cannot be reached', async () => {
    const {service} = await open()
    expect(await service.handle(sync('a', 1))).toMatchObject({type: 'failed', code: 'UNREACHABLE'})
  })

  test('begins again when the tag changes meanwhile', async () => {
    const source = await open()
    for (let counter = 1; counter <= 3; counter++) await source.service.handle(commit('a', counter, 1000))
    let calls = 0
    const target = await open(async (_, request) => {
      if (++calls === 2) await source.service.handle(commit('a', 4))
      return source.service.handle(request)
    })
    expect(await target.service.handle(sync('a', 3))).toMatchObject({
      type: 'synced',
      head: {version: {epoch: 1, counter: 4}, entryCount: 3001},
    })
  })

  test('installs nothing for a master that was followed by another meanwhile, or whose link is gone', async () => {
    const source = await open()
    await source.service.handle(commit('a', 1))
    const link = new AbortController()
    const target = await open(async (_, request) => {
      if (link.signal.aborted) target.store.promise(5)
      else link.abort()
      return source.service.handle(request)
    })
    expect(await target.service.handle(sync('a', 1), link.signal)).toMatchObject({type: 'failed', code: 'UNREACHABLE'})
    expect(await target.service.handle(sync('a', 1))).toMatchObject({type: 'failed', code: 'STALE_EPOCH', epoch: 5})
    expect(target.store.tagCount()).toBe(0)
  })

  test('happens one after another for one tag', async () => {
    const source = await open()
    await source.service.handle(commit('a', 1))
    let running = 0
    let most = 0
    const target = await open(async (_, request) => {
      most = Math.max(most, ++running)
      const reply = await source.service.handle(request)
      running--
      return reply
    })
    const replies = await Promise.all([1, 1, 1, 1].map(counter => target.service.handle(sync('a', counter))))
    expect(replies.map(reply => reply.type)).toEqual(Array(4).fill('synced'))
    expect(most).toBe(1)
  })
})
