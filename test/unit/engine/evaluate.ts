/** A rule over text in memory: the engine from bytes to rows, without files and threads. */
import {
  type Account,
  addAccount,
  emptyAccount,
  GroupEmitter,
  makePairEmitter,
  makeReader,
  needsPairs,
  type OpenRunSource,
  RecordPipeline,
  type ResultRow,
  resultRows,
  tableCountOf,
} from '../../../src/engine/index.ts'
import {assertRule, compilePlan, defineRule, functionsOf, type RuleOptions} from '../../../src/rules/index.ts'

export interface EvaluateOptions {
  /** Each part is read by itself, as if cut there; joined they are the input. */
  readonly parts?: readonly string[]
  readonly budgetBytes?: number
  readonly onRun?: () => void
}

export interface Evaluated {
  readonly rows: readonly ResultRow[]
  /** `keyset|key parts|values`, cells separated by commas. */
  readonly lines: readonly string[]
  readonly account: Account
}

export function lines(...records: readonly unknown[]): string {
  return records.map(record => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`).join('')
}

export function evaluate(options: Omit<RuleOptions, 'name'>, text: string, given: EvaluateOptions = {}): Evaluated {
  const rule = defineRule({name: 'tested', ...options} as RuleOptions)
  assertRule(rule)
  const {plan} = compilePlan(rule)
  const functions = functionsOf(rule)
  const resolve = (ref: {hook: string}) => functions.get(ref.hook) as (...args: never[]) => unknown
  const params = rule.options.params ?? {}
  const runs: (() => OpenRunSource)[][] = Array.from({length: tableCountOf(plan)}, () => [])
  const keep = (write: (sink: (block: Uint8Array) => void) => void): (() => OpenRunSource) => {
    const blocks: Uint8Array[] = []
    write(block => blocks.push(block.slice()))
    return () => {
      const left = blocks[Symbol.iterator]()
      return {read: () => left.next().value as Uint8Array | undefined, close: () => undefined}
    }
  }
  const writeRun = (table: number, write: (sink: (block: Uint8Array) => void) => void): void => {
    given.onRun?.()
    runs[table]!.push(keep(write))
  }
  const settings = {plan, params, resolve, budgetBytes: given.budgetBytes ?? 2 ** 26, writeRun}
  const emitter = needsPairs(plan) ? makePairEmitter(settings) : new GroupEmitter(settings)
  const pipeline = new RecordPipeline({plan, params, resolve, emitter})
  const account = emptyAccount()
  let lineOffset = 0
  for (const [index, part] of (given.parts ?? [text]).entries()) {
    pipeline.beginPart('input', index)
    const reader = makeReader(plan.format, pipeline, {isFirst: index === 0})
    reader.push(Buffer.from(part))
    reader.end()
    pipeline.endChunk()
    addAccount(account, pipeline.endPart(part.length), lineOffset)
    lineOffset += reader.lines
  }
  emitter.finish()
  const rows = [...resultRows({plan, params, resolve, account, runs: table => runs[table]!, keepRun: keep})]
  return {
    rows,
    lines: rows.map(row => `${row.keyset}|${row.key.join(',')}|${row.values.map(cellText).join(',')}`),
    account,
  }
}

function cellText(value: unknown): string {
  return typeof value === 'object' && value !== null && !('toFixed' in value) && value.constructor !== Object
    ? Array.isArray(value)
      ? JSON.stringify(value)
      : String(value)
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
}
