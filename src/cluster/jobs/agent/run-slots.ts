/**
 * The slots of a node: which runs use one, and which were ordered ahead and wait for one. Those begin in the order of their orders. Pure.
 */

/** @typeParam Run - compared by identity */
export class RunSlots<Run extends object> {
  readonly #slotCount: number
  readonly #begin: (run: Run) => void
  readonly #begun = new Set<Run>()
  /** In the order in which they begin. */
  readonly #waiting = new Set<Run>()

  /** @param begin - called once a run, when its turn has come */
  constructor(slotCount: number, begin: (run: Run) => void) {
    this.#slotCount = slotCount
    this.#begin = begin
  }

  /** Runs that wait for a slot. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  isWaiting(run: Run): boolean {
    return this.#waiting.has(run)
  }

  /** @param isAhead - it may wait; others begin at once: the master has counted the slots @returns whether it began */
  enter(run: Run, isAhead: boolean): boolean {
    if (isAhead && this.#begun.size >= this.#slotCount) {
      this.#waiting.add(run)
      return false
    }
    this.#start(run)
    return true
  }

  /** It needs its slot no more: what has waited longest begins. A second time nothing happens. */
  leave(run: Run): void {
    this.#begun.delete(run)
    const [next] = this.#waiting
    if (next !== undefined && this.#begun.size < this.#slotCount) this.#start(next)
  }

  /** It is not to begin any more. */
  drop(run: Run): void {
    this.#waiting.delete(run)
  }

  /** None of those that wait is to begin. */
  dropAll(): void {
    this.#waiting.clear()
  }

  #start(run: Run): void {
    this.#waiting.delete(run)
    this.#begun.add(run)
    this.#begin(run)
  }
}
