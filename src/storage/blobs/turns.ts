/** Lets one piece of work at a time have a key; others wait for their turn. */
export class Turns<K> {
  readonly #last = new Map<K, Promise<unknown>>()

  async take<T>(key: K, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const turn = (before ?? Promise.resolve()).then(work, work)
    // Whoever waits behind goes on also after a failure.
    const settled = turn.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(key, settled)
    try {
      return await turn
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}
