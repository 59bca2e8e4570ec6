/** Answers a master's requests about blobs, and gets blobs from peers. */
import {ClusterError, errorCodeOf, messageOf, unreachable} from '../../base/index.ts'
import {HttpClient} from '../../client/index.ts'
import {
  type BlobId,
  type BlobReply,
  type BlobReport,
  type BlobRequest,
  endpoints,
  type Failed,
  failed,
  type NodeName,
} from '../../protocol/index.ts'
import type {BlobStore} from '../../storage/index.ts'

export interface BlobServiceOptions {
  readonly store: BlobStore
  /** Checks and promises a master's epoch; a failure when a newer one is known. */
  readonly promise: (epoch: number) => Failed | undefined
  /** Where a peer serves its blobs; undefined: nobody knows. */
  readonly addressOf: (node: NodeName) => string | undefined
  readonly joinToken: string
  readonly ca: string | undefined
  readonly onStored: (blob: BlobReport) => void
}

/** Of one node. Ended by `close`; what is under way ends with it. */
export class BlobService {
  readonly #options: BlobServiceOptions
  readonly #http: HttpClient
  readonly #closing = new AbortController()
  readonly #drops = new Set<Promise<unknown>>()

  constructor(options: BlobServiceOptions) {
    this.#options = options
    this.#http = new HttpClient(options.ca)
  }

  /** @param signal - aborted when nobody waits for the reply any more: what has not begun by then is not done */
  async handle(request: BlobRequest, signal: AbortSignal): Promise<BlobReply> {
    if (signal.aborted || this.#closing.signal.aborted) return failed('UNREACHABLE', 'nobody waits for this order')
    const refused = this.#options.promise(request.epoch)
    if (refused !== undefined) return refused
    try {
      return await this.#perform(request)
    } catch (error) {
      return failureOf(error)
    }
  }

  /** No blob is being removed: what an inventory says from here on stays true. */
  async dropsEnded(): Promise<void> {
    await Promise.allSettled(this.#drops)
  }

  close(): void {
    this.#closing.abort()
    this.#http.close()
  }

  async #perform(request: BlobRequest): Promise<BlobReply> {
    const {store} = this.#options
    switch (request.type) {
      case 'fetch-blob':
        return this.#fetch(request)
      case 'touch-blobs':
        return {type: 'touched', blobs: await store.touch(request.blobs, request.replicaCount, request.isDeep)}
      case 'list-idle-blobs': {
        const blobs = store.listIdle(request.idleMs, request.after, request.count)
        const last = blobs.at(-1)
        const isFull = last !== undefined && blobs.length >= request.count
        return {type: 'idle-blobs', blobs, ...(isFull ? {after: last.blob} : {})}
      }
      case 'drop-blobs':
        return {type: 'dropped', ...(await this.#drop(request.blobs, request.idleMs))}
      case 'scrub':
        return {type: 'scrubbed', ...(await store.scrub(request.after, request.bytes, this.#closing.signal))}
      default:
        return unreachable(request)
    }
  }

  async #drop(blobs: readonly BlobId[], idleMs: number): ReturnType<BlobStore['drop']> {
    const work = this.#options.store.drop(blobs, idleMs)
    this.#drops.add(work)
    try {
      return await work
    } finally {
      this.#drops.delete(work)
    }
  }

  async #fetch(request: Extract<BlobRequest, {type: 'fetch-blob'}>): Promise<BlobReply> {
    const problems: string[] = []
    for (const node of request.from) {
      try {
        const report = await this.#fetchFrom(node, request)
        this.#options.onStored(report)
        return {type: 'stored', blob: report.blob, bytes: report.bytes}
      } catch (error) {
        // No room here, or a broken disk here: another source does not help.
        if (error instanceof ClusterError && (error.code === 'DISK_FULL' || error.code === 'STORAGE_BROKEN'))
          throw error
        problems.push(`${node}: ${messageOf(error)}`)
      }
    }
    return failed('UNREACHABLE', `blob ${request.blob} could not be fetched (${problems.join('; ')})`)
  }

  async #fetchFrom(node: NodeName, request: Extract<BlobRequest, {type: 'fetch-blob'}>): Promise<BlobReport> {
    const address = this.#options.addressOf(node)
    if (address === undefined) throw new ClusterError('UNAVAILABLE', 'its address is not known')
    const response = await this.#http.send({
      method: 'GET',
      url: address + endpoints.readBlob.path.replace(':blob', request.blob),
      headers: {authorization: `Bearer ${this.#options.joinToken}`},
      signal: this.#closing.signal,
    })
    const {blob, bytes, replicaCount} = request
    return this.#options.store.put(response, {
      blob,
      bytes,
      replicaCount,
      signal: this.#closing.signal,
      isGivenAway: true,
    })
  }
}

/** What went wrong, in the words that cross nodes. */
export function failureOf(error: unknown): Failed {
  if (error instanceof ClusterError) {
    const codes = {DISK_FULL: 'DISK_FULL', CORRUPT: 'CORRUPT', STORAGE_BROKEN: 'STORAGE_BROKEN'} as const
    const code = error.code in codes ? codes[error.code as keyof typeof codes] : 'UNREACHABLE'
    return failed(code, error.message)
  }
  if (errorCodeOf(error) === '') throw error
  return failed('STORAGE_BROKEN', messageOf(error))
}
