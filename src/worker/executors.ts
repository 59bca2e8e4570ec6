/** Things that scan parts: a thread behind messages, or a scanner in this very thread. */
import {assert} from '../base/index.ts'
import {inlineMerger, type Merger} from './mergers.ts'
import type {RuleCode} from './resolve-rule.ts'
import type {PartResult, ScanJob, ScannerRuns, ScanPart, ToScanner} from './scan-job.ts'
import {scanShared} from './scan-shared.ts'
import {Scanner} from './scanner.ts'
import type {SharedParts} from './shared-parts.ts'
import {takeThread} from './spare-thread.ts'
import {Inbox} from './thread-inbox.ts'

/** Merges after `finish` only. */
export interface Executor extends Merger {
  /** Loads the rule and runs its mapInitFunction. */
  open(): Promise<void>
  /**
   * Takes parts by itself until there are none, and finishes. May be asked before it is open; waits for ever when it is left behind.
   *
   * @param onResult - told about each part; what it throws ends the promise
   */
  share(shared: SharedParts, onResult: (result: PartResult) => void): Promise<ScannerRuns>
  /** One part at a time. */
  run(part: ScanPart): Promise<PartResult>
  finish(): Promise<ScannerRuns>
}

/** Scans in this thread, between its other work. @param signal - ends waiting for input */
export function inlineExecutor(job: ScanJob, code: RuleCode, signal: AbortSignal): Executor {
  let opening: Promise<Scanner> | undefined
  let opened: Scanner | undefined
  const merger = inlineMerger(job.plan)
  const scanner = (): Scanner => {
    assert(opened !== undefined, 'a scanner is opened before it is used')
    return opened
  }
  return {
    open: async () => {
      opening = Scanner.open(job, code, signal)
      opened = await opening
    },
    share: async (shared, onResult) => {
      await opening
      const runs = await scanShared(scanner(), job.scanner, shared, onResult)
      return runs ?? Promise.withResolvers<ScannerRuns>().promise
    },
    run: part => scanner().run(part),
    finish: async () => scanner().finish(),
    merge: merger.merge,
    close: merger.close,
  }
}

/** Starts at once. What fails in the thread comes out of whatever is asked next; `close` ends the thread in the midst of anything. */
export function threadExecutor(job: ScanJob): Executor {
  const thread = takeThread()
  thread.stdout.on('data', text => process.stderr.write(text))
  const inbox = new Inbox(thread)
  const ask = (message: ToScanner): void => thread.postMessage(message)
  ask({type: 'open', job})
  return {
    async open() {
      await inbox.next('ready')
    },
    async share(shared, onResult) {
      ask({type: 'share', shared})
      for (;;) {
        const message = await inbox.next('part-done', 'finished')
        if (message.type === 'finished') return message.runs
        onResult(message.result)
      }
    },
    async run(part) {
      ask({type: 'part', part})
      return (await inbox.next('part-done')).result
    },
    async finish() {
      ask({type: 'finish'})
      return (await inbox.next('finished')).runs
    },
    async merge(piece) {
      ask({type: 'merge', piece})
      return (await inbox.next('merged')).merged
    },
    async close() {
      await thread.terminate()
    },
  }
}
