/** One end of something that carries texts both ways, in order, until it ends: a WebSocket, or a pair in memory. */
import {ClusterError} from '../base/index.ts'
import {earlyTextsMax} from './limits.ts'

export interface ChannelListener {
  onText(text: string): void
  /** Some of what was queued has left. */
  onDrain(): void
  /** Once; nothing comes after it. */
  onEnd(reason: string): void
}

export interface Channel {
  /** The other end, for messages. */
  readonly remote: string
  /** Sent, and not yet taken by the system or by the other end. */
  readonly queuedBytes: number
  /** Never fails: a text for a channel that has ended is gone, as one on the wire would be. */
  send(text: string): void
  /** Whatever arrives while nobody listens is kept, a little of it. undefined: stop listening. */
  listen(listener: ChannelListener | undefined): void
  /** Sends what is queued, says goodbye and waits for the other end, for a second at most. */
  close(reason: string): Promise<void>
  /** At once. What is queued is lost. */
  destroy(reason: string): void
}

/** Keeps what arrives until someone listens. For those who implement channels. */
export class EarlyTexts {
  #listener: ChannelListener | undefined
  readonly #texts: string[] = []
  #endReason: string | undefined

  /** @returns false when too much was kept: the channel has to go */
  text(text: string): boolean {
    if (this.#listener !== undefined) this.#listener.onText(text)
    else this.#texts.push(text)
    return this.#texts.length <= earlyTextsMax
  }

  drain(): void {
    this.#listener?.onDrain()
  }

  /** The first reason counts. */
  end(reason: string): void {
    if (this.#endReason !== undefined) return
    this.#endReason = reason
    this.#listener?.onEnd(reason)
  }

  listen(listener: ChannelListener | undefined): void {
    this.#listener = listener
    // A listener may hand over to another one in the middle.
    while (this.#listener !== undefined && this.#texts.length > 0) this.#listener.onText(this.#texts.shift()!)
    if (this.#endReason !== undefined) this.#listener?.onEnd(this.#endReason)
  }
}

/**
 * The next text of a channel that nobody listens to.
 *
 * @throws ClusterError UNAVAILABLE when the channel ends, says nothing for `withinMs` or is given up; it is destroyed then
 */
export function nextText(channel: Channel, withinMs: number, signal?: AbortSignal): Promise<string> {
  const {promise, resolve, reject} = Promise.withResolvers<string>()
  const timer = setTimeout(() => channel.destroy(`said nothing for ${withinMs} ms`), withinMs)
  const abort = (): void => channel.destroy('given up')
  signal?.addEventListener('abort', abort, {once: true})
  const settle = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
  channel.listen({
    onText(text) {
      settle()
      channel.listen(undefined)
      resolve(text)
    },
    onDrain() {
      // Nothing waits for room during a handshake.
    },
    onEnd(reason) {
      settle()
      reject(new ClusterError('UNAVAILABLE', `${channel.remote} ended the connection: ${reason}`))
    },
  })
  return promise
}
