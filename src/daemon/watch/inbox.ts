/** Events that wait for a core. Ends when the signal aborts; what was not taken is dropped then. */
export class Inbox<Event> implements AsyncIterable<Event> {
  readonly #signal: AbortSignal
  readonly #events: Event[] = []
  #error: {readonly reason: unknown} | undefined
  #wake: () => void = () => undefined

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake(), {once: true})
  }

  put(event: Event): void {
    this.#events.push(event)
    this.#wake()
  }

  /** Makes the reader throw, unless it was stopped. */
  fail(reason: unknown): void {
    this.#error ??= {reason}
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    for (;;) {
      if (this.#signal.aborted) return
      if (this.#error !== undefined) throw this.#error.reason
      const event = this.#events.shift()
      if (event !== undefined) {
        yield event
        continue
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }
}
