/** Tells a master all that this node holds, in pages that fit into frames. */
import {type AgentNotice, frameBytesMax, pageSizeMax, type TagHead, type TagStore} from '../../protocol/index.ts'
import type {BlobStore} from '../../storage/index.ts'

/** Attributes make heads long: a page ends when it holds so much. Bytes of JSON. */
const pageBytesMax = frameBytesMax / 2

/** Notices in their order, the end included. Stores are read page by page: what changes meanwhile is told by notices of its own. */
export function* inventoryOf(tags: TagStore, blobs: BlobStore, isRebuilding: boolean): Generator<AgentNotice> {
  yield {type: 'inventory-begin', isRebuilding}
  yield* tagPages(tags)
  let after = ''
  for (;;) {
    const page = blobs.list(after, pageSizeMax)
    if (page.length > 0) yield {type: 'inventory-blobs', blobs: page}
    const last = page.at(-1)
    if (last === undefined || page.length < pageSizeMax) break
    after = last.blob
  }
  yield {type: 'inventory-end'}
}

function* tagPages(tags: TagStore): Generator<AgentNotice> {
  let after = ''
  for (;;) {
    const heads = tags.heads(after, pageSizeMax)
    let page: TagHead[] = []
    let bytes = 0
    for (const head of heads) {
      const size = JSON.stringify(head).length
      if (bytes + size > pageBytesMax && page.length > 0) {
        yield {type: 'inventory-tags', heads: page}
        page = []
        bytes = 0
      }
      page.push(head)
      bytes += size
    }
    if (page.length > 0) yield {type: 'inventory-tags', heads: page}
    const last = heads.at(-1)
    if (last === undefined || heads.length < pageSizeMax) return
    after = last.tag
  }
}
