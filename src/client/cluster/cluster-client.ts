/** Typed calls to a cluster: one method an endpoint, nothing else. What is made of them is in the files beside. */
import type {IncomingMessage} from 'node:http'
import {ClusterError, UserError} from '../../base/index.ts'
import {
  type AuditLines,
  type BlobId,
  type ChangeAnswer,
  type ChangeRequest,
  type CheckInfo,
  type ClusterInfo,
  type ContentsAnswer,
  type ContentsRequest,
  type CreateTokenAnswer,
  type Endpoint,
  type EndpointName,
  type EntryPage,
  endpoints,
  type KeepAnswer,
  type KeepRequest,
  type LocateAnswer,
  type MaintenanceInfo,
  type NodeInfo,
  type PlaceAnswer,
  type PlaceRequest,
  type SettingInfo,
  type SignAnswer,
  type TagInfo,
  type TagList,
  type TagLog,
  type TokenChange,
  type TokenList,
  type Version,
} from '../../protocol/index.ts'
import {type ClusterAddress, type ClusterChoice, findCluster} from './home.ts'
import {HttpClient, readJson} from './http.ts'
import {type BackupStream, readBackup} from './read-backup.ts'

/** Tries of a call that is safe to repeat, and the pause before the second, doubled each time. Milliseconds. */
const tryCountMax = 6
const firstPauseMs = 100

type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** The token of the tag that is asked for. */
  readonly tagToken?: string | undefined
}

/** What one request is made of. */
export interface Call extends CallOptions {
  readonly parameters?: Readonly<Record<string, string>>
  readonly query?: Query
  readonly body?: unknown
  /** Repeat when the cluster says "later" or the connection breaks. */
  readonly isSafeToRepeat?: boolean
}

/**
 * Holds connections open until `close`. What is safe to repeat is, when the master says "later" or the connection breaks.
 *
 * @throws from each call UserError CANNOT_REACH, FORBIDDEN and what the endpoint refuses with; ClusterError, `retryable` or not
 */
export class ClusterClient {
  readonly http: HttpClient
  readonly address: ClusterAddress
  #hasAnswered = false

  constructor(address: ClusterAddress) {
    this.address = address
    this.http = new HttpClient(address.ca)
  }

  cluster = (options?: CallOptions): Promise<ClusterInfo> => this.#read('cluster', {...options})
  nodes = (options?: CallOptions): Promise<{readonly nodes: readonly NodeInfo[]}> => this.#read('nodes', {...options})

  changeNode(
    verb: 'drain' | 'undrain' | 'remove',
    node: string,
    body: {readonly force?: boolean} = {},
  ): Promise<NodeInfo> {
    const names = {drain: 'drainNode', undrain: 'undrainNode', remove: 'removeNode'} as const
    return this.#json(names[verb], {parameters: {node}, body, isSafeToRepeat: true})
  }

  settings = (options?: CallOptions): Promise<Record<string, unknown>> => this.#read('settings', {...options})
  /** All settings with defaults, units and what they mean. */
  settingInfos = (options?: CallOptions): Promise<{readonly settings: readonly SettingInfo[]}> =>
    this.#read('settings', {...options, query: {details: true}})
  setSetting = (setting: string, value: unknown): Promise<Record<string, unknown>> =>
    this.#json('setSetting', {parameters: {setting}, body: {value}, isSafeToRepeat: true})
  stop = (): Promise<{readonly pid: number}> => this.#json('stop', {body: {}})

  tokens = (): Promise<TokenList> => this.#read('listTokens', {})
  /** @throws UserError BAD_NAME, BAD_SETTING */
  createToken = (name: string, scopes: readonly string[], expiresInMs?: number): Promise<CreateTokenAnswer> =>
    this.#json('createToken', {body: {name, scopes, expiresInMs}})
  /** @throws UserError BAD_NAME when there is none */
  revokeToken = (token: string): Promise<TokenChange> => this.#json('revokeToken', {parameters: {token}})
  /** Who changed what: the last `count`, oldest first. */
  audit = (count: number): Promise<AuditLines> => this.#read('audit', {query: {count}})

