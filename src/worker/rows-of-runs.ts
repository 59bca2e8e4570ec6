/** Sorted runs and what is known of them, as rows in key order: read as often as wanted. The same for scans here and on a cluster. */
import {join} from 'node:path'
import {
  type Account,
  addAccount,
  emptyAccount,
  inLabelOrder,
  type OpenRunSource,
  type ResolveFunction,
  type ResultRow,
  resultRows,
} from '../engine/index.ts'
import type {Params, Plan, Rule} from '../rules/index.ts'
import type {Merger} from './mergers.ts'
import {callHook, resolverOf} from './resolve-rule.ts'
import {keepRun, openRun, type Run} from './run-files.ts'
import {type TemplateOf, type TextRows, textRows} from './text-rows.ts'

export interface ScannedRule {
  readonly plan: Plan
  readonly rule: Rule
  /** All of them, the rule's own included; hooks in this thread get this very object. */
  readonly params: Params
}

export interface ScannedRuns {
  readonly account: Account
  /** Runs by table number. */
  readonly runs: readonly (readonly Run[])[]
  /** Asked for when text is made: what merges; none: this thread does. */
  readonly mergers: () => readonly Merger[]
}

/** Owns neither the runs nor the folder: who made them removes them, when nobody reads rows any more. */
export class RowsOfRuns {
  readonly #rule: ScannedRule
  readonly #scan: ScannedRuns
  readonly #folder: string
  readonly #resolve: ResolveFunction
  /** What went wrong after the scan: postprocessors and reduce hooks, of the last complete reading of the rows. */
  #resultAccount: Account = emptyAccount()
  #mergeCount = 0

  /**
   * Runs the reduceInitFunction; the rows are made when they are read.
   *
   * @param folder - for temporary files; whoever made it removes it
   * @throws UserError HOOK_FAILED
   */
  static async start(rule: ScannedRule, scan: ScannedRuns, folder: string): Promise<RowsOfRuns> {
    const {reduceInitFunction} = rule.rule.options
    await callHook('reduceInitFunction', rule.plan.rule, () => reduceInitFunction?.(rule.params))
    return new RowsOfRuns(rule, scan, folder)
  }

  private constructor(rule: ScannedRule, scan: ScannedRuns, folder: string) {
    this.#rule = rule
    this.#scan = scan
    this.#folder = folder
    this.#resolve = resolverOf(rule.rule)
  }

  /** Bytes of the sorted runs that are on disk. */
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
        plan: this.#rule.plan,
        params: this.#rule.params,
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
    return textRows({plan: this.#rule.plan, templateOf, runs, mergers})
  }

  /** Complete once the rows have been read. */
  account(): Account {
    const total = emptyAccount()
    addAccount(total, this.#scan.account)
    addAccount(total, this.#resultAccount)
    return inLabelOrder(total)
  }
}
