/** One rule over files in this process: scan, then rows in key order, read as often as wanted until it is closed. */
import {join} from 'node:path'
import {
  type Account,
  addAccount,
  type EngineChoice,
  emptyAccount,
  inLabelOrder,
  type OpenRunSource,
  type ResolveFunction,
  type ResultRow,
  resultRows,
} from '../engine/index.ts'
import type {Params, Plan, Rule} from '../rules/index.ts'
import type {InputFile} from './input-files.ts'
import type {BadLine} from './part-accounts.ts'
import {callHook, resolverOf} from './resolve-rule.ts'
import {keepRun, makeRunFolder, openRun, type Run, removeRunFolder} from './run-files.ts'
import type {RuleAddress} from './scan-job.ts'
import {type MaxBad, type ScanResult, type ScanSnapshot, scanInputs} from './scan-run.ts'
import {type TemplateOf, type TextRows, textRows} from './text-rows.ts'

export interface LocalRunRequest {
  readonly plan: Plan
  readonly rule: Rule
  /** Where threads load the rule's functions from; null for a rule without a file. */
  readonly address: RuleAddress | null
  /** All of them, the rule's own included; hooks in this thread get this very object. */
  readonly params: Params
  readonly files: readonly InputFile[]
  readonly threads: number
  readonly memoryBytes: number
  readonly sample?: number | undefined
  /** Default: auto. */
  readonly engine?: EngineChoice | undefined
  readonly maxBad?: MaxBad | undefined
  readonly keepsBad?: boolean
  readonly onProgress?: (snapshot: ScanSnapshot) => void
  readonly signal: AbortSignal
}

export class LocalRun {
  readonly #request: LocalRunRequest
  readonly #folder: string
  readonly #scan: ScanResult
  readonly #resolve: ResolveFunction
  /** What went wrong after the scan: postprocessors and reduce hooks, of the last complete reading of the rows. */
  #resultAccount: Account = emptyAccount()
  #mergeCount = 0

  /** Scans and runs the reduceInitFunction; the rows are made when they are read. The caller closes the run, which removes its temporary files. */
  static async start(request: LocalRunRequest): Promise<LocalRun> {
    const folder = makeRunFolder()
    try {
      const scan = await scanInputs({
        ...request,
        folder,
        sample: request.sample,
        engine: request.engine ?? 'auto',
        maxBad: request.maxBad,
        keepsBad: request.keepsBad ?? false,
        onProgress: request.onProgress ?? (() => undefined),
      })
      const {rule, plan, params} = request
      await callHook('reduceInitFunction', plan.rule, () => rule.options.reduceInitFunction?.(params))
      return new LocalRun(request, folder, scan)
    } catch (error) {
      removeRunFolder(folder)
      throw error
    }
  }

  private constructor(request: LocalRunRequest, folder: string, scan: ScanResult) {
    this.#request = request
    this.#folder = folder
    this.#scan = scan
    this.#resolve = resolverOf(request.rule)
  }

  get scannerCount(): number {
    return this.#scan.scannerCount
  }

  /** Bytes of the sorted runs that went to disk. */
  get spilledBytes(): number {
    return this.#scan.runs.flat().reduce((sum, run) => sum + (run.kind === 'file' ? run.bytes : 0), 0)
  }

  /**
   * The rows of all keysets in order.
   *
   * @throws UserError HOOK_FAILED from a reduce function, SPILL_FAILED
   */
  *rows(): Generator<ResultRow> {
    const account = emptyAccount()
    const opened = new Set<OpenRunSource>()
    const open = (run: Run): OpenRunSource => {
      const source = openRun(run)
      opened.add(source)
      return source
    }
    try {
      yield* resultRows({
        plan: this.#request.plan,
        params: this.#request.params,
        resolve: this.#resolve,
        account,
        runs: table => this.#scan.runs[table]!.map(run => () => open(run)),
        keepRun: write => {
          const run = keepRun(join(this.#folder, `merge-${this.#mergeCount++}`), 0, write)
          return () => open(run)
        },
      })
      this.#resultAccount = account
    } finally {
      for (const source of opened) source.close()
    }
  }

  /**
   * The rows as text, which takes a fraction of the time; undefined when they have to be made one by one.
   *
   * @throws UserError SPILL_FAILED while pieces are read
   */
  textRows(templateOf: TemplateOf): TextRows | undefined {
    const {runs, mergers} = this.#scan
    return textRows({plan: this.#request.plan, templateOf, runs, executors: mergers})
  }

  /** Complete once the rows have been read. */
  account(): Account {
    const total = emptyAccount()
    addAccount(total, this.#scan.account)
    addAccount(total, this.#resultAccount)
    return inLabelOrder(total)
  }

  badLines(): Iterable<BadLine> {
    return this.#scan.badLines()
  }

  close(): void {
    void this.#scan.close()
    removeRunFolder(this.#folder)
  }
}
