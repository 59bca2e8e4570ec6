import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {statSync} from 'node:fs'
import {join} from 'node:path'
import Driver from 'better-sqlite3'
import {expect, test} from 'vitest'
import {openTagStore} from '../../../../src/storage/index.ts'
import {openDatabase} from '../../../../src/storage/sqlite/open-database.ts'
import {tagMigrations} from '../../../../src/storage/tags/schema.ts'
import {SqliteTagStore} from '../../../../src/storage/tags/sqlite-tag-store.ts'
import {temporaryFolder} from '../folder.ts'
import {appendOf, blobOf, entryOf} from './commits.ts'

const newPath = (): string => join(temporaryFolder(), 'tags.sqlite')

test('what was answered is there after the store is opened again', async () => {
  const path = newPath()
  const first = await openTagStore(path)
  expect(first).toMatchObject({wasRebuilt: false})
  first.store.handle(appendOf('t', 1, [entryOf('x')]))
  first.store.promise(5)
  first.store.setMeta('members', '["n1"]')
  const heads = first.store.heads('', 9)
  first.store.close()
  const {store, wasRebuilt} = await openTagStore(path)
  expect(wasRebuilt).toBe(false)
  expect(store.heads('', 9)).toEqual(heads)
  expect(store.epoch()).toBe(5)
  expect(store.meta('members')).toBe('["n1"]')
  store.close()
})

test('a process killed in the middle of writing leaves all that it acknowledged, in whole batches', async () => {
  const path = newPath()
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'commits-for-ever.ts'), path])
    let printed = ''
    child.stdout.on('data', chunk => {
      printed += chunk
      if (printed.split('\n').length > 30 + 40 * round) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const acknowledged = Number(printed.split('\n').at(-2))
    expect(acknowledged).toBeGreaterThan(20)
    const {store, wasRebuilt} = await openTagStore(path)
    expect(wasRebuilt).toBe(false)
    const heads = store.heads('', 9)
    const counters = heads.map(head => head.version.counter)
    expect(new Set(counters).size).toBe(1)
    expect(counters[0]).toBeGreaterThanOrEqual(acknowledged)
    expect(heads.map(head => head.entryCount)).toEqual(counters)
    store.close()
  }
}, 30_000)

test('a batch is kept whole or not at all when the disk is full, and the store goes on when there is room', async () => {
  const path = newPath()
  const db = await openDatabase(path, tagMigrations)
  const store = new SqliteTagStore(db)
  const entries = Array.from({length: 500}, (_, index) => entryOf(`e${index}`))
  store.handle(appendOf('t', 1, entries.slice(0, 3)))
  const before = store.heads('', 9)
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', {simple: true})) + 3}`)
  const replies = store.handleAll([appendOf('u', 1, []), appendOf('t', 2, entries)])
  expect(replies).toEqual([1, 2].map(() => expect.objectContaining({type: 'failed', code: 'DISK_FULL'})))
  expect(replies[0]).toMatchObject({message: expect.stringContaining(join(path, '..'))})
  expect(store.heads('', 9)).toEqual(before)
  db.pragma('max_page_count = 100000')
  expect(store.handle(appendOf('t', 2, entries))).toMatchObject({applied: {head: {entryCount: 500}}})
  store.close()
})

test('an epoch promised in a transaction that failed was not promised', async () => {
  const db = await openDatabase(newPath(), tagMigrations)
  const store = new SqliteTagStore(db)
  store.handle(appendOf('t', 1, []))
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', {simple: true}))}`)
  const entries = Array.from({length: 500}, (_, index) => entryOf(`e${index}`))
  const failed = store.handle({...appendOf('t', 2, entries), epoch: 9} as ReturnType<typeof appendOf>)
  expect(failed).toMatchObject({type: 'failed', code: 'DISK_FULL'})
  db.pragma('max_page_count = 100000')
  expect(store.handle(appendOf('t', 2, []))).toMatchObject({type: 'applied'})
  expect(store.epoch()).toBe(1)
  store.close()
})

test('a write to a disk that gives errors is answered as broken storage', async () => {
  const path = newPath()
  const {store} = await openTagStore(path)
  store.handle(appendOf('t', 1, []))
  store.close()
  const db = new Driver(path, {readonly: true})
  const readOnly = new SqliteTagStore(db)
  expect(readOnly.handle({type: 'find-references', epoch: 9, blobs: []})).toMatchObject({
    type: 'failed',
    code: 'STORAGE_BROKEN',
  })
  expect(() => readOnly.setMeta('a', 'b')).toThrow(expect.objectContaining({code: 'STORAGE_BROKEN'}))
  db.close()
})

test('rows that no tag has any more go bit by bit, and those of a take-over that ended early after a start', async () => {
  const path = newPath()
  const first = await openTagStore(path)
  const entries = Array.from({length: 900}, (_, index) => entryOf(`e${index}`))
  first.store.handle(appendOf('t', 1, entries))
  const reply = first.store.handle({type: 'fetch-tag', tag: 't', after: 0})
  if (reply.type !== 'tag-page' || reply.page === undefined) throw new Error('no page')
  first.store.handle({type: 'forget', epoch: 1, tag: 't', upTo: {epoch: 1, counter: 1}})
  expect(first.store.install({...reply.page, after: 900}, true)).toEqual({type: 'more'})
  first.store.close()
  const db = await openDatabase(path, tagMigrations)
  const rows = () => db.prepare<[], {n: number}>('SELECT count(*) AS n FROM entries').get()!.n
  const store = new SqliteTagStore(db)
  expect(rows()).toBeGreaterThanOrEqual(900)
  for (let call = 0; call < 6; call++) store.handle({type: 'read-head', epoch: 1, tag: 't'})
  expect(rows()).toBe(0)
  expect(store.handle({type: 'find-references', epoch: 1, blobs: [blobOf('e1')]})).toMatchObject({blobs: []})
  store.close()
})

test('the write-ahead log stays small however much is written', async () => {
  const path = newPath()
  const {store} = await openTagStore(path)
  for (let counter = 1; counter <= 60; counter++) {
    store.handle(
      appendOf(
        't',
        counter,
        Array.from({length: 500}, (_, index) => entryOf(`${counter}-${index}`)),
      ),
    )
  }
  expect(statSync(`${path}-wal`).size).toBeLessThan(24e6)
  store.close()
})

test('an append to a tag of 100,000 entries writes as many pages as one to a small tag', async () => {
  const path = newPath()
  const {store} = await openTagStore(path)
  for (let counter = 1; counter <= 100; counter++) {
    store.handle(
      appendOf(
        'large',
        counter,
        Array.from({length: 1000}, (_, index) => entryOf(`${counter}-${index}`)),
      ),
    )
  }
  for (let counter = 1; counter <= 20; counter++) store.handle(appendOf('small', counter, [entryOf(`s${counter}`)]))
  store.close()
  const db = await openDatabase(path, tagMigrations)
  const again = new SqliteTagStore(db)
  const pagesOf = (tag: string, from: number): number => {
    db.pragma('wal_checkpoint(TRUNCATE)')
    for (let counter = from; counter < from + 20; counter++)
      again.handle(appendOf(tag, counter, [entryOf(`n${counter}`)]))
    const [{log}] = db.pragma('wal_checkpoint(PASSIVE)') as [{log: number}]
    return log
  }
  const small = pagesOf('small', 21)
  expect(pagesOf('large', 101)).toBeLessThan(1.5 * small)
  again.close()
}, 30_000)
