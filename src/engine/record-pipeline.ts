/**
 * Records in, parts out: the map step up to the point where keys and values are taken (spec 5.1 to 5.4), with its account.
 *
 * For each record: the rule's preprocess chain, field transforms, then each keyset's own chain. What goes wrong costs as
 * little as possible - a transform its part, a keyset's hook its keyset, a rule-level hook the record - and is counted.
 */
import {excerptOf, messageOf, printable, UserError} from '../base/index.ts'
import type {KeysetPlan, Params, Parts, Plan, TransformNode} from '../rules/index.ts'
import {compilePath, compileSelect, compileTransforms, setAtPath} from '../rules/index.ts'
import {countBad, countFiltered, countHookError, emptyAccount, recordJson} from './account.ts'
import {
  type Chain,
  type ChainResult,
  compileChain,
  HookError,
  isPending,
  partsOf,
  type ResolveFunction,
} from './chain.ts'
import type {Account, BadReason, BadSample, RecordSink} from './contracts.ts'
import {fieldsForFunctions} from './function-fields.ts'
import {isFatal} from './pairs/hook-failure.ts'

/** `no-key`: a key part was absent or null; `filtered`: a map function yielded nothing; `failed`: a hook threw. */
export type EmitOutcome = 'used' | 'no-key' | 'filtered' | 'failed'

/** What takes the parts: a group table, or the sorter of pairs. */
export interface Emitter {
  /** Takes one part; what it cannot take it counts in the ledger. A HookError that it throws is counted by its caller. */
  emit(keyset: number, parts: Parts, ledger: Ledger): EmitOutcome
  /** Input goes on with another part of the input; `index` increases in input order. */
  beginPart(index: number): void
  /** Between two chunks of input: the time to look at the memory held. */
  endChunk(): void
  /** After the last record of a part. */
  endPart(ledger: Ledger): void
  /** No more records: hand out what is held. */
  finish(): void
}

/** Where an emitter counts what becomes of the part it is given. */
export interface Ledger {
  readonly account: Account
  hookError(hook: string, error: unknown): void
}

export interface PipelineOptions {
  readonly plan: Plan
  readonly params: Params
  readonly resolve: ResolveFunction
  readonly emitter: Emitter
  /** Receives every bad record, for --bad-out; `line` counts from the start of the part. */
  readonly onBad?: ((line: number, reason: string, text: string, detail: string | undefined) => void) | undefined
  /** So many of the rule's steps are done with the small records that are given. */
  readonly stepsDone?: number | undefined
  /** Reading stops after this many records (--sample). */
  readonly recordsMax?: number | undefined
}

/** Thrown out of a reader when --sample has enough records; not an error. */
export class EnoughRecords extends Error {
  override readonly name = 'EnoughRecords'
}

/** What became of a part; a record counts as the best that became of any of its parts in any keyset. */
const outcomes: Readonly<Record<EmitOutcome, number>> = {failed: 0, filtered: 1, 'no-key': 2, used: 3}

/**
 * One for a scanner, for all parts that it reads: `beginPart`, records and `endChunk`, `endPart`, which gives the account of that part.
 *
 * @throws out of `record` and `smallRecord`: UserError BAD_RULE when a hook of the rule gives what cannot be (what it throws is
 * counted); EnoughRecords at the record after `recordsMax`. Out of the constructor: UserError BAD_RULE, BAD_PARAMETERS
 */
export class RecordPipeline implements RecordSink, Ledger {
  readonly #options: PipelineOptions
  /** Cuts a record to the fields that the rule needs, so that functions see the same of it whoever reads it. */
  readonly #select: ((parts: Parts) => Parts) | undefined
  readonly #chain: Chain | undefined
  /** What is left to do with small records. */
  readonly #chainRest: Chain | undefined
  readonly #transform: ((parts: Parts) => boolean) | undefined
  readonly #keysets: readonly ((parts: Parts) => number)[]
  #account: Account = emptyAccount()
  #file = ''
  /** The whole record and its line in hand, for errors of its hooks. */
  readonly #wholeParts = (): Parts => this.#parts
  #whole: () => Parts = this.#wholeParts
  #parts: Parts = {}
  #line = 0
  #lastHookError = ''
  #recordsLeft: number

