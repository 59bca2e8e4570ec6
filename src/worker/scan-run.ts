/**
 * Scans inputs with as many scanners as the machine has cores for and brings their runs and accounts together.
 * The result does not depend on how many scanners there are or which of them is faster.
 */
import {printable, UserError} from '../base/index.ts'
import {type Account, chooseEngine, type EngineChoice, makeUsualExchange, textTables} from '../engine/index.ts'
import type {Params, Plan, Rule} from '../rules/index.ts'
import {type Executor, inlineExecutor, threadExecutor} from './executors.ts'
import type {InputFile} from './input-files.ts'
import {
  compressionRatio,
  mergeByThreadsBytesMin,
  oneKernelBytesMax,
  oneScannerBytesMax,
  progressIntervalMs,
  readChunkBytes,
  scannerBytesMin,
  stopGraceMs,
  streamPartBytes,
  tableBudgetShare,
} from './limits.ts'
import {type BadLine, PartAccounts} from './part-accounts.ts'
import {listParts, type PartOptions, planParts} from './parts.ts'
import {PieceBuffers} from './piece-buffers.ts'
import {codeOf, scansWithCode} from './resolve-rule.ts'
import type {Run} from './run-files.ts'
import {
  counterSlots,
  countersPerScanner,
  type PartResult,
  type RuleAddress,
  type ScanJob,
  type ScannerRuns,
  type ScanPart,
} from './scan-job.ts'
import {Stopped} from './scanner.ts'
import {leaveBehind, shareParts} from './shared-parts.ts'
import type {UnusedFiles} from './unused-files.ts'

export interface ScanRequest {
  readonly plan: Plan
  readonly rule: Rule
  /** Where threads load the rule's functions from; null for a rule without a file. */
  readonly address: RuleAddress | null
  /** All of them, the rule's own included. */
  readonly params: Params
  readonly files: readonly InputFile[]
  /** Scanners wanted; fewer are started when there is little to read. */
  readonly threads: number
  readonly memoryBytes: number
  /** Temporary folder of this run. */
  readonly folder: string
  /** Read only the first records. */
  readonly sample: number | undefined
  readonly engine: EngineChoice
  readonly maxBad: MaxBad | undefined
  /** Keep bad lines for --bad-out. */
  readonly keepsBad: boolean
  /** Runs are merged to text. */
  readonly rowsAreText: boolean
  readonly onProgress: (snapshot: ScanSnapshot) => void
  readonly signal: AbortSignal
}

export type MaxBad =
  | {readonly kind: 'count'; readonly count: number}
  | {readonly kind: 'share'; readonly percent: number}

export interface ScanSnapshot {
  /** Bytes taken from the inputs as they are on disk. */
  readonly sourceBytes: number
  /** Sum of the sizes on disk; null when one of them is not known. */
  readonly sourceBytesTotal: number | null
  /** Bytes scanned, decompressed. */
  readonly bytes: number
  readonly records: number
  readonly bad: number
  readonly scanners: readonly {readonly bytes: number; readonly isBusy: boolean}[]
  /** On a cluster: inputs that are done, and all. */
  readonly tasks?: {readonly done: number; readonly count: number}
}

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

interface Staffing {
  readonly count: number
  /** The one scanner works in this thread. */
  readonly isInline: boolean
  /** One of several scanners works in this thread: it reads while the threads still start. */
  readonly isOneHere: boolean
}

/**
 * How many scanners, and where.
 *
 * More than one only pays when there is enough to read; samples and unsorted results are in input order, which one scanner
 * keeps. Functions of a rule run in threads, because a thread can be ended whatever they do; only a reader of the rule's own
 * on standard input stays here, where standard input is. Where the kernel scans files, this thread scans, too: it reads its
 * first bytes when the threads are not yet there, and a chunk takes it less than a millisecond, so it still hears everything.
 */
function staff(request: ScanRequest): Staffing {
  const {plan, rule, address, files, threads, sample} = request
  const isCustom = plan.format.format === 'custom'
  const hasCode = address !== null && scansWithCode(rule)
  const readsStdin = files.some(file => file.path === undefined)
  if (isCustom && readsStdin) return {count: 1, isInline: true, isOneHere: false}
  const isOrdered = sample !== undefined || !plan.sort
  const useful = isCustom ? files.length : usefulScanners(files, isScanCheap(request))
  // Functions without a file to load them from are there in this thread only.
  const isHereOnly = address === null && scansWithCode(rule)
  const count = isOrdered || isHereOnly ? 1 : Math.max(1, Math.min(threads, useful))
  // Streams are unpacked in this thread, which then has enough to do.
  const areFiles = files.every(file => file.path !== undefined && file.bytes !== undefined)
  const isQuick = areFiles && !hasCode && isScanCheap(request)
  return {count, isInline: count === 1 && !hasCode, isOneHere: count > 1 && isQuick}
}

