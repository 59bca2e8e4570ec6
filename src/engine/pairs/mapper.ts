/**
 * The map side of rules with hooks of their own: records or standard pairs in, sorted runs of pairs out.
 *
 * One mapper per thread. Map and combiner errors cost a record or a call and are reported; partitioner errors are fatal.
 */
import type {CombinerFunction, MapFunction, Pair, Params, PartitionFunction, Parts, Plan} from '../../rules/index.ts'
import {hookLabel, type ResolveFunction} from '../chain.ts'
import {KeyBuilder} from '../groups/index.ts'
import {keyTextOf} from '../numbers/index.ts'
import {Combiner} from './combiner.ts'
import {isFatal} from './hook-failure.ts'
import {keyBytesOf} from './key-bytes.ts'
import {PairSorter} from './pair-sorter.ts'
import {makePartitioner, type Partitioner} from './partition.ts'
import {castKey, checkIterable, checkPair, pairOfRecord} from './record-pair.ts'
import type {WritePairRun} from './runs.ts'

/**
 * What became of a record: `used` when at least one of its pairs goes on; `no-pairs` when the map yielded none;
 * `no-key` when all of them lacked a key part (each reported by onDropped); `failed` when the map threw or all of its
 * pairs were lost to the combiner (reported by onError).
 */
export type PairOutcome = 'used' | 'no-pairs' | 'no-key' | 'failed'

export interface PairMapperOptions {
  readonly plan: Plan
  readonly params: Params
  readonly resolve: ResolveFunction
  /** Bytes of pairs held before they are written away as sorted runs. */
  readonly budgetBytes: number
  readonly writeRun: WritePairRun
  /** A map or combiner error: the hook's label, `mapFunction (words)`. */
  readonly onError: (hook: string, error: unknown) => void
  /** A pair was dropped because this key element is absent or null: `mapFunction.key[1]`. */
  readonly onDropped: (label: string) => void
}

export interface PairMapper {
  /** Starts a map task: one part of the input. Parts are numbered in input order and may come in any order. */
  beginPart(index: number): void
  /** One record for the rule's map function, or one that already is a pair. */
  add(record: Parts): PairOutcome
  /** One pair of the standard map: `key[0]` is the keyset's name. */
  addPair(key: readonly unknown[], values: readonly unknown[]): PairOutcome
  /** Ends the map task: the combiner hands out what it holds. */
  endPart(): void
  /** Writes away what is left. */
  finish(): void
}

/** @throws UserError HOOK_FAILED from `add`, `addPair` and `endPart` when the partition function fails */
export function makePairMapper(options: PairMapperOptions): PairMapper {
  return new HookedMapper(options)
}

class HookedMapper implements PairMapper {
  readonly #options: PairMapperOptions
  readonly #map: (record: Parts) => Iterable<unknown>
  readonly #mapHook: string
  readonly #combinerHook: string
  readonly #combiner: Combiner | undefined
  readonly #partition: Partitioner
  readonly #sorter: PairSorter
  readonly #keys = new KeyBuilder()

  constructor(options: PairMapperOptions) {
    const {plan, params, resolve, budgetBytes, writeRun} = options
    this.#options = options
    this.#map = mapOf(plan, params, resolve)
    this.#mapHook = plan.map === null || plan.map === 'pairs' ? 'map' : hookLabel(plan.map)
    this.#combinerHook = plan.combiner === null ? 'combinerFunction' : hookLabel(plan.combiner)
    this.#combiner = plan.combiner === null ? undefined : this.#makeCombiner(resolve(plan.combiner) as CombinerFunction)
    const partitioner = plan.partitioner === null ? undefined : (resolve(plan.partitioner) as PartitionFunction)
    this.#partition = makePartitioner(plan, partitioner, params)
    this.#sorter = new PairSorter({order: plan.sort ? 'key' : 'arrival', budgetBytes, writeRun})
  }

  beginPart(index: number): void {
    this.#sorter.beginOrigin(index)
  }

  add(record: Parts): PairOutcome {
    let pairs: Pair[]
    try {
      // To its end before anything goes on: a record whose map throws half-way leaves nothing behind.
      pairs = Array.from(this.#map(record), copyPair)
    } catch (error) {
      return this.#failed(error)
    }
    if (pairs.length === 0) return 'no-pairs'
    let outcome: PairOutcome = 'no-key'
    for (const [key, values] of pairs) {
      const became = this.addPair(key, values)
      if (became === 'used' || outcome === 'no-key') outcome = became
    }
    return outcome
  }

  addPair(key: readonly unknown[], values: readonly unknown[]): PairOutcome {
    try {
      const texts = this.#cast(key, this.#mapHook)
      if (texts === undefined) return 'no-key'
      const keyBytes = keyBytesOf(texts, this.#keys)
      const partition = this.#partition(texts, keyBytes)
      if (this.#combiner !== undefined) return this.#combiner.add(partition, texts, values) ? 'used' : 'failed'
      this.#sorter.add(partition, keyBytes, values)
      return 'used'
    } catch (error) {
      return this.#failed(error)
    }
  }

  endPart(): void {
    this.#combiner?.finish()
  }

  finish(): void {
    this.#sorter.finish()
  }

  #makeCombiner(combine: CombinerFunction): Combiner {
    return new Combiner({
      combine,
      params: this.#options.params,
      emit: (partition, key, values) => {
        const texts = this.#cast(key, this.#combinerHook)
        if (texts !== undefined) this.#sorter.add(partition, keyBytesOf(texts, this.#keys), values)
      },
      onError: error => this.#options.onError(this.#combinerHook, error),
    })
  }

  #cast(key: readonly unknown[], hook: string): string[] | undefined {
    const texts = castKey(key, keyTextOf)
    if (typeof texts !== 'number') return texts
    this.#options.onDropped(`${hook}.key[${texts}]`)
    return undefined
  }

  #failed(error: unknown): PairOutcome {
    if (isFatal(error)) throw error
    this.#options.onError(this.#mapHook, error)
    return 'failed'
  }
}

function mapOf(plan: Plan, params: Params, resolve: ResolveFunction): (record: Parts) => Iterable<unknown> {
  if (plan.map === null || plan.map === 'pairs') return record => [pairOfRecord(record)]
  const map = resolve(plan.map) as MapFunction
  return record => checkIterable(map(record, params))
}

/** A generator may change its lists and yield them again. */
function copyPair(pair: unknown): Pair {
  const [key, values] = checkPair(pair)
  return [key.slice(), values.slice()]
}
