/** Where the rows of a run go: the rule's own processor, files, or a stream; and what was delivered. */
import {setImmediate as nextTurn, setTimeout as sleep} from 'node:timers/promises'
import {InvariantError, messageOf, UserError} from '../../base/index.ts'
import type {ResultRow} from '../../engine/index.ts'
import type {Cell, ExpressionNode, ResultProcessor, Totals} from '../../rules/index.ts'
import {
  type FormatOptions,
  formatRows,
  jsonPieces,
  type KeysetHeader,
  rowTemplate,
  type SinkFormat,
  writeBytesToStream,
  writeKeysetFiles,
  writeToStream,
} from '../../sinks/index.ts'
import {type TextRows, withUsualConsole} from '../../worker/index.ts'
import {havingRows} from './having-rows.ts'
import {percentHeaders, percentRows} from './percent-rows.ts'
import type {RuleRun} from './run-rule.ts'
import {type Top, topRows} from './top-rows.ts'

/** Which rows are shown, and with what; not for the rule's own processor. */
export interface RowChoice {
  /** Columns of which each row shows its part of the total, before any row is left out. */
  readonly percent?: readonly string[] | undefined
  /** A condition on their columns. */
  readonly having?: ExpressionNode | undefined
  /** Of those, and of each keyset, these only. */
  readonly top?: Top | undefined
}

/** Whether rows leave as they are. */
export const isChoiceEmpty = ({percent, having, top}: RowChoice): boolean =>
  percent === undefined && having === undefined && top === undefined

/**
 * The headers of the rows that are shown.
 *
 * @throws UserError BAD_FLAG when there are no such columns
 */
export const shownHeaders = (headers: readonly KeysetHeader[], {percent}: RowChoice): readonly KeysetHeader[] =>
  percent === undefined ? headers : percentHeaders(headers, percent)

export interface DeliveryOptions extends FormatOptions, RowChoice {
  /** Asked for by the person; then it comes before the rule's own processor. */
  readonly format: SinkFormat | undefined
  /** Format when none was asked for. */
  readonly defaultFormat: SinkFormat
  /** One file a keyset in this folder instead of the stream. */
  readonly out: string | undefined
  readonly signal: AbortSignal
}

export interface Delivered {
  /** Result rows by keyset. */
  readonly rowCounts: Readonly<Record<string, number>>
  /** Rows with an estimate, by `keyset.column`. */
  readonly estimates: Readonly<Record<string, number>>
  /** Files that were written. */
  readonly files: readonly string[]
  readonly to: 'stream' | 'files' | 'processor' | 'nowhere'
}

/**
 * Delivers the rows of a run, then those of inner rules that have a processor of their own (D41).
 *
 * @throws UserError OUTPUT_FAILED, HOOK_FAILED when a rule's processor fails; the signal's reason when it aborts
 */
export async function deliver(
  run: RuleRun,
  stream: NodeJS.WritableStream,
  options: DeliveryOptions,
): Promise<Delivered> {
  const delivered = await deliverRows(run, stream, options)
  for (const inner of run.inner) {
    const {resultProcessor} = inner.rule.options
    if (typeof resultProcessor === 'function') {
      await processRows(inner, resultProcessor, new RowCounter(inner), options.signal)
    }
  }
  return delivered
}

async function deliverRows(run: RuleRun, stream: NodeJS.WritableStream, options: DeliveryOptions): Promise<Delivered> {
  const counter = new RowCounter(run, options)
  const {resultProcessor} = run.rule.options
  const isAsked = options.format !== undefined || options.out !== undefined
  const format = options.format ?? options.defaultFormat
  if (resultProcessor !== undefined && !isAsked) {
    if (resultProcessor === null) return {...counter.counts(), files: [], to: 'nowhere'}
    await processRows(run, resultProcessor, counter, options.signal)
    return {...counter.counts(), files: [], to: 'processor'}
  }
  const headers = shownHeaders(run.headers, options)
  if (options.out !== undefined) {
    const files = await writeKeysetFiles(options.out, options.format ?? 'csv', headers, counter.counted(), options)
    return {...counter.counts(), files, to: 'files'}
  }
  const text = isChoiceEmpty(options) ? textOf(run, stream, format, options) : undefined
  if (text !== undefined) {
    const pieces =
      format === 'json' ? jsonPieces(run.headers, text.pieces(), () => Object.keys(text.counts().rows)) : text.pieces()
    await writeBytesToStream(stream as NodeJS.WriteStream, pieces, {signal: options.signal})
    const {rows, estimates} = text.counts()
    const none = Object.fromEntries(run.headers.map(header => [header.name, 0]))
    return {rowCounts: {...none, ...rows}, estimates, files: [], to: 'stream'}
  }
  await writeToStream(stream as NodeJS.WriteStream, formatRows(format, headers, counter.counted(), options), {
    signal: options.signal,
  })
  return {...counter.counts(), files: [], to: 'stream'}
}

