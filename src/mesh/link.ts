/**
 * A link between two nodes that know each other: requests and replies, notices, pings.
 *
 * - Per direction, what is sent arrives in that order, or the link ends. It does not come back: a new link is a new object.
 * - A request gets one reply, or fails at its deadline or at the end of the link. Late and second replies are ignored.
 * - One timer a link, every heartbeat: it pings (the side that is told to), and ends the link when nothing was heard for three
 *   heartbeats, or when nothing of what is queued has left meanwhile (`link-health.ts`).
 */
import {ClusterError, messageOf} from '../base/index.ts'
import {
  type ClusterView,
  type Failed,
  type Frame,
  failed,
  frameBytesMax,
  type MeshNotice,
  type MeshReply,
  type MeshRequest,
  type NodeName,
  type NodeStatus,
  type Pong,
  parseFrame,
  type Refused,
  type ReplyTo,
  type Version,
} from '../protocol/index.ts'
import {type Asked, Calls, isRequest} from './calls.ts'
import type {Channel} from './channel.ts'
import type {MeshCounters, MeshLog} from './counters.ts'
import {failureOf, nodeUnreachable} from './errors.ts'
import {badFramesMax, deadlineDefaultMs, inboundMax, queuedBytesMax} from './limits.ts'
import {LinkHealth} from './link-health.ts'
import {Outbox} from './outbox.ts'

export interface RequestOptions {
  /** From the call on, waiting and dialling included. */
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
}

/** What comes in over a link. All but `onEnd` have something that fits the side they are on. */
export interface LinkHandlers {
  /** The signal ends with the link: nobody waits for the reply any more. */
  onRequest(body: MeshRequest, signal: AbortSignal): Promise<MeshReply>
  onNotice?(body: MeshNotice): void
  onPong?(pong: Pong): void
  /** The other side's clock, with a ping. */
  onPing?(nowMs: number): void
  onView?(view: ClusterView): void
  /** Look for a node on behalf of the master. */
  onProbe?(node: NodeName): Promise<boolean>
  /** What a pong tells. */
  describe?(): {readonly view?: Version | undefined; readonly status?: NodeStatus | undefined}
  /** A handler threw what it must not. */
  onBug(error: unknown): void
  /** Once. `refused` when the other side said why. */
  onEnd(reason: string, refused: Refused | undefined): void
}

export interface LinkOptions {
  readonly channel: Channel
  /** The other side, for messages. */
  readonly node: string
  readonly heartbeatMs: number
  /** One side pings, the other one answers. */
  readonly isPinging: boolean
  /** Without a request for so long the link says goodbye. */
  readonly idleMs?: number
  readonly handlers: LinkHandlers
  readonly counters: MeshCounters
  readonly log: MeshLog
}

/** Made with its channel, reads from `start` on, and ends once: by `close`, by `destroy`, or by itself. */
export class Link {
  readonly node: string
  readonly #channel: Channel
  readonly #options: LinkOptions
  readonly #outbox: Outbox
  readonly #calls: Calls
  readonly #health: LinkHealth
  /** Notices that have not left yet: how they fail. */
  readonly #unsent = new Set<(error: Error) => void>()
  readonly #ended = new AbortController()
  #beat: NodeJS.Timeout | undefined
  #inboundCount = 0
  #badFrameCount = 0
  #refused: Refused | undefined

  constructor(options: LinkOptions) {
    this.node = options.node
    this.#options = options
    this.#channel = options.channel
    this.#outbox = new Outbox(options.channel)
    this.#calls = new Calls(options.node)
    this.#health = new LinkHealth(options.heartbeatMs, performance.now(), options.idleMs)
    options.counters.linkCount++
    this.#startBeat()
  }

