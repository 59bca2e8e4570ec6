import {afterAll, beforeAll, expect, test} from 'vitest'
import {seededRandom} from '../../../src/base/index.ts'
import type {TagStore} from '../../../src/ddfs/tag-store.ts'
import type {StoreRequest, TagHead, TagLogLine, TagPage, TagReply} from '../../../src/protocol/index.ts'
import {blobIds, randomRequest} from './random-requests.ts'
import {type StoreUnderTest, stores} from './stores.ts'

const sequenceCount = 600
const requestsPerSequence = 25

let opened: StoreUnderTest[] = []

beforeAll(async () => {
  opened = await Promise.all(stores.map(each => each.open()))
})
afterAll(() => {
  for (const each of opened) each.close()
})

/** Everything that can be asked for. Which tag stands for a blob in use is up to the store. */
function contentsOf(store: TagStore): unknown {
  const heads = store.heads('', 100)
  return heads.map(head => ({head, pages: pagesOf(store, head), log: logOf(store, head)}))
}

function pagesOf(store: TagStore, head: TagHead): TagPage[] {
  const pages: TagPage[] = []
  for (let after: number | undefined = 0; after !== undefined; after = pages.at(-1)?.after) {
    const reply = store.handle({type: 'fetch-tag', tag: head.tag, after})
    if (reply.type !== 'tag-page' || reply.page === undefined) throw new Error(`no page of ${head.tag}`)
    pages.push(reply.page)
  }
  return pages
}

function logOf(store: TagStore, {tag}: TagHead): readonly TagLogLine[] {
  const reply = store.handle({type: 'read-log', epoch: store.epoch(), tag, count: 1000})
  if (reply.type !== 'log') throw new Error(`no log of ${tag}`)
  return reply.lines
}

const comparable = (reply: TagReply): unknown =>
  reply.type === 'references' ? {type: reply.type, blobs: reply.blobs.map(each => each.blob)} : reply

function forgetAll(store: TagStore): void {
  for (const {tag, version} of store.heads('', 100)) {
    store.handle({type: 'forget', epoch: store.epoch(), tag, upTo: version})
  }
}

/** What must be true of one store whatever was asked of it. */
function checkStore(store: TagStore): void {
  for (const head of store.heads('', 100)) {
    const entries = pagesOf(store, head).flatMap(page => page.entries)
    expect(entries.length).toBe(head.entryCount)
    let bytes = 0
    for (const [index, {number, entry}] of entries.entries()) {
      if (entry.type === 'blob') bytes += entry.bytes
      expect(number).toBeGreaterThan(entries[index - 1]?.number ?? 0)
      expect(number).toBeLessThan(head.nextNumber)
    }
    expect(head.bytes).toBe(bytes)
    if (head.isPurged) expect(entries).toEqual([])
  }
  const named = new Set(
    store.heads('', 100).flatMap(head =>
      pagesOf(store, head)
        .flatMap(page => page.entries.map(({entry}) => entry))
        .flatMap(entry => (entry.type === 'blob' ? [entry.blob] : [])),
    ),
  )
  const reply = store.handle({type: 'find-references', epoch: store.epoch(), blobs: blobIds})
  expect(reply.type === 'references' && reply.blobs.map(each => each.blob)).toEqual(blobIds.filter(id => named.has(id)))
}

test(`${sequenceCount} random sequences leave equal tags, histories and replies in every store`, () => {
  const kinds = new Map<string, number>()
  const [first, ...others] = opened.map(each => each.store)
  for (let seed = 1; seed <= sequenceCount; seed++) {
    const random = seededRandom(seed)
    let epoch = first!.epoch() + 1
    const sent: StoreRequest[] = []
    for (let step = 0; step < requestsPerSequence; ) {
      if (random.int(10) === 0) epoch++
      const headOf = (tag: string) => first!.heads('', 100).find(head => head.tag === tag)
      const requests = Array.from({length: 1 + random.int(3)}, () =>
        sent.length > 0 && random.int(12) === 0 ? random.pick(sent) : randomRequest(random, headOf, epoch),
      )
      sent.push(...requests)
      step += requests.length
      const replies = first!.handleAll(requests).map(comparable)
      for (const store of others) expect(store.handleAll(requests).map(comparable), `seed ${seed}`).toEqual(replies)
      requests.forEach((request, index) => {
        const what = request.type === 'commit' ? request.commit.change.type : request.type
        const kind = `${what} ${(replies[index] as TagReply).type}`
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      })
    }
    const contents = contentsOf(first!)
    for (const store of others) expect(contentsOf(store), `seed ${seed}`).toEqual(contents)
    checkStore(first!)
    if (seed % 5 === 0) for (const {store} of opened) forgetAll(store)
  }
  // Each kind of change took effect, and each kind of refusal happened.
  for (const change of ['append', 'replace', 'remove', 'set-attributes', 'set-tokens', 'delete', 'restore', 'purge']) {
    expect(kinds.get(`${change} applied`), change).toBeGreaterThan(20)
  }
  for (const kind of ['place applied', 'claim applied', 'append mismatch', 'append failed', 'forget forgotten']) {
    expect(kinds.get(kind), kind).toBeGreaterThan(20)
  }
})
