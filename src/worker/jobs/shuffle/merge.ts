/** Sorted sections as one sorted stream: by key, then by the order of the sections, then as each has them. */
import type {SectionCursor} from './section-cursor.ts'
import {compareBytes} from './sort-order.ts'

/** The smallest record of all cursors is on top. */
export class Merge {
  readonly #heap: SectionCursor[] = []
  /** Cursor whose record was handed out and has to advance first. */
  #isTaken = false

  /** @param cursors - not yet advanced; all are closed by `close` */
  constructor(cursors: readonly SectionCursor[]) {
    try {
      for (const cursor of cursors) this.#push(cursor)
    } catch (error) {
      for (const cursor of cursors) cursor.close()
      throw error
    }
  }

  /** @returns the cursor that stands on the next record, good until the next call; undefined at the end */
  next(): SectionCursor | undefined {
    const heap = this.#heap
    if (!this.#isTaken) {
      this.#isTaken = true
      return heap[0]
    }
    const top = heap[0]
    if (top === undefined) return undefined
    if (top.advance()) {
      if (heap.length > 1) this.#settle(top)
      return heap[0]
    }
    const last = heap.pop()!
    if (heap.length > 0) this.#settle(last)
    return heap[0]
  }

  close(): void {
    for (const cursor of this.#heap) cursor.close()
    this.#heap.length = 0
  }

  #push(cursor: SectionCursor): void {
    if (!cursor.advance()) return
    const heap = this.#heap
    let index = heap.length
    heap.push(cursor)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (compareCursors(heap[parent]!, cursor) <= 0) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = cursor
  }

  /** Puts `cursor` on top and lets it down to its place. */
  #settle(cursor: SectionCursor): void {
    const heap = this.#heap
    const count = heap.length
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= count) break
      if (child + 1 < count && compareCursors(heap[child + 1]!, heap[child]!) < 0) child++
      if (compareCursors(cursor, heap[child]!) <= 0) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = cursor
  }
}

function compareCursors(a: SectionCursor, b: SectionCursor): number {
  return (
    a.prefix - b.prefix ||
    compareBytes(a.bytes, a.keyStart, a.keyEnd, b.bytes, b.keyStart, b.keyEnd) ||
    a.order - b.order
  )
}

/** Cursors one behind the other: the order of emission. */
export class Chain {
  readonly #cursors: SectionCursor[]

  constructor(cursors: readonly SectionCursor[]) {
    this.#cursors = [...cursors]
  }

  next(): SectionCursor | undefined {
    for (let cursor = this.#cursors[0]; cursor !== undefined; cursor = this.#cursors[0]) {
      if (cursor.advance()) return cursor
      this.#cursors.shift()
    }
    return undefined
  }

  close(): void {
    for (const cursor of this.#cursors) cursor.close()
    this.#cursors.length = 0
  }
}

/** What hands out records, one after the other. */
export interface RecordStream {
  next(): SectionCursor | undefined
  close(): void
}
