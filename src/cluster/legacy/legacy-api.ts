/**
 * Disco's HTTP interface, answered by the master: `/disco`, `/ddfs`, `/proxy`.
 *
 * Opened without tokens for programs on this machine, or with the cluster's tokens for anybody.
 */
import {createServer, type Server} from 'node:http'
import {InvariantError} from '../../base/index.ts'
import {isOwnHost} from '../../mesh/index.ts'
import type {SideApi, SideCall} from '../http/index.ts'
import type {Master} from '../master/master.ts'
import {auditTextMax, claimedOrigin} from '../security/index.ts'
import {knownRefusalOf, Refusal, sendJsonText, sendRefusal} from './answers.ts'
import {BlobApi} from './blob-api.ts'
import {checkAccess, hostOf, type LegacyCall, type Who, whoAsks} from './call.ts'
import {JobApi} from './job-api.ts'
import {NodeApi} from './node-api.ts'
import {auditedRoutes, findRoute, type LegacyRouted, type RouteName, unproxied} from './routes.ts'
import {LegacyFile} from './state.ts'
import {TagApi} from './tag-api.ts'

/** The version of Disco whose clients this is for. */
const discoVersion = '0.5.4'

export interface LegacyOptions {
  readonly master: Master
  /** The master's own folder. */
  readonly folder: string
  readonly joinToken: string
  readonly ca: string | undefined
  /** Programs on this machine need no token. */
  readonly isOpen: boolean
}

type LegacyHandler = (call: LegacyCall, rest: string) => Promise<void> | void

const pathPattern = /^\/(?:disco|ddfs|proxy)(?:\/|$)/

/** Shares the node's server by `takes` and `serve`; `listenForPuts` adds the port that Disco had for blobs. */
export class LegacyApi implements SideApi {
  readonly #options: LegacyOptions
  readonly #tags: TagApi
  readonly #blobs: BlobApi
  readonly #handlers: Readonly<Record<RouteName, LegacyHandler>>
  #putServer: Server | undefined
  #putPort: number | undefined

  /** @throws UserError CANNOT_START when what it remembered cannot be read */
  constructor(options: LegacyOptions) {
    const {master, folder, joinToken, ca} = options
    this.#options = options
    const file = new LegacyFile(folder)
    this.#tags = new TagApi(master)
    const nodes = new NodeApi(master, file, this.#tags.flow)
    this.#blobs = new BlobApi({master, joinToken, ca, spared: () => nodes.heldNodes()})
    this.#handlers = handlersOf(this.#tags, this.#blobs, new JobApi(master, file, this.#blobs), nodes)
  }

  takes(path: string): boolean {
    return pathPattern.test(path)
  }

  /** Answers as Disco does, refusals included. @throws a bug, after it was answered */
  async serve(side: SideCall): Promise<void> {
    const {request, response, path: raw, query, signal} = side
    const method = request.method ?? 'GET'
    try {
      const who = whoAsks(side, this.#options.isOpen)
      const {path, node} = unproxied(decoded(raw))
      const found = findRoute(method, path)
      if (found === undefined) throw new Refusal(404, 'not found')
      checkAccess(who, found.route.access)
      const host = hostOf(request.headers.host)
      const onSubject = this.#audited(side, who, found)
      const call = {
        ...who,
        request,
        response,
        method,
        path,
        node,
        query,
        signal,
        host,
        putPort: this.#putPort,
        onSubject,
      }
      await this.#handlers[found.route.name](call, found.rest)
    } catch (error) {
      if (response.destroyed || signal.aborted) return
      sendRefusal(response, error)
      // What is wrong inside must not go on being served.
      if (error instanceof InvariantError || knownRefusalOf(error) === undefined) throw error
    }
  }

  /**
   * Writes a change down in the log of changes once it is answered. Who is nobody does not come so far.
   *
   * @returns where a handler tells what the change concerns when the path does not
   */
  #audited({request, response}: SideCall, {caller}: Who, {route, rest}: LegacyRouted): LegacyCall['onSubject'] {
    const target: Record<string, string> = {}
    const note = (text: string): void => {
      if (text !== '') target['subject'] = text.slice(0, auditTextMax)
    }
    if (!auditedRoutes.has(route.name)) return note
    note(route.path === '/ddfs/tag/' ? rest : '')
    const told = claimedOrigin(request)
    const from = request.socket.remoteAddress ?? ''
    response.once('close', () =>
      this.#options.master.audit.write({
        ts: new Date().toISOString(),
        by: caller,
        from,
        ...(told === undefined ? {} : {for: told}),
        what: `disco:${route.name}`,
        target,
        status: response.statusCode,
      }),
    )
    return note
  }

  /**
   * Takes blobs at a port of their own, too: PUT and nothing else.
   *
   * @returns the port
   * @throws what listening throws: the port is taken
   */
  async listenForPuts(host: string, port: number, hostNames: readonly string[], serve: PutServe): Promise<number> {
    const server = createServer((request, response) => {
      request.on('error', () => undefined)
      response.on('error', () => undefined)
      const isOwn = request.headers.origin === undefined && isOwnHost(request.headers.host, hostNames)
      if (!isOwn) sendRefusal(response, new Refusal(403, 'Forbidden'))
      else if (request.method !== 'PUT') sendRefusal(response, new Refusal(501, 'Method not supported'))
      else serve(request, response)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({host, port}, resolve)
    })
    this.#putServer = server
    const address = server.address()
    this.#putPort = typeof address === 'object' && address !== null ? address.port : port
    return this.#putPort
  }

  /** Before the master closes: what waits is committed. */
  async close(): Promise<void> {
    this.#putServer?.closeAllConnections()
    this.#putServer?.close()
    await this.#tags.close()
    this.#blobs.close()
  }
}

