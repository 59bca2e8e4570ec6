/** For a promise that is awaited later: until then its failure must not be taken for one that nobody waits for. */
export const ignoreUntilAwaited = (): undefined => undefined

/**
 * The stream, ended with the signal's reason also while it has nothing to give. To be iterated once.
 *
 * Written out, and not as a race with a promise of the signal: that one would remember every piece until the end, and a
 * generator more is a tenth of what receiving a piece costs.
 */
export function abortable(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return {[Symbol.asyncIterator]: () => new AbortableIterator(source[Symbol.asyncIterator](), signal)}
}

class AbortableIterator implements AsyncIterator<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal
  readonly #onAbort = (): void => this.#giveUp?.(this.#signal.reason)
  /** Of the piece that is waited for. */
  #giveUp: ((reason: unknown) => void) | undefined
  #isDone = false

  constructor(iterator: AsyncIterator<Uint8Array>, signal: AbortSignal) {
    this.#iterator = iterator
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort, {once: true})
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        this.#end()
        reject(error)
      }
      if (this.#signal.aborted) return fail(this.#signal.reason)
      this.#giveUp = fail
      this.#iterator.next().then(result => {
        if (result.done === true) {
          this.#isDone = true
          this.#end()
        }
        resolve(result)
      }, fail)
    })
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#end()
    return {done: true, value: undefined}
  }

  #end(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    if (this.#isDone) return
    this.#isDone = true
    // Not awaited: a source that hangs would hang its end too.
    this.#iterator.return?.().catch(ignoreUntilAwaited)
  }
}
