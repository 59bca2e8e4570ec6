/** Things that scan parts: a thread behind messages, or a scanner in this very thread. */
import type {Worker} from 'node:worker_threads'
import {assert, UserError} from '../base/index.ts'
import type {MergedText} from '../engine/index.ts'
import {type MergePiece, PieceMerger} from './merge-piece.ts'
import {errorOf} from './plain-error.ts'
import type {RuleCode} from './resolve-rule.ts'
import type {FromScanner, PartResult, ScanJob, ScannerRuns, ScanPart, ToScanner} from './scan-job.ts'
import {scanShared} from './scan-shared.ts'
import {Scanner, Stopped} from './scanner.ts'
import type {SharedParts} from './shared-parts.ts'
import {takeThread} from './spare-thread.ts'

export interface Executor {
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
  /** After `finish`. Pieces may be asked for before others are done; they are made in turn. */
  merge(piece: MergePiece): Promise<MergedText>
  /** Ends it at once, whatever it does. */
  close(): Promise<void>
}

export function inlineExecutor(job: ScanJob, code: RuleCode, signal: AbortSignal): Executor {
  let opening: Promise<Scanner> | undefined
  let opened: Scanner | undefined
  let merger: PieceMerger | undefined
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
    merge: async piece => {
      // Threads are given their work first.
      await new Promise(resolve => setImmediate(resolve))
      merger ??= new PieceMerger(job.plan)
      return merger.merge(piece)
    },
    close: async () => undefined,
  }
}

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

/** Answers of a thread, in the order in which they were asked for; an error or an early end of the thread rejects whoever waits, then and later. */
class Inbox {
  /** Came before anybody asked. */
  readonly #arrived: FromScanner[] = []
  #waiting: {resolve: (message: FromScanner) => void; reject: (error: Error) => void}[] = []
  #failure: Error | undefined

  constructor(thread: Worker) {
    thread.on('message', (message: FromScanner) => {
      if (message.type === 'failed') this.#fail(errorOf(message.error))
      else if (message.type === 'stopped') this.#fail(new Stopped('asked to stop'))
      else this.#settle(message)
    })
    thread.on('error', error => this.#fail(threadError(error)))
    thread.on('exit', () => this.#fail(endedEarly()))
  }

  async next<T extends FromScanner['type']>(...types: readonly T[]): Promise<FromScanner & {type: T}> {
    const message = await new Promise<FromScanner>((resolve, reject) => {
      const first = this.#arrived.shift()
      if (first !== undefined) resolve(first)
      else if (this.#failure) reject(this.#failure)
      else this.#waiting.push({resolve, reject})
    })
    assert(isOneOf(types, message), `a scanning thread answers ${types.join(' or ')}, not ${message.type}`)
    return message
  }

  #settle(message: FromScanner): void {
    const first = this.#waiting.shift()
    if (first === undefined) this.#arrived.push(message)
    else first.resolve(message)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const {reject} of this.#waiting.splice(0)) reject(error)
  }
}

function isOneOf<T extends FromScanner['type']>(
  types: readonly T[],
  message: FromScanner,
): message is FromScanner & {type: T} {
  return types.some(type => type === message.type)
}

/** What a thread did not catch itself: no more memory, or an error in a callback of the rule's own. */
function threadError(error: unknown): Error {
  if ((error as {code?: unknown}).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new UserError('HOOK_FAILED', 'a scanning thread ran out of memory', {
      hint: 'a function of the rule keeps too much, or one record becomes too many; fewer --threads leave each more room',
    })
  }
  return error instanceof Error ? error : new Error(String(error))
}

function endedEarly(): UserError {
  return new UserError('HOOK_FAILED', 'a scanning thread ended before its work was done', {
    hint: 'does the rule, or a package that it uses, call process.exit()?',
  })
}