function usefulScanners(files: readonly InputFile[], isCheap: boolean): number {
  let bytes = 0
  for (const file of files) {
    const isPlain = file.compression === 'none'
    bytes += (file.bytes ?? Number.POSITIVE_INFINITY) * (isPlain ? 1 : compressionRatio)
  }
  return bytes <= (isCheap ? oneKernelBytesMax : oneScannerBytesMax) ? 1 : Math.ceil(bytes / scannerBytesMin)
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

interface PartsWork {
  readonly isInline: boolean
  readonly failed: AbortController
  readonly signal: AbortSignal
  readonly onSourceBytes: (bytes: number) => void
}

/** The kernel alone makes groups faster than bytes can be handed out. */
function isScanCheap({plan, params, engine}: ScanRequest): boolean {
  const chosen = chooseEngine(plan, params, engine)
  return chosen.engine === 'kernel' && chosen.rest === undefined
}

interface PartsDone {
  readonly accounts: PartAccounts
  /** The executors that were there in time to get a part; at least one. */
  readonly working: readonly Executor[]
  /** Of each of those. */
  readonly perScanner: readonly ScannerRuns[]
}

/** What an executor gave in the end; undefined: it came too late. */
type Service = (executor: Executor, scanner: number) => Promise<ScannerRuns | undefined>

/** Has all parts scanned, and all scanners finish. */
async function runParts(request: ScanRequest, executors: readonly Executor[], work: PartsWork): Promise<PartsDone> {
  const {plan, files, maxBad, sample} = request
  const {isInline, failed, signal, onSourceBytes} = work
  const accounts = new PartAccounts()
  const onResult = (result: PartResult): void => {
    accounts.add(result)
    if (maxBad?.kind === 'count' && accounts.badCount > maxBad.count) throw tooManyBad(accounts.total, maxBad)
  }
  const options: PartOptions = {
    // Rarely is a piece more than two chunks longer than it has to be.
    buffers: new PieceBuffers(streamPartBytes + 2 * readChunkBytes),
    format: plan.format,
    files,
    scannerCount: executors.length,
    isInline,
    isScanCheap: isScanCheap(request),
    // A sample should not wait for more of a pipe than it takes.
    streamPartBytes: sample === undefined ? streamPartBytes : 1,
    onSourceBytes,
    signal,
  }
  const parts = listParts(options)
  const services =
    parts === undefined ? streamService(options, onResult) : sharedService(parts, executors, onResult, signal)
  let failure: unknown
  const done = await Promise.all(
    executors.map((executor, scanner) =>
      services.serve(executor, scanner).catch(error => {
        failure ??= error
        failed.abort()
        return undefined
      }),
    ),
  )
  services.end()
  if (failure !== undefined) throw failure
  const isDone = (_: unknown, scanner: number): boolean => done[scanner] !== undefined
  return {accounts, working: executors.filter(isDone), perScanner: done.filter(runs => runs !== undefined)}
}

interface Services {
  readonly serve: Service
  readonly end: () => void
}

/** Executors take parts by themselves. One that is not there before the others have taken all is not waited for. */
function sharedService(
  parts: readonly ScanPart[],
  executors: readonly Executor[],
  onResult: (result: PartResult) => void,
  signal: AbortSignal,
): Services {
  const shared = shareParts(parts, executors.length)
  const taken = Promise.withResolvers<'taken'>()
  return {
    async serve(executor, scanner) {
      const opened = executor.open()
      const finished = executor.share(shared, onResult)
      const done = unlessStopped(Promise.all([finished, opened]), signal).then(([runs]) => runs)
      done.catch(() => undefined)
      const first = await Promise.race([done, taken.promise])
      if (first === 'taken' && leaveBehind(shared, scanner)) return undefined
      const runs = await done
      taken.resolve('taken')
      return runs
    },
    end: () => undefined,
  }
}

/** Gives each executor its next part as soon as it is free. */
function streamService(options: PartOptions, onResult: (result: PartResult) => void): Services {
  const {signal, buffers} = options
  const parts = planParts(options)
  const taken = Promise.withResolvers<'taken'>()
  return {
    async serve(executor) {
      const opened = unlessStopped(executor.open(), signal)
      opened.catch(() => undefined)
      if ((await Promise.race([opened, taken.promise])) === 'taken') return undefined
      // An async generator queues concurrent next() calls: every executor pulls from the one list of parts.
      for (;;) {
        const next = await unlessStopped(parts.next(), signal)
        if (next.done) break
        const result = await unlessStopped(executor.run(next.value), signal)
        if (next.value.kind === 'chunk') buffers.giveBack(next.value.bytes)
        onResult(result)
        if (result.isFull) break
      }
      taken.resolve('taken')
      return unlessStopped(executor.finish(), signal)
    },
    // Not awaited: a read that is under way (a pipe nobody writes to) may take for ever.
    end: () => void parts.return(undefined).catch(() => undefined),
  }
}

/** Waits for an answer, but after an abort only for a moment: a rule's own function may never return. */
async function unlessStopped<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let onAbort: () => void = () => undefined
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(new Stopped('asked to stop')), stopGraceMs)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, {once: true})
  })
  try {
    return await Promise.race([answer, stopped])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** @throws UserError TOO_MANY_BAD */
export function checkBad(account: Account, maxBad: MaxBad): void {
  const isTooMuch =
    maxBad.kind === 'count' ? account.bad > maxBad.count : account.bad * 100 > maxBad.percent * account.in
  if (isTooMuch) throw tooManyBad(account, maxBad)
}

function tooManyBad(account: Account, maxBad: MaxBad): UserError {
  const limit = maxBad.kind === 'count' ? String(maxBad.count) : `${maxBad.percent}%`
  const samples = account.badSamples
    .slice(0, 3)
    .map(sample => `  ${printable(sample.file)}:${sample.line} ${sample.reason}: ${sample.excerpt}`)
  return new UserError(
    'TOO_MANY_BAD',
    [
      `${account.bad} of ${account.in} records are bad, --max-bad allows ${limit}; nothing was written`,
      ...samples,
    ].join('\n'),
    {
      hint: 'allow more with --max-bad, or see them all with --bad-out FILE and without --max-bad',
    },
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
