/**
 * Whether the other side of a link is still there, by what was heard of it and what has left. Pure: the link says what happened, and when.
 *
 * Looked at once a heartbeat. A beat that comes late says that this process itself was stopped: what came meanwhile is still to be read, so the
 * other side gets a heartbeat more.
 */
import {missedHeartbeatsMax} from './limits.ts'

/** `unread`: nothing of what waits for it has left; `silent`: nothing was heard; `idle`: nobody has asked for anything. */
export type LinkState = 'alive' | 'unread' | 'silent' | 'idle'

/** Milliseconds of one clock that does not go back. */
export class LinkHealth {
  readonly #idleMs: number | undefined
  #heartbeatMs: number
  #receivedAtMs: number
  #usedAtMs: number
  #drainedAtMs: number
  #beatAtMs: number

  /** @param idleMs - without a request for so long the link is idle; left out: never */
  constructor(heartbeatMs: number, nowMs: number, idleMs?: number) {
    this.#heartbeatMs = heartbeatMs
    this.#idleMs = idleMs
    this.#receivedAtMs = nowMs
    this.#usedAtMs = nowMs
    this.#drainedAtMs = nowMs
    this.#beatAtMs = nowMs
  }

  get heartbeatMs(): number {
    return this.#heartbeatMs
  }

  /** After so long without a sign the link ends. */
  get limitMs(): number {
    return missedHeartbeatsMax * this.#heartbeatMs
  }

  noteReceived(nowMs: number): void {
    this.#receivedAtMs = nowMs
  }

  /** A request was sent, or came. */
  noteUsed(nowMs: number): void {
    this.#usedAtMs = nowMs
  }

  /** What waited has left. */
  noteDrained(nowMs: number): void {
    this.#drainedAtMs = nowMs
  }

  /** From now on it is looked at so often. */
  setHeartbeat(heartbeatMs: number, nowMs: number): void {
    this.#heartbeatMs = heartbeatMs
    this.#beatAtMs = nowMs
  }

  /**
   * The look at it.
   *
   * @param queuedBytes - that wait to leave
   * @param isAwaited - a request waits for its answer
   */
  beat(nowMs: number, queuedBytes: number, isAwaited: boolean): LinkState {
    const sinceBeatMs = nowMs - this.#beatAtMs
    this.#beatAtMs = nowMs
    if (sinceBeatMs >= 2 * this.#heartbeatMs) {
      this.#receivedAtMs = Math.max(this.#receivedAtMs, nowMs - this.#heartbeatMs)
      this.#drainedAtMs = Math.max(this.#drainedAtMs, nowMs - this.#heartbeatMs)
    }
    if (queuedBytes === 0) this.#drainedAtMs = nowMs
    if (nowMs - this.#drainedAtMs >= this.limitMs) return 'unread'
    if (nowMs - this.#receivedAtMs >= this.limitMs) return 'silent'
    const isIdle = this.#idleMs !== undefined && !isAwaited && nowMs - this.#usedAtMs >= this.#idleMs
    return isIdle ? 'idle' : 'alive'
  }
}