  /** Begins to read. Before, requests may be sent already. */
  start(): void {
    if (this.isEnded) return
    this.#channel.listen({
      onText: text => this.#takeSafely(text),
      onDrain: () => {
        this.#health.noteDrained(performance.now())
        this.#outbox.flush()
      },
      onEnd: reason => this.#end(reason),
    })
  }

  get isEnded(): boolean {
    return this.#ended.signal.aborted
  }

  /**
   * @throws ClusterError TIMED_OUT at the deadline; UNAVAILABLE without a link or when it ends; OVERLOADED when too many
   *   wait; PROTOCOL when request or reply cannot be sent or understood. The signal's reason when it is aborted
   */
  request<R extends MeshRequest>(body: R, options: RequestOptions = {}): Promise<ReplyTo<R>> {
    const {deadlineMs = deadlineDefaultMs, signal} = options
    return this.#call(body, call => ({type: 'request', call, body}), deadlineMs, signal) as Promise<ReplyTo<R>>
  }

  /** Asks the other side to look for a node. @throws as request */
  probe(node: NodeName, deadlineMs: number): Promise<boolean> {
    return this.#call({type: 'probe'}, call => ({type: 'probe-request', call, node}), deadlineMs) as Promise<boolean>
  }

  /** Whether the other side answers, now. @throws as request */
  ping(deadlineMs: number): Promise<boolean> {
    return this.#call({type: 'ping'}, call => pingFrame(call), deadlineMs) as Promise<boolean>
  }

  /** Waits until there is room in the link, not until it has arrived. @throws ClusterError as request */
  async notify(body: MeshNotice): Promise<void> {
    const {promise, resolve, reject} = Promise.withResolvers<void>()
    if (this.isEnded) throw nodeUnreachable(this.node, 'the link has ended')
    const text = this.#textOf({type: 'notice', body})
    this.#unsent.add(reject)
    this.#outbox.put(text, false, () => {
      this.#unsent.delete(reject)
      resolve()
    })
    return promise
  }

  sendView(view: ClusterView): void {
    this.#send({type: 'view', view})
  }

  setHeartbeat(heartbeatMs: number): void {
    if (heartbeatMs === this.#health.heartbeatMs || this.isEnded) return
    this.#health.setHeartbeat(heartbeatMs, performance.now())
    clearInterval(this.#beat)
    this.#startBeat()
  }

  /** Says why and goodbye. */
  async close(reason: string, refused?: Refused): Promise<void> {
    if (refused !== undefined) this.#send(refused)
    const closing = this.#channel.close(reason)
    this.#end(reason)
    await closing
  }

  destroy(reason: string): void {
    this.#channel.destroy(reason)
    this.#end(reason)
  }

  async #call(
    asked: Asked,
    frameOf: (call: number) => Frame,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<MeshReply | boolean> {
    if (this.isEnded) throw nodeUnreachable(this.node, 'the link has ended')
    signal?.throwIfAborted()
    const call = this.#calls.nextNumber()
    const release = this.#outbox.put(this.#textOf(frameOf(call)), isRequest(asked))
    this.#health.noteUsed(performance.now())
    return this.#calls.wait(call, asked, {deadlineMs, signal, release})
  }

  /** @throws ClusterError PROTOCOL when it is larger than a frame may be */
  #textOf(frame: Frame): string {
    const text = JSON.stringify(frame)
    // No UTF-16 unit has more than 3 bytes: most frames need not be measured.
    if (text.length * 3 > frameBytesMax && Buffer.byteLength(text) > frameBytesMax) {
      throw new ClusterError('PROTOCOL', `a ${frame.type} for node ${this.node} has more than ${frameBytesMax} bytes`, {
        retryable: false,
      })
    }
    return text
  }

  /** For what does not wait. */
  #send(frame: Frame): void {
    this.#channel.send(this.#textOf(frame))
    if (this.#channel.queuedBytes > queuedBytesMax) this.#cutOff('it does not read what it asked for')
  }

  /** An error of a handler is reported as a bug: thrown on, it would end the process from within a socket. */
  #takeSafely(text: string): void {
    // What had been read before the link was cut.
    if (this.isEnded) return
    try {
      this.#take(text)
    } catch (error) {
      this.#options.handlers.onBug(error)
    }
  }

  #take(text: string): void {
    this.#health.noteReceived(performance.now())
    const frame = parseFrame(text)
    switch (frame.type) {
      case 'request':
        this.#answer(frame.call, frame.body)
        break
      case 'reply':
        if (!this.#calls.settle(frame.call, frame.body)) this.#options.counters.badFrameCount++
        break
      case 'notice':
        this.#options.handlers.onNotice?.(frame.body)
        break
      case 'ping':
        this.#answerPing(frame.count, frame.nowMs)
        break
      case 'pong':
        this.#calls.settleSmall('ping', frame.count, true)
        this.#options.handlers.onPong?.(frame)
        break
      case 'view':
        this.#options.handlers.onView?.(frame.view)
        break
      case 'probe-request':
        void this.#answerProbe(frame.call, frame.node)
        break
      case 'probe-reply':
        this.#calls.settleSmall('probe', frame.call, frame.isAlive)
        break
      case 'refused':
        this.#refused = frame
        this.destroy(frame.message)
        break
      case 'error':
        this.#options.log({level: 'warn', msg: 'message was not understood', node: this.node, text: frame.message})
        break
      case 'bad-frame':
        this.#takeBad(frame.message, frame.isGarbage, frame.call)
        break
      case 'hello':
      case 'welcome':
      case 'ready':
        this.#takeBad(`a ${frame.type} after the handshake`, false, undefined)
        break
    }
  }

  #answer(call: number, body: MeshRequest): void {
    if (this.#inboundCount >= inboundMax) {
      this.#cutOff(`it sent more than ${inboundMax} requests at once`)
      return
    }
    this.#inboundCount++
    this.#health.noteUsed(performance.now())
    void this.#handle(body).then(reply => {
      this.#inboundCount--
      if (!this.isEnded) this.#reply(call, reply)
    })
  }

  async #handle(body: MeshRequest): Promise<MeshReply> {
    try {
      return await this.#options.handlers.onRequest(body, this.#ended.signal)
    } catch (error) {
      const failure = failureOf(error)
      if (failure !== undefined) return failure
      if (!this.isEnded) this.#options.handlers.onBug(error)
      return failed('STORAGE_BROKEN', `${body.type} failed: ${messageOf(error)}`)
    }
  }

  #reply(call: number, body: MeshReply): void {
    try {
      this.#send({type: 'reply', call, body})
    } catch (error) {
      // Too large. Whoever asked has to ask for less.
      this.#send({type: 'reply', call, body: failed('BAD_MESSAGE', messageOf(error))})
    }
  }

  #answerPing(count: number, nowMs: number): void {
    const {handlers} = this.#options
    handlers.onPing?.(nowMs)
    const {view, status} = handlers.describe?.() ?? {}
    this.#send({type: 'pong', count, ...(view !== undefined && {view}), ...(status !== undefined && {status})})
  }

  async #answerProbe(call: number, node: NodeName): Promise<void> {
    const isAlive = (await this.#options.handlers.onProbe?.(node)) ?? false
    if (!this.isEnded) this.#send({type: 'probe-reply', call, node, isAlive})
  }

  #takeBad(message: string, isGarbage: boolean, call: number | undefined): void {
    const {counters, log} = this.#options
    counters.badFrameCount++
    this.#badFrameCount++
    log({level: 'warn', msg: 'bad message', node: this.node, text: message})
    if (isGarbage || this.#badFrameCount > badFramesMax) {
      this.destroy(`bad message: ${message}`)
    } else if (call === undefined) {
      this.#send({type: 'error', code: 'BAD_MESSAGE', message})
    } else {
      const body: Failed = failed('BAD_MESSAGE', message)
      this.#send({type: 'reply', call, body})
    }
  }

  #startBeat(): void {
    this.#beat = setInterval(() => this.#onBeat(), this.#health.heartbeatMs)
    // A link alone keeps no process alive; its socket does.
    this.#beat.unref()
  }

  #onBeat(): void {
    const state = this.#health.beat(performance.now(), this.#channel.queuedBytes, this.#calls.count > 0)
    const {limitMs} = this.#health
    switch (state) {
      case 'unread':
        this.#cutOff(`it read nothing for ${limitMs} ms`)
        break
      case 'silent':
        this.#options.counters.silentCount++
        this.destroy(`nothing was heard for ${limitMs} ms`)
        break
      case 'idle':
        void this.close('idle')
        break
      case 'alive':
        if (this.#options.isPinging) this.#send(pingFrame(this.#calls.nextNumber()))
        break
    }
  }

  #cutOff(why: string): void {
    this.#options.counters.cutOffCount++
    this.#options.log({level: 'warn', msg: 'link cut', node: this.node, text: why})
    this.destroy(why)
  }

  #end(reason: string): void {
    if (this.isEnded) return
    clearInterval(this.#beat)
    const error = nodeUnreachable(this.node, reason)
    this.#ended.abort(error)
    this.#calls.end(error)
    for (const reject of this.#unsent) reject(error)
    this.#unsent.clear()
    this.#options.handlers.onEnd(reason, this.#refused)
  }
}

/** Pings are numbered with the calls: a pong answers a waiting `ping()`, or nobody. */
const pingFrame = (count: number): Frame => ({type: 'ping', count, nowMs: Date.now()})
