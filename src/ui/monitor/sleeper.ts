/** A pause that can be cut short. */
export class Sleeper {
  #wake: () => void = () => undefined

  /** Resolves after `ms`, or when `wake` is called or `signal` aborted before. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', this.#wake, {once: true})
    })
    signal.removeEventListener('abort', this.#wake)
  }

  wake(): void {
    this.#wake()
  }
}
