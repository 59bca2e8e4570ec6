/** What a task is told, and what it tells. Plain data: it crosses processes. */
import type {RuleStage} from '../../rule-tasks/types.ts'

export type {TaskAccount, TaskError, TaskErrorClass, TaskOutput, TaskResult} from './result-types.ts'

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
  /** Outputs are compressed where that saves room: other machines may read them. Left out: no. */
  readonly isPacked?: boolean
  /** Outputs and temporary files go there; it belongs to this run, and is made with the first of them. */
  readonly folder: string
  /** Of a rule's task: what it does. */
  readonly rule?: RuleStage
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
