/** A scanning thread: a scanner behind messages. */
import {assert} from '../base/index.ts'
import type {Plan} from '../rules/index.ts'
import {type MergePiece, PieceMerger} from './merge-piece.ts'
import {plainError} from './plain-error.ts'
import {loadCode} from './resolve-rule.ts'
import type {FromScanner, ScanJob, ScannerRuns, ToScanner} from './scan-job.ts'
import {scanShared} from './scan-shared.ts'
import {Scanner, Stopped} from './scanner.ts'

/** Answers the main thread's messages until the thread is ended. */
export async function serveScans(): Promise<void> {
  // Not on import: the main thread has this module, too, and needs no threads for a small input.
  const port = process.getBuiltinModule('node:worker_threads').parentPort
  assert(port !== null, 'this file runs as a worker thread')
  const say = (message: FromScanner, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
  const fail = (error: unknown): void =>
    say(error instanceof Stopped ? {type: 'stopped'} : {type: 'failed', error: plainError(error)})
  const mergesFor = (plan: Plan): ((piece: MergePiece) => void) => {
    let merger: PieceMerger | undefined
    return piece => {
      merger ??= new PieceMerger(plan)
      const merged = merger.merge(piece)
      say(
        {type: 'merged', merged},
        merged.text.map(({buffer}) => buffer),
      )
    }
  }
  const serveMerges = (plan: Plan): void => {
    const merge = mergesFor(plan)
    port.on('message', (message: ToScanner) => {
      assert(message.type === 'merge', 'a thread that merges is told nothing else')
      try {
        merge(message.piece)
      } catch (error) {
        fail(error)
      }
    })
  }
  const serve = (job: ScanJob): void => {
    const merge = mergesFor(job.plan)
    const opened = loadCode(job).then(code => Scanner.open(job, code))
    opened.then(() => say({type: 'ready'}), fail)
    port.on('message', (message: Exclude<ToScanner, {type: 'open' | 'open-merger'}>) => {
      opened
        .then(async scanner => {
          if (message.type === 'part') {
            say({type: 'part-done', result: await scanner.run(message.part)})
          } else if (message.type === 'share') {
            const runs = await scanShared(scanner, job.scanner, message.shared, result =>
              say({type: 'part-done', result}),
            )
            if (runs !== undefined) say({type: 'finished', runs}, buffersOf(runs))
          } else if (message.type === 'merge') {
            merge(message.piece)
          } else {
            const runs = scanner.finish()
            say({type: 'finished', runs}, buffersOf(runs))
          }
        })
        .catch(fail)
    })
  }
  port.once('message', (message: ToScanner) => {
    if (message.type === 'open-merger') serveMerges(message.plan)
    else {
      assert(message.type === 'open', 'a scanning thread is told its job first')
      serve(message.job)
    }
  })
}

/** Runs in memory move to the main thread instead of being copied, unless they are shared. */
function buffersOf(runs: ScannerRuns): ArrayBuffer[] {
  const blocks = runs.flat().flatMap(run => (run.kind === 'memory' ? run.blocks : []))
  return blocks.flatMap(({buffer}) => (buffer instanceof ArrayBuffer ? [buffer] : []))
}
