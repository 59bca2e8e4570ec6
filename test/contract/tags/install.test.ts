import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {MemoryTagStore} from '../../../src/ddfs/memory-tag-store.ts'
import type {TagStore} from '../../../src/ddfs/tag-store.ts'
import type {TagPage, TagReply} from '../../../src/protocol/index.ts'
import {blobEntry, blobIds} from './random-requests.ts'
import {type StoreUnderTest, stores} from './stores.ts'

function append(store: TagStore, counter: number, count: number, epoch = 1): TagReply {
  const base = store.heads('', 1)[0]?.version
  const entries = Array.from({length: count}, (_, index) => blobEntry(index, `${counter}-${index}`))
  const change = {type: 'append', entries, unique: 'none'} as const
  const placement = {replicas: ['n1'], replicaCount: 1}
  const commit = {tag: 't', ...(base && {base}), next: {epoch, counter}, change, placement, atMs: counter, by: 'me'}
  return store.handle({type: 'commit', epoch, commit})
}

function pagesOf(store: TagStore): TagPage[] {
  const pages: TagPage[] = []
  for (let after: number | undefined = 0; after !== undefined; after = pages.at(-1)?.after) {
    const reply = store.handle({type: 'fetch-tag', tag: 't', after})
    if (reply.type !== 'tag-page' || reply.page === undefined) throw new Error('no page')
    pages.push(reply.page)
  }
  return pages
}

describe.each(stores)('taking a tag over into $name', ({open}) => {
  let opened: StoreUnderTest
  let store: TagStore
  let source: MemoryTagStore
  let pages: TagPage[]

  beforeEach(async () => {
    opened = await open()
    store = opened.store
    source = new MemoryTagStore()
    for (let counter = 1; counter <= 3; counter++) append(source, counter, 900)
    pages = pagesOf(source)
  })
  afterEach(() => opened.close())

  test('nothing is to be seen until the last page, then everything', () => {
    append(store, 1, 2)
    const before = pagesOf(store)
    expect(pages.length).toBe(3)
    expect(store.install(pages[0]!, true)).toEqual({type: 'more'})
    expect(store.install(pages[1]!, false)).toEqual({type: 'more'})
    expect(pagesOf(store)).toEqual(before)
    expect(store.install(pages[2]!, false)).toEqual({type: 'installed', head: source.heads('', 1)[0]})
    expect(pagesOf(store)).toEqual(pages)
    const log = {type: 'read-log', epoch: 1, tag: 't', count: 9} as const
    expect(store.handle(log)).toEqual(source.handle(log))
    expect(append(store, 4, 1).type).toBe('applied')
  })

  test('an older tag is refused, an equal one is here already', () => {
    for (let counter = 1; counter <= 4; counter++) append(store, counter, 1)
    const head = store.heads('', 1)[0]
    expect(store.install(pages[0]!, true)).toEqual({type: 'refused', head})
    const own = pagesOf(store)[0]!
    expect(store.install(own, true)).toEqual({type: 'installed', head})
  })

  test('a commit that makes the tag newer meanwhile wins', () => {
    append(store, 1, 1)
    store.install(pages[0]!, true)
    append(store, 2, 1)
    append(store, 3, 1)
    append(store, 4, 1)
    store.install(pages[1]!, false)
    expect(store.install(pages[2]!, false).type).toBe('refused')
    expect(store.heads('', 1)[0]!.entryCount).toBe(4)
  })

  test('pages of another version, and pages without a beginning, begin again', () => {
    expect(store.install(pages[1]!, false)).toEqual({type: 'restart'})
    store.install(pages[0]!, true)
    append(source, 4, 1)
    expect(store.install(pagesOf(source)[1]!, false)).toEqual({type: 'restart'})
    expect(store.install(pages[2]!, false)).toEqual({type: 'restart'})
    expect(store.tagCount()).toBe(0)
  })

  test('pages that are begun again replace those before', () => {
    store.install(pages[0]!, true)
    store.install(pages[1]!, false)
    for (const [index, page] of pages.entries()) store.install(page, index === 0)
    expect(pagesOf(store)).toEqual(pages)
  })

  test('a version that was never committed is overwritten by the claimed one', () => {
    append(store, 1, 1)
    append(store, 2, 1)
    append(store, 3, 1)
    append(store, 4, 5)
    const version = source.heads('', 1)[0]!.version
    const claim = {
      tag: 't',
      base: version,
      next: {epoch: 2, counter: version.counter},
      change: {type: 'claim'},
      placement: {replicas: [], replicaCount: 1},
      atMs: 9,
      by: 'm2',
    } as const
    source.handle({type: 'commit', epoch: 2, commit: claim})
    for (const [index, page] of pagesOf(source).entries()) store.install(page, index === 0)
    expect(pagesOf(store)).toEqual(pagesOf(source))
  })

  test('references are those of the tag as it is now', () => {
    const emptied = {type: 'find-references', epoch: 1, blobs: blobIds} as const
    append(store, 1, 8)
    source.handle({type: 'forget', epoch: 1, tag: 't', upTo: {epoch: 1, counter: 3}})
    append(source, 2, 2)
    for (const [index, page] of pagesOf(source).entries()) store.install(page, index === 0)
    const reply = store.handle(emptied)
    expect(reply.type === 'references' && reply.blobs.map(each => each.blob)).toEqual(blobIds.slice(0, 2))
  })
})