  listTags(
    query: {prefix?: string; after?: string; count?: number; deleted?: boolean},
    options?: CallOptions,
  ): Promise<TagList> {
    return this.#read('listTags', {...options, query: {...query, deleted: query.deleted === true ? 1 : undefined}})
  }

  /** @throws UserError TAG_NOT_FOUND */
  readTag = (tag: string, options?: CallOptions): Promise<TagInfo> =>
    this.#read('readTag', {...options, parameters: {tag}})

  readEntries(
    tag: string,
    page: {after?: number; count?: number; version?: Version},
    options?: CallOptions,
  ): Promise<EntryPage> {
    const version = page.version === undefined ? undefined : `${page.version.epoch}.${page.version.counter}`
    return this.#read('readEntries', {...options, parameters: {tag}, query: {...page, version}})
  }

  readLog = (tag: string, count: number, options?: CallOptions): Promise<TagLog> =>
    this.#read('readLog', {...options, parameters: {tag}, query: {count}})

  /** Entries or history of several tags. The answer may be of the first ones only: `readManyTags` asks on. */
  readContents = (body: ContentsRequest, options?: CallOptions): Promise<ContentsAnswer> =>
    this.#json('readContents', {...options, body, isSafeToRepeat: true})

  /**
   * Changes a tag. Repeated only when the outcome cannot differ: a lost answer to an append of unique entries is asked for again.
   *
   * @throws UserError VERSION_CHANGED, TAG_NOT_FOUND, TAG_TOO_LARGE, FORBIDDEN; ClusterError UNAVAILABLE, TIMED_OUT
   */
  changeTag(tag: string, request: ChangeRequest, options?: CallOptions): Promise<ChangeAnswer> {
    const {change} = request
    const isSafeToRepeat = request.ifVersion === undefined && !(change.type === 'append' && change.unique === 'none')
    return this.#json('changeTag', {...options, parameters: {tag}, body: request, isSafeToRepeat})
  }

