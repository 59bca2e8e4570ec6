/** A binary heap of things that advance: the merge of sorted sequences, smallest on top. */

export interface Advancing {
  /** @returns false at the end */
  advance(): boolean
  close(): void
}

/** Owns what is pushed: `close` closes what has not come to its end, also after `advance` has thrown. */
export class MergeHeap<T extends Advancing> {
  readonly #compare: (a: T, b: T) => number
  readonly #items: T[] = []

  /** @param compare - a total order, or equal items come out in no particular order */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get top(): T | undefined {
    return this.#items[0]
  }

  /** Takes a fresh item and advances it; leaves it out when it is empty. */
  push(item: T): void {
    const items = this.#items
    // First of all into the list: `close` must reach it, should advancing throw.
    items.push(item)
    if (!item.advance()) {
      items.pop()
      return
    }
    let index = items.length - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#compare(items[parent]!, item) <= 0) break
      items[index] = items[parent]!
      index = parent
    }
    items[index] = item
  }

  advanceTop(): void {
    const top = this.#items[0]!
    if (top.advance()) {
      this.#settle(top)
      return
    }
    const last = this.#items.pop()!
    if (this.#items.length > 0) this.#settle(last)
  }

  close(): void {
    for (const item of this.#items) item.close()
  }

  /** Puts `item` on top and lets it down to its place. */
  #settle(item: T): void {
    const items = this.#items
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#compare(items[child + 1]!, items[child]!) < 0) child++
      if (this.#compare(item, items[child]!) <= 0) break
      items[index] = items[child]!
      index = child
    }
    items[index] = item
  }
}
