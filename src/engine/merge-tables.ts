/** Makes one run of all runs of a table, so that what is merged can be merged again elsewhere. */
import type {Plan} from '../rules/index.ts'
import {compactRuns, mergeInto, type RunSource} from './groups/index.ts'
import {needsPairs} from './pair-emitter.ts'
import {type KeepRun, mergePairRuns} from './pairs/index.ts'
import {type OpenRunSource, openLater} from './results.ts'
import {columnsOf, tableLayouts} from './tables.ts'

export interface TableMerge {
  readonly plan: Plan
  /** Number of the table, or of the partition. */
  readonly table: number
  /** In the order of the inputs; each is opened when it is read first. */
  readonly runs: readonly (() => OpenRunSource)[]
  /** Keeps a run that is needed for a while, when there are too many to merge at once. */
  readonly keepRun: KeepRun
}

/**
 * @param sink - takes the blocks of the merged run, each valid during the call
 * @throws UserError SPILL_FAILED for a run that is damaged
 */
export function mergeTable({plan, table, runs, keepRun}: TableMerge, sink: (block: Uint8Array) => void): void {
  if (needsPairs(plan)) {
    mergePairRuns(runs, plan.sort ? 'key' : 'arrival', keepRun, sink)
    return
  }
  const [only] = runs
  if (runs.length === 1 && only !== undefined) {
    copyRun(only(), sink)
    return
  }
  const layout = tableLayouts(plan)[table]!
  const makeColumns = () => columnsOf(layout)
  const sources = compactRuns(runs.map(openLater), makeColumns, write => openLater(keepRun(write)))
  mergeInto(sources, makeColumns, sink)
}

/** Blocks know their place in their run, and keep it. */
function copyRun(run: RunSource, sink: (block: Uint8Array) => void): void {
  for (let block = run.read(); block !== undefined; block = run.read()) sink(block)
}
