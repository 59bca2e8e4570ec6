import {accountSavedMs} from '../limits.ts'
import type {BlobTable} from './blob-table.ts'
import type {Clock} from './clock.ts'

/**
 * How long this node has been running in its life, milliseconds. A blob's idle time is taken from this and never from the
 * clock, so a clock ten years ahead makes nothing old, and neither does a node that was switched off. What a crash takes
 * from the account (`accountSavedMs` at most) makes blobs younger, never older.
 */
export class IdleAccount {
  readonly #table: BlobTable
  readonly #clock: Clock
  readonly #startMark: number
  readonly #startMs: number
  #savedMark: number

  constructor(table: BlobTable, clock: Clock) {
    this.#table = table
    this.#clock = clock
    this.#startMark = table.uptimeMs()
    this.#startMs = clock.monotonicMs()
    this.#savedMark = this.#startMark
  }

  /** Now, by the account. */
  mark(): number {
    return this.#startMark + Math.floor(this.#clock.monotonicMs() - this.#startMs)
  }

  /** Call it now and then: it writes when there is something worth writing. */
  save(): void {
    const mark = this.mark()
    if (mark - this.#savedMark < accountSavedMs) return
    this.#table.setUptimeMs(mark)
    this.#savedMark = mark
  }

  close(): void {
    this.#table.setUptimeMs(this.mark())
  }
}
