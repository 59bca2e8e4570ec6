/** Merging sorted runs: equal keys come together, whichever run they are in. */
import {assert} from '../../base/index.ts'
import {ByteBuffer} from '../bytes/index.ts'
import type {Column} from '../contracts.ts'
import {mergeFanInMax} from './limits.ts'
import {compareReaders, RunReader, type RunSource} from './run-reader.ts'
import {type BlockSink, RunWriter} from './run-writer.ts'

/** Good until the next one is asked for. */
export interface MergedGroup {
  readonly key: Uint8Array
  /** The merged states of the group, as group 0. */
  readonly columns: readonly Column[]
}

/**
 * All groups of some runs in key order, each once. Holds one block of each run.
 *
 * @param sources - at most mergeFanInMax; `compactRuns` brings more down to that
 * @param makeColumns - makes the columns that wrote the runs, in the same order
 * @throws UserError SPILL_FAILED when a run is cut off or damaged
 */
export function* mergeRuns(
  sources: readonly RunSource[],
  makeColumns: () => readonly Column[],
): Generator<MergedGroup, void> {
  assert(sources.length <= mergeFanInMax, `at most ${mergeFanInMax} runs are merged at once`)
  const merge = new RunMerge(sources)
  const columns = roomForOne(makeColumns())
  for (let holders = merge.next(); holders.length > 0; holders = merge.next()) {
    mergeStates(holders, columns)
    yield {key: holders[0]!.key(), columns}
  }
}

/**
 * Merges runs, mergeFanInMax at a time, until no more than that are left.
 *
 * @param store - keeps one intermediate run: calls its argument with a sink and returns the run for reading
 */
export function compactRuns(
  sources: readonly RunSource[],
  makeColumns: () => readonly Column[],
  store: (write: (sink: BlockSink) => void) => RunSource,
): readonly RunSource[] {
  let runs = sources
  while (runs.length > mergeFanInMax) {
    // Only as many as must go: the rest is not copied once more.
    const count = Math.min(mergeFanInMax, runs.length - mergeFanInMax + 1)
    const merged = runs.slice(0, count)
    runs = [...runs.slice(count), store(sink => mergeInto(merged, makeColumns, sink))]
  }
  return runs
}

function mergeInto(sources: readonly RunSource[], makeColumns: () => readonly Column[], sink: BlockSink): void {
  const merge = new RunMerge(sources)
  const columns = roomForOne(makeColumns())
  const writer = new RunWriter(sink)
  const states = new ByteBuffer()
  for (let holders = merge.next(); holders.length > 0; holders = merge.next()) {
    const [first] = holders
    if (holders.length === 1) writer.add(first!.key(), first!.states())
    else {
      mergeStates(holders, columns)
      states.clear()
      for (const column of columns) column.write(0, states)
      writer.add(first!.key(), states.view())
    }
  }
  writer.end()
}

function roomForOne(columns: readonly Column[]): readonly Column[] {
  for (const column of columns) column.grow(1)
  return columns
}

function mergeStates(holders: readonly RunReader[], columns: readonly Column[]): void {
  for (const column of columns) column.clear()
  for (const reader of holders) {
    const states = reader.openStates()
    for (const column of columns) column.merge(0, states)
    assert(states.isAtEnd, 'a run holds the states of exactly these columns')
  }
}

/** Steps through runs key by key: a binary heap of readers, smallest key on top. */
class RunMerge {
  readonly #heap: RunReader[] = []
  /** The readers at the current key, taken off the heap; they move on at the next step. */
  #holders: RunReader[] = []

  constructor(sources: readonly RunSource[]) {
    this.#holders = sources.map(source => new RunReader(source))
  }

  /** The readers that stand at the next key; none at the end. */
  next(): readonly RunReader[] {
    for (const reader of this.#holders) if (reader.advance()) this.#push(reader)
    this.#holders.length = 0
    const first = this.#heap[0]
    if (first === undefined) return this.#holders
    do this.#holders.push(this.#pop())
    while (this.#heap.length > 0 && compareReaders(this.#heap[0]!, first) === 0)
    return this.#holders
  }

  #push(reader: RunReader): void {
    const heap = this.#heap
    let place = heap.length
    heap.push(reader)
    while (place > 0) {
      const parent = (place - 1) >>> 1
      if (compareReaders(reader, heap[parent]!) >= 0) break
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = reader
  }

  #pop(): RunReader {
    const heap = this.#heap
    const top = heap[0]!
    const moved = heap.pop()!
    const length = heap.length
    if (length === 0) return top
    let place = 0
    for (;;) {
      let child = place * 2 + 1
      if (child >= length) break
      if (child + 1 < length && compareReaders(heap[child + 1]!, heap[child]!) < 0) child++
      if (compareReaders(moved, heap[child]!) <= 0) break
      heap[place] = heap[child]!
      place = child
    }
    heap[place] = moved
    return top
  }
}
