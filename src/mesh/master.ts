/** The master's side of the mesh: feeds membership, performs its effects, and owns the links to the agents. */
import {assert, messageOf, UserError} from '../base/index.ts'
import {
  type ClusterSettings,
  type ClusterView,
  commonVersion,
  failed,
  type Hello,
  type MeshNotice,
  type MeshRequest,
  type MeshTimings,
  type NodeName,
  parseFrame,
  protocolRangeOf,
  type Refused,
  type ReplyTo,
  type Welcome,
} from '../protocol/index.ts'
import {type Channel, nextText} from './channel.ts'
import {type MeshCounters, type MeshLog, newCounters} from './counters.ts'
import {nodeUnreachable} from './errors.ts'
import {handshakeMs} from './limits.ts'
import {Link, type RequestOptions} from './link.ts'
import {type MeshHost, receiveHello, refuseChannel} from './listen.ts'
import type {Member} from './member.ts'
import {isCurrentView, membersOf, startMembership, stepMembership, viewOf} from './membership.ts'
import type {ConnectionId, MembershipEffect, MembershipEvent, MembershipState} from './membership-types.ts'
import {memoryChannelPair} from './memory-channel.ts'
import {checkTimings} from './timings.ts'

/** An event without its time: the shell's clock gives that. */
type Occurrence<E = MembershipEvent> = E extends MembershipEvent ? Omit<E, 'nowMs'> : never

export interface MasterOptions {
  readonly role: 'master'
  /** Random name of the master's folder. With the epoch it names one life of a master. */
  readonly key: string
  /** Persisted, and above every epoch that this folder has seen. */
  readonly epoch: number
  /** What the folder holds; absent on an empty one. */
  readonly view?: ClusterView
  /** Random id for a cluster that no node knows yet. */
  readonly newCluster: string
  readonly software: string
  /** For a cluster without a view. */
  readonly timings?: Partial<MeshTimings>
  readonly settings?: ClusterSettings
  /** Nodes have seen `above`. Persists a higher epoch and returns it. Only until `endStart`. */
  readonly takeEpoch: (above: number) => number
  /** A newer master has taken over: this one must stop giving orders. Once. */
  readonly onSuperseded: (epoch: number) => void
  /** To be persisted before it returns: agents hear of it afterwards. */
  readonly rememberView: (view: ClusterView) => void
  /** After each change of a member's state. It has a link in the states joining, up and draining. */
  readonly onMember: (member: Member) => void
  readonly onNotice: (node: NodeName, notice: MeshNotice) => void
  /** An unexpected error of a handler: a bug. */
  readonly onBug: (error: unknown) => void
  readonly log: MeshLog
}

/**
 * The mesh as the master has it.
 *
 * Callbacks of `MasterOptions` come from within a step, `rememberView` already from within the constructor. What is called
 * from within one takes effect after that step.
 */
export class MasterMesh implements MeshHost {
  readonly counters: Readonly<MeshCounters>
  readonly #counters: MeshCounters
  readonly #options: MasterOptions
  readonly #state: MembershipState
  /** In the handshake: welcomed, not yet promised. */
  readonly #greeted = new Map<ConnectionId, {readonly channel: Channel; readonly hello: Hello}>()
  readonly #links = new Map<ConnectionId, Link>()
  readonly #events: Occurrence[] = []
  readonly #closing = new Set<Promise<void>>()
  #nextConnection = 1
  #timer: NodeJS.Timeout | undefined
  #isStepping = false
  #isClosed = false