export type PutServe = (request: SideCall['request'], response: SideCall['response']) => void

function handlersOf(
  tags: TagApi,
  blobs: BlobApi,
  jobs: JobApi,
  nodes: NodeApi,
): Readonly<Record<RouteName, LegacyHandler>> {
  return {
    version: call => sendJsonText(call.response, 200, discoVersion),
    submit: call => jobs.submit(call),
    killJob: call => jobs.end(call, 'kill'),
    cleanJob: call => jobs.end(call, 'clean'),
    purgeJob: call => jobs.end(call, 'purge'),
    getResults: call => jobs.results(call),
    stageResults: call => jobs.stageResults(call),
    jobList: call => jobs.list(call),
    jobInfo: call => jobs.info(call),
    parameters: call => jobs.pack(call),
    rawEvents: call => jobs.rawEvents(call),
    jobEvents: call => jobs.lastEvents(call),
    jobFile: call => jobs.file(call),
    nodeInfo: call => nodes.info(call),
    loadTable: call => nodes.table(call),
    saveTable: call => nodes.saveTable(call),
    getBlacklist: call => nodes.blacklist(call),
    blacklist: call => nodes.setBlacklisted(call, true),
    whitelist: call => nodes.setBlacklisted(call, false),
    getGcBlacklist: call => nodes.gcBlacklist(call),
    gcBlacklist: call => nodes.setDraining(call, true),
    gcWhitelist: call => nodes.setDraining(call, false),
    getSettings: call => nodes.settings(call),
    saveSettings: call => nodes.saveSettings(call),
    hostedTags: call => nodes.hostedTags(call),
    gcStats: call => nodes.gcStats(call),
    gcStatus: call => nodes.gcStatus(call),
    gcStart: call => nodes.startGc(call),
    safeGcBlacklist: call => nodes.safeGcBlacklist(call),
    newBlob: (call, rest) => blobs.newBlob(call, rest),
    readBlob: call => blobs.get(call),
    putBlob: (call, rest) => blobs.put(call, rest),
    listTags: (call, rest) => tags.list(call, rest),
    readTag: (call, rest) => tags.read(call, rest),
    appendTag: (call, rest) => tags.append(call, rest),
    putTag: (call, rest) => tags.put(call, rest),
    removeTag: (call, rest) => tags.remove(call, rest),
  }
}

/** A path that is not encoded correctly is taken as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
