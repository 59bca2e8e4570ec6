/**
 * Hands the parts of an input out to those who scan them. Parts that are known ahead are a list that executors take from by themselves;
 * of streams each gets the next piece when it is free. One that is not there in time is not waited for.
 */
import type {Executor} from './executors.ts'
import {readChunkBytes, stopGraceMs, streamPartBytes} from './limits.ts'
import {tooManyBad} from './max-bad.ts'
import {PartAccounts} from './part-accounts.ts'
import {listParts, type PartOptions, planParts} from './parts.ts'
import {PieceBuffers} from './piece-buffers.ts'
import type {PartResult, ScannerRuns, ScanPart} from './scan-job.ts'
import type {ScanRequest} from './scan-request.ts'
import {Stopped} from './scanner.ts'
import {leaveBehind, shareParts} from './shared-parts.ts'
import {isScanCheap} from './staffing.ts'

export interface PartsWork {
  readonly isInline: boolean
  readonly failed: AbortController
  readonly signal: AbortSignal
  readonly onSourceBytes: (bytes: number) => void
}

export interface PartsDone {
  readonly accounts: PartAccounts
  /** The executors that were there in time to get a part; at least one. */
  readonly working: readonly Executor[]
  /** Of each of those. */
  readonly perScanner: readonly ScannerRuns[]
}

/** What an executor gave in the end; undefined: it came too late. */
type Service = (executor: Executor, scanner: number) => Promise<ScannerRuns | undefined>

/** Has all parts scanned, and all scanners finish. */
export async function runParts(
  request: ScanRequest,
  executors: readonly Executor[],
  work: PartsWork,
): Promise<PartsDone> {
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
