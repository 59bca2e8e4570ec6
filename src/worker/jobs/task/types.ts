/** What a task is told, and what it tells. Plain data: it crosses processes. */

export interface TaskInput {
  /** Identifies the input in errors: what `input-lost` names. */
  readonly number: number
  readonly label: number
  /** Addresses of the same bytes, best first. */
  readonly replicas: readonly string[]
  /** Of the output of a stage: where it is in its file. Left out: the whole input, for the job's reader. */
  readonly section?: {readonly offset: number; readonly bytes: number}
}

export interface TaskSpec {
  readonly job: string
  /** Index of the stage. */
  readonly stage: number
  readonly task: number
  readonly run: number
  readonly node: string
  /** Of the task's group. */
  readonly label: number
  /** In the order in which equal keys shall come. */
  readonly inputs: readonly TaskInput[]
  /** More inputs may come: `TaskPorts.moreInputs` is asked for them. */
  readonly isOpen?: boolean
  /** Outputs and temporary files go there; it exists, and belongs to this run. */
  readonly folder: string
}

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

/** What a running task needs from around it. */
export interface TaskPorts {
  /**
   * Streams bytes of an input from one of its addresses.
   *
   * @param from - the first byte: of the section, or of the whole
   * @throws when it cannot be read; the next address is tried then
   */
  openInput(input: TaskInput, replica: string, from: number): AsyncIterable<Uint8Array>
  /** The path of an address on this machine, where it may be read without a copy. */
  localPath(replica: string): string | undefined
  /** A line of the author's log. */
  log(line: string): void
  /** What an earlier stage put under that key. */
  getOob(key: string): Promise<Uint8Array | undefined>
  /** The path of one of the job's files. */
  file(name: string): string
  /** Told now and then how far the run is. */
  progress?(progress: {readonly records: number; readonly bytes: number}): void
  /** Inputs that are new since the last call; undefined when no more will come. */
  moreInputs?(): Promise<readonly TaskInput[] | undefined>
}
