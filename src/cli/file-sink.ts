/** Rows of a run over files into a database or another sink: what `run-tags.ts` does for tags. */
import {assert, UserError} from '../base/index.ts'
import type {Settings} from '../client/index.ts'
import {type Delivered, type FileBatch, fileBatch, type RuleRun, type RunSource, writeRows} from '../project/index.ts'
import type {RowSink, SinkReceipt} from '../sinks/index.ts'
import {openRuleSink, type SinkFlags} from './rule-sink.ts'
import type {SessionSink} from './run-session.ts'

export interface FileSinkRequest {
  readonly source: RunSource
  readonly inputs: readonly string[]
  readonly params: Readonly<Record<string, unknown>>
  readonly flags: SinkFlags & {readonly sample?: number | undefined; readonly watch: boolean}
  readonly settings: Settings
  /** Names the batch where its inputs are no files of this machine. */
  readonly batch?: ((startedAtMs: number, signal: AbortSignal) => Promise<FileBatch>) | undefined
}

/** Where the rows of one run go. */
export class FileSink implements SessionSink, AsyncDisposable {
  readonly #request: FileSinkRequest
  readonly #sink: RowSink
  readonly #startedAtMs = Date.now()
  #batch: FileBatch | undefined
  #receipt: SinkReceipt | undefined
  #isStaged = false

  private constructor(request: FileSinkRequest, sink: RowSink) {
    this.#request = request
    this.#sink = sink
  }

  /** @returns undefined when rows go to standard output or to files. @throws as openRuleSink; UserError BAD_FLAG */
  static async open(request: FileSinkRequest): Promise<FileSink | undefined> {
    const {source, flags, settings} = request
    const sink = await openRuleSink(source, flags, settings)
    if (sink === undefined) return undefined
    const flag = flags.watch ? '--watch' : flags.sample === undefined ? undefined : '--sample'
    if (flag === undefined) return new FileSink(request, sink)
    await sink.close()
    throw new UserError('BAD_FLAG', `${flag} is for looking; it puts no rows into ${sink.name}`, {
      hint: 'show them with --format table',
      exitCode: 2,
    })
  }

  get sink(): RowSink {
    return this.#sink
  }

  get name(): string {
    return this.#sink.name
  }

  /** The id of the batch; null before it was named. */
  get batch(): string | null {
    return this.#batch?.batch.id ?? null
  }

  get isRepeat(): boolean {
    return this.#receipt?.isRepeat === true
  }

  /**
   * Names the batch, by reading the files: before they are scanned.
   *
   * @returns what a person should know
   */
  async prepare(signal: AbortSignal): Promise<string | undefined> {
    const {source, inputs, params} = this.#request
    const startedAtMs = this.#startedAtMs
    this.#batch =
      (await this.#request.batch?.(startedAtMs, signal)) ??
      (await fileBatch(source, {inputs, params, startedAtMs, signal}))
    if (!this.#batch.isUnknown) return undefined
    const what = this.#request.batch === undefined ? 'a pipe is' : 'a table or an address may be'
    return `${what} another one each time: when this is run again, its rows come again`
  }

  /** @throws UserError INPUT_UNREADABLE when a file was changed meanwhile; what the sink throws */
  async deliver(run: RuleRun, signal: AbortSignal): Promise<Delivered> {
    const named = this.#batch
    assert(named !== undefined, 'a batch is prepared before its rows are delivered')
    await named.check()
    this.#receipt = await writeRows(this.#sink, named.batch, run, signal)
    this.#isStaged = run.staged !== undefined
    // Of rows that were there already the account is still to be counted.
    if (this.isRepeat && !this.#isStaged) for (const _ of run.rows());
    return {rowCounts: this.#receipt.rowCounts, estimates: {}, files: [], to: 'processor'}
  }

  /** A line about where the rows are. */
  text(): string {
    if (this.#receipt === undefined) return ''
    if (this.isRepeat) return `the rows are in ${this.name} already\n`
    return sinkText(this.name, this.#receipt.rowCounts, this.#isStaged)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sink.close()
  }
}

/** @param isStaged - they were there already, in another table */
export function sinkText(name: string, rowCounts: Readonly<Record<string, number>>, isStaged: boolean): string {
  const counts = Object.entries(rowCounts).map(([table, count]) => `${count} into ${table}`)
  const moved = isStaged ? ', moved on the server' : ''
  return `rows to ${name}: ${counts.length === 0 ? 'none' : counts.join(', ')}${moved}\n`
}
