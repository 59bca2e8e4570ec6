/** A master and nodes in this process that answer as real ones do, and as broken ones do where a test says so. */
import {createHash} from 'node:crypto'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {ClusterClient} from '../../../src/client/index.ts'
import type {
  ChangeRequest,
  LocateRequest,
  NumberedEntry,
  PlaceRequest,
  TagEntry,
  TagInfo,
} from '../../../src/protocol/index.ts'

/** Deals with a request itself (true), or leaves it to the fake. */
export type Fault = (request: IncomingMessage, response: ServerResponse, time: number) => boolean | Promise<boolean>

export const sha = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

export class FakeNode {
  readonly name: string
  readonly blobs = new Map<string, Buffer>()
  /** Requests of each method so far. */
  readonly counts: Record<string, number> = {}
  fault: Fault = () => false
  url = ''

  constructor(name: string) {
    this.name = name
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? ''
    this.counts[method] = (this.counts[method] ?? 0) + 1
    if (await this.fault(request, response, this.counts[method])) return
    if (method === 'PUT') await this.#store(request, response)
    else this.#give(request, response)
  }

  async #store(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await bodyOf(request)
    if (!request.complete) return
    const blob = sha(bytes)
    const existed = this.blobs.has(blob)
    this.blobs.set(blob, bytes)
    json(response, 201, {blob, bytes: bytes.length, node: this.name, existed})
  }

  #give(request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.blobs.get(request.url?.split('/').at(-1) ?? '')
    if (bytes === undefined) {
      fail(response, 404, 'BLOB_NOT_FOUND', 'not here')
      return
    }
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(start === 0 ? 200 : 206, {'content-length': bytes.length - start})
    response.end(bytes.subarray(start))
  }
}

export class FakeCluster implements AsyncDisposable {
  readonly nodes: readonly FakeNode[]
  readonly tags = new Map<string, {entries: TagEntry[]; version: number}>()
  readonly changes: ChangeRequest[] = []
  readonly places: PlaceRequest[] = []
  replicaCount: number
  /** Masters of before do not know the question. */
  tellsSizes = true
  /** Paths that the master was asked for. */
  readonly asked: string[] = []
  /** For requests to the master. */
  fault: Fault = () => false
  pageCount = 1000
  requestCount = 0
  url = ''
  readonly #servers: Server[] = []

  private constructor(nodeCount: number) {
    this.nodes = Array.from({length: nodeCount}, (_, index) => new FakeNode(`n${index + 1}`))
    this.replicaCount = nodeCount
  }

  static async start(nodeCount = 2): Promise<FakeCluster> {
    const cluster = new FakeCluster(nodeCount)
    cluster.url = await cluster.#listen((request, response) => cluster.#serve(request, response))
    for (const node of cluster.nodes) {
      node.url = await cluster.#listen((request, response) => node.serve(request, response))
    }
    return cluster
  }

  client(): ClusterClient {
    return new ClusterClient({url: this.url, token: 'secret', ca: undefined})
  }

  put(bytes: Buffer | string, nodes: readonly FakeNode[] = this.nodes): string {
    const blob = sha(bytes)
    for (const node of nodes) node.blobs.set(blob, Buffer.from(bytes))
    return blob
  }

  tag(name: string, ...entries: readonly (TagEntry | string)[]): void {
    const list = entries.map((entry): TagEntry => (typeof entry === 'string' ? {type: 'tag', tag: entry} : entry))
    this.tags.set(name, {entries: list, version: 1})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  }

