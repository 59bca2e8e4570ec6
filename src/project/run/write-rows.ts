/** The rows of a run into a sink: brought there, or moved where they lie already. */
import {assert} from '../../base/index.ts'
import type {Batch, RowSink, SinkReceipt} from '../../sinks/index.ts'
import type {RuleRun} from './run-rule.ts'

/** @throws what the sink throws */
export function writeRows(
  sink: RowSink,
  batch: Batch,
  run: Pick<RuleRun, 'rows' | 'staged'>,
  signal: AbortSignal,
): Promise<SinkReceipt> {
  if (run.staged !== undefined) {
    assert(sink.staging !== undefined, 'rows stay only for a sink that can move them')
    return sink.staging.write(batch, run.staged, signal)
  }
  // Sinks repeat by themselves what they can repeat. Read from the beginning by every attempt: a generator could be read once.
  return sink.write(batch, {[Symbol.iterator]: () => run.rows()[Symbol.iterator]()}, signal)
}