  constructor(options: MasterOptions) {
    this.#options = options
    this.#counters = newCounters()
    this.counters = this.#counters
    this.#state = startMembership({
      key: options.key,
      epoch: options.epoch,
      nowMs: performance.now(),
      timings: checkTimings(options.timings ?? {}),
      settings: options.settings ?? {},
      ...(options.view !== undefined && {view: options.view}),
      newCluster: options.newCluster,
    })
    this.#step({type: 'tick'})
  }

  /** Grows until `endStart` when nodes have seen a higher one; the cores are made anew then. */
  get epoch(): number {
    return this.#state.epoch
  }

  /** What agents are told now: made anew at each call. */
  get view(): ClusterView {
    return viewOf(this.#state)
  }

  /** All nodes that belong or belonged here, in order of their names. */
  members(): Member[] {
    return membersOf(this.#state)
  }

  /** @throws ClusterError as Link.request; UNAVAILABLE when the node is not linked */
  async request<R extends MeshRequest>(node: NodeName, body: R, options?: RequestOptions): Promise<ReplyTo<R>> {
    const link = this.#linkOf(node)
    if (link === undefined) throw nodeUnreachable(node, 'it has no link to the master')
    return link.request(body, options)
  }

  /** All of the node's inventory is here: it is up. */
  markJoined(node: NodeName): void {
    this.#step({type: 'joined', node})
  }

  /** From here on a higher epoch means that another master has taken over. */
  endStart(): void {
    this.#step({type: 'start-ended'})
  }

  /** Something was stored under the cluster's id: no other id is taken over any more. */
  settle(): void {
    if (this.#state.isProvisional) this.#step({type: 'settle'})
  }

  /** A draining node stays a member and linked. @throws UserError NODE_NOT_FOUND */
  drain(node: NodeName, isDraining: boolean): void {
    this.#checkMember(node)
    this.#step({type: 'drain', node, isDraining})
  }

  /** Ends its link; it comes back with `force` only. @throws UserError NODE_NOT_FOUND */
  remove(node: NodeName): void {
    this.#checkMember(node)
    this.#step({type: 'remove', node})
  }

  /** @throws UserError BAD_SETTING */
  configure(change: {readonly timings?: Partial<MeshTimings>; readonly settings?: ClusterSettings}): void {
    const timings = checkTimings(change.timings ?? {}, this.#state.timings)
    this.#step({type: 'configure', timings, ...(change.settings !== undefined && {settings: change.settings})})
    for (const link of this.#links.values()) link.setHeartbeat(timings.heartbeatMs)
  }

  /**
   * Waits until the nodes have the view as it is now.
   *
   * @param deadlineMs - a node that says nothing for so long is not waited for
   * @returns those that are not known to have it: they get it with their next link, or with their next sign of life
   */
  async untilViewIsTold(deadlineMs: number): Promise<NodeName[]> {
    const members = this.members().filter(({state}) => state !== 'removed')
    const hasIt = await Promise.all(members.map(({name}) => this.#answersPing(name, deadlineMs)))
    return members.flatMap(({name}, index) => (hasIt[index] === true ? [] : [name]))
  }

  /** For an agent in the same process. @returns the agent's end of the channel, on which it has yet to say hello */
  connect(name: string): Channel {
    const [near, far] = memoryChannelPair('master', name)
    void receiveHello(far, {software: this.#options.software, master: this}, this.#options.log)
    return near
  }

  /** A hello for the master has come in. */
  accept(channel: Channel, hello: Hello): void {
    if (this.#isClosed) {
      refuseChannel(channel, stopping)
      return
    }
    const connection = this.#nextConnection++
    this.#greeted.set(connection, {channel, hello})
    this.#step({type: 'hello', connection, hello})
  }

  /** Says goodbye to all and waits for it. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const {channel} of this.#greeted.values()) channel.destroy('the master stops')
    for (const link of [...this.#links.values()]) this.#track(link.close('the master stops', stopping))
    await Promise.all(this.#closing)
  }

  #checkMember(node: NodeName): void {
    if (this.#state.members.has(node)) return
    throw new UserError('NODE_NOT_FOUND', `there is no node "${node}"`, {hint: 'see the names with: disco nodes'})
  }

  /** Performing effects can bring new events: they wait for their turn. */
  #step(occurrence: Occurrence): void {
    this.#events.push(occurrence)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#stepOnce(next)
    } finally {
      this.#isStepping = false
    }
  }

  #stepOnce(occurrence: Occurrence): void {
    if (this.#isClosed) return
    const effects = stepMembership(this.#state, {...occurrence, nowMs: performance.now()})
    // What must be remembered comes before anyone hears of it.
    for (const effect of effects) if (effect.type === 'publish-view') this.#options.rememberView(effect.view)
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: MembershipEffect): void {
    switch (effect.type) {
      case 'welcome':
        void this.#welcome(effect.connection)
        break
      case 'refuse':
        this.#refuse(effect.connection, effect.refused)
        break
      case 'close':
        this.#links.get(effect.connection)?.destroy(effect.reason)
        break
      case 'probe':
        for (const via of effect.via) void this.#probe(effect.node, via)
        break
      case 'report-member':
        this.#report(effect.member)
        break
      case 'publish-view':
        // The newest: one of a later step may have come in between.
        for (const link of this.#links.values()) link.sendView(this.view)
        break
      case 'take-epoch':
        this.#takeEpoch(effect.above)
        break
      case 'report-superseded':
        this.#options.log({level: 'error', msg: 'a newer master has taken over', text: String(effect.epoch)})
        this.#options.onSuperseded(effect.epoch)
        break
      case 'wake':
        this.#wakeAt(effect.atMs)
        break
    }
  }

  #report(member: Member): void {
    this.#options.log({level: 'info', msg: 'node changed', node: member.name, text: member.state})
    this.#options.onMember(member)
  }

  #takeEpoch(above: number): void {
    // Two nodes can ask for the same in one turn.
    if (this.#state.epoch > above) return
    const epoch = this.#options.takeEpoch(above)
    this.#options.log({level: 'warn', msg: 'took a higher epoch', text: String(epoch)})
    this.#step({type: 'epoch-taken', epoch})
  }

  /** Tells the node the epoch and waits for its promise. */
  async #welcome(connection: ConnectionId): Promise<void> {
    const greeted = this.#greeted.get(connection)
    if (greeted === undefined) return
    const {channel, hello} = greeted
    const {key, epoch} = this.#state
    const protocol = commonVersion(protocolRangeOf(this.#options.software), hello.protocol)
    assert(protocol !== undefined, 'a hello without a common version was refused before')
    const welcome: Welcome = {
      type: 'welcome',
      protocol,
      software: this.#options.software,
      key,
      epoch,
      view: this.view,
      nowMs: Date.now(),
    }
    channel.send(JSON.stringify(welcome))
    try {
      const answer = parseFrame(await nextText(channel, handshakeMs))
      if (answer.type === 'ready') this.#linkUp(connection, channel, hello, epoch)
      else if (answer.type === 'refused' && answer.code === 'STALE_EPOCH' && answer.epoch !== undefined) {
        this.#step({type: 'epoch-seen', connection, epoch: answer.epoch})
      } else channel.destroy(`answered a welcome with ${answer.type}`)
    } catch (error) {
      this.#options.log({level: 'debug', msg: 'handshake ended', node: hello.node, text: messageOf(error)})
    } finally {
      this.#greeted.delete(connection)
    }
  }

  #linkUp(connection: ConnectionId, channel: Channel, hello: Hello, promised: number): void {
    if (this.#isClosed || promised !== this.#state.epoch) {
      refuseChannel(channel, stopping)
      return
    }
    const link = new Link({
      channel,
      node: hello.node,
      heartbeatMs: this.#state.timings.heartbeatMs,
      isPinging: true,
      counters: this.#counters,
      log: this.#options.log,
      handlers: {
        onRequest: async () => failed('BAD_MESSAGE', 'a master takes no requests over the mesh'),
        onNotice: notice => this.#onNotice(connection, hello.node, notice),
        onPong: pong => {
          this.#step({
            type: 'heard',
            connection,
            node: hello.node,
            ...(pong.status !== undefined && {status: pong.status}),
          })
          if (!isCurrentView(this.#state, pong.view)) link.sendView(this.view)
        },
        onBug: this.#options.onBug,
        onEnd: reason => {
          this.#links.delete(connection)
          this.#options.log({level: 'info', msg: 'link ended', node: hello.node, text: reason})
          this.#step({type: 'unlinked', connection, node: hello.node})
        },
      },
    })
    this.#links.set(connection, link)
    this.#step({type: 'linked', connection, hello})
    // Only now: what the node sends first must find it among the members.
    link.start()
  }

  #linkOf(node: NodeName): Link | undefined {
    const connection = this.#state.members.get(node)?.connection
    return connection === undefined ? undefined : this.#links.get(connection)
  }

  #onNotice(connection: ConnectionId, node: NodeName, notice: MeshNotice): void {
    const status = notice.type === 'status' ? notice.status : undefined
    this.#step({type: 'heard', connection, node, ...(status !== undefined && {status})})
    this.#options.onNotice(node, notice)
  }

  #refuse(connection: ConnectionId, refused: Refused): void {
    this.#counters.refusedCount++
    const greeted = this.#greeted.get(connection)
    const link = this.#links.get(connection)
    const node = greeted?.hello.node ?? link?.node ?? ''
    this.#options.log({level: 'warn', msg: 'node refused', node, code: refused.code, text: refused.message})
    if (link !== undefined) this.#track(link.close(refused.message, refused))
    else if (greeted !== undefined) refuseChannel(greeted.channel, refused)
    this.#greeted.delete(connection)
  }

  /** A link keeps its order: what was sent before the ping was taken before the answer. */
  async #answersPing(node: NodeName, deadlineMs: number): Promise<boolean> {
    try {
      return (await this.#linkOf(node)?.ping(deadlineMs)) === true
    } catch (error) {
      this.#options.log({level: 'debug', msg: 'ping failed', node, text: messageOf(error)})
      return false
    }
  }

  async #probe(node: NodeName, via: NodeName): Promise<void> {
    let isAlive = false
    try {
      isAlive = (await this.#linkOf(via)?.probe(node, this.#state.timings.heartbeatMs * 2)) ?? false
    } catch (error) {
      this.#options.log({level: 'debug', msg: 'probe failed', node: via, text: messageOf(error)})
    }
    this.#step({type: 'probe-answered', node, via, isAlive})
  }

  #wakeAt(atMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#step({type: 'tick'}), Math.max(0, Math.ceil(atMs - performance.now())))
    // A master that serves nobody need not stay for this.
    this.#timer.unref()
  }

  #track(work: Promise<void>): void {
    this.#closing.add(work)
    void work.then(() => this.#closing.delete(work))
  }
}

const stopping: Refused = {
  type: 'refused',
  code: 'TRY_AGAIN',
  message: 'the master stops, or has just changed its epoch',
}