  async #listen(serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<string> {
    const server = createServer((request, response) => {
      request.on('error', () => undefined)
      void serve(request, response).catch(() => response.destroy())
    })
    this.#servers.push(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requestCount++
    if (await this.fault(request, response, this.requestCount)) return
    const url = new URL(request.url ?? '/', this.url)
    this.asked.push(url.pathname.replace('/api/v1/', ''))
    const body = request.method === 'POST' ? JSON.parse((await bodyOf(request)).toString()) : undefined
    const tag = /^\/api\/v1\/tags\/([^/]+)/.exec(url.pathname)?.[1]
    if (url.pathname === '/api/v1/blobs/place') return json(response, 200, this.#place(body))
    if (url.pathname === '/api/v1/blobs/keep') return json(response, 200, {known: this.#known(body.blobs)})
    if (url.pathname === '/api/v1/blobs/locate') return json(response, 200, this.#locateAll(body))
    if (tag === undefined) return fail(response, 404, 'BAD_NAME', `nothing at ${url.pathname}`)
    if (request.method === 'POST') return json(response, 200, this.#change(tag, body))
    const found = this.tags.get(tag)
    if (found === undefined) return fail(response, 404, 'TAG_NOT_FOUND', `there is no tag "${tag}"`)
    if (!url.pathname.endsWith('/entries')) return json(response, 200, this.#info(tag))
    return this.#page(response, tag, url.searchParams)
  }

  #place(request: PlaceRequest): unknown {
    this.places.push(request)
    const fit = this.nodes.filter(node => !request.exclude?.includes(node.name))
    const targets = fit.slice(0, this.replicaCount).map(({name, url}) => ({node: name, url: `${url}/uploads/ticket`}))
    return {replicaCount: this.replicaCount, targets}
  }

  #known(blobs: readonly string[]): unknown {
    return blobs.flatMap(blob => {
      const held = this.nodes.find(node => node.blobs.has(blob))?.blobs.get(blob)
      return held === undefined ? [] : [{blob, bytes: held.length}]
    })
  }

  #locateAll({blobs, sizes}: LocateRequest): unknown {
    const held = new Set(this.nodes.flatMap(node => [...node.blobs.values()].map(bytes => bytes.length)))
    const known = sizes === undefined || !this.tellsSizes ? {} : {sizes: sizes.filter(size => held.has(size))}
    return {blobs: blobs.map(this.#locate), ...known}
  }

  #locate = (blob: string): unknown => {
    const holders = this.nodes.filter(node => node.blobs.has(blob))
    return {
      blob,
      bytes: holders[0]?.blobs.get(blob)?.length ?? 0,
      replicas: holders.map(({name, url}) => ({node: name, url: `${url}/blobs/${blob}`, isLive: true})),
    }
  }

  #change(tag: string, request: ChangeRequest): unknown {
    this.changes.push(request)
    const {change} = request
    const found = this.tags.get(tag) ?? {entries: [], version: 0}
    const entries = change.type === 'append' ? change.entries : []
    const added = entries.filter(entry => !found.entries.some(old => JSON.stringify(old) === JSON.stringify(entry)))
    const existed = this.tags.has(tag)
    this.tags.set(tag, {entries: [...found.entries, ...added], version: found.version + 1})
    return {tag: this.#info(tag), addedCount: added.length, removedCount: 0, existed}
  }

  #info(tag: string): Partial<TagInfo> {
    const {entries = [], version = 0} = this.tags.get(tag) ?? {}
    return {tag, version: {epoch: 1, counter: version}, entryCount: entries.length, attributes: {}, replicaCount: 1}
  }

  #page(response: ServerResponse, tag: string, query: URLSearchParams): void {
    const {entries, version} = this.tags.get(tag) ?? {entries: [], version: 0}
    const asked = query.get('version')
    if (asked !== null && asked !== `1.${version}`) {
      fail(response, 412, 'VERSION_CHANGED', 'it changed')
      return
    }
    const after = Number(query.get('after') ?? 0)
    const numbered = entries.map((entry, index): NumberedEntry => ({number: index + 1, entry}))
    const page = numbered.slice(after, after + this.pageCount)
    const next = after + page.length < entries.length ? {next: after + page.length} : {}
    json(response, 200, {version: {epoch: 1, counter: version}, entries: page, ...next})
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body))
}

export function fail(response: ServerResponse, status: number, code: string, message: string): void {
  json(response, status, {error: {code, message, retryable: status >= 500}})
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}

export async function textIn(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(pieces)).toString()
}
