/** One rule over files in this process: scan, then rows in key order, read as often as wanted until it is closed. */
import type {Account, EngineChoice, ResultRow} from '../engine/index.ts'
import type {Params, Plan, Rule} from '../rules/index.ts'
import type {InputFile} from './input-files.ts'
import type {MaxBad} from './max-bad.ts'
import type {BadLine} from './part-accounts.ts'
import {RowsOfRuns} from './rows-of-runs.ts'
import {makeRunFolder, removeRunFolder} from './run-files.ts'
import type {RuleAddress} from './scan-job.ts'
import type {ScanSnapshot} from './scan-request.ts'
import {type ScanResult, scanInputs} from './scan-run.ts'
import type {TemplateOf, TextRows} from './text-rows.ts'
import type {UnusedFiles} from './unused-files.ts'

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
  /** `textRows` will be asked for: runs are kept so that this is fast. `rows` gives the same, but later. */
  readonly rowsAreText?: boolean
  readonly onProgress?: (snapshot: ScanSnapshot) => void
  readonly signal: AbortSignal
}

/** One scan and its temporary folder, from `start` to `close`. `rows` and `textRows` work until then, as often as wanted. */
export class LocalRun {
  readonly #folder: string
  readonly #scan: ScanResult
  readonly #rows: RowsOfRuns

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
        rowsAreText: request.rowsAreText ?? false,
        onProgress: request.onProgress ?? (() => undefined),
      })
      return new LocalRun(folder, scan, await RowsOfRuns.start(request, scan, folder))
    } catch (error) {
      removeRunFolder(folder)
      throw error
    }
  }

  private constructor(folder: string, scan: ScanResult, rows: RowsOfRuns) {
    this.#folder = folder
    this.#scan = scan
    this.#rows = rows
  }

  get scannerCount(): number {
    return this.#scan.scannerCount
  }

  /** Bytes of the sorted runs that went to disk. */
  get spilledBytes(): number {
    return this.#rows.spilledBytes
  }

  /**
   * The rows of all keysets in order.
   *
   * @throws UserError HOOK_FAILED from a reduce function, SPILL_FAILED
   */
  rows(): Generator<ResultRow> {
    return this.#rows.rows()
  }

  /**
   * The rows as text, which takes a fraction of the time; undefined when they have to be made one by one.
   *
   * @throws UserError SPILL_FAILED while pieces are read
   */
  textRows(templateOf: TemplateOf): TextRows | undefined {
    return this.#rows.textRows(templateOf)
  }

  /** Complete once the rows have been read. */
  account(): Account {
    return this.#rows.account()
  }

  badLines(): Iterable<BadLine> {
    return this.#scan.badLines()
  }

  /** Inputs of which no record reached a group. */
  get unusedFiles(): UnusedFiles {
    return this.#scan.unusedFiles
  }

  close(): void {
    void this.#scan.close()
    removeRunFolder(this.#folder)
  }
}