/** The rows as text in that format, when they need not be looked at on their way. A terminal gets its control characters escaped. */
function textOf(
  run: RuleRun,
  stream: NodeJS.WritableStream,
  format: SinkFormat,
  options: FormatOptions,
): TextRows | undefined {
  if ('isTTY' in stream && stream.isTTY === true) return undefined
  return run.textRows(keyset =>
    rowTemplate(format, run.headers[keyset]!, run.plan.keysets[keyset]!.values, {
      ...options,
      keysetCount: run.headers.length,
    }),
  )
}

/** Counts rows, and estimates among them, as they pass. */
export class RowCounter {
  readonly #run: RuleRun
  readonly #choice: RowChoice
  #rows: Record<string, number> = {}
  #estimates: Record<string, number> = {}

  constructor(run: RuleRun, choice: RowChoice = {}) {
    this.#run = run
    this.#choice = choice
  }

  *counted(): Generator<ResultRow> {
    this.#rows = Object.fromEntries(this.#run.headers.map(header => [header.name, 0]))
    this.#estimates = {}
    // Rows of a keyset follow one another: they are booked together.
    let keyset = ''
    let count = 0
    const book = (): void => {
      if (count > 0) this.#rows[keyset] = (this.#rows[keyset] ?? 0) + count
      count = 0
    }
    try {
      for (const row of this.#chosen()) {
        if (row.keyset !== keyset) book()
        keyset = row.keyset
        count++
        if (row.approximate.length > 0) this.#countEstimates(row)
        yield row
      }
    } finally {
      book()
    }
  }

  #chosen(): Iterable<ResultRow> {
    const {percent, having, top} = this.#choice
    const run = this.#run
    const headers = shownHeaders(run.headers, this.#choice)
    const all = percent === undefined ? run.rows() : percentRows(() => run.rows(), run.headers, percent)
    const held = having === undefined ? all : havingRows(all, headers, having)
    return top === undefined ? held : topRows(held, headers, top)
  }

  #countEstimates(row: ResultRow): void {
    for (const index of row.approximate) {
      const label = `${row.keyset}.${this.#columnName(row, index)}`
      this.#estimates[label] = (this.#estimates[label] ?? 0) + 1
    }
  }

  counts(): Pick<Delivered, 'rowCounts' | 'estimates'> {
    return {rowCounts: this.#rows, estimates: this.#estimates}
  }

  #columnName(row: ResultRow, index: number): string {
    return this.#run.plan.keysets.find(keyset => keyset.name === row.keyset)?.values[index]?.column ?? String(index)
  }
}

/** Attempts for a processor that says it may be repeated; the waits between them double, in seconds. */
const attemptCountMax = 6

async function processRows(
  run: RuleRun,
  processor: ResultProcessor,
  counter: RowCounter,
  signal: AbortSignal,
): Promise<void> {
  const attempts = run.rule.options.isResultProcessorIdempotent ? attemptCountMax : 1
  for (let attempt = 1; ; attempt++) {
    try {
      const context = {params: run.params, jobId: run.jobId, keysets: keysetsOf(run)}
      await withUsualConsole(() => processor(processorRows(counter, signal), context))
      return
    } catch (error) {
      if (error instanceof UserError || error instanceof InvariantError) throw error
      signal.throwIfAborted()
      if (attempt < attempts) {
        await sleep(1000 * 2 ** (attempt - 1), undefined, {signal}).catch(() => signal.throwIfAborted())
        continue
      }
      const times = attempts === 1 ? '' : ` ${attempts} times`
      throw new UserError('HOOK_FAILED', `resultProcessor of ${run.plan.rule} failed${times}: ${messageOf(error)}`, {
        cause: error,
        hint: 'the rows are not lost: run the rule again; with --format csv they go to standard output instead',
      })
    }
  }
}

/** Rows between two turns of the event loop, in which Ctrl-C is heard: the processor itself may never wait. */
const rowsPerTurn = 1000

async function* processorRows(counter: RowCounter, signal: AbortSignal): AsyncGenerator<[string[], Totals]> {
  let count = 0
  for (const row of counter.counted()) {
    if (++count % rowsPerTurn === 0) await nextTurn()
    signal.throwIfAborted()
    yield [[row.keyset, ...row.key], [...row.values] as Cell[]]
  }
}

function keysetsOf(
  run: RuleRun,
): Record<string, {name: string; columns: readonly string[]; table: string | undefined}> {
  return Object.fromEntries(
    run.headers.map(({name, columns, table}) => [name, {name, columns, table: table ?? undefined}]),
  )
}
