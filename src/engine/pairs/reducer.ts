/**
 * The reduce side of rules with hooks of their own: the sorted runs of all threads in, rows out, lazily and with a bounded
 * number of pairs in memory.
 */
import type {Params, Plan, ReduceFunction} from '../../rules/index.ts'
import {hookLabel, type ResolveFunction} from '../chain.ts'
import {compareKeys, decodeKey} from '../groups/index.ts'
import {customReduce} from './custom-reduce.ts'
import {mergeRunCountMax, mergeRunCountMin} from './limits.ts'
import {mergeRuns} from './merge.ts'
import {mergeRows} from './merge-rows.ts'
import type {PairOrder} from './pair-buffer.ts'
import {type KeyedPair, type ReducedGroup, reduceGroups} from './reduce-groups.ts'
import type {CurrentPair} from './run-cursor.ts'
import type {KeepRun, PairRun, PairRunSource} from './runs.ts'
import {ColumnTotals, type GroupTotals, type KeysetColumn, type OnCoerced, PositionSums} from './totals.ts'

export interface PairReduceOptions {
  readonly plan: Plan
  readonly params: Params
  readonly resolve: ResolveFunction
  /** The runs of all mappers, in any order. */
  readonly runs: readonly PairRun[]
  readonly keepRun: KeepRun
  /** A value of the standard reduce counted as 0: `keyset` is the key's first element. */
  readonly onCoerced: (keyset: string, position: number, value: unknown) => void
  /** The columns of keysets whose aggregates are not all sums; undefined (or no function): sums. */
  readonly columnsOf?: (keyset: string) => readonly KeysetColumn[] | undefined
}

/** A row before the keyset's postprocess chain. `key[0]` is the keyset's name unless the rule's own functions say otherwise. */
export type PairRow = ReducedGroup

/**
 * Reduces every partition that has pairs, with the plan's reduce, and puts the rows in result order: merged by key over the
 * partitions (each trusted to be sorted), or one partition after another when the rule switches sorting off.
 *
 * Opens runs when their partition is first read and closes all when it ends or is ended early.
 *
 * @throws UserError HOOK_FAILED when the rule's reduce fails
 */
export function* reducePairs(options: PairReduceOptions): Generator<PairRow, void> {
  const {plan} = options
  const runs = Map.groupBy(options.runs, run => run.partition)
  const partitions = [...runs.keys()].sort((a, b) => a - b)
  const isMerged = plan.sort && plan.sortedResults && partitions.length > 1
  // Merged partitions are read at the same time: they share the runs that may be open.
  const runCountMax = isMerged
    ? Math.max(mergeRunCountMin, Math.floor(mergeRunCountMax / partitions.length))
    : mergeRunCountMax
  const sequences = partitions.map(partition => reducePartition(runs.get(partition)!, options, runCountMax))
  if (isMerged) {
    yield* mergeRows(sequences)
    return
  }
  for (const rows of sequences) yield* rows
}

function* reducePartition(
  runs: readonly PairRun[],
  options: PairReduceOptions,
  runCountMax: number,
): Generator<PairRow, void> {
  const {plan, params, resolve, keepRun} = options
  const order: PairOrder = plan.sort ? 'key' : 'arrival'
  const opens = runs.map(run => (): PairRunSource => run.open())
  const pairs = decodePairs(mergeRuns(opens, order, keepRun, runCountMax))
  try {
    if (plan.reduce === null || plan.reduce === 'sorted') {
      yield* reduceGroups(pairs, totalsFinder(options))
    } else {
      const reduce = resolve(plan.reduce) as ReduceFunction
      yield* customReduce(pairs, {reduce, hook: hookLabel(plan.reduce), rule: plan.rule, params})
    }
  } finally {
    pairs.return()
  }
}

/** Pairs of a group share one key list. */
function* decodePairs(merged: Iterable<CurrentPair>): Generator<KeyedPair, void> {
  let keyBytes: Uint8Array | undefined
  let key: string[] = []
  for (const pair of merged) {
    if (keyBytes === undefined || compareKeys(keyBytes, pair.keyBytes) !== 0) {
      keyBytes = pair.keyBytes.slice()
      key = decodeKey(keyBytes)
    }
    yield [key, pair.values]
  }
}

/** One set of totals per keyset, used for one group after the other. */
function totalsFinder({onCoerced, columnsOf}: PairReduceOptions): (key: readonly string[]) => GroupTotals {
  const known = new Map<string, GroupTotals>()
  return key => {
    const keyset = key[0] ?? ''
    let totals = known.get(keyset)
    if (totals === undefined) {
      const report: OnCoerced = (position, value) => onCoerced(keyset, position, value)
      const columns = columnsOf?.(keyset)
      totals = columns === undefined ? new PositionSums(report) : new ColumnTotals(columns, report)
      known.set(keyset, totals)
    }
    return totals
  }
}
