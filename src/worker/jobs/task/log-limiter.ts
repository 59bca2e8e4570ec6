/** Lets a burst of log lines pass and then so many a second. What is dropped is counted. */
import {logBurstCount, logCharsMax, logsPerSecond} from '../limits.ts'

/** One for a run: logBurstCount lines at once, then logsPerSecond. Longer lines than logCharsMax are cut. */
export class LogLimiter {
  readonly #write: (line: string) => void
  readonly #now: () => number
  #tokens = logBurstCount
  #lastMs: number
  dropped = 0

  /** @param now - milliseconds, never going back */
  constructor(write: (line: string) => void, now: () => number) {
    this.#write = write
    this.#now = now
    this.#lastMs = now()
  }

  line(text: string): void {
    if (this.#tokens < 1) {
      const nowMs = this.#now()
      this.#tokens = Math.min(logBurstCount, this.#tokens + ((nowMs - this.#lastMs) * logsPerSecond) / 1000)
      this.#lastMs = nowMs
    }
    if (this.#tokens < 1) {
      this.dropped++
      return
    }
    this.#tokens--
    this.#write(text.length > logCharsMax ? `${text.slice(0, logCharsMax)}…` : text)
  }
}
