/**
 * Requests and notices on their way into a channel, in the order in which they were given.
 *
 * They wait while too much is unsent or too many requests are under way. Replies and pings do not pass through here: two
 * sides that wait for each other's replies would wait for ever.
 */
import {ClusterError} from '../base/index.ts'
import type {Channel} from './channel.ts'
import {inFlightMax, queuedBytesHigh, waitingMax} from './limits.ts'

interface Waiting {
  readonly text: string
  /** A request takes one of `inFlightMax` places until it is over. */
  readonly isRequest: boolean
  readonly onSent: (() => void) | undefined
  state: 'waiting' | 'sent' | 'over'
}

/** Of one link, and gone with it: what waits then is never sent. */
export class Outbox {
  readonly #channel: Channel
  readonly #waiting: Waiting[] = []
  #inFlightCount = 0

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /**
   * Sends now or later.
   *
   * @returns ends it: what still waits is not sent, what was sent gives its place free
   * @throws ClusterError OVERLOADED when too much waits already
   */
  put(text: string, isRequest: boolean, onSent?: () => void): () => void {
    if (this.#waiting.length >= waitingMax) {
      throw new ClusterError('OVERLOADED', `${waitingMax} messages wait for ${this.#channel.remote}`)
    }
    const entry: Waiting = {text, isRequest, onSent, state: 'waiting'}
    this.#waiting.push(entry)
    this.flush()
    return () => {
      if (entry.state === 'sent' && isRequest) this.#inFlightCount--
      entry.state = 'over'
      this.flush()
    }
  }

  /** There may be room again. */
  flush(): void {
    let first = this.#waiting[0]
    while (first !== undefined) {
      if (first.state === 'waiting') {
        if (this.#channel.queuedBytes >= queuedBytesHigh) return
        if (first.isRequest && this.#inFlightCount >= inFlightMax) return
        if (first.isRequest) this.#inFlightCount++
        first.state = 'sent'
        this.#channel.send(first.text)
        first.onSent?.()
      }
      this.#waiting.shift()
      first = this.#waiting[0]
    }
  }
}
