/** How long the answer to a worker's message for the log waits: a worker that writes many is slowed down, and goes on. */
import {messageDelayMs, messagesPerSecondMax} from './limits.ts'

const windowMs = 1000

/** One for a worker: up to messagesPerSecondMax within a second pass at once, each more waits for messageDelayMs. */
export class MessageRate {
  /** Times of the last messages, oldest first; at most so many as matter. */
  readonly #times: number[] = []

  /** @param nowMs - never going back @returns milliseconds that the answer to this message waits */
  delayMs(nowMs: number): number {
    const times = this.#times
    while (times.length > 0 && nowMs - times[0]! >= windowMs) times.shift()
    times.push(nowMs)
    if (times.length <= messagesPerSecondMax) return 0
    times.shift()
    return messageDelayMs
  }
}
