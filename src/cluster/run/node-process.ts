/**
 * One node: a port, and behind it a master, an agent, or both.
 *
 * Opened in the order in which things depend on each other (folder and lock, port, master, agent, link) and closed in the
 * opposite one, so that a node that cannot start leaves nothing behind.
 */
import {rmSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {ClusterError, InvariantError, messageOf, UserError} from '../../base/index.ts'
import {listenForLinks, type MeshListener} from '../../mesh/index.ts'
import {hashToken, type NodeName} from '../../protocol/index.ts'
import {openJournal} from '../../storage/index.ts'
import {Agent} from '../agent/agent.ts'
import {type Handlers, type KnownToken, NodeServer} from '../http/index.ts'
import {readPlanOfPack} from '../jobs/master/submit-job.ts'
import {LegacyApi} from '../legacy/index.ts'
import {Master} from '../master/master.ts'
import {RequestCounts} from '../metrics/index.ts'
import {AttemptLimit, auditLineOf} from '../security/index.ts'
import {writeAddress} from './address-file.ts'
import {lockMasterFolder, openAgentFolder} from './node-folders.ts'
import {handlersOf, httpOf, lateHandlers} from './node-handlers.ts'
import {advertisedUrl, checkExposure, checkLegacy, isLoopback, type NodeOptions} from './options.ts'
import {TlsReload} from './tls-files.ts'
import {ensureTokens, knownTokensOf} from './tokens.ts'

/** What has been opened so far. */
interface Parts {
  agent?: Agent
  master?: Master
  listener?: MeshListener
  legacy?: LegacyApi
}

/** A node that runs: made by `start`, ended by `close`. `agent` or `master` is undefined where it is not one. */
export class NodeProcess {
  readonly name: NodeName
  readonly url: string
  readonly agent: Agent | undefined
  readonly master: Master | undefined
  readonly #closing: AsyncDisposableStack
  readonly #tls: TlsReload | undefined
  readonly #drainMs: number

  private constructor(
    name: NodeName,
    url: string,
    parts: {
      readonly agent: Agent | undefined
      readonly master: Master | undefined
      readonly tls: TlsReload | undefined
      readonly drainMs: number
    },
    closing: AsyncDisposableStack,
  ) {
    this.#tls = parts.tls
    this.#drainMs = parts.drainMs
    this.name = name
    this.url = url
    this.agent = parts.agent
    this.master = parts.master
    this.#closing = closing
  }

  /**
   * Opens everything, and waits until the node is in its cluster (an agent whose master is away waits for it).
   *
   * @param signal - aborted: closes what was opened and throws the signal's reason
   * @throws UserError CANNOT_START naming port, folder or refusal
   */
  static async start(options: NodeOptions, signal?: AbortSignal): Promise<NodeProcess> {
    checkExposure(options)
    checkLegacy(options)
    await using opening = new AsyncDisposableStack()
    const log = options.openLog('node')
    const onBug = (error: unknown): void => {
      log({level: 'error', msg: 'bug', text: stackOf(error)})
      options.onEnd({message: 'a bug: the process stops', error})
    }
    const tokens = options.isMaster ? ensureTokens(options.paths) : undefined
    const joinToken = options.joinToken ?? tokens?.join
    if (joinToken === undefined) throw noJoinToken()
    const known = tokens === undefined ? [] : knownTokensOf(tokens)

    const attempts = new AttemptLimit()
    const counts = new RequestCounts()
    const parts: Parts = {}
    const state: {handlers?: Handlers} = {}
    const server = new NodeServer({
      handlers: lateHandlers(() => state.handlers),
      // Not before the master is there: paths are then not found, as on agents.
      side: {
        takes: path => parts.legacy?.takes(path) ?? false,
        serve: async call => await parts.legacy?.serve(call),
      },
      tokens: () => parts.master?.knownTokens() ?? tokensOfAgent(parts.agent, joinToken, known),
      attempts,
      onTooManyAttempts: address => log({level: 'warn', msg: 'too many wrong tokens', address}),
      onServed: served => {
        counts.note(served)
        const line = auditLineOf(served, new Date().toISOString())
        if (line === undefined) return
        if (parts.master !== undefined) parts.master.audit.write(line)
        else if (served.route?.endpoint.by === 'node') log({msg: 'change', ...line, level: 'info'})
      },
      isStatusOpen: () => parts.master?.settings.isStatusOpen ?? false,
      hostNames: hostNamesOf(options),
      ...(options.tls === undefined ? {} : {tls: options.tls}),
      onBug: (error, route) => {
        log({level: 'error', msg: 'request failed', route, text: stackOf(error)})
        // What is known to be wrong inside must not go on being served; anything else concerned this one request.
        if (error instanceof InvariantError) options.onEnd({message: `a bug in ${route}: the process stops`, error})
      },
    })

    const masterFolder = options.isMaster ? await lockMasterFolder(options) : undefined
    if (masterFolder !== undefined) opening.defer(() => masterFolder.close())
    const folder = options.isAgent ? await openAgentFolder(options) : undefined
    if (folder !== undefined) opening.defer(() => folder.close())

    const port = await server.listen(options.host, options.port)
    opening.defer(() => closeParts(parts, server))
    signal?.throwIfAborted()
    const url = advertisedUrl(options, port)
    const name = folder?.identity.name ?? options.name ?? 'master'

    if (masterFolder !== undefined) {
      using journal = new DisposableStack()
      parts.master = new Master({
        journal: journal.adopt(await openJournal(join(masterFolder.path, 'journal.sqlite')), opened => opened.close()),
        readPlan: readPlanOfPack,
        folder: masterFolder.path,
        joinToken,
        tokens: known,
        isPrivate: isLoopback(options.host) && options.advertise === undefined,
        software: options.software,
        openLog: options.openLog,
        onSuperseded: epoch => options.onEnd({message: 'superseded', error: superseded(epoch)}),
        onBug,
      })
      // The master closes it from here on.
      journal.move()
    }
    if (parts.master !== undefined && masterFolder !== undefined) {
      parts.legacy = await openLegacy(options, {master: parts.master, folder: masterFolder.path, joinToken, server})
    }
    if (folder !== undefined) {
      parts.agent = await Agent.open({
        folder,
        volumes: options.volumes,
        reserveBytes: options.reserveBytes,
        partialsBytesMax: options.partialsBytesMax,
        address: url,
        master: parts.master?.mesh ?? masterAddress(options),
        masterUrl: parts.master === undefined ? (httpOf(options.join) ?? url) : url,
        joinToken,
        ca: options.ca,
        force: options.force,
        slotCount: options.slotCount,
        home: options.paths.home,
        taskUsers: options.taskUsers,
        software: options.software,
        openLog: options.openLog,
        onRefused: (error, isFinal) => {
          if (isFinal) options.onEnd({message: 'refused by the master', error})
        },
        onBug,
      })
    }
    state.handlers = handlersOf(options, parts, {name, url, counts})
    parts.listener = listenLinks(server, options, parts, {joinToken, attempts})
    if (parts.master !== undefined) {
      writeAddress(options.paths, {url, pid: process.pid, name, drainMs: options.drainMs ?? 0})
      opening.defer(() => rmSync(options.paths.address, {force: true}))
    }
    log({level: 'info', msg: 'listening', node: name, url})
    if (parts.agent !== undefined) await untilAborted(parts.agent.mesh.joined, signal)
    const tls =
      options.tls?.paths === undefined ? undefined : new TlsReload(server, options.tls.paths, options.openLog('tls'))
    if (tls !== undefined) opening.use(tls)
    const {agent, master} = parts
    return new NodeProcess(name, url, {agent, master, tls, drainMs: options.drainMs ?? 0}, opening.move())
  }

  /** Whether its certificate can be replaced while it runs. */
  get hasTls(): boolean {
    return this.#tls !== undefined
  }

  /** Reads the certificate again. */
  reloadTls(): void {
    this.#tls?.reload()
  }

  /** Takes no new tasks, and waits for those that run, but not for ever. @param signal - aborted: waits no longer */
  async drain(signal: AbortSignal): Promise<void> {
    await this.agent?.drainTasks(this.#drainMs, signal)
  }

  /** Stops taking requests, ends what runs, and lets go of folders and port. */
  async close(): Promise<void> {
    await this.#closing.disposeAsync()
  }
}

/**
 * Links first: nobody gives orders to a node that stops, and the server waits for connections that have become links. Then
 * the server: no request finds a closed store.
 */
async function closeParts({agent, master, listener, legacy}: Parts, server: NodeServer): Promise<void> {
  await legacy?.close()
  await agent?.leave()
  await master?.close()
  listener?.close()
  await server.close()
  await agent?.close()
}

interface LegacyParts {
  readonly master: Master
  readonly folder: string
  readonly joinToken: string
  readonly server: NodeServer
}

/** @throws UserError CANNOT_START when the port for blobs is taken */
async function openLegacy(options: NodeOptions, {master, folder, joinToken, server}: LegacyParts): Promise<LegacyApi> {
  const log = options.openLog('legacy')
  const isOpen = options.legacy !== undefined
  const api = new LegacyApi({master, folder, joinToken, ca: options.ca, isOpen})
  if (options.legacy === undefined) return api
  try {
    const {host} = options
    const port = await api.listenForPuts(host, options.legacy.putPort, hostNamesOf(options), (request, response) =>
      server.server.emit('request', request, response),
    )
    log({
      level: 'warn',
      msg: 'the interface of Disco is open without tokens to programs on this machine',
      putPort: port,
    })
    return api
  } catch (error) {
    throw new UserError(
      'CANNOT_START',
      `cannot listen at ${options.host}:${options.legacy.putPort}: ${messageOf(error)}`,
      {
        hint: 'is Disco running? choose another port for blobs with --legacy-put-port',
        cause: error,
      },
    )
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work
  signal.throwIfAborted()
  const {promise, reject} = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const superseded = (epoch: number): ClusterError =>
  new ClusterError('STALE_EPOCH', `a newer master (epoch ${epoch}) has taken over: this one stops`, {
    retryable: false,
    hint: 'only one master may run for a cluster; the nodes follow the newer one',
  })

const noJoinToken = (): UserError =>
  new UserError('CANNOT_START', 'an agent needs the join token of its cluster', {
    hint: 'on the machine of the master: disco token join; then give it with --join-token or DISCO_JOIN_TOKEN',
  })

function masterAddress({join: address}: NodeOptions): string {
  if (address !== undefined) return address
  throw new UserError('BAD_FLAG', 'an agent needs the address of its master', {
    hint: '--join ws://HOST:8989',
    exitCode: 2,
  })
}

/** @param own - of a master that is not there yet */
function tokensOfAgent(agent: Agent | undefined, joinToken: string, own: readonly KnownToken[]): readonly KnownToken[] {
  if (own.length > 0) return own
  return [...(agent?.tokens() ?? []), {scopes: ['join'], hash: hashToken(joinToken)}]
}

function hostNamesOf({advertise}: NodeOptions): string[] {
  const isUrl = advertise !== undefined && URL.canParse(advertise)
  return [hostname(), ...(isUrl ? [new URL(advertise).hostname] : [])]
}

function listenLinks(
  server: NodeServer,
  options: NodeOptions,
  parts: {readonly agent?: Agent; readonly master?: Master},
  {joinToken, attempts}: {readonly joinToken: string; readonly attempts: AttemptLimit},
): MeshListener {
  const log = options.openLog('mesh')
  return listenForLinks(server.server, {
    software: options.software,
    ...(parts.master === undefined ? {} : {master: parts.master.mesh}),
    ...(parts.agent === undefined ? {} : {agent: parts.agent.mesh}),
    joinTokens: () => [hashToken(joinToken)],
    attempts,
    hostNames: hostNamesOf(options),
    log: line => log({...line}),
  })
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : messageOf(error))
