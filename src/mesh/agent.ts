/** The agent's side of the mesh: stays linked to its master, serves its peers, and dials them on need. */
import {setTimeout as sleep} from 'node:timers/promises'
import {ClusterError, messageOf, UserError} from '../base/index.ts'
import {
  type ClusterView,
  commonVersion,
  failed,
  type Hello,
  type MeshNotice,
  type MeshReply,
  type MeshRequest,
  type NodeName,
  type NodeStatus,
  parseFrame,
  protocolRangeOf,
  type Ready,
  type Refused,
  type ReplyTo,
  rangeText,
  refusalError,
  type VersionRange,
  type Welcome,
} from '../protocol/index.ts'
import {refusePeer} from './admission.ts'
import {type AgentMemory, AgentRecord, type AgentRecordPorts} from './agent-record.ts'
import {type Channel, nextText} from './channel.ts'
import {type MeshCounters, type MeshLog, newCounters} from './counters.ts'
import {nodeUnreachable} from './errors.ts'
import {handshakeMs, peerIdleMs, redialFirstMs, redialMaxMs, shortLinkFailuresMax, timingsDefault} from './limits.ts'
import {Link, type RequestOptions} from './link.ts'
import {type MeshHost, refuseChannel} from './listen.ts'
import type {MasterMesh} from './master.ts'
import {Peers} from './peers.ts'
import {dial} from './socket-channel.ts'

export interface AgentOptions extends AgentRecordPorts {
  readonly role: 'agent'
  readonly name: NodeName
  /** Random name of the folder. */
  readonly key: string
  readonly pid: number
  readonly slotCount: number
  readonly software: string
  /** Base URL for peers; absent: nobody reaches this node, it reaches its master. */
  readonly address?: string
  /** A master elsewhere, by its address, or the one in this process. */
  readonly master: string | MasterMesh
  /** Scope `join`; for the master and for peers. */
  readonly token: string
  /** Certificates that are trusted instead of the system's, PEM. */
  readonly ca?: string
  /** Come in although removed or away for too long. */
  readonly force?: boolean
  readonly memory: AgentMemory
  /** Shorter in tests. */
  readonly peerIdleMs?: number
  /** Goes with every heartbeat. */
  readonly status?: () => NodeStatus
  /** `from`: the master, or a peer by its name. */
  readonly onRequest: (from: 'master' | NodeName, body: MeshRequest, signal: AbortSignal) => Promise<MeshReply>
  /** The link to the master is up: time to send the inventory. */
  readonly onLinked?: () => void
  readonly onUnlinked?: (reason: string) => void
  /** The master does not let this node in. `isFinal`: it is not asked again. */
  readonly onRefused?: (error: UserError, isFinal: boolean) => void
  /** An unexpected error of a handler: a bug. */
  readonly onBug: (error: unknown) => void
  readonly log: MeshLog
}

/** `promise` settles when the link that came up ends. In an object: `await` would wait for it at once. */
interface LinkEnd {
  readonly promise: Promise<void>
}

/** Requests that peers have for each other; all others come from a master. */
const peerRequestTypes: ReadonlySet<string> = new Set<MeshRequest['type']>(['fetch-tag'])

/**
 * The mesh as one agent has it. Dials its master from the beginning, and again whenever the link ends, until `close` or until
 * it is refused for good (`onRefused`). Nothing is kept to be sent later: without a link, sending fails.
 */
export class AgentMesh implements MeshHost {
  readonly counters: Readonly<MeshCounters>
  /** The first link came up. Rejects when this node is refused before, or closed. */
  readonly joined: Promise<void>
  readonly #joined = Promise.withResolvers<void>()
  readonly #counters: MeshCounters
  readonly #options: AgentOptions
  readonly #record: AgentRecord
  readonly #peers: Peers
  readonly #inbound = new Set<Link>()
  readonly #closing = new AbortController()
  readonly #life: Promise<void>
  #link: Link | undefined
  #masterClockOffsetMs = 0
  #hasJoined = false
  #isRemoved = false
  /** The refusal that people have heard of. */
  #toldRefusal: string | undefined

