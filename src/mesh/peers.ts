/** An agent's links to other agents: dialled when they are needed, closed when they are not. */
import {messageOf} from '../base/index.ts'
import {
  type ClusterView,
  type Hello,
  type MeshRequest,
  type NodeName,
  parseFrame,
  type ReplyTo,
} from '../protocol/index.ts'
import {nextText} from './channel.ts'
import type {MeshCounters, MeshLog} from './counters.ts'
import {nodeUnreachable, requestTimedOut} from './errors.ts'
import {deadlineDefaultMs, handshakeMs} from './limits.ts'
import {Link, type LinkHandlers, type RequestOptions} from './link.ts'
import {dial} from './socket-channel.ts'

export interface PeerOptions {
  readonly token: string
  readonly ca?: string
  readonly peerIdleMs: number
  readonly view: () => ClusterView | undefined
  readonly hello: () => Hello
  readonly onRequest: LinkHandlers['onRequest']
  readonly onBug: (error: unknown) => void
  readonly counters: MeshCounters
  readonly log: MeshLog
}

/** Ended by `close`, which says goodbye to all. */
export class Peers {
  readonly #options: PeerOptions
  /** One a node; the promise while it is being dialled, so that a hundred requests dial once. */
  readonly #links = new Map<NodeName, Promise<Link>>()
  readonly #closing = new AbortController()

  constructor(options: PeerOptions) {
    this.#options = options
  }

  async request<R extends MeshRequest>(node: NodeName, body: R, options: RequestOptions = {}): Promise<ReplyTo<R>> {
    const {deadlineMs = deadlineDefaultMs, signal} = options
    const startMs = performance.now()
    const link = await withDeadline(this.#linkTo(node), node, body.type, deadlineMs, signal)
    const leftMs = Math.max(1, deadlineMs - (performance.now() - startMs))
    return link.request(body, {deadlineMs: leftMs, ...(signal !== undefined && {signal})})
  }

  /** Whether the node answers over a link of our own. Never throws. */
  async isAlive(node: NodeName, withinMs: number): Promise<boolean> {
    try {
      const link = await withDeadline(this.#linkTo(node), node, 'ping', withinMs)
      return await link.ping(withinMs)
    } catch (error) {
      this.#options.log({level: 'debug', msg: 'node does not answer', node, text: messageOf(error)})
      return false
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const links = await Promise.allSettled(this.#links.values())
    await Promise.all(links.map(one => (one.status === 'fulfilled' ? one.value.close('the agent stops') : undefined)))
  }

  #linkTo(node: NodeName): Promise<Link> {
    const known = this.#links.get(node)
    if (known !== undefined) return known
    if (this.#closing.signal.aborted) return Promise.reject(nodeUnreachable(node, 'the agent stops'))
    const opening = this.#open(node)
    this.#links.set(node, opening)
    opening.catch(() => this.#forget(node, opening))
    return opening
  }

  #forget(node: NodeName, which: Promise<Link>): void {
    if (this.#links.get(node) === which) this.#links.delete(node)
  }

  async #open(node: NodeName): Promise<Link> {
    const {counters, log, token, ca, onBug, onRequest, peerIdleMs} = this.#options
    const view = this.#options.view()
    const member = view?.members.find(one => one.name === node)
    if (view === undefined || member === undefined) throw nodeUnreachable(node, 'it is not in the member list')
    if (member.address === undefined) throw nodeUnreachable(node, 'it has no address that peers can reach')
    const where = {address: member.address, token, ...(ca !== undefined && {ca})}
    const channel = await dial(where, this.#closing.signal)
    channel.send(JSON.stringify(this.#options.hello()))
    const answer = parseFrame(await nextText(channel, handshakeMs, this.#closing.signal))
    const problem =
      answer.type === 'refused'
        ? answer.message
        : answer.type !== 'welcome'
          ? `it answered a hello with ${answer.type}`
          : answer.key !== member.key && 'another node answers at its address'
    if (problem !== false || this.#closing.signal.aborted) {
      channel.destroy('not the node that was wanted')
      throw nodeUnreachable(node, problem || 'the agent stops')
    }
    const link = new Link({
      channel,
      node,
      heartbeatMs: view.timings.heartbeatMs,
      isPinging: true,
      idleMs: peerIdleMs,
      counters,
      log,
      handlers: {
        onRequest,
        onBug,
        onEnd: () => {
          const held = this.#links.get(node)
          if (held !== undefined) this.#forget(node, held)
        },
      },
    })
    link.start()
    return link
  }
}

/** Waits for a link that others may wait for, too: giving up does not stop the dialling. */
function withDeadline(
  opening: Promise<Link>,
  node: NodeName,
  type: string,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(requestTimedOut(node, type, deadlineMs)), deadlineMs)
    const abort = (): void => reject(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, {once: true})
    opening.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    })
  })
}
