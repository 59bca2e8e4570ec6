import {expect, test} from 'vitest'
import {inventoryOf} from '../../../../src/cluster/agent/inventory.ts'
import {MemoryTagStore} from '../../../../src/ddfs/index.ts'
import {type AgentNotice, attributeValueBytesMax, frameBytesMax, parseFrame} from '../../../../src/protocol/index.ts'
import {bytesOf, openTestStore, sha256, streamOf} from '../../storage/blobs/open-test-store.ts'

const tagName = (index: number): string => `inv:${String(index).padStart(5, '0')}`

function tagsWith(count: number, attributeCount: number): MemoryTagStore {
  const store = new MemoryTagStore()
  const value = 'ä'.repeat(attributeValueBytesMax / 2)
  for (let index = 0; index < count; index++) {
    const set = Object.fromEntries(Array.from({length: attributeCount}, (_, at) => [`name${at}`, value]))
    const reply = store.handle({
      type: 'commit',
      epoch: 1,
      commit: {
        tag: tagName(index),
        next: {epoch: 1, counter: 1},
        change: {type: 'set-attributes', set, unset: []},
        placement: {replicas: ['n1'], replicaCount: 1},
        atMs: 1,
        by: 'write',
      },
    })
    expect(reply.type).toBe('applied')
  }
  return store
}

const frameOf = (notice: AgentNotice): string => JSON.stringify({type: 'notice', body: notice})

test('it names all tags and blobs once, in order, between a beginning and an end', async () => {
  const {store} = await openTestStore()
  const contents = Array.from({length: 5}, (_, index) => bytesOf(100, index))
  for (const content of contents) await store.put(streamOf(content), {})
  const notices = [...inventoryOf(tagsWith(2500, 0), store, true)]
  expect(notices[0]).toEqual({type: 'inventory-begin', isRebuilding: true})
  expect(notices.at(-1)).toEqual({type: 'inventory-end'})
  const tags = notices.flatMap(notice => (notice.type === 'inventory-tags' ? notice.heads.map(head => head.tag) : []))
  expect(tags).toEqual(Array.from({length: 2500}, (_, index) => tagName(index)))
  const blobs = notices.flatMap(notice => (notice.type === 'inventory-blobs' ? notice.blobs.map(one => one.blob) : []))
  expect(blobs).toEqual(contents.map(sha256).sort())
})

test('heads that are long make short pages: each fits into a frame and is understood', async () => {
  const {store} = await openTestStore()
  const notices = [...inventoryOf(tagsWith(40, 20), store, false)]
  const pages = notices.filter(notice => notice.type === 'inventory-tags')
  expect(pages.length).toBeGreaterThan(3)
  for (const notice of notices) {
    expect(Buffer.byteLength(frameOf(notice))).toBeLessThanOrEqual(frameBytesMax)
    expect(parseFrame(frameOf(notice)).type).toBe('notice')
  }
  expect(pages.flatMap(page => page.heads)).toHaveLength(40)
})

test('an empty node says only that it is empty', async () => {
  const {store} = await openTestStore()
  expect([...inventoryOf(new MemoryTagStore(), store, false)].map(notice => notice.type)).toEqual([
    'inventory-begin',
    'inventory-end',
  ])
})
