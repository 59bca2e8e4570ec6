/**
 * Scans inputs with as many scanners as the machine has cores for and brings their runs and accounts together.
 * The result does not depend on how many scanners there are or which of them is faster.
 */
import {UserError} from '../base/index.ts'
import {type Account, makeUsualExchange, textTables} from '../engine/index.ts'
import type {Params, Plan} from '../rules/index.ts'
import {type Executor, inlineExecutor, threadExecutor} from './executors.ts'
import type {InputFile} from './input-files.ts'
import {mergeByThreadsBytesMin, progressIntervalMs, tableBudgetShare} from './limits.ts'
import {checkBad} from './max-bad.ts'
import type {BadLine} from './part-accounts.ts'
import {codeOf, scansWithCode} from './resolve-rule.ts'
import type {Run} from './run-files.ts'
import {runParts} from './run-parts.ts'
import {counterSlots, countersPerScanner, type ScanJob} from './scan-job.ts'
import type {ScanRequest, ScanSnapshot} from './scan-request.ts'
import {type Staffing, staff} from './staffing.ts'
import type {UnusedFiles} from './unused-files.ts'

export interface ScanResult {
  readonly account: Account
  /** Runs by table number. */
  readonly runs: readonly (readonly Run[])[]
  readonly scannerCount: number
  /** Threads that are kept for the merge: when there is much to merge that can become text in them. */
  readonly mergers: () => readonly Executor[]
  /** Bad lines in input order, when they were kept. */
  badLines(): Iterable<BadLine>
  readonly unusedFiles: UnusedFiles
  /** Ends the threads. */
  close(): Promise<void>
}

/** @throws UserError: unreadable input, too many bad records, no room for temporary files, a failed hook, INTERRUPTED */
export async function scanInputs(request: ScanRequest): Promise<ScanResult> {
  if (request.signal.aborted) throw interrupted()
  const staffing = staff(request)
  const {count} = staffing
  // One block more than scanners: the main thread counts what it takes from files itself.
  const counters = new SharedArrayBuffer((count + 1) * countersPerScanner * 8)
  const view = new Float64Array(counters)
  // Aborts when the person says so, and when one scanner fails: the others need not go on.
  const failed = new AbortController()
  const signal = AbortSignal.any([request.signal, failed.signal])
  const stop = (): void => {
    for (let scanner = 0; scanner < count; scanner++) view[scanner * countersPerScanner + counterSlots.stop] = 1
  }
  signal.addEventListener('abort', stop, {once: true})
  const executors = makeExecutors(request, staffing, counters, signal)
  const report = (): void => request.onProgress(snapshotOf(view, count, request.files))
  const timer = setInterval(report, progressIntervalMs)
  const close = async (): Promise<void> => {
    await Promise.all(executors.map(executor => executor.close()))
  }
  try {
    const {accounts, working, perScanner} = await runParts(request, executors, {
      isInline: staffing.isInline,
      failed,
      signal,
      onSourceBytes: bytes => {
        view[count * countersPerScanner + counterSlots.sourceBytes]! += bytes
      },
    })
    report()
    if (request.signal.aborted) throw interrupted()
    const account = accounts.total
    if (request.maxBad) checkBad(account, request.maxBad)
    const runs = perScanner[0]!.map((_, table) => perScanner.flatMap(runs => runs[table]!))
    const mergers = !staffing.isInline && isMergeForThreads(request.plan, runs) ? working : []
    // Nobody waits for threads to be gone: that takes ten milliseconds, in which the rows can be made.
    for (const executor of executors) if (!mergers.includes(executor)) void executor.close()
    return {
      account,
      runs,
      scannerCount: count,
      mergers: () => mergers,
      close,
      badLines: () => accounts.badLines(),
      unusedFiles: accounts.unusedFiles(),
    }
  } catch (error) {
    stop()
    await close()
    throw request.signal.aborted ? interrupted() : error
  } finally {
    clearInterval(timer)
  }
}

function isMergeForThreads(plan: Plan, runs: readonly (readonly Run[])[]): boolean {
  const bytes = runs.flat().reduce((sum, run) => sum + run.bytes, 0)
  return bytes >= mergeByThreadsBytesMin && textTables(plan) !== undefined
}

/** INTERRUPTED with exit status 130, as shells have it for Ctrl-C. Only as long as nothing was written: its message says so. */
export function interrupted(): UserError {
  return new UserError('INTERRUPTED', 'interrupted; nothing was written', {exitCode: 130})
}

function makeExecutors(
  request: ScanRequest,
  {count, isInline, isOneHere}: Staffing,
  counters: SharedArrayBuffer,
  signal: AbortSignal,
): Executor[] {
  const {plan, rule, address, params, memoryBytes, folder, keepsBad, rowsAreText, sample, engine} = request
  const hasText = textTables(plan) !== undefined
  const usual = count > 1 ? {usual: makeUsualExchange()} : {}
  const jobOf = (scanner: number): ScanJob => ({
    plan,
    params: isInline ? params : clonable(params),
    rule: scansWithCode(rule) ? address : null,
    budgetBytes: Math.floor((memoryBytes * tableBudgetShare) / count),
    folder,
    scanner,
    counters,
    keepsBad,
    recordsMax: sample ?? null,
    engine,
    sharesRuns: !isInline && hasText,
    codesRuns: hasText && rowsAreText,
    ...usual,
  })
  const here = (): Executor => inlineExecutor(jobOf(0), codeOf(rule, plan.rule, params), signal)
  if (isInline) return [here()]
  // The threads first: they start while this one gets ready.
  const threads = Array.from({length: isOneHere ? count - 1 : count}, (_, index) =>
    threadExecutor(jobOf(isOneHere ? index + 1 : index)),
  )
  return isOneHere ? [here(), ...threads] : threads
}

/** The parameters that can be sent to a thread. The others (functions) a thread has from loading the rule. */
function clonable(params: Params): Params {
  return Object.fromEntries(
    Object.entries(params).filter(([, value]) => {
      try {
        structuredClone(value)
        return true
      } catch {
        return false
      }
    }),
  )
}

function snapshotOf(view: Float64Array, scannerCount: number, files: readonly InputFile[]): ScanSnapshot {
  const slot = (scanner: number, index: number): number => view[scanner * countersPerScanner + index]!
  const indexes = Array.from({length: scannerCount}, (_, index) => index)
  const sum = (index: number): number => indexes.reduce((total, scanner) => total + slot(scanner, index), 0)
  const sizes = files.map(file => file.bytes)
  return {
    sourceBytes: sum(counterSlots.sourceBytes) + slot(scannerCount, counterSlots.sourceBytes),
    sourceBytesTotal: sizes.every(size => size !== undefined) ? sizes.reduce((total, size) => total + size, 0) : null,
    bytes: sum(counterSlots.bytes),
    records: sum(counterSlots.records),
    bad: sum(counterSlots.bad),
    scanners: indexes.map(scanner => ({
      bytes: slot(scanner, counterSlots.bytes),
      isBusy: slot(scanner, counterSlots.isBusy) === 1,
    })),
  }
}
