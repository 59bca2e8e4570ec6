/** A thread of the agent's that runs tasks of rules without functions: our own code, started once and kept. */
import {Worker} from 'node:worker_threads'
import {assert, messageOf} from '../../base/index.ts'
import {threadPart} from '../../product/index.ts'
import {failedResult} from '../jobs/process/failed-result.ts'
import type {TaskResult, TaskSpec} from '../jobs/task/types.ts'
import {youngGenerationMb} from '../limits.ts'
import type {FromRuleThread, ToRuleThread} from './thread-messages.ts'
import type {RuleWork, VerifiedFile} from './types.ts'

export interface ThreadPorts {
  readonly headers: Readonly<Record<string, string>>
  progress(progress: {readonly records: number; readonly bytes: number}): void
  /** All blocks of a file were compared with their checksums. */
  verified(file: VerifiedFile): void
}

interface Running {
  readonly ports: ThreadPorts
  readonly finish: (result: TaskResult) => void
  readonly startMs: number
}

/** Without a thread until `run` starts one. It does not keep the process alive between runs; `close` waits until it is gone. */
export class TaskThread {
  #worker: Worker | undefined
  #running: Running | undefined

  /** False: it died, or was ended, and is of no use. */
  get isAlive(): boolean {
    return this.#worker !== undefined
  }

  /**
   * Runs a task; one at a time.
   *
   * @param signal - ends the run and the thread
   * @throws never: what happens to the thread is an error of the result
   */
  async run(work: RuleWork, spec: TaskSpec, ports: ThreadPorts, signal: AbortSignal): Promise<TaskResult> {
    assert(this.#running === undefined, 'a thread runs one task at a time')
    const {promise, resolve} = Promise.withResolvers<TaskResult>()
    this.#running = {ports, finish: resolve, startMs: performance.now()}
    const stop = (): void => {
      this.#lost('the run was stopped')
    }
    try {
      if (signal.aborted) return failedResult('the run was stopped', 0)
      signal.addEventListener('abort', stop, {once: true})
      this.#worker ??= this.#start()
      this.#worker.ref()
      this.#worker.postMessage({work, spec, headers: ports.headers} satisfies ToRuleThread)
      return await promise
    } finally {
      signal.removeEventListener('abort', stop)
      this.#running = undefined
      this.#worker?.unref()
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#lost('the run was stopped')
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(threadPart('rule-thread', import.meta.url), {
      resourceLimits: {maxYoungGenerationSizeMb: youngGenerationMb},
    })
    const isOurs = (): boolean => this.#worker === worker
    worker.on('message', (message: FromRuleThread) => {
      if (!isOurs()) return
      if (message.type === 'progress') this.#running?.ports.progress(message)
      else if (message.type === 'verified') this.#running?.ports.verified(message)
      else this.#running?.finish(message.result)
    })
    worker.on('error', error => {
      if (isOurs()) this.#lost(`the task's thread failed: ${messageOf(error)}`)
    })
    worker.on('exit', () => {
      if (isOurs()) this.#lost("the task's thread ended before the task was done")
    })
    return worker
  }

  #lost(reason: string): void {
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
    const running = this.#running
    running?.finish(failedResult(reason, performance.now() - running.startMs))
  }
}
