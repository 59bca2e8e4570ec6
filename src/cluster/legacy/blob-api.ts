/**
 * `new_blob`, PUT and GET of blobs.
 *
 * Bytes go through this port to the node that was chosen: Disco's clients know nodes by their names and one port, which a
 * cluster on one machine, or behind one address, does not have.
 */
import {pipeline} from 'node:stream/promises'
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import {HttpClient, readJson, responseOf} from '../../client/index.ts'
import {
  type BlobAddress,
  blobPrefix,
  blobUrl,
  endpoints,
  isTagName,
  type NodeName,
  objectStamp,
  parseBlobPath,
  parseObjectName,
  replicaCountMax,
  type UploadAnswer,
  type UploadTarget,
} from '../../protocol/index.ts'
import {parseRange} from '../agent/ranges.ts'
import {place} from '../master/api/blobs.ts'
import type {Master} from '../master/master.ts'
import {Refusal, sendJsonText} from './answers.ts'
import type {LegacyCall} from './call.ts'
import {Gate} from './gate.ts'
import {uploadsRememberedMax} from './limits.ts'

export interface BlobApiOptions {
  readonly master: Master
  readonly joinToken: string
  readonly ca: string | undefined
  /** Nodes that get no new data, beside those that the cluster itself spares. */
  readonly spared: () => readonly NodeName[]
}

/** An object that a client asked room for, or has stored. */
interface Upload {
  readonly replicaCount: number
  /** Nodes that have it, or are getting it. */
  readonly taken: Set<NodeName>
  /** Nodes that have it. */
  readonly stored: Set<NodeName>
}

/** Ended by `close`. */
export class BlobApi {
  readonly #options: BlobApiOptions
  readonly #http: HttpClient
  readonly #puts = new Gate()
  readonly #gets = new Gate()
  /** By object name, the oldest first. */
  readonly #uploads = new Map<string, Upload>()
  #lastStampUs = 0

  constructor(options: BlobApiOptions) {
    this.#options = options
    this.#http = new HttpClient(options.ca)
  }

  close(): void {
    this.#http.close()
  }

