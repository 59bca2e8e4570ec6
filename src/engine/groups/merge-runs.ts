/** Merging sorted runs: equal keys come together, whichever run they are in. */
import {assert} from '../../base/index.ts'
import {ByteBuffer} from '../bytes/index.ts'
import type {Column} from '../contracts.ts'
import {mergeFanInMax} from './limits.ts'
import {compareReaders, RunReader, type RunSource} from './run-reader.ts'
import {type BlockSink, RunWriter} from './run-writer.ts'

/** Good until the next one is asked for, which is the same object. */
export interface MergedGroup {
  /** A view, made when it is asked for. */
  readonly key: Uint8Array
  /** The parts of the key, which are `count`. */
  keyParts(count: number): string[]
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
  const group: MergedGroup = {
    get key() {
      return merge.first.key()
    },
    keyParts: count => merge.first.keyParts(count),
    columns,
  }
  while (merge.next()) {
    merge.mergeStates(columns)
    yield group
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

/** Makes one run of at most mergeFanInMax. */
export function mergeInto(sources: readonly RunSource[], makeColumns: () => readonly Column[], sink: BlockSink): void {
  const merge = new RunMerge(sources)
  const columns = roomForOne(makeColumns())
  const writer = new RunWriter(sink)
  const states = new ByteBuffer()
  while (merge.next()) {
    if (merge.holderCount === 1) writer.add(merge.first.key(), merge.first.states())
    else {
      merge.mergeStates(columns)
      states.clear()
      for (const column of columns) column.write(0, states)
      writer.add(merge.first.key(), states.view())
    }
  }
  writer.end()
}

function roomForOne(columns: readonly Column[]): readonly Column[] {
  for (const column of columns) column.grow(1)
  return columns
}

/** Steps through runs key by key. */
class RunMerge {
  /** Those that have records left, by the keys they stand at; the first `holderCount` of them at the current key. */
  readonly #readers: RunReader[] = []
  holderCount = 0

  constructor(sources: readonly RunSource[]) {
    for (const source of sources) {
      this.#readers.unshift(new RunReader(source))
      this.#moveOn(0)
    }
  }

  /** A reader at the current key. */
  get first(): RunReader {
    return this.#readers[0]!
  }

  /** @returns false at the end */
  next(): boolean {
    // From the last one, so that those behind are in order.
    for (let place = this.holderCount - 1; place >= 0; place--) this.#moveOn(place)
    const readers = this.#readers
    const first = readers[0]
    if (first === undefined) return false
    let count = 1
    while (count < readers.length && compareReaders(readers[count]!, first) === 0) count++
    this.holderCount = count
    return true
  }

  /** Makes `columns` hold the states of the current key, and nothing else. */
  mergeStates(columns: readonly Column[]): void {
    // Indexes instead of for-of, here and in csv: for the first ten thousands of groups the code is not optimized yet.
    for (let index = 0; index < columns.length; index++) columns[index]!.clear()
    for (let place = 0; place < this.holderCount; place++) {
      const states = this.#readers[place]!.openStates()
      for (let index = 0; index < columns.length; index++) columns[index]!.merge(0, states)
      assert(states.isAtEnd, 'a run holds the states of exactly these columns')
    }
  }

  /** Moves the reader at `place` to its next key and to its place among those behind it, which are in order. */
  #moveOn(place: number): void {
    const readers = this.#readers
    const reader = readers[place]!
    if (!reader.advance()) {
      readers.splice(place, 1)
      return
    }
    const target = this.#placeFor(reader, place + 1) - 1
    for (let index = place; index < target; index++) readers[index] = readers[index + 1]!
    readers[target] = reader
  }

  /** The first place from `from` on whose reader is not before `reader`. */
  #placeFor(reader: RunReader, from: number): number {
    const readers = this.#readers
    let low = from
    let high = readers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareReaders(readers[middle]!, reader) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
