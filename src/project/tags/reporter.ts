/** Gathers what a run tells of itself on its way, so that there is a report wherever it ends. */
import {ClusterError, messageOf, UserError} from '../../base/index.ts'
import type {Account} from '../../engine/index.ts'
import type {OpenBatch} from './open-batch.ts'
import type {PreparedRule} from './prepare-rule.ts'
import type {RunBlob, RunReport} from './run-report.ts'
import type {Delivery, TagRun, TagRunRequest} from './run-request.ts'

type Mutable<Shape> = {-readonly [Name in keyof Shape]: Shape[Name]}

/** Of one run. Its report can be asked for at any time, also after a failure. */
export class Reporter {
  readonly #request: TagRunRequest
  readonly #report: Mutable<RunReport>
  #account: Account | null = null
  /** Numbers of the blobs of tags among the inputs. */
  #numbers: readonly number[] = []

  constructor(request: TagRunRequest, startedAtMs: number) {
    const {source, sink} = request
    this.#request = request
    this.#report = {
      rule: `${source.module}.${source.rule.options.name}`,
      state: 'failed',
      job: null,
      planHash: '',
      batch: null,
      isRepeat: false,
      startedAtMs,
      seconds: 0,
      blobs: [],
      bytes: 0,
      rowCounts: {},
      account: null,
      backlog: {blobs: 0, bytes: 0},
      sink: sink?.name ?? '',
    }
  }

  plan(rule: string, planHash: string): void {
    this.#report.rule = rule
    this.#report.planHash = planHash
  }

  chosen({backlog}: PreparedRule): void {
    this.#report.backlog = backlog
  }

  batch({id, inputs}: OpenBatch): void {
    this.#report.batch = id
    this.#numbers = inputs.flatMap(({tag}, number) => (tag === undefined ? [] : [number]))
    this.#report.blobs = inputs.flatMap(({input, identity, tag, addedAtMs}): RunBlob[] =>
      tag === undefined
        ? []
        : [
            {
              tag,
              blob: identity,
              bytes: input.bytes ?? 0,
              isCached: false,
              ...(addedAtMs === undefined ? {} : {addedAtMs}),
            },
          ],
    )
  }

  scanned(run: TagRun): void {
    this.#report.job = run.jobId
    const {scan} = run
    const [cached, missing] = [new Set(scan.cached), new Set(scan.missing)]
    const skipped = new Map(scan.skipped.map(({input, ...told}) => [input, told]))
    this.#report.blobs = this.#report.blobs.map((blob, index) => {
      const number = this.#numbers[index] ?? -1
      return {
        ...blob,
        isCached: cached.has(number),
        ...(missing.has(number) ? {isMissing: true} : {}),
        ...(skipped.has(number) ? {skipped: skipped.get(number)!} : {}),
      }
    })
  }

  /** The batch is that of what could be read. */
  narrowed(id: string): void {
    this.#report.batch = id
  }

  repeat(): void {
    this.#report.isRepeat = true
  }

  /** Told when the rows have been read, or will not be. */
  account(account: Account): void {
    this.#account = account
  }

  delivered({rowCounts, to, receipt}: Delivery): void {
    this.#report.rowCounts = rowCounts
    this.#report.sink = to
    this.#report.isRepeat = receipt?.isRepeat ?? false
  }

  done(): RunReport {
    return this.#ended({state: 'done'})
  }

  skipped(reason: string): RunReport {
    return this.#ended({state: 'skipped', reason})
  }

  failed(error: unknown): RunReport {
    return this.#ended({state: 'failed', error: failureOf(error)})
  }

  #ended(end: Partial<RunReport>): RunReport {
    const account = this.#account
    const {startedAtMs} = this.#report
    const seconds = (this.#request.clockMs() - startedAtMs) / 1000
    return {...this.#report, ...end, account, bytes: account?.bytes ?? 0, seconds}
  }
}

/** An error as it stands in a report. */
export function failureOf(error: unknown): NonNullable<RunReport['error']> {
  if (!(error instanceof UserError || error instanceof ClusterError)) return {code: 'BUG', message: messageOf(error)}
  return {code: error.code, message: error.message, ...(error.hint === undefined ? {} : {hint: error.hint})}
}