  /** GET /ddfs/new_blob/NAME */
  async newBlob(call: LegacyCall, name: string): Promise<void> {
    if (!isTagName(name)) throw new Refusal(403, 'Invalid tag')
    const {master, spared} = this.#options
    const members = master.memberNames()
    const [include, exclude] = [namesIn(call.query, 'include'), namesIn(call.query, 'exclude')]
    const unknown = [...include, ...exclude].find(node => !members.includes(node))
    if (unknown !== undefined) throw new Refusal(404, 'Unknown host.')
    const standard = Math.min(master.settings.numbers().replicas, Math.max(members.length, 1))
    const replicaCount = replicasOf(call.query, standard)
    if (replicaCount > Math.min(members.length, replicaCountMax)) throw notEnough()
    const chosen = await this.#choose(replicaCount, include, [...exclude, ...spared()])
    const object = `${blobPrefix(name)}$${this.#stamp()}`
    this.#remember(object, {replicaCount, taken: new Set(), stored: new Set()})
    sendJsonText(
      call.response,
      200,
      chosen.map(node => this.#putUrl(call, members.length > 1 ? node : undefined, object)),
    )
  }

  async #choose(
    count: number,
    include: readonly NodeName[],
    exclude: readonly NodeName[],
  ): Promise<readonly NodeName[]> {
    const forced = include.filter(node => !exclude.includes(node)).slice(0, count)
    const missing = count - forced.length
    if (missing === 0) return forced
    try {
      const placed = await place(this.#options.master, {
        bytes: 0,
        replicaCount: missing,
        exclude: [...exclude, ...forced],
      })
      if (placed.targets.length < missing) throw notEnough()
      return [...forced, ...placed.targets.map(({node}) => node)]
    } catch (error) {
      if (error instanceof ClusterError) throw notEnough()
      throw error
    }
  }

  #putUrl({host, putPort, request}: LegacyCall, node: NodeName | undefined, object: string): string {
    const at = `http://${host}:${putPort ?? request.socket.localPort}`
    return node === undefined ? `${at}/ddfs/${object}` : `${at}/proxy/${node}/PUT/ddfs/${object}`
  }

  /** By the master's clock, never twice the same. */
  #stamp(): string {
    this.#lastStampUs = Math.max(this.#lastStampUs + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000))
    return objectStamp(this.#lastStampUs)
  }

  #remember(object: string, upload: Upload): Upload {
    this.#uploads.delete(object)
    this.#uploads.set(object, upload)
    for (const [oldest] of this.#uploads) {
      if (this.#uploads.size <= uploadsRememberedMax) break
      this.#uploads.delete(oldest)
    }
    return upload
  }

  /** PUT /ddfs/NAME$STAMP */
  async put(call: LegacyCall, text: string): Promise<void> {
    const object = parseObjectName(text)
    if (object === undefined) throw new Refusal(403, 'Invalid blob name')
    const {master, spared} = this.#options
    const members = master.memberNames()
    if (call.node !== undefined && !members.includes(call.node)) throw new Refusal(404, 'Unknown host.')
    const standard = Math.min(master.settings.numbers().replicas, Math.max(members.length, 1))
    const upload =
      this.#uploads.get(text) ?? this.#remember(text, {replicaCount: standard, taken: new Set(), stored: new Set()})
    const others = call.node === undefined ? [] : members.filter(node => node !== call.node)
    const target = await this.#targetFor(call, upload, [...others, ...spared(), ...upload.taken])
    if (target === undefined || upload.taken.has(target.node)) {
      throw new Refusal(500, `File exists (path: ${text})`)
    }
    upload.taken.add(target.node)
    let answer: UploadAnswer | undefined
    try {
      const passed = await this.#passedOn(call, target)
      await this.#makeKnown(passed, upload)
      upload.stored.add(target.node)
      answer = passed
    } finally {
      if (answer === undefined) upload.taken.delete(target.node)
    }
    const replica = [...upload.taken].indexOf(target.node)
    sendJsonText(call.response, 201, blobUrl(call.host, replica, {...object, blob: answer.blob}))
  }

  /**
   * A client reads the blob, or names it in a tag, as soon as it is answered; the node's own notice may come later, and an
   * entry of a tag that names no known blob would protect none.
   */
  async #makeKnown({blob, bytes, node}: UploadAnswer, {stored, replicaCount}: Upload): Promise<void> {
    const {master} = this.#options
    const isUp = new Set(master.mesh.members().flatMap(({name, state}) => (state === 'up' ? [name] : [])))
    const nodes = [...stored, node].filter(one => isUp.has(one))
    await master.blobs.ask(
      {type: 'name', blobs: [{blob, bytes, nodes}], replicaCount, replicaCountMin: Math.max(1, nodes.length)},
      'named',
    )
  }

  async #targetFor(call: LegacyCall, upload: Upload, exclude: readonly NodeName[]): Promise<UploadTarget | undefined> {
    const known = this.#options.master.memberNames()
    if (known.length > 0 && known.every(node => exclude.includes(node))) return undefined
    const length = call.request.headers['content-length']
    const bytes = length === undefined ? undefined : Number(length)
    const {master} = this.#options
    // The node keeps `replicaCount` as the copies that are wanted; one ticket of several is used.
    const placed = await place(master, {
      replicaCount: upload.replicaCount,
      exclude: [...new Set(exclude)],
      ...(bytes === undefined ? {} : {bytes}),
    })
    return placed.targets[0]
  }

  async #passedOn(call: LegacyCall, {node, url}: UploadTarget): Promise<UploadAnswer> {
    const admission = await this.#puts.enter(node, call.signal)
    if (admission === 'full') throw new Refusal(503, 'Maximum number of uploaders reached. Try again later')
    if (admission !== 'in') throw new Refusal(500, 'Write failed: the node was busy for too long')
    try {
      const length = call.request.headers['content-length']
      const headers = length === undefined ? {} : {'content-length': length}
      const onward = this.#http.open({method: 'PUT', url, headers, signal: call.signal})
      const answered = responseOf(onward, url)
      const sent = pipeline(call.request, onward)
      // The answer says more than the broken pipe that may come with it.
      sent.catch(() => undefined)
      return await readJson<UploadAnswer>(await answered, url)
    } catch (error) {
      if (call.signal.aborted) throw new Refusal(500, 'Write failed: the client went away')
      const isLater = error instanceof ClusterError || (error instanceof UserError && error.code === 'CANNOT_REACH')
      if (isLater && error.code !== 'DISK_FULL')
        throw new Refusal(503, `Write failed: ${messageOf(error)}. Try again later`)
      throw new Refusal(500, `Write failed: ${messageOf(error)}`)
    } finally {
      this.#puts.leave(node)
    }
  }

  /** GET and HEAD of /ddfs/volN.BLOB/blob/HH/OBJECT; tags are not given out as files: their tokens are in them. */
  async get(call: LegacyCall): Promise<void> {
    const address = parseBlobPath(call.path)
    if (address === undefined) throw fileNotFound()
    const {master} = this.#options
    const located = await master.blobs.ask({type: 'locate', blobs: [address.blob]}, 'located')
    const place = located.blobs[0]
    if (place === undefined || place.nodes.length === 0) throw fileNotFound()
    const nodes = [...place.nodes].sort((left, right) => Number(right === call.node) - Number(left === call.node))
    await this.#sendFrom(call, nodes, place.bytes, address)
  }

  async #sendFrom(call: LegacyCall, nodes: readonly NodeName[], bytes: number, {blob}: BlobAddress): Promise<void> {
    const path = endpoints.readBlob.path.replace(':blob', blob)
    await this.sendFile(
      call,
      nodes.map(node => ({node, path})),
      {bytes, offset: 0},
    )
  }

  /**
   * Sends bytes that nodes have, of which the client may want a part. The first node that answers gives them.
   *
   * @param section - of the file at `path`
   */
  async sendFile(
    call: LegacyCall,
    sources: readonly {readonly node: NodeName; readonly path: string}[],
    {bytes, offset}: {readonly bytes: number; readonly offset: number},
  ): Promise<void> {
    const asked = parseRange(call.request.headers.range, bytes)
    // As in Disco: a range past the end is answered with everything.
    const isPart = asked !== 'whole' && asked !== 'unsatisfiable'
    const {start, end} = isPart ? asked : {start: 0, end: bytes}
    const head = (): void => {
      call.response.writeHead(isPart ? 206 : 200, {
        'content-type': 'application/octet-stream',
        'content-length': end - start,
        'accept-ranges': 'bytes',
        connection: 'close',
        ...(isPart ? {'content-range': `bytes ${start}-${end - 1}/${bytes}`} : {}),
      })
    }
    if (end === start || call.method === 'HEAD') {
      head()
      call.response.end()
      return
    }
    let last: unknown = fileNotFound()
    for (const {node, path} of sources) {
      const admission = await this.#gets.enter(node, call.signal)
      if (admission === 'full') throw new Refusal(503, 'Maximum number of downloaders reached. Try again later')
      if (admission !== 'in') throw new Refusal(403, 'Disco node is busy')
      try {
        const response = await this.#open(node, path, {start: offset + start, end: offset + end}, call.signal)
        head()
        await pipeline(response, call.response)
        return
      } catch (error) {
        if (call.response.headersSent || call.signal.aborted) throw error
        last = error
      } finally {
        this.#gets.leave(node)
      }
    }
    throw last
  }

  async #open(
    node: NodeName,
    path: string,
    {start, end}: {readonly start: number; readonly end: number},
    signal: AbortSignal,
  ): ReturnType<HttpClient['send']> {
    const address = this.#options.master.mesh.members().find(member => member.name === node)?.address
    if (address === undefined) throw new ClusterError('UNAVAILABLE', `the address of ${node} is not known`)
    return await this.#http.send({
      method: 'GET',
      url: address + path,
      headers: {authorization: `Bearer ${this.#options.joinToken}`, range: `bytes=${start}-${end - 1}`},
      signal,
    })
  }
}

export const fileNotFound = (): Refusal => new Refusal(404, 'File not found.')
const notEnough = (): Refusal => new Refusal(403, 'Not enough nodes for replicas.')

const namesIn = (query: URLSearchParams, name: string): string[] =>
  (query.get(name) ?? '').split(',').filter(node => node !== '')

function replicasOf(query: URLSearchParams, standard: number): number {
  const text = query.get('replicas') ?? ''
  if (text === '') return standard
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0) throw new Refusal(403, 'Not enough nodes for replicas.')
  return Number(text)
}