  constructor(options: AgentOptions) {
    this.#options = options
    this.#counters = newCounters()
    this.counters = this.#counters
    this.#record = new AgentRecord(options.memory, options)
    this.#peers = new Peers({
      token: options.token,
      ...(options.ca !== undefined && {ca: options.ca}),
      peerIdleMs: options.peerIdleMs ?? peerIdleMs,
      view: () => this.view,
      hello: () => this.#hello('peer'),
      onRequest: async () => failed('BAD_MESSAGE', 'only the side that dialled asks'),
      onBug: options.onBug,
      counters: this.#counters,
      log: options.log,
    })
    this.joined = this.#joined.promise
    // Whoever does not wait for it still hears of it by onRefused.
    this.joined.catch(() => undefined)
    this.#life = this.#stayLinked()
  }

  get isLinked(): boolean {
    return this.#link !== undefined
  }

  /** As a master told it last, or as the folder remembers it; undefined: it never was in a cluster. */
  get view(): ClusterView | undefined {
    return this.#record.view
  }

  /** What to add to this node's clock to get the master's, as of the last ping. Milliseconds; transit is not taken out. */
  get masterClockOffsetMs(): number {
    return this.#masterClockOffsetMs
  }

  /** Asks a peer. @throws ClusterError as Link.request; UNAVAILABLE when the peer is unknown or cannot be dialled */
  request<R extends MeshRequest>(node: NodeName, body: R, options?: RequestOptions): Promise<ReplyTo<R>> {
    return this.#peers.request(node, body, options)
  }

  /** Tells the master. Waits for room in the link. @throws ClusterError UNAVAILABLE without a link, or when it ends */
  async send(notice: MeshNotice): Promise<void> {
    if (this.#link === undefined) throw nodeUnreachable('master', 'there is no link to it')
    await this.#link.notify(notice)
  }

  /** A peer has dialled. */
  accept(channel: Channel, hello: Hello): void {
    const refused = refusePeer(this.#closing.signal.aborted ? undefined : this.view, hello)
    if (refused !== undefined) {
      this.#counters.refusedCount++
      refuseChannel(channel, refused)
      return
    }
    const welcome: Welcome = {
      type: 'welcome',
      protocol: commonVersion(this.#range, hello.protocol) ?? this.#range.max,
      software: this.#options.software,
      key: this.#options.key,
      nowMs: Date.now(),
    }
    channel.send(JSON.stringify(welcome))
    const link = new Link({
      channel,
      node: hello.node,
      heartbeatMs: this.#heartbeatMs,
      isPinging: false,
      counters: this.#counters,
      log: this.#options.log,
      handlers: {
        onRequest: async (body, signal) =>
          peerRequestTypes.has(body.type)
            ? this.#options.onRequest(hello.node, body, signal)
            : failed('BAD_MESSAGE', `${body.type} is for masters only`),
        onBug: this.#options.onBug,
        onEnd: reason => {
          this.#inbound.delete(link)
          this.#options.log({level: 'debug', msg: 'peer left', node: hello.node, text: reason})
        },
      },
    })
    this.#inbound.add(link)
    link.start()
  }

  /** Says goodbye to all and waits for it. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#joined.reject(new ClusterError('UNAVAILABLE', 'the agent stops'))
    const links = [...this.#inbound, ...(this.#link === undefined ? [] : [this.#link])]
    await Promise.all([...links.map(link => link.close('the agent stops')), this.#peers.close(), this.#life])
  }

  get #heartbeatMs(): number {
    return this.view?.timings.heartbeatMs ?? timingsDefault.heartbeatMs
  }

  get #range(): VersionRange {
    return protocolRangeOf(this.#options.software)
  }

  #hello(to: Hello['to']): Hello {
    const {name, key, pid, slotCount, software, address, force} = this.#options
    return {
      type: 'hello',
      to,
      protocol: this.#range,
      software,
      node: name,
      key,
      pid,
      slotCount,
      ...(address !== undefined && {address}),
      ...(force !== undefined && {force}),
      ...this.#record.seen(to),
      nowMs: Date.now(),
    }
  }

  /** Dials, waits for the end of the link, and dials again, until closed or refused for good. */
  async #stayLinked(): Promise<void> {
    const {signal} = this.#closing
    let failureCount = 0
    while (!signal.aborted) {
      try {
        const ended = await this.#join()
        const startMs = performance.now()
        await ended.promise
        // A link that ends as soon as it is up is a failure, too: two processes on one folder would push each other out.
        const isShort = performance.now() - startMs < redialMaxMs
        failureCount = isShort ? Math.min(failureCount + 1, shortLinkFailuresMax) : 0
      } catch (error) {
        if (signal.aborted) return
        failureCount++
        this.#counters.dialFailureCount++
        if (this.#isOver(error)) return
      }
      await sleep(redialDelayMs(failureCount), undefined, {signal}).catch(() => undefined)
    }
  }

  /** Tells people about a refusal. @returns whether to give up */
  #isOver(error: unknown): boolean {
    this.#options.log({level: 'warn', msg: 'cannot join', node: this.#options.name, text: messageOf(error)})
    if (!(error instanceof UserError)) return false
    // A node that was in goes on asking: its master may have been given another token, or be restored.
    const isFinal = !this.#hasJoined || this.#isRemoved
    if (isFinal || error.message !== this.#toldRefusal) this.#options.onRefused?.(error, isFinal)
    this.#toldRefusal = error.message
    if (isFinal) this.#joined.reject(error)
    return isFinal
  }

  /** Dials and goes through the handshake. */
  async #join(): Promise<LinkEnd> {
    const {master, token, ca, name} = this.#options
    const {signal} = this.#closing
    const channel =
      typeof master === 'string'
        ? await dial({address: master, token, ...(ca !== undefined && {ca})}, signal)
        : master.connect(name)
    channel.send(JSON.stringify(this.#hello('master')))
    const answer = parseFrame(await nextText(channel, handshakeMs, signal))
    if (answer.type === 'welcome') return this.#linkUp(channel, answer)
    channel.destroy('not welcome')
    // Both pass by themselves: with a higher epoch, with a master that is ready.
    if (answer.type === 'refused' && answer.code !== 'TRY_AGAIN' && answer.code !== 'STALE_EPOCH') {
      throw this.#refusal(answer)
    }
    throw new ClusterError('UNAVAILABLE', answer.type === 'refused' ? answer.message : `unexpected ${answer.type}`)
  }

  #refusal(refused: Refused): UserError {
    if (refused.code === 'REMOVED') this.#isRemoved = true
    return refusalError(refused)
  }

  #linkUp(channel: Channel, welcome: Welcome): LinkEnd {
    this.#checkWelcome(channel, welcome)
    const {epoch, view} = welcome
    if (epoch === undefined || view === undefined) {
      channel.destroy('it is no master')
      throw new ClusterError('PROTOCOL', 'the other side is no master')
    }
    if (!this.#promise(channel, epoch, welcome.key)) {
      const {epoch: seen} = this.#record
      const message = `node ${this.#options.name} has promised epoch ${seen}`
      refuseChannel(channel, {type: 'refused', code: 'STALE_EPOCH', message, epoch: seen})
      throw new ClusterError('STALE_EPOCH', `the master has epoch ${epoch}, this node has seen ${seen}`)
    }
    const ready: Ready = {type: 'ready'}
    channel.send(JSON.stringify(ready))
    const ended = Promise.withResolvers<void>()
    const link = new Link({
      channel,
      node: 'master',
      heartbeatMs: view.timings.heartbeatMs,
      isPinging: false,
      counters: this.#counters,
      log: this.#options.log,
      handlers: {
        onRequest: async (body, signal) => {
          // Each order says whose it is. A link has one epoch, so another one in it is a mistake.
          if ('epoch' in body && body.epoch !== epoch) {
            return failed('STALE_EPOCH', `node ${this.#options.name} has promised epoch ${epoch}`, this.#record.epoch)
          }
          return this.#options.onRequest('master', body, signal)
        },
        onPing: nowMs => {
          this.#masterClockOffsetMs = nowMs - Date.now()
          this.#record.noteContact(false)
        },
        describe: () => ({view: this.view?.version, status: this.#options.status?.()}),
        onView: next => this.#takeView(next, link),
        onProbe: node => this.#peers.isAlive(node, this.#heartbeatMs),
        onBug: this.#options.onBug,
        onEnd: (reason, refused) => {
          this.#link = undefined
          this.#record.noteContact(true)
          this.#options.log({level: 'info', msg: 'link to the master ended', text: reason})
          this.#options.onUnlinked?.(reason)
          if (refused?.code === 'REMOVED') ended.reject(this.#refusal(refused))
          else ended.resolve()
        },
      },
    })
    this.#link = link
    this.#masterClockOffsetMs = welcome.nowMs - Date.now()
    this.#takeView(view, link)
    this.#record.noteContact(true)
    this.#hasJoined = true
    this.#joined.resolve()
    this.#options.onLinked?.()
    link.start()
    return ended
  }

  /** A newer master must not be obeyed in a language that this program does not know. */
  #checkWelcome(channel: Channel, welcome: Welcome): void {
    if (welcome.protocol >= this.#range.min && welcome.protocol <= this.#range.max) return
    channel.destroy('wrong protocol')
    throw refusalError({
      type: 'refused',
      code: 'PROTOCOL',
      message: `${welcome.software} wants mesh protocol ${welcome.protocol}, this node speaks ${rangeText(this.#range)}`,
      hint: 'update this node',
    })
  }

  #promise(channel: Channel, epoch: number, master: string): boolean {
    try {
      return this.#record.promise(epoch, master)
    } catch (error) {
      channel.destroy('the epoch could not be stored')
      throw error
    }
  }

  #takeView(view: ClusterView, link: Link): void {
    if (this.#record.isOlder(view)) return
    link.setHeartbeat(view.timings.heartbeatMs)
    this.#record.takeView(view)
  }
}

/** Half fixed, half random: a hundred agents do not come back in one moment. 0 failures: the link was up, come back at once. */
function redialDelayMs(failureCount: number): number {
  const fullMs = Math.min(redialMaxMs, redialFirstMs * 2 ** Math.min(failureCount, 16))
  return fullMs / 2 + (Math.random() * fullMs) / 2
}
