/** Merges sorted runs of pairs with one pair of each in memory. */
import {BlockWriter, EntryWriter} from './entry.ts'
import {mergeRunCountMax} from './limits.ts'
import {MergeHeap} from './merge-heap.ts'
import type {PairOrder} from './pair-buffer.ts'
import {type CurrentPair, comparePairs, RunCursor} from './run-cursor.ts'
import type {KeepRun, PairRunSource, WriteBlocks} from './runs.ts'

type OpenRun = () => PairRunSource

/**
 * All pairs of the runs in order. A yielded pair is valid until the next one is asked for. Opens nothing before the first
 * pair is asked for and closes everything when it ends or is ended.
 *
 * @param keepRun - keeps the runs of the rounds that more than `runCountMax` runs need
 */
export function* mergeRuns(
  runs: readonly OpenRun[],
  order: PairOrder,
  keepRun: KeepRun,
  runCountMax = mergeRunCountMax,
): Generator<CurrentPair, void> {
  let left = runs
  while (left.length > runCountMax) left = mergeRound(left, order, keepRun, runCountMax)
  const heap = new MergeHeap<RunCursor>(comparePairs(order))
  try {
    for (const open of left) heap.push(new RunCursor(open()))
    for (let top = heap.top; top !== undefined; top = heap.top) {
      yield top
      heap.advanceTop()
    }
  } finally {
    heap.close()
  }
}

/** One round: every group of `runCountMax` runs becomes one. */
function mergeRound(runs: readonly OpenRun[], order: PairOrder, keepRun: KeepRun, runCountMax: number): OpenRun[] {
  const merged: OpenRun[] = []
  for (let start = 0; start < runs.length; start += runCountMax) {
    const group = runs.slice(start, start + runCountMax)
    merged.push(keepRun(sink => mergePairRuns(group, order, keepRun, sink, runCountMax)))
  }
  return merged
}

/** Makes one run of several. */
export function mergePairRuns(
  runs: readonly OpenRun[],
  order: PairOrder,
  keepRun: KeepRun,
  sink: Parameters<WriteBlocks>[0],
  runCountMax = mergeRunCountMax,
): void {
  const entries = new EntryWriter()
  const blocks = new BlockWriter(sink)
  for (const {keyBytes, origin, sequence, values} of mergeRuns(runs, order, keepRun, runCountMax)) {
    blocks.add(entries.write(0, keyBytes, origin, sequence, values).entry)
  }
  blocks.flush()
}