  /** Repeated only as a first question: when nodes are excluded, the caller knows what to do without an answer. */
  placeBlob = (body: PlaceRequest, options?: CallOptions): Promise<PlaceAnswer> =>
    this.#json('placeBlob', {...options, body, isSafeToRepeat: (body.exclude ?? []).length === 0})
  keepBlobs = (body: KeepRequest, options?: CallOptions): Promise<KeepAnswer> =>
    this.#json('keepBlobs', {...options, body, isSafeToRepeat: true})
  locateBlobs = (blobs: readonly BlobId[], options?: CallOptions): Promise<LocateAnswer> =>
    this.#json('locateBlobs', {...options, body: {blobs}, isSafeToRepeat: true})
  /** URLs of these blobs that need no token. @param forMs - how long they are good, at most `signedUrlMsMax` */
  signBlobs = (blobs: readonly BlobId[], forMs: number, options?: CallOptions): Promise<SignAnswer> =>
    this.#json('signBlobs', {...options, body: {blobs, forMs}, isSafeToRepeat: true})
  /** Of these lengths those that a stored blob may have; undefined from a master that does not tell. */
  knownSizes = async (sizes: readonly number[], options?: CallOptions): Promise<readonly number[] | undefined> =>
    (await this.#json<LocateAnswer>('locateBlobs', {...options, body: {blobs: [], sizes}, isSafeToRepeat: true})).sizes

  maintenance = (options?: CallOptions): Promise<MaintenanceInfo> => this.#read('maintenance', {...options})
  collect = (body: {readonly isDryRun: boolean}): Promise<MaintenanceInfo> => this.#json('collect', {body})
  balance = (): Promise<MaintenanceInfo> => this.#json('balance', {body: {}})
  scrub = (): Promise<MaintenanceInfo> => this.#json('scrub', {body: {}})
  check = (body: {readonly prefix?: string}): Promise<CheckInfo> => this.#json('check', {body})

  /** What the node at this client's address must not lose. @throws ClusterError OVERLOADED when it makes one already */
  async backup(options?: CallOptions): Promise<BackupStream> {
    const {response, url} = await this.#send(endpoints.backup, {...options, body: {}})
    return await readBackup(response, url)
  }

  /** Headers that open what the token may. */
  authorization(options: CallOptions = {}): Record<string, string> {
    return {
      ...(this.address.token === undefined ? {} : {authorization: `Bearer ${this.address.token}`}),
      ...(options.tagToken === undefined ? {} : {'x-tag-token': options.tagToken}),
    }
  }

  close(): void {
    this.http.close()
  }

  /** Asks an endpoint that changes nothing. For the files beside this one. */
  readJson<Body>(name: EndpointName, call: Call): Promise<Body> {
    return this.#read(name, call)
  }

  /** Asks an endpoint that changes something. */
  postJson<Body>(name: EndpointName, call: Call): Promise<Body> {
    return this.#json(name, call)
  }

  /** Sends a body that is not JSON. */
  sendBytes<Body>(name: EndpointName, bytes: Uint8Array, call: Call): Promise<Body> {
    return this.#repeated(call, async () => {
      const endpoint = endpoints[name]
      const url = this.address.url + pathOf(endpoint, call)
      const type = {'content-type': 'application/octet-stream', 'content-length': bytes.length}
      const headers = {...this.authorization(call), ...type}
      const response = await this.http.send({method: endpoint.method, url, headers, signal: call.signal}, bytes)
      return await readJson<Body>(response, url)
    })
  }

  urlOf(name: EndpointName, parameters: Readonly<Record<string, string>> = {}): string {
    return this.address.url + pathOf(endpoints[name], {parameters})
  }

  #read<Body>(name: EndpointName, call: Call): Promise<Body> {
    return this.#json(name, {...call, isSafeToRepeat: true})
  }

  #json<Body>(name: EndpointName, call: Call): Promise<Body> {
    return this.#repeated(call, async () => {
      const {response, url} = await this.#send(endpoints[name], call)
      return await readJson<Body>(response, url)
    })
  }

  async #repeated<Body>(call: Call, ask: () => Promise<Body>): Promise<Body> {
    for (let tried = 1; ; tried++) {
      try {
        const body = await ask()
        this.#hasAnswered = true
        return body
      } catch (error) {
        // Node says only that it was aborted; who aborted it knows why.
        call.signal?.throwIfAborted()
        const mayWork = error instanceof ClusterError && error.retryable && call.isSafeToRepeat === true
        if (!(mayWork || this.#isRestarting(error)) || tried >= tryCountMax) throw error
        await pause(firstPauseMs * 2 ** (tried - 1), call.signal)
      }
    }
  }

  /** It answered before, and nothing was sent to it now: safe to repeat, whatever it was. */
  #isRestarting(error: unknown): boolean {
    return this.#hasAnswered && error instanceof UserError && error.code === 'CANNOT_REACH'
  }

  async #send(endpoint: Endpoint, call: Call): Promise<{response: IncomingMessage; url: string}> {
    const url = this.address.url + pathOf(endpoint, call)
    const headers = {
      ...this.authorization(call),
      ...(call.body === undefined ? {} : {'content-type': 'application/json'}),
    }
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const response = await this.http.send({method: endpoint.method, url, headers, signal: call.signal}, body)
    return {response, url}
  }
}

/** Finds the cluster that a command means and runs `work` with a client of it. */
export async function withCluster<Result>(
  choice: ClusterChoice,
  work: (client: ClusterClient) => Promise<Result>,
): Promise<Result> {
  const client = new ClusterClient(findCluster(choice))
  try {
    return await work(client)
  } finally {
    client.close()
  }
}

/** Whether the cluster has no such tag (now): an answer, where the caller can go on without it. */
export const isTagMissing = (error: unknown): boolean => error instanceof UserError && error.code === 'TAG_NOT_FOUND'

function pathOf(endpoint: Endpoint, call: Call): string {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(call.parameters?.[name] ?? ''))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Resolves after `ms`; rejects when `signal` is aborted before. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const timer = setTimeout(done, ms)
    function done(): void {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    function stop(): void {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, {once: true})
  })
}
