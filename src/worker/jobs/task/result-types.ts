/** What a task tells when it ends. A file of its own: these types are part of what authors import (`disco-inferno/local`). */

/** One label of the run's file. */
export interface TaskOutput {
  readonly label: number
  /** Name in the task's folder. */
  readonly file: string
  readonly offset: number
  readonly bytes: number
  readonly records: number
}

export interface TaskAccount {
  /** Records read, bad ones included; of later stages: pairs. */
  readonly in: number
  /** Pairs emitted. */
  readonly out: number
  /** Records that no reader could make sense of. */
  readonly bad: number
  readonly badByReason: Readonly<Record<string, number>>
  /** Safe to print. */
  readonly badSamples: readonly {
    readonly input: string
    readonly line: number
    readonly reason: string
    readonly excerpt: string
  }[]
}

/**
 * `error`: another try may help; `fatal`: none can; `input-lost`: an input cannot be read, whoever made it has to run again.
 */
export type TaskErrorClass = 'error' | 'fatal' | 'input-lost'

export interface TaskError {
  readonly class: TaskErrorClass
  readonly message: string
  readonly stack: string | null
  /** The record that was being worked on, safe to print, cut. */
  readonly record: string | null
  /** Of `input-lost`: the number of the input. */
  readonly input: number | null
}

export interface TaskResult {
  /** By label. Durable when the result is there; empty when there is an error. */
  readonly outputs: readonly TaskOutput[]
  readonly counters: Readonly<Record<string, number>>
  readonly account: TaskAccount
  /** Files in the task's folder. */
  readonly oob: readonly {readonly key: string; readonly file: string; readonly bytes: number}[]
  readonly logsDropped: number
  /** `bytes`: read from inputs. */
  readonly usage: {readonly wallMs: number; readonly cpuMs: number; readonly bytes: number}
  readonly error: TaskError | null
}
