/** Parts in, sorted pairs out: the emitter of rules with a map, combiner, partition or reduce function of their own. */
import {UserError} from '../base/index.ts'
import type {AggregateNode, KeysetPlan, Params, Parts, Plan} from '../rules/index.ts'
import {compilePath, compileTransforms} from '../rules/index.ts'
import {HookError, type ResolveFunction} from './chain.ts'
import {makeColumn} from './columns/index.ts'
import type {WriteRun} from './group-emitter.ts'
import {type KeysetColumn, makePairMapper, type PairMapper, type PairOutcome} from './pairs/index.ts'
import type {EmitOutcome, Emitter, Ledger} from './record-pipeline.ts'

export interface PairEmitterOptions {
  readonly plan: Plan
  readonly params: Params
  readonly resolve: ResolveFunction
  readonly budgetBytes: number
  /** The number of a run is its partition. */
  readonly writeRun: WriteRun
}

/** True when a plan cannot go through group tables: something of the author's own looks at pairs, or their order matters. */
export function needsPairs(plan: Plan): boolean {
  const hasOwnReduce = plan.reduce !== null && plan.reduce !== 'sorted'
  return plan.map !== null || plan.combiner !== null || plan.partitioner !== null || hasOwnReduce || !plan.sort
}

/** @throws UserError BAD_RULE for topK, which counts in a table of its own and has no value in a pair */
export function makePairEmitter(options: PairEmitterOptions): Emitter {
  const top = options.plan.keysets.flatMap(keyset => keyset.values).find(node => node.aggregate === 'topK')
  if (top && options.plan.map === null) {
    throw new UserError(
      'BAD_RULE',
      `${options.plan.rule}: topK (column ${top.column}) does not go with map, combiner, partition or reduce functions or sort: false`,
      {
        hint: 'use topK in a rule of its own, or count the values with a key part',
      },
    )
  }
  return new PairEmitter(options)
}

class PairEmitter implements Emitter {
  readonly #plan: Plan
  readonly #mapper: PairMapper
  readonly #pairOf: readonly ((parts: Parts, dropped: (label: string) => void) => [unknown[], unknown[]] | undefined)[]
  /** Set while the mapper works: it reports from inside. */
  #ledger: Ledger | undefined

  constructor({plan, params, resolve, budgetBytes, writeRun}: PairEmitterOptions) {
    this.#plan = plan
    this.#pairOf = plan.map === null ? plan.keysets.map(keyset => compilePair(keyset, resolve)) : []
    this.#mapper = makePairMapper({
      plan,
      params,
      resolve,
      budgetBytes,
      writeRun,
      onError: (hook, error) => this.#ledger?.hookError(hook, error),
      onDropped: label => this.#countDropped(label),
    })
  }

  beginPart(index: number): void {
    this.#mapper.beginPart(index)
  }

  emit(keyset: number, parts: Parts, ledger: Ledger): EmitOutcome {
    this.#ledger = ledger
    if (this.#plan.map !== null) return outcomeOf(this.#mapper.add(parts))
    const pair = this.#pairOf[keyset]!(parts, label => this.#countDropped(label))
    return pair === undefined ? 'no-key' : outcomeOf(this.#mapper.addPair(pair[0], pair[1]))
  }

  endChunk(): void {
    // The sorter weighs each pair.
  }

  endPart(ledger: Ledger): void {
    this.#ledger = ledger
    this.#mapper.endPart()
  }

  finish(): void {
    this.#mapper.finish()
  }

  #countDropped(label: string): void {
    if (!this.#ledger) return
    const {dropped} = this.#ledger.account
    dropped[label] = (dropped[label] ?? 0) + 1
  }
}

function outcomeOf(outcome: PairOutcome): EmitOutcome {
  return outcome === 'no-pairs' ? 'filtered' : outcome
}

/** The standard map: key texts behind the keyset's name, values as they are. */
function compilePair(
  keyset: KeysetPlan,
  resolve: ResolveFunction,
): (parts: Parts, dropped: (label: string) => void) => [unknown[], unknown[]] | undefined {
  const keys = keyset.keyParts.map(part => ({
    label: `${keyset.name}.${part.name}`,
    read: compilePath(part.field),
    transform: part.transforms.length === 0 ? undefined : compileTransforms(part.transforms, resolve),
  }))
  const values = keyset.values.map(compileValue)
  return (parts, dropped) => {
    const key: unknown[] = [keyset.name]
    for (const {label, read, transform} of keys) {
      let value = read(parts)
      if (transform !== undefined && value !== undefined) {
        try {
          value = transform(value)
        } catch (error) {
          throw new HookError(`keyParts.${label}`, error)
        }
      }
      if (value === undefined || value === null) {
        dropped(label)
        return undefined
      }
      key.push(value)
    }
    return [key, values.map(read => read(parts))]
  }
}

function compileValue(node: AggregateNode): (parts: Parts) => unknown {
  if (node.field === null) return () => 1
  const read = compilePath(node.field)
  if (node.aggregate === 'sum') return parts => absentAs(read(parts), node.absent)
  if (node.aggregate === 'first' || node.aggregate === 'last') {
    const by = compilePath(node.by)
    return parts => [read(parts) ?? null, by(parts) ?? null]
  }
  return parts => read(parts) ?? null
}

function absentAs(value: unknown, absent: number): unknown {
  return value === undefined ? absent : value
}

/** The columns of a keyset for the standard reduce of pairs; undefined when all are sums. */
export function pairColumnsOf(plan: Plan, keyset: string): KeysetColumn[] | undefined {
  if (plan.map !== null) return undefined
  const values = plan.keysets.find(({name}) => name === keyset)?.values
  if (values === undefined || values.every(node => node.aggregate === 'sum')) return undefined
  return values.flatMap(node =>
    node.aggregate === 'topK'
      ? []
      : [{column: makeColumn(node), takesBy: node.aggregate === 'first' || node.aggregate === 'last'}],
  )
}
