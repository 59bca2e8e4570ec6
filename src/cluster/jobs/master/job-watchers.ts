/** Those who wait for something to happen to a job. */

/** Nobody waits for ever: each has a deadline, and the end of its request. */
export class JobWatchers {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** Something happened to the job. */
  notify(job: string): void {
    const waiting = this.#waiting.get(job)
    if (waiting === undefined) return
    this.#waiting.delete(job)
    for (const wake of waiting) wake()
  }

  /** Resolves at the next `notify`, after `waitMs`, or when the signal is aborted: whoever waits looks again. */
  next(job: string, waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || waitMs <= 0) return Promise.resolve()
    return new Promise(resolve => {
      const waiting = this.#waiting.get(job) ?? new Set()
      this.#waiting.set(job, waiting)
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, waitMs)
      signal.addEventListener('abort', wake, {once: true})
      waiting.add(wake)
    })
  }

  close(): void {
    for (const job of [...this.#waiting.keys()]) this.notify(job)
  }
}
