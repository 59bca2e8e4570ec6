/** Warm threads for tasks of rules without functions: at most one a slot, of any rule. */
import {TaskThread} from '../../../worker/index.ts'

/** A thread that nobody needed for so long ends, milliseconds. */
const idleMsMax = 60_000

/** Ended by `close`, which ends the threads. */
export class ThreadPool {
  /** Oldest first. */
  readonly #idle = new Map<TaskThread, NodeJS.Timeout>()
  readonly #idleMax: number
  readonly #closing = new Set<Promise<void>>()
  #isClosed = false

  /** @param idleMax - threads that are kept without work */
  constructor(idleMax: number) {
    this.#idleMax = idleMax
  }

  /** The one that was used last: its memory is warm. */
  take(): TaskThread {
    const last = [...this.#idle.keys()].at(-1)
    if (last === undefined) return new TaskThread()
    clearTimeout(this.#idle.get(last))
    this.#idle.delete(last)
    return last
  }

  /** The run has ended. */
  giveBack(thread: TaskThread): void {
    if (this.#isClosed || !thread.isAlive || this.#idle.size >= this.#idleMax) {
      this.#close(thread)
      return
    }
    const timer = setTimeout(() => {
      this.#idle.delete(thread)
      this.#close(thread)
    }, idleMsMax)
    timer.unref()
    this.#idle.set(thread, timer)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const [thread, timer] of this.#idle) {
      clearTimeout(timer)
      this.#close(thread)
    }
    this.#idle.clear()
    await Promise.all(this.#closing)
  }

  #close(thread: TaskThread): void {
    const closing = thread.close()
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }
}
