/**
 * From sorted runs to result rows: merge, finish the aggregates, apply the keysets' postprocess chains (spec 7.4, 8.1).
 * Rows come in one order - by keyset name, then by key parts, all by code point (D23) - however the input was split, and
 * only one group is in memory at a time.
 */
import {compareText} from '../base/index.ts'
import type {Cell, KeysetPlan, Params, Plan} from '../rules/index.ts'
import {countCoercion} from './account.ts'
import type {ResolveFunction} from './chain.ts'
import type {Account, ResultRow} from './contracts.ts'
import {compactRuns, type MergedGroup, mergeRuns, type RunSource, topKOf} from './groups/index.ts'
import {needsPairs, pairColumnsOf} from './pair-emitter.ts'
import {type KeepRun, type PairRunSource, reducePairs} from './pairs/index.ts'
import {postprocessed} from './postprocess.ts'
import {columnsOf, type TableLayout, tableLayouts} from './tables.ts'

/** What a run is read through; ends early with `close`. */
export type OpenRunSource = RunSource & PairRunSource

export interface ResultOptions {
  readonly plan: Plan
  readonly params: Params
  readonly resolve: ResolveFunction
  /** Counts errors of postprocessors and coercions of the reduce. */
  readonly account: Account
  /** The runs of a table (or partition), each opened by its function. */
  readonly runs: (table: number) => readonly (() => OpenRunSource)[]
  /** Keeps an intermediate run, when there are too many runs to merge at once. */
  readonly keepRun: KeepRun
}

/** How many tables (or partitions) of runs the scan of a plan gives. */
export function tableCountOf(plan: Plan): number {
  return needsPairs(plan) ? plan.partitions : tableLayouts(plan).length
}

/** @throws UserError HOOK_FAILED when the rule's own reduce fails */
export function resultRows(options: ResultOptions): Iterable<ResultRow> {
  return postprocessed(needsPairs(options.plan) ? pairRows(options) : groupRows(options), options)
}

function* groupRows(options: ResultOptions): Generator<ResultRow, void> {
  const keysets = [...options.plan.keysets.entries()].sort(([, a], [, b]) => compareText(a.name, b.name))
  const layouts = tableLayouts(options.plan)
  for (const [index, keyset] of keysets) {
    const tops = topColumns(layouts, index, options)
    for (const group of mergedTable(layouts[index]!, index, options)) yield rowOf(group, keyset, tops)
  }
}

function rowOf(group: MergedGroup, keyset: KeysetPlan, tops: readonly (TopColumn | undefined)[]): ResultRow {
  const count = keyset.values.length
  // Of their final length at once: lists that grow take room for sixteen.
  const values = new Array<Cell>(count)
  let approximate: number[] | undefined
  let next = 0
  for (let value = 0; value < count; value++) {
    const top = tops[value]
    if (top !== undefined) {
      values[value] = top(group.key)
      continue
    }
    const column = group.columns[next++]!
    values[value] = column.finish(0)
    if (column.isApproximate(0)) {
      approximate ??= []
      approximate.push(value)
    }
  }
  return {keyset: keyset.name, key: group.keyParts(keyset.keyParts.length), values, approximate: approximate ?? none}
}

const none: readonly number[] = []

/** Finds the most frequent values of the group with that key. */
type TopColumn = (key: Uint8Array) => Cell

/** By index of the value; undefined for columns of the group table. */
function topColumns(
  layouts: readonly TableLayout[],
  keyset: number,
  options: ResultOptions,
): readonly (TopColumn | undefined)[] {
  const tops: (TopColumn | undefined)[] = []
  for (const [table, layout] of layouts.entries()) {
    if (layout.kind !== 'values' || layout.keyset !== keyset) continue
    tops[layout.value] = topKOf(mergedTable(layout, table, options), layout.k)
  }
  return tops
}

/** The groups of a table over all its runs; more runs than can be merged at once are first merged into fewer. */
function mergedTable(layout: TableLayout, table: number, {runs, keepRun}: ResultOptions): Generator<MergedGroup, void> {
  const makeColumns = () => columnsOf(layout)
  const sources = compactRuns(runs(table).map(openLater), makeColumns, write => openLater(keepRun(write)))
  return mergeRuns(sources, makeColumns)
}

/** A run that is opened when it is first read: hundreds of them may wait their turn. */
export function openLater(open: () => RunSource): RunSource {
  let source: RunSource | undefined
  return {
    read() {
      source ??= open()
      return source.read()
    },
  }
}

function* pairRows(options: ResultOptions): Generator<ResultRow, void> {
  const {plan, params, resolve, account, keepRun} = options
  const runs = Array.from({length: plan.partitions}, (_, partition) =>
    options.runs(partition).map(open => ({partition, open})),
  ).flat()
  const rows = reducePairs({
    plan,
    params,
    resolve,
    runs,
    keepRun,
    onCoerced: (keyset, position, value) => countCoerced(plan, account, keyset, position, value),
    columnsOf: keyset => pairColumnsOf(plan, keyset),
  })
  for (const {key, values, approximate} of rows) {
    const [keyset = '', ...rest] = key
    yield {keyset, key: rest, values, approximate}
  }
}

function countCoerced(plan: Plan, account: Account, keyset: string, position: number, value: unknown): void {
  const column = plan.keysets.find(({name}) => name === keyset)?.values[position]?.column ?? `value ${position + 1}`
  countCoercion(account, `${keyset}.${column}`, value)
}
