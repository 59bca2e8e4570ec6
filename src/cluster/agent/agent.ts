/**
 * An agent: the stores of one node, its link to the master, and what the node serves over HTTP.
 *
 * It decides nothing. It does what a master with a high enough epoch orders, tells what it holds, and never says that
 * something is stored before it is durable.
 */

import {join} from 'node:path'
import {ClusterError, type UserError} from '../../base/index.ts'
import {type AgentMesh, type MasterMesh, openMesh} from '../../mesh/index.ts'
import {
  type AgentNotice,
  type BlobId,
  type BlobReport,
  failed,
  type MeshReply,
  type MeshRequest,
  type NodeName,
  type NodeStatus,
  ticketKeyOf,
  type UploadAnswer,
} from '../../protocol/index.ts'
import {type BlobStore, type NodeFolder, openBlobStore, openTagStore, type SqliteTagStore} from '../../storage/index.ts'
import type {TaskUsers} from '../../worker/index.ts'
import type {ApiCall, Handler, KnownToken} from '../http/index.ts'
import {AgentJobs} from '../jobs/agent/agent-jobs.ts'
import type {AgentJobHandlerPorts} from '../jobs/agent/handlers.ts'
import type {Log, OpenLog} from '../run/log.ts'
import {parseTokensSetting} from '../run/tokens.ts'
import {BlobNotices} from './blob-notices.ts'
import {BlobService} from './blob-service.ts'
import {DiskStatus, statusOf} from './disk-status.ts'
import {inventoryOf} from './inventory.ts'
import {MeshMemory} from './mesh-memory.ts'
import {receiveBlob} from './receive-blob.ts'
import {serveBlob} from './serve-blob.ts'
import {TagService} from './tag-service.ts'

/** How often the disk is looked at, and the master told. Milliseconds. */
const statusEveryMs = 5000

export interface AgentOptions {
  readonly folder: NodeFolder
  readonly volumes?: readonly string[] | undefined
  readonly reserveBytes?: number | undefined
  /** Bytes of partial aggregates of rules that are kept. */
  readonly partialsBytesMax?: number | undefined
  /** Base URL for peers and clients. */
  readonly address: string
  readonly master: string | MasterMesh
  /** Base URL of the master's HTTP side. */
  readonly masterUrl: string
  readonly joinToken: string
  readonly ca?: string | undefined
  readonly force?: boolean | undefined
  readonly slotCount: number
  readonly software: string
  /** The cluster's folder on this machine, and whom tasks run as. */
  readonly home?: string
  readonly taskUsers?: TaskUsers | undefined
  readonly openLog: OpenLog
  /** The master does not let this node in; `isFinal`: it will not be asked again. */
  readonly onRefused: (error: UserError, isFinal: boolean) => void
  readonly onBug: (error: unknown) => void
}

/** A running agent, made by `open`. `leave` ends its links and orders, `close` its stores: HTTP ends between the two. */
export class Agent {
  readonly name: NodeName
  readonly mesh: AgentMesh
  readonly #options: AgentOptions
  readonly #tags: SqliteTagStore
  readonly #blobs: BlobStore
  readonly #tagService: TagService
  readonly #blobService: BlobService
  readonly #jobs: AgentJobs
  readonly #log: Log
  readonly #ticketKey: Uint8Array
  readonly #memory: MeshMemory
  readonly #notices: BlobNotices
  readonly #status: DiskStatus
  readonly #timer: NodeJS.Timeout
  /** Numbers links: an inventory for an older one stops. */
  #linkCount = 0
  #isClosed = false

  /** Opens the stores and begins to join. `mesh.joined` says when it is in. @throws as openTagStore and openBlobStore */
  static async open(options: AgentOptions): Promise<Agent> {
    const {folder, openLog} = options
    const log = openLog('agent')
    await using opening = new AsyncDisposableStack()
    const tags = await openTagStore(`${folder.path}/tags.sqlite`)
    opening.defer(() => tags.store.close())
    if (tags.setAside !== undefined) {
      log({
        level: 'error',
        msg: 'the database of tags was corrupt: it is rebuilt from other nodes',
        path: tags.setAside,
      })
    }
    // What happens before the agent is there is told when it is.
    const early: {agent?: Agent} = {}
    const blobs = await openBlobStore({
      node: folder.identity.name,
      folder: folder.path,
      events: {
        onGone: (gone, reason) => early.agent?.noteGone(gone, reason),
        onAdopted: blob => early.agent?.noteStored(blob),
        onWritten: path => early.agent?.noteWritten(path),
      },
      ...(options.volumes === undefined ? {} : {volumes: options.volumes}),
      ...(options.reserveBytes === undefined ? {} : {reserveBytes: options.reserveBytes}),
    })
    opening.defer(() => blobs.store.close())
    for (const {path, message} of blobs.broken) log({level: 'error', msg: 'volume cannot be used', path, text: message})
    if (blobs.setAside !== undefined) {
      log({level: 'error', msg: 'the database of blobs was corrupt: they are hashed again', path: blobs.setAside})
    }
    const status = await statusOf(blobs.store, tags.store)
    const agent = new Agent(options, tags.store, blobs.store, status, log)
    early.agent = agent
    opening.move()
    return agent
  }

