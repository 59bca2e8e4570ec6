/** Warm processes: one that ran a task is kept a while for the next one of a job with the same pack. */
import {type JobAddress, TaskProcess, type UserTurn} from '../../../worker/index.ts'

/** A process that nobody needed for so long ends, milliseconds. */
const idleMsMax = 30_000

interface Idle {
  readonly pack: string
  readonly process: TaskProcess
  readonly timer: NodeJS.Timeout
}

/** At most as many processes wait as there are slots. Ended by `close`, which ends them. */
export class ProcessPool {
  /** Oldest first. */
  readonly #idle = new Set<Idle>()
  readonly #idleMax: number
  readonly #users: UserTurn | undefined
  readonly #closing = new Set<Promise<void>>()
  #isClosed = false

  /** @param idleMax - processes that are kept without work @param users - that they run as; left out: as this process does */
  constructor(idleMax: number, users?: UserTurn) {
    this.#idleMax = idleMax
    this.#users = users
  }

  /** A process for the jobs of a pack, for one run at a time. @param pack - its hash */
  take(pack: string, address: JobAddress): TaskProcess {
    for (const idle of this.#idle) {
      if (idle.pack !== pack) continue
      this.#remove(idle)
      return idle.process
    }
    return new TaskProcess(address, this.#users?.take())
  }

  /** The run has ended. */
  giveBack(pack: string, process: TaskProcess): void {
    if (this.#isClosed || process.pid === undefined) {
      this.#close(process)
      return
    }
    const timer = setTimeout(() => this.#end(idle), idleMsMax)
    timer.unref()
    const idle: Idle = {pack, process, timer}
    this.#idle.add(idle)
    for (const oldest of this.#idle) {
      if (this.#idle.size <= this.#idleMax) break
      this.#end(oldest)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const idle of [...this.#idle]) this.#end(idle)
    await Promise.all(this.#closing)
  }

  #remove(idle: Idle): void {
    clearTimeout(idle.timer)
    this.#idle.delete(idle)
  }

  #end(idle: Idle): void {
    this.#remove(idle)
    this.#close(idle.process)
  }

  #close(process: TaskProcess): void {
    const closing = process.close()
    this.#closing.add(closing)
    void closing.finally(() => this.#closing.delete(closing))
  }
}
