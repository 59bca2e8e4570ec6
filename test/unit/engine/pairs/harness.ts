/** Runs rules with hooks over records in memory, as threads and the main thread would. */

import {
  type KeepRun,
  makePairMapper,
  type PairOutcome,
  type PairReduceOptions,
  type PairRun,
  type PairRunSource,
  reducePairs,
  type WriteBlocks,
} from '../../../../src/engine/pairs/index.ts'
import type {
  CombinerFunction,
  MapFunction,
  PartitionFunction,
  Parts,
  Plan,
  ReduceFunction,
} from '../../../../src/rules/index.ts'

export interface Hooks {
  readonly map?: MapFunction | null
  readonly combiner?: CombinerFunction
  readonly partitioner?: PartitionFunction
  readonly reduce?: ReduceFunction | 'sorted'
}

export interface Options {
  readonly hooks?: Hooks
  readonly partitions?: number
  readonly sort?: boolean
  readonly sortedResults?: boolean
  readonly params?: Record<string, unknown>
  readonly budgetBytes?: number
  /** Parts of the input by thread, in the order the thread meets them: indexes into the parts. */
  readonly threads?: readonly (readonly number[])[]
  readonly columnsOf?: PairReduceOptions['columnsOf']
  /** Writing a run throws this. */
  readonly spillError?: Error
  readonly mapName?: string
}

const functionNode = (hook: string, name = '') => ({step: 'function' as const, hook, name})

export function planOf({hooks = {}, partitions = 1, sort = true, sortedResults = true, mapName}: Options): Plan {
  return {
    version: 1,
    rule: 'words.count',
    format: {format: 'json'},
    steps: [],
    transforms: [],
    keysets: [],
    fields: null,
    map: hooks.map === null ? 'pairs' : hooks.map === undefined ? null : functionNode('mapFunction', mapName),
    combiner: hooks.combiner === undefined ? null : functionNode('combinerFunction'),
    partitioner: hooks.partitioner === undefined ? null : functionNode('partitionFunction'),
    reduce: hooks.reduce === undefined ? null : hooks.reduce === 'sorted' ? 'sorted' : functionNode('reduceFunction'),
    partitions,
    sort,
    sortedResults,
  }
}

export function resolverOf(hooks: Hooks): PairReduceOptions['resolve'] {
  const known: Record<string, unknown> = {
    mapFunction: hooks.map,
    combinerFunction: hooks.combiner,
    partitionFunction: hooks.partitioner,
    reduceFunction: hooks.reduce,
  }
  return ref => known[ref.hook] as (...args: never[]) => unknown
}

/** Keeps runs in memory, counts what is open, and spoils blocks after use as a reused buffer would. */
export class Runs {
  readonly runs: PairRun[] = []
  openCount = 0
  openCountMax = 0
  openedCount = 0
  keptCount = 0
  /** Reading throws this. */
  failure: Error | undefined

  readonly writeRun = (partition: number, write: WriteBlocks): void => {
    this.runs.push({partition, open: this.#keep(write)})
  }

  readonly keepRun: KeepRun = write => {
    this.keptCount++
    return this.#keep(write)
  }

  #keep(write: WriteBlocks): () => PairRunSource {
    const blocks: Uint8Array[] = []
    write(block => blocks.push(block.slice()))
    return () => {
      let index = 0
      let isOpen = true
      this.openCount++
      this.openCountMax = Math.max(this.openCountMax, this.openCount)
      this.openedCount++
      return {
        read: () => {
          if (this.failure !== undefined) throw this.failure
          return blocks[index++]?.slice()
        },
        close: () => {
          if (isOpen) this.openCount--
          isOpen = false
        },
      }
    }
  }
}

export interface Mapped {
  readonly runs: Runs
  readonly outcomes: PairOutcome[]
  readonly errors: string[]
  readonly dropped: string[]
}

/** The map side: every thread has a mapper of its own. Pairs of the standard map are given as `{key, values}` records. */
export function mapAll(parts: readonly (readonly unknown[])[], options: Options): Mapped {
  const runs = new Runs()
  const mapped: Mapped = {runs, outcomes: [], errors: [], dropped: []}
  for (const thread of options.threads ?? [parts.keys().toArray()]) {
    const mapper = makePairMapper({
      plan: planOf(options),
      params: options.params ?? {},
      resolve: resolverOf(options.hooks ?? {}),
      budgetBytes: options.budgetBytes ?? 1_000_000,
      writeRun: (partition, write) => {
        if (options.spillError !== undefined) throw options.spillError
        runs.writeRun(partition, write)
      },
      onError: (hook, error) => mapped.errors.push(`${hook}: ${(error as Error).message}`),
      onDropped: label => mapped.dropped.push(label),
    })
    for (const index of thread) {
      mapper.beginPart(index)
      for (const record of parts[index]!) mapped.outcomes.push(mapper.add(record as Parts))
      mapper.endPart()
    }
    mapper.finish()
  }
  return mapped
}

export function reduceAll(runs: Runs, options: Options, coerced: unknown[] = []) {
  return reducePairs({
    plan: planOf(options),
    params: options.params ?? {},
    resolve: resolverOf(options.hooks ?? {}),
    runs: runs.runs,
    keepRun: runs.keepRun,
    onCoerced: (keyset, position, value) => coerced.push([keyset, position, value]),
    ...(options.columnsOf === undefined ? {} : {columnsOf: options.columnsOf}),
  })
}

/** Rows as `[key, values]`. */
export function rowsOf(parts: readonly (readonly unknown[])[], options: Options): unknown[] {
  return [...reduceAll(mapAll(parts, options).runs, options)].map(({key, values}) => [key, values])
}

export const pair = (key: readonly unknown[], values: readonly unknown[]) => ({key, values})