  private constructor(options: AgentOptions, tags: SqliteTagStore, blobs: BlobStore, status: NodeStatus, log: Log) {
    this.name = options.folder.identity.name
    this.#options = options
    this.#tags = tags
    this.#blobs = blobs
    this.#log = log
    this.#ticketKey = ticketKeyOf(options.joinToken)
    const tell = (notice: AgentNotice): void => this.tell(notice)
    this.#status = new DiskStatus(status, {look: () => statusOf(blobs, tags), tell, log})
    this.#notices = new BlobNotices({tell, onTold: () => this.#status.tellSoon()})
    this.#tagService = new TagService(tags, (from, request) => this.mesh.request(from, request))
    this.#blobService = new BlobService({
      store: blobs,
      promise: epoch => tags.promise(epoch),
      addressOf: node => this.mesh.view?.members.find(member => member.name === node)?.address,
      joinToken: options.joinToken,
      ca: options.ca,
      onStored: blob => this.noteStored(blob),
    })
    this.#jobs = this.#openJobs()
    this.#memory = new MeshMemory(tags, options.folder, log)
    this.mesh = this.#openMesh()
    this.#timer = setInterval(() => {
      this.#retryMemory()
      void this.#status.tell()
    }, statusEveryMs)
    this.#timer.unref()
  }

  /** Of its disks, as the master was told last. */
  get status(): NodeStatus {
    return this.#status.last
  }

  /** Of its databases. */
  get folder(): string {
    return this.#options.folder.path
  }

  /** A copy of its tags as they are now, in a new file. @throws ClusterError DISK_FULL, STORAGE_BROKEN */
  async copyTags(path: string): Promise<void> {
    await this.#tags.copyTo(path)
  }

  /** Tokens that the master named, by their hashes. */
  tokens(): readonly KnownToken[] {
    return parseTokensSetting(String(this.mesh.view?.settings['tokens'] ?? ''))
  }

  /** What its endpoints about jobs work with. */
  get jobHandlerPorts(): AgentJobHandlerPorts {
    const nowMs = (): number => Date.now() + this.mesh.masterClockOffsetMs
    return {node: this.name, jobs: this.#jobs, readBlob: this.readBlob, ticketKey: this.#ticketKey, nowMs}
  }

  /** For GET and HEAD, with ranges. The bytes are compared with their checksums before they leave. */
  readonly readBlob: Handler = async (call: ApiCall) => {
    await serveBlob(this.#blobs, call.parameters['blob'] ?? '', call.request, call.response)
    return undefined
  }

  /** Answers when the blob is durable here. The master hears of it some milliseconds later. */
  readonly upload: Handler = async (call: ApiCall) => {
    const answer = await this.#receive(call)
    const stored = this.#blobs.find(answer.blob)
    if (stored !== undefined) this.noteStored(stored)
    return {status: 201, body: answer}
  }

  #receive(call: ApiCall): Promise<UploadAnswer> {
    const receiving = receiveBlob(call.request, {
      store: this.#blobs,
      node: this.name,
      ticketKey: this.#ticketKey,
      ticket: call.parameters['ticket'] ?? '',
      nowMs: Date.now() + this.mesh.masterClockOffsetMs,
      signal: call.signal,
      onEnded: target => this.#notices.noteUploadEnded(target),
    })
    return receiving.catch((error: unknown) => {
      // So that the next one is sent elsewhere.
      if (error instanceof ClusterError && error.code === 'DISK_FULL') void this.#status.tell()
      throw error
    })
  }

  /** A blob is here now: the master hears of it soon, together with others. */
  noteStored(blob: BlobReport): void {
    this.#notices.noteStored(blob)
  }

  /** Blobs are here no more: the master hears of it at once. */
  noteGone(blobs: readonly BlobId[], reason: 'corrupt' | 'missing'): void {
    this.#notices.noteGone(blobs, reason)
  }

  /** The file of a blob was written here. */
  noteWritten(path: string): void {
    this.#jobs.noteWritten(path)
  }

  /** Tells the master; without a link the next inventory does. */
  tell(notice: AgentNotice): void {
    if (this.#isClosed || !this.mesh.isLinked) return
    this.mesh.send(notice).catch((error: unknown) => {
      this.#log({level: 'debug', msg: 'notice not sent', text: String(error)})
    })
  }

  /** Takes no new tasks, and waits for those that run. @param limitMs - not longer than this */
  async drainTasks(limitMs: number, signal: AbortSignal): Promise<void> {
    await this.#jobs.drain(limitMs, signal)
  }

  /** Says goodbye to master and peers. What clients ask over HTTP is still answered. */
  async leave(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#notices.close()
    this.#status.close()
    await this.mesh.close()
  }

  /** Closes the stores: nothing may ask for anything any more. */
  async close(): Promise<void> {
    await this.leave()
    await this.#jobs.close()
    this.#blobService.close()
    await this.#blobs.close()
    this.#tags.close()
  }

  #openJobs(): AgentJobs {
    const {folder, slotCount, masterUrl, joinToken, ca, openLog, address, partialsBytesMax} = this.#options
    return new AgentJobs({
      node: this.name,
      folder: join(folder.path, 'jobs'),
      slotCount,
      masterUrl: () => masterUrl,
      joinToken,
      ca,
      ticketKey: this.#ticketKey,
      nowMs: () => Date.now() + this.mesh.masterClockOffsetMs,
      addresses: () => {
        const isThere = (state: string): boolean => state !== 'lost' && state !== 'removed'
        const members = (this.mesh.view?.members ?? []).filter(member => isThere(member.state))
        const known = members.flatMap(({name, address: at}) => (at === undefined ? [] : [[name, at] as const]))
        return new Map([...known, [this.name, address]])
      },
      hasBlob: blob => this.#blobs.find(blob) !== undefined,
      blobFile: blob => {
        const found = this.#blobs.fileOf(blob)
        return found && {...found, checksums: found.checksums.toString('base64')}
      },
      partialsFolder: join(folder.path, 'partials'),
      ...(partialsBytesMax === undefined ? {} : {partialsBytesMax}),
      taskUsers: this.#options.taskUsers,
      ...(this.#options.home === undefined ? {} : {home: this.#options.home}),
      promise: epoch => this.#tags.promise(epoch),
      send: async notice => {
        if (this.#isClosed) throw new ClusterError('UNAVAILABLE', 'the node stops')
        await this.mesh.send(notice)
      },
      log: openLog('jobs'),
    })
  }

  #openMesh(): AgentMesh {
    const {folder, address, master, joinToken, ca, force, slotCount, software, openLog, onRefused, onBug} =
      this.#options
    const meshLog = openLog('mesh')
    const memory = this.#memory
    return openMesh({
      role: 'agent',
      name: this.name,
      key: folder.identity.key,
      pid: process.pid,
      slotCount,
      software,
      address,
      master,
      token: joinToken,
      ...(ca === undefined ? {} : {ca}),
      ...(force === undefined ? {} : {force}),
      memory: memory.read(),
      promiseEpoch: (next, of) => memory.promiseEpoch(next, of),
      rememberView: next => memory.rememberView(next),
      rememberContact: atMs => memory.rememberContact(atMs),
      status: () => this.#status.last,
      onRequest: (_from, body, signal) => this.#answer(body, signal),
      onLinked: () => void this.#sendInventory(),
      onRefused,
      onBug,
      log: line => meshLog({...line}),
    })
  }

  async #answer(request: MeshRequest, signal: AbortSignal): Promise<MeshReply> {
    if (this.#isClosed) return failed('UNREACHABLE', `${this.name} stops`)
    switch (request.type) {
      case 'fetch-blob':
      case 'touch-blobs':
      case 'list-idle-blobs':
      case 'drop-blobs':
      case 'scrub':
        return this.#blobService.handle(request, signal)
      case 'tags-restored':
        return this.#endRebuilding(request.epoch)
      case 'commit':
      case 'read-head':
      case 'read-entries':
      case 'read-log':
      case 'sync':
      case 'forget':
      case 'fetch-tag':
      case 'find-references':
        return this.#tagService.handle(request, signal)
      default:
        return this.#jobs.handle(request)
    }
  }

  #endRebuilding(epoch: number): MeshReply {
    const refused = this.#tags.promise(epoch)
    if (refused !== undefined) return refused
    if (!this.#tags.isRebuilding()) return {type: 'noted'}
    this.#tags.setRebuilding(false)
    this.#log({level: 'info', msg: 'all tags are here again', node: this.name})
    return {type: 'noted'}
  }

  async #sendInventory(): Promise<void> {
    const link = ++this.#linkCount
    try {
      await this.#blobService.dropsEnded()
      await this.#status.look()
      await this.mesh.send({type: 'status', status: this.#status.last})
      for (const notice of inventoryOf(this.#tags, this.#blobs, this.#tags.isRebuilding())) {
        if (link !== this.#linkCount || this.#isClosed) return
        await this.mesh.send(notice)
      }
      if (link === this.#linkCount && !this.#isClosed) await this.#jobs.report()
    } catch (error) {
      // The link broke: the next one gets an inventory of its own.
      this.#log({level: 'info', msg: 'inventory not sent', text: String(error)})
    }
  }

  #retryMemory(): void {
    try {
      this.#memory.retry()
    } catch (error) {
      this.#options.onBug(error)
    }
  }
}
