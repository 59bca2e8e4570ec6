/**
 * Hands out blocks of 2^size slots from one growing range of slots, and takes them back for reuse. It knows only
 * numbers; the owner keeps typed arrays of at least `slotCount` slots beside it. Thousands of small sets live in a few
 * large arrays this way, without an object each.
 */
export class BlockPool {
  #slotCount = 0
  #free: number[][] = []

  /** Slots handed out so far, counting those given back. */
  get slotCount(): number {
    return this.#slotCount
  }

  /** @returns the first slot of a block of 2^size slots, whose content is whatever was there */
  take(size: number): number {
    const free = this.#free[size]?.pop()
    if (free !== undefined) return free
    const start = this.#slotCount
    this.#slotCount += 2 ** size
    return start
  }

  give(start: number, size: number): void {
    while (this.#free.length <= size) this.#free.push([])
    this.#free[size]!.push(start)
  }

  clear(): void {
    this.#slotCount = 0
    if (this.#free.length > 0) this.#free = []
  }
}

/** Room to make when `needed` slots are used: a quarter more, so that growing stays cheap on average. */
export function roomFor(needed: number): number {
  return Math.max(64, Math.ceil(needed * 1.25))
}
