import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {TagStore} from '../../../src/ddfs/tag-store.ts'
import type {Applied, NumberedEntry, TagChange, TagEntry, TagReply} from '../../../src/protocol/index.ts'
import {blobEntry, blobIds} from './random-requests.ts'
import {type StoreUnderTest, stores} from './stores.ts'

describe.each(stores)('tags in $name', ({open}) => {
  let opened: StoreUnderTest
  let store: TagStore
  let counter = 0

  beforeEach(async () => {
    opened = await open()
    store = opened.store
    counter = 0
  })
  afterEach(() => opened.close())

  const send = (change: TagChange, epoch = 1, more: {ownerToken?: string} = {}): TagReply => {
    const base = store.heads('', 1)[0]?.version
    counter++
    const placement = {replicas: ['n1', 'n2', 'n3'], replicaCount: 3}
    const commit = {
      tag: 't',
      ...(base && {base}),
      next: {epoch, counter},
      change,
      placement,
      atMs: counter,
      by: 'me',
      ...more,
    }
    return store.handle({type: 'commit', epoch, commit})
  }
  const apply = (change: TagChange): Applied => {
    const reply = send(change)
    if (reply.type !== 'applied') throw new Error(JSON.stringify(reply))
    return reply.applied
  }
  const append = (entries: TagEntry[], unique: 'entry' | 'name' | 'none' = 'entry') =>
    apply({type: 'append', entries, unique})
  const entries = (): readonly NumberedEntry[] => {
    const reply = store.handle({type: 'fetch-tag', tag: 't', after: 0})
    return reply.type === 'tag-page' ? (reply.page?.entries ?? []) : []
  }
  const numbers = (): number[] => entries().map(each => each.number)

  test('an append numbers entries from 1 and adds up what they say', () => {
    const {head, addedCount} = append([
      blobEntry(0, 'a', {recordCount: 5, rawBytes: 50, codec: 'gzip'}),
      blobEntry(1),
      {type: 'tag', tag: 'other'},
      {type: 'url', urls: ['http://x/1', 'http://y/1']},
    ])
    expect(addedCount).toBe(4)
    expect(head).toMatchObject({entryCount: 4, bytes: 21, recordCount: 5, rawBytes: 50, nextNumber: 5, replicaCount: 3})
    expect(numbers()).toEqual([1, 2, 3, 4])
    expect(entries()[0]!.entry).toEqual(blobEntry(0, 'a', {recordCount: 5, rawBytes: 50, codec: 'gzip'}))
  })

  test('what is new is decided by blob and name, by name alone, or not at all', () => {
    append([blobEntry(0, 'a')])
    expect(append([blobEntry(0, 'a'), blobEntry(0, 'b'), blobEntry(1, 'a'), blobEntry(1, 'a')]).addedCount).toBe(2)
    expect(append([blobEntry(2, 'a'), blobEntry(2, 'c'), blobEntry(3, 'c')], 'name').addedCount).toBe(1)
    expect(append([blobEntry(0, 'a'), blobEntry(0, 'a')], 'none').addedCount).toBe(2)
  })

  test('links and lists of URLs are new by what they point to, under both rules', () => {
    const others: TagEntry[] = [
      {type: 'tag', tag: 'x'},
      {type: 'url', urls: ['a', 'b']},
    ]
    append(others)
    expect(append([...others, {type: 'url', urls: ['b', 'a']}]).addedCount).toBe(1)
    expect(append([...others, {type: 'tag', tag: 'y'}], 'name').addedCount).toBe(1)
  })

  test('remove takes out a blob under one name or under all', () => {
    append([blobEntry(0, 'a'), blobEntry(0, 'b'), blobEntry(1, 'a'), blobEntry(0, 'a')], 'none')
    expect(apply({type: 'remove', entries: [blobEntry(0, 'a')]})).toMatchObject({
      removedCount: 2,
      head: {entryCount: 2},
    })
    expect(apply({type: 'remove', entries: [blobEntry(0, '')]})).toMatchObject({removedCount: 1, head: {bytes: 11}})
    expect(numbers()).toEqual([3])
  })

  test('numbers are never used again', () => {
    append([blobEntry(0), blobEntry(1)])
    apply({type: 'replace', entries: [blobEntry(2)]})
    expect(numbers()).toEqual([3])
    apply({type: 'delete'})
    append([blobEntry(3)])
    expect(numbers()).toEqual([4])
  })

  test('replace takes equal entries as often as they come', () => {
    append([blobEntry(0)])
    const {addedCount, removedCount, head} = apply({type: 'replace', entries: [blobEntry(1), blobEntry(1)]})
    expect({addedCount, removedCount, bytes: head.bytes}).toEqual({addedCount: 2, removedCount: 1, bytes: 22})
  })

  test('a deleted tag keeps its entries until it is purged, and can be restored until then', () => {
    append([blobEntry(0)])
    expect(apply({type: 'delete'}).head).toMatchObject({deletedAtMs: 2, entryCount: 1})
    expect(apply({type: 'delete'}).head.deletedAtMs).toBe(2)
    expect(store.handle({type: 'find-references', epoch: 1, blobs: blobIds})).toMatchObject({
      blobs: [{blob: blobIds[0], tag: 't'}],
    })
    expect(apply({type: 'restore'}).head).not.toHaveProperty('deletedAtMs')
    expect(entries().length).toBe(1)
    expect(apply({type: 'purge'}).head.entryCount).toBe(1)
    apply({type: 'delete'})
    expect(apply({type: 'purge'})).toMatchObject({removedCount: 1, head: {isPurged: true, entryCount: 0, bytes: 0}})
    expect(apply({type: 'restore'}).head.deletedAtMs).toBeDefined()
    expect(store.handle({type: 'find-references', epoch: 1, blobs: blobIds})).toMatchObject({blobs: []})
  })

  test('a push to a deleted tag begins anew where its tombstone lies', () => {
    append([blobEntry(0)])
    apply({type: 'place', replicas: ['n7', 'n8'], replicaCount: 2})
    apply({type: 'set-attributes', set: {a: '1'}, unset: []})
    apply({type: 'set-tokens', read: 'r', write: 'w'})
    apply({type: 'delete'})
    const {head, addedCount, removedCount} = append([blobEntry(0)])
    expect({addedCount, removedCount}).toEqual({addedCount: 1, removedCount: 1})
    expect(head).toMatchObject({replicas: ['n7', 'n8'], attributes: {}, createdAtMs: counter, entryCount: 1})
    for (const gone of ['deletedAtMs', 'readToken', 'writeToken']) expect(head).not.toHaveProperty(gone)
  })

  test('a tag that is made for an owner has the token from its first version on, and one that is there keeps its own', () => {
    const owned = (ownerToken: string, change: TagChange) => {
      const reply = send(change, 1, {ownerToken})
      return reply.type === 'applied' ? reply.applied.head : reply
    }
    const push: TagChange = {type: 'append', entries: [blobEntry(0)], unique: 'none'}
    expect(owned('mine', push)).toMatchObject({readToken: 'mine', writeToken: 'mine', entryCount: 1})
    expect(owned('theirs', push)).toMatchObject({readToken: 'mine', writeToken: 'mine', entryCount: 2})
    apply({type: 'delete'})
    expect(owned('new', push)).toMatchObject({readToken: 'new', writeToken: 'new', entryCount: 1})
    apply({type: 'delete'})
    expect(owned('new', {type: 'set-tokens', read: 'r'})).toMatchObject({readToken: 'r', writeToken: 'new'})
  })

  test('attributes and tokens are set and taken away', () => {
    apply({type: 'set-attributes', set: JSON.parse('{"__proto__": "p", "a": "1"}'), unset: []})
    const {attributes} = apply({type: 'set-attributes', set: {b: '2'}, unset: ['a', 'none']}).head
    expect(Object.entries(attributes).sort()).toEqual([
      ['__proto__', 'p'],
      ['b', '2'],
    ])
    expect(apply({type: 'set-tokens', read: 'r', write: 'w'}).head).toMatchObject({readToken: 'r', writeToken: 'w'})
    const {head} = apply({type: 'set-tokens', read: null})
    expect(head.writeToken).toBe('w')
    expect(head).not.toHaveProperty('readToken')
  })

  test('placing and claiming change neither contents nor the time of modification', () => {
    append([blobEntry(0)])
    const {head} = apply({type: 'place', replicas: ['n9'], replicaCount: 1})
    expect(head).toMatchObject({replicas: ['n9'], replicaCount: 1, modifiedAtMs: 1, entryCount: 1})
    counter--
    const claimed = send({type: 'claim'}, 5)
    expect(claimed).toMatchObject({applied: {head: {...head, version: {epoch: 5, counter: 2}}}})
  })

  test('the same commit again is answered as the first time and does nothing', () => {
    const commit = {
      tag: 't',
      next: {epoch: 1, counter: 1},
      change: {type: 'append', entries: [blobEntry(0), blobEntry(0)], unique: 'entry'},
      placement: {replicas: ['n1'], replicaCount: 1},
      atMs: 1,
      by: 'me',
    } as const
    const first = store.handle({type: 'commit', epoch: 1, commit})
    expect(store.handle({type: 'commit', epoch: 2, commit})).toEqual(first)
    expect(first).toMatchObject({applied: {addedCount: 1, head: {entryCount: 1}}})
    expect(store.handle({type: 'read-log', epoch: 2, tag: 't', count: 9})).toMatchObject({lines: [{by: 'me'}]})
  })

  test('a commit on another version is a mismatch, with what is here', () => {
    append([blobEntry(0)])
    const [head] = store.heads('', 1)
    const commit = {
      tag: 't',
      base: {epoch: 1, counter: 5},
      next: {epoch: 1, counter: 6},
      change: {type: 'delete'},
      placement: {replicas: [], replicaCount: 1},
      atMs: 1,
      by: '',
    } as const
    expect(store.handle({type: 'commit', epoch: 1, commit})).toEqual({type: 'mismatch', head})
    const {base: _, ...withoutBase} = commit
    expect(store.handle({type: 'commit', epoch: 1, commit: withoutBase})).toEqual({type: 'mismatch', head})
    expect(store.handle({type: 'commit', epoch: 1, commit: {...commit, tag: 'u'}})).toEqual({type: 'mismatch'})
  })

  test('a change that needs a tag, and a version that does not grow, are bad messages', () => {
    expect(send({type: 'restore'})).toMatchObject({type: 'failed', code: 'BAD_MESSAGE'})
    append([blobEntry(0)])
    counter = 0
    expect(send({type: 'delete'})).toMatchObject({type: 'failed', code: 'BAD_MESSAGE'})
  })

  test('masters of lower epochs are refused, and the highest is remembered', () => {
    expect(store.promise(7)).toBeUndefined()
    expect(store.promise(7)).toBeUndefined()
    expect(store.promise(6)).toMatchObject({type: 'failed', code: 'STALE_EPOCH', epoch: 7})
    expect(store.handle({type: 'read-head', epoch: 6, tag: 't'})).toMatchObject({code: 'STALE_EPOCH', epoch: 7})
    expect(store.handle({type: 'read-head', epoch: 9, tag: 't'})).toEqual({type: 'head'})
    expect(store.epoch()).toBe(9)
  })

  test('the history keeps the last thousand lines', () => {
    for (let index = 0; index < 1005; index++) append([])
    const lines = (count: number) => {
      const reply = store.handle({type: 'read-log', epoch: 1, tag: 't', count})
      return reply.type === 'log' ? reply.lines.map(line => line.version.counter) : []
    }
    expect(lines(2)).toEqual([1004, 1005])
    expect(lines(5000).length).toBe(1000)
    expect(lines(5000)[0]).toBe(6)
    expect(lines(0)).toEqual([])
  })

  test('a page ends at its count or at its bytes', () => {
    const urls = ['u'.repeat(20_000)]
    append([...Array.from({length: 10}, () => ({type: 'url', urls}) as const), blobEntry(1)], 'none')
    const reply = store.handle({type: 'fetch-tag', tag: 't', after: 0})
    expect(reply.type === 'tag-page' && reply.page).toMatchObject({after: 4, log: [{change: 'append'}]})
    const at = store.heads('', 1)[0]!.version
    const page = store.handle({type: 'read-entries', epoch: 1, tag: 't', at, after: 8, count: 2})
    expect(page).toMatchObject({entries: [{number: 9}, {number: 10}], hasMore: true})
    expect(store.handle({type: 'fetch-tag', tag: 't', after: 10})).toMatchObject({page: {log: []}})
  })

  test('a tag that is forgotten is gone, unless it is newer than the master knows', () => {
    append([blobEntry(0)])
    append([blobEntry(1)])
    const forget = (count: number) =>
      store.handle({type: 'forget', epoch: 1, tag: 't', upTo: {epoch: 1, counter: count}})
    expect(forget(1).type).toBe('mismatch')
    expect(forget(2)).toEqual({type: 'forgotten'})
    expect(forget(2)).toEqual({type: 'forgotten'})
    expect(store.tagCount()).toBe(0)
    expect(store.handle({type: 'find-references', epoch: 1, blobs: blobIds})).toMatchObject({blobs: []})
  })

  test('heads are listed in order of names, page by page', () => {
    const placement = {replicas: ['n1'], replicaCount: 1}
    const change = {type: 'append', entries: [], unique: 'none'} as const
    for (const tag of ['b', 'a:1', 'Z', 'a-1']) {
      const commit = {tag, next: {epoch: 1, counter: 1}, change, placement, atMs: 1, by: ''}
      store.handle({type: 'commit', epoch: 1, commit})
    }
    expect(store.heads('', 9).map(head => head.tag)).toEqual(['Z', 'a-1', 'a:1', 'b'])
    expect(store.heads('a-1', 1).map(head => head.tag)).toEqual(['a:1'])
  })

  test('small values of the node are kept', () => {
    expect(store.meta('cluster')).toBeUndefined()
    store.setMeta('cluster', 'a')
    store.setMeta('cluster', 'b')
    expect(store.meta('cluster')).toBe('b')
  })
})
