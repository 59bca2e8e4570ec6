/** A scanning thread: a scanner behind messages. */
import {parentPort, workerData} from 'node:worker_threads'
import {assert} from '../base/index.ts'
import {PieceMerger} from './merge-piece.ts'
import {plainError} from './plain-error.ts'
import {loadCode} from './resolve-rule.ts'
import type {FromScanner, ScannerRuns, ThreadData, ToScanner} from './scan-job.ts'
import {Scanner, Stopped} from './scanner.ts'

/** Answers the main thread's messages until the thread is ended. */
export async function serveScans(): Promise<void> {
  const port = parentPort
  assert(port !== null, 'this file runs as a worker thread')
  const say = (message: FromScanner, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
  const fail = (error: unknown): void =>
    say(error instanceof Stopped ? {type: 'stopped'} : {type: 'failed', error: plainError(error)})
  const {job} = workerData as ThreadData
  let merger: PieceMerger | undefined
  const opened = loadCode(job).then(code => Scanner.open(job, code))
  opened.then(() => say({type: 'ready'}), fail)
  port.on('message', (message: ToScanner) => {
    opened
      .then(async scanner => {
        if (message.type === 'part') {
          say({type: 'part-done', result: await scanner.run(message.part)})
        } else if (message.type === 'merge') {
          merger ??= new PieceMerger(job.plan)
          const merged = merger.merge(message.piece)
          say(
            {type: 'merged', merged},
            merged.text.map(piece => piece.buffer),
          )
        } else {
          const runs = scanner.finish()
          say({type: 'finished', runs}, buffersOf(runs))
        }
      })
      .catch(fail)
  })
}

/** Runs in memory move to the main thread instead of being copied, unless they are shared. */
function buffersOf(runs: ScannerRuns): ArrayBuffer[] {
  const blocks = runs.flat().flatMap(run => (run.kind === 'memory' ? run.blocks : []))
  return blocks.flatMap(({buffer}) => (buffer instanceof ArrayBuffer ? [buffer] : []))
}
