/** Merges the rows of several partitions by key, code point by code point; equal keys stay in partition order. */
import {compareKeys, KeyBuilder} from '../groups/index.ts'
import {keyBytesOf} from './key-bytes.ts'
import {type Advancing, MergeHeap} from './merge-heap.ts'

interface Keyed {
  readonly key: readonly string[]
}

/** @param partitions - each sorted by key; what is not comes out where the merge meets it */
export function* mergeRows<Row extends Keyed>(partitions: readonly Generator<Row, void>[]): Generator<Row, void> {
  const builder = new KeyBuilder()
  const heap = new MergeHeap<RowCursor<Row>>((a, b) => compareKeys(a.keyBytes, b.keyBytes) || a.partition - b.partition)
  try {
    for (const [partition, rows] of partitions.entries()) heap.push(new RowCursor(rows, partition, builder))
    for (let top = heap.top; top !== undefined; top = heap.top) {
      yield top.row
      heap.advanceTop()
    }
  } finally {
    heap.close()
  }
}

class RowCursor<Row extends Keyed> implements Advancing {
  readonly partition: number
  readonly #rows: Generator<Row, void>
  readonly #builder: KeyBuilder
  keyBytes: Uint8Array = new Uint8Array(0)
  #row: Row | undefined

  constructor(rows: Generator<Row, void>, partition: number, builder: KeyBuilder) {
    this.#rows = rows
    this.partition = partition
    this.#builder = builder
  }

  /** The row it stands at; only after `advance` said true. */
  get row(): Row {
    return this.#row!
  }

  advance(): boolean {
    const step = this.#rows.next()
    if (step.done) return false
    this.#row = step.value
    this.keyBytes = keyBytesOf(step.value.key, this.#builder).slice()
    return true
  }

  close(): void {
    this.#rows.return()
  }
}
