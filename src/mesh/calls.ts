/** What was asked over a link and has no answer yet. Each call ends once: by its answer, at its deadline, by its signal, or with the link. */
import {ClusterError} from '../base/index.ts'
import {type MeshReply, type MeshRequest, parseReply} from '../protocol/index.ts'
import {requestTimedOut} from './errors.ts'

/** A request, or a small question of the mesh itself. */
export type Asked = MeshRequest | {readonly type: 'ping' | 'probe'}

interface Call {
  readonly asked: Asked
  settle(result: MeshReply | boolean | ClusterError): void
}

export interface CallEnd {
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
  /** However it ends: its place is free. */
  readonly release: () => void
}

/** Whether it is one that a handler answers. */
export const isRequest = (asked: Asked): asked is MeshRequest => asked.type !== 'ping' && asked.type !== 'probe'

/** Calls of one side of a link. */
export class Calls {
  readonly #node: string
  readonly #waiting = new Map<number, Call>()
  #next = 1

  /** @param node - the other side, for messages */
  constructor(node: string) {
    this.#node = node
  }

  get count(): number {
    return this.#waiting.size
  }

  /** A number that no call of this link has had. */
  nextNumber(): number {
    return this.#next++
  }

  /**
   * Waits for the answer to what has been sent under this number.
   *
   * @throws ClusterError TIMED_OUT at the deadline, PROTOCOL for an answer that is not understood, and what `end` is given; the signal's reason
   */
  wait(call: number, asked: Asked, {deadlineMs, signal, release}: CallEnd): Promise<MeshReply | boolean> {
    const {promise, resolve, reject} = Promise.withResolvers<MeshReply | boolean>()
    const finish = (): void => {
      this.#waiting.delete(call)
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      release()
    }
    const abort = (): void => {
      finish()
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      finish()
      reject(requestTimedOut(this.#node, asked.type, deadlineMs))
    }, deadlineMs)
    signal?.addEventListener('abort', abort, {once: true})
    this.#waiting.set(call, {
      asked,
      settle(result) {
        finish()
        if (result instanceof ClusterError) reject(result)
        else resolve(result)
      },
    })
    return promise
  }

  /** The reply to a request; one that nobody waits for changes nothing. @returns false when it is not one that fits the request */
  settle(call: number, body: unknown): boolean {
    const waiting = this.#waiting.get(call)
    if (waiting === undefined || !isRequest(waiting.asked)) return true
    const reply = parseReply(waiting.asked, body)
    if (typeof reply !== 'string') {
      waiting.settle(reply)
      return true
    }
    const what = `the reply of node ${this.#node} to ${waiting.asked.type}`
    waiting.settle(new ClusterError('PROTOCOL', `${what} is not understood: ${reply}`, {retryable: false}))
    return false
  }

  /** The answer to a small question. */
  settleSmall(type: 'ping' | 'probe', call: number, isAlive: boolean): void {
    const waiting = this.#waiting.get(call)
    if (waiting?.asked.type === type) waiting.settle(isAlive)
  }

  /** The link is gone: none of them is answered any more. */
  end(error: ClusterError): void {
    for (const call of [...this.#waiting.values()]) call.settle(error)
  }
}
