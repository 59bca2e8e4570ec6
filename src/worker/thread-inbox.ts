/** What a thread that scans or merges says, for those who wait for it. */
import type {Worker} from 'node:worker_threads'
import {assert, UserError} from '../base/index.ts'
import {errorOf} from './plain-error.ts'
import type {FromScanner} from './scan-job.ts'
import {Stopped} from './scanner.ts'

/** Answers of a thread, in the order in which they were asked for; an error or an early end of the thread rejects whoever waits, then and later. */
export class Inbox {
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