  constructor(options: PipelineOptions) {
    const {plan, params, resolve} = options
    this.#options = options
    // A map function of the rule's own replaces the whole map step: it sees records as they were read.
    const isStandardMap = plan.map === null
    const fields = fieldsForFunctions(plan)
    this.#select = fields === undefined ? undefined : compileSelect(fields)
    this.#chain = isStandardMap ? compileChain(plan.steps, params, resolve) : undefined
    const {stepsDone = 0} = options
    this.#chainRest =
      isStandardMap && stepsDone > 0 ? compileChain(plan.steps.slice(stepsDone), params, resolve) : this.#chain
    this.#transform = isStandardMap ? this.#compileFieldTransforms() : undefined
    this.#keysets = isStandardMap
      ? plan.keysets.map((keyset, index) => this.#compileKeyset(keyset, index))
      : [parts => this.#emit(0, parts)]
    this.#recordsLeft = options.recordsMax ?? Number.POSITIVE_INFINITY
  }

  /** Starts a part of the input with an account of its own; lines count from 1 in it. */
  beginPart(file: string, index: number): void {
    this.#account = emptyAccount()
    this.#file = file
    this.#options.emitter.beginPart(index)
  }

  endPart(bytes: number): Account {
    this.#account.bytes = bytes
    this.#options.emitter.endPart(this)
    return this.#account
  }

  /** Called between chunks, so that what a chunk can add to the memory held is bounded. */
  endChunk(): void {
    this.#options.emitter.endChunk()
  }

  get account(): Account {
    return this.#account
  }

  bad(reason: BadReason, line: number, text: string, detail?: string): void {
    this.#takeRecord()
    this.#countBad(reason, line, text, detail)
  }

  skipped(kind: 'blank' | 'no-object', _line: number): void {
    if (kind === 'blank') {
      this.#account.blank++
      return
    }
    this.#takeRecord()
    countFiltered(this.#account, 'no JSON object on the line')
  }

  record(parts: Parts, line: number): void {
    this.#takeRecord()
    this.#parts = parts
    this.#whole = this.#wholeParts
    this.#line = line
    this.#run(this.#select === undefined ? parts : this.#select(parts), this.#chain)
  }

  /**
   * Takes a record that is cut already, and for which the first `stepsDone` steps of the rule were done.
   *
   * @param whole - reads the whole record; called only before this returns
   */
  smallRecord(parts: Parts, line: number, whole: () => Parts): void {
    this.#takeRecord()
    this.#whole = whole
    this.#line = line
    this.#run(parts, this.#chainRest)
  }

  #run(parts: Parts, chain: Chain | undefined): void {
    if (chain === undefined) {
      this.#finishRecord(this.#spread(parts))
      return
    }
    let result: ChainResult
    try {
      result = chain(parts)
    } catch (error) {
      if (!(error instanceof HookError)) throw this.#withRecord(error)
      this.#countBad('hook threw', this.#line, recordJson(this.#whole()), `${error.hook}: ${error.message}`)
      return
    }
    if (result === null) countFiltered(this.#account, 'preprocess')
    else if (Array.isArray(result)) this.#finishRecord(this.#spreadAll(result))
    else this.#finishRecord(this.#spread(result as Parts))
  }

  /** A rule that is wrong shows on its first record: say on which. (Its line is known only where parts are put together.) */
  #withRecord(error: unknown): unknown {
    if (!(error instanceof UserError) || error.code !== 'BAD_RULE') return error
    const where = `${this.#options.plan.rule}: ${error.message}, on this record of ${printable(this.#file)}:`
    return new UserError(error.code, `${where}\n  ${excerptOf(recordJson(this.#whole()))}`, {
      cause: error,
      ...(error.hint === undefined ? {} : {hint: error.hint}),
    })
  }

  #takeRecord(): void {
    if (this.#recordsLeft-- <= 0) throw new EnoughRecords('enough records')
    this.#account.in++
  }

  #finishRecord(outcome: number): void {
    if (outcome === outcomes.used) this.#account.used++
    else if (outcome === outcomes['no-key']) countFiltered(this.#account, 'key part missing')
    else if (outcome === outcomes.filtered) countFiltered(this.#account, 'preprocess')
    else this.#countBad('hook threw', this.#line, recordJson(this.#whole()), this.#lastHookError)
  }

  #spreadAll(list: readonly Parts[]): number {
    let best: number = outcomes.failed
    for (const parts of list) best = Math.max(best, this.#spread(parts))
    return best
  }

  /** Transforms one part and gives it to every keyset; the best outcome counts for the record. */
  #spread(parts: Parts): number {
    if (this.#transform !== undefined && !this.#transform(parts)) return outcomes.failed
    let best: number = outcomes.failed
    for (const keyset of this.#keysets) {
      const outcome = keyset(parts)
      if (outcome > best) best = outcome
    }
    return best
  }

  #emit(keyset: number, parts: Parts): number {
    try {
      return outcomes[this.#options.emitter.emit(keyset, parts, this)]
    } catch (error) {
      if (!(error instanceof HookError)) throw this.#withRecord(error)
      this.hookError(error.hook, error)
      return outcomes.failed
    }
  }

  #compileKeyset(keyset: KeysetPlan, index: number): (parts: Parts) => number {
    const {params, resolve} = this.#options
    const chain = compileChain(keyset.steps, params, resolve, `keysets.${keyset.name}.`)
    if (chain === undefined && !readsKeysetName(keyset)) return parts => this.#emit(index, parts)
    return parts => {
      // A shallow copy per keyset: what a keyset's hook changes on the top level stays in the keyset.
      const copy: Parts = {...parts, _keyset: keyset.name}
      if (chain === undefined) return this.#emit(index, copy)
      let result: ChainResult
      try {
        result = chain(copy)
      } catch (error) {
        if (!(error instanceof HookError)) throw this.#withRecord(error)
        this.hookError(error.hook, error)
        return outcomes.failed
      }
      if (result === null) return outcomes.filtered
      let best: number = outcomes.failed
      for (const part of partsOf(result)) {
        part['_keyset'] = keyset.name
        best = Math.max(best, this.#emit(index, part))
      }
      return best
    }
  }

  /** Every transform whose field is present, null included; an error drops this part only (D18). */
  #compileFieldTransforms(): ((parts: Parts) => boolean) | undefined {
    const {plan, resolve} = this.#options
    if (plan.transforms.length === 0) return undefined
    const compiled = plan.transforms.map(({field, chain}) => ({
      field,
      read: compilePath(field),
      apply: compileTransforms(chain, resolve),
      label: `fieldTransforms.${field}${transformNames(chain)}`,
    }))
    return parts => {
      for (const {field, read, apply, label} of compiled) {
        const value = read(parts)
        if (value === undefined) continue
        try {
          const changed = apply(value)
          if (typeof changed === 'object' && changed !== null && isPending(changed)) throw promised(label)
          setAtPath(parts, field, changed)
        } catch (error) {
          if (isFatal(error)) throw this.#withRecord(error)
          this.hookError(label, error)
          return false
        }
      }
      return true
    }
  }

  /** Counts an error of a hook that costs a part of the record in hand, not the record. */
  hookError(hook: string, error: unknown): void {
    const message = excerptOf(messageOf(error))
    this.#lastHookError = `${hook}: ${message}`
    const excerpt = excerptOf(recordJson(this.#whole()))
    countHookError(this.#account, hook, message, {reason: 'hook threw', file: this.#file, line: this.#line, excerpt})
  }

  #countBad(reason: BadReason, line: number, text: string, detail: string | undefined): void {
    const sample: BadSample = {
      reason,
      file: this.#file,
      line,
      excerpt: excerptOf(text),
      ...(detail === undefined ? {} : {detail: excerptOf(detail)}),
    }
    countBad(this.#account, sample)
    this.#options.onBad?.(line, reason, text, detail)
  }
}

/** The keyset's name is a field only where somebody looks at it. */
function readsKeysetName({keyParts, values}: KeysetPlan): boolean {
  return keyParts.some(part => part.field === '_keyset') || values.some(value => value.field === '_keyset')
}

function promised(label: string): UserError {
  return new UserError('BAD_RULE', `${label} gave a promise instead of a value`, {hint: 'hooks are synchronous'})
}

function transformNames(chain: readonly TransformNode[]): string {
  const names = chain.flatMap(node => (node.transform === 'function' && node.ref.name !== '' ? [node.ref.name] : []))
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}
