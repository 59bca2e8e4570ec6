/**
 * Answers a master's and the peers' requests about tags from the store of this node.
 *
 * Requests that arrive together share one transaction, so that thousands of small changes a second need few syncs of the
 * disk. Order is kept: what arrives first is done first. Taking a tag over from a peer happens beside that, one at a time a tag.
 *
 * An order whose link is gone is not carried out any more: the inventory on the next link says what is here, and the master
 * must not find it changed afterwards by something that it has given up.
 */
import {messageOf} from '../../base/index.ts'
import {
  compareVersions,
  type Failed,
  failed,
  type NodeName,
  type StoreRequest,
  type TagReply,
  type TagRequest,
  type TagStore,
} from '../../protocol/index.ts'

/** Requests in one transaction: more would make the first wait for the last. */
const batchCountMax = 256

/** A tag that changes while it is copied is begun again this often. */
const syncTryCountMax = 10

type SyncRequest = Extract<TagRequest, {type: 'sync'}>

/** Asks a peer for a page of a tag. */
export type FetchTagPage = (from: NodeName, request: Extract<TagRequest, {type: 'fetch-tag'}>) => Promise<TagReply>

interface Waiting {
  readonly request: StoreRequest
  readonly signal: AbortSignal | undefined
  readonly resolve: (reply: TagReply) => void
}

/** Of one node; the store is its owner's. */
export class TagService {
  readonly #store: TagStore
  readonly #fetchPage: FetchTagPage
  readonly #syncs = new Map<string, Promise<TagReply>>()
  #queue: Waiting[] = []
  #isScheduled = false

  constructor(store: TagStore, fetchPage: FetchTagPage) {
    this.#store = store
    this.#fetchPage = fetchPage
  }

  /** @param signal - aborted when nobody waits for the reply any more */
  handle(request: TagRequest, signal?: AbortSignal): Promise<TagReply> {
    if (request.type === 'sync') return this.#sync(request, signal)
    return new Promise(resolve => {
      this.#queue.push({request, signal, resolve})
      this.#schedule()
    })
  }

  /** Behind what has arrived by now, so that a burst becomes one transaction. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const batch = this.#queue.splice(0, batchCountMax)
      if (this.#queue.length > 0) this.#schedule()
      this.#perform(batch)
    })
  }

  #perform(batch: readonly Waiting[]): void {
    const wanted: Waiting[] = []
    for (const waiting of batch) {
      if (waiting.signal?.aborted === true) waiting.resolve(linkGone)
      else wanted.push(waiting)
    }
    if (wanted.length === 0) return
    const replies = this.#store.handleAll(wanted.map(waiting => waiting.request))
    for (const [index, waiting] of wanted.entries()) {
      waiting.resolve(replies[index] ?? failed('STORAGE_BROKEN', 'no reply of the store'))
    }
  }

  async #sync(request: SyncRequest, signal: AbortSignal | undefined): Promise<TagReply> {
    // Several may wait for the same one: whoever goes on first is the next to be waited for.
    for (;;) {
      const running = this.#syncs.get(request.tag)
      if (running === undefined) break
      await running
    }
    const work = this.#takeOver(request, signal).finally(() => {
      if (this.#syncs.get(request.tag) === work) this.#syncs.delete(request.tag)
    })
    this.#syncs.set(request.tag, work)
    return work
  }

  async #takeOver(request: SyncRequest, signal: AbortSignal | undefined): Promise<TagReply> {
    // Reading the head checks the master's epoch, too.
    const own = await this.handle({type: 'read-head', epoch: request.epoch, tag: request.tag}, signal)
    if (own.type !== 'head') return own
    if (own.head !== undefined && compareVersions(own.head.version, request.atLeast) >= 0)
      return {type: 'synced', head: own.head}
    for (let tried = 0; tried < syncTryCountMax; tried++) {
      const result = await this.#copy(request, signal)
      if (result !== 'restart') return result
    }
    return failed(
      'UNREACHABLE',
      `${request.tag} changed at ${request.from} while it was copied, ${syncTryCountMax} times`,
    )
  }

  async #copy(
    {tag, from, atLeast, epoch}: SyncRequest,
    signal: AbortSignal | undefined,
  ): Promise<TagReply | 'restart'> {
    let after = 0
    for (let isFirst = true; ; isFirst = false) {
      const page = await this.#pageOf(from, tag, after)
      if ('type' in page) return page
      if (isFirst && compareVersions(page.head.version, atLeast) < 0) {
        return failed('NOT_FOUND', `${from} has an older version of ${tag} than was asked for`)
      }
      if (signal?.aborted === true) return linkGone
      // The page took time: a newer master may have come meanwhile, and this order is not its own.
      const refused = this.#store.promise(epoch)
      if (refused !== undefined) return refused
      const result = this.#store.install(page, isFirst)
      if (result.type === 'restart') return 'restart'
      if (result.type === 'failed') return result
      if (result.type !== 'more') return {type: 'synced', head: result.head}
      if (page.after === undefined) return 'restart'
      after = page.after
    }
  }

  async #pageOf(
    from: NodeName,
    tag: string,
    after: number,
  ): Promise<NonNullable<Extract<TagReply, {type: 'tag-page'}>['page']> | Failed> {
    try {
      const reply = await this.#fetchPage(from, {type: 'fetch-tag', tag, after})
      if (reply.type === 'failed') return reply
      if (reply.type !== 'tag-page' || reply.page === undefined)
        return failed('NOT_FOUND', `${from} does not have ${tag}`)
      return reply.page
    } catch (error) {
      return failed('UNREACHABLE', `${from}: ${messageOf(error)}`)
    }
  }
}

const linkGone = failed('UNREACHABLE', 'the link of this order has ended')
