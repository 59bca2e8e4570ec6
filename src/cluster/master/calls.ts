/** Requests of people and programs that wait for a core's answer, and requests of a core that wait for a node's reply. */
import {ClusterError} from '../../base/index.ts'
import type {MasterMesh} from '../../mesh/index.ts'
import type {MeshRequest, NodeName, ReplyTo} from '../../protocol/index.ts'

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Numbers requests and keeps who waits for them. */
export class Waiters<Answer> {
  readonly #waiting = new Map<number, Waiting<Answer>>()
  #nextId = 1

  /** @param begin - gives the core the request under this number; the answer may come before it returns */
  ask(begin: (id: number) => void): Promise<Answer> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {resolve, reject})
      begin(id)
    })
  }

  /** Whoever does not wait any more is not told; nor by `reject`. */
  resolve(id: number, answer: Answer): void {
    this.#take(id)?.resolve(answer)
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error)
  }

  /** Nobody will answer any more. */
  rejectAll(message: string): void {
    for (const id of [...this.#waiting.keys()]) this.reject(id, new ClusterError('UNAVAILABLE', message))
  }

  #take(id: number): Waiting<Answer> | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}

/** One timer for the earliest wake that a core asked for. */
export class Wake {
  readonly #onWake: () => void
  #timer: NodeJS.Timeout | undefined
  #atMs = Number.POSITIVE_INFINITY

  constructor(onWake: () => void) {
    this.#onWake = onWake
  }

  /** @param atMs - of `performance.now()` */
  at(atMs: number): void {
    if (this.#timer !== undefined && this.#atMs <= atMs) return
    this.stop()
    this.#atMs = atMs
    this.#timer = setTimeout(
      () => {
        this.stop()
        this.#onWake()
      },
      Math.max(0, Math.ceil(atMs - performance.now())),
    )
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#atMs = Number.POSITIVE_INFINITY
  }
}

/** Sends one order of a core; exactly one of the two is called, later. */
export function sendOrder<R extends MeshRequest>(
  mesh: MasterMesh,
  order: {readonly node: NodeName; readonly request: R; readonly deadlineMs: number},
  onReply: (reply: ReplyTo<R>) => void,
  onFailed: (message: string) => void,
): void {
  const deadlineMs = Math.max(1, Math.ceil(order.deadlineMs - performance.now()))
  mesh.request(order.node, order.request, {deadlineMs}).then(onReply, (error: unknown) => {
    onFailed(error instanceof Error ? error.message : String(error))
  })
}
