/** A job as plain JSON: all that a master needs to know of it, and what crosses processes. Functions travel beside it. */
import type {Grouping} from '../pipeline/index.ts'

export type ReaderNode =
  | {readonly type: 'lines' | 'json' | 'bytes' | 'records' | 'custom'}
  | {readonly type: 'csv'; readonly fields: readonly string[] | 'header'; readonly delimiter: string}

export interface JobStagePlan {
  readonly name: string
  readonly grouping: Grouping
  readonly isConcurrent: boolean
  /** Inputs are merged by key. */
  readonly isMerged: boolean
  /** Outputs are in the order of keys. */
  readonly isSorted: boolean
  /** Labels of pairs without one: 0 to partitions - 1 by key; null: label 0. */
  readonly partitions: number | null
}

export interface JobPlan {
  readonly version: 1
  readonly name: string
  readonly description: string
  readonly stages: readonly JobStagePlan[]
  /** Each input with its addresses. */
  readonly inputs: readonly (readonly string[])[]
  /** Where the task of an input is best run, for each of them; null, or left out: where the input is. */
  readonly inputNodes?: readonly (string | null)[]
  /** True: a blob that no node has when the job is submitted is a matter of its task. */
  readonly mayMissInputs?: boolean
  readonly reader: ReaderNode
  readonly params: Readonly<Record<string, unknown>>
  /** As the job names them; relative to the job file. */
  readonly files: readonly string[]
  /** null: results stay on the nodes; a tag's name, or '' for one made from the job's. */
  readonly saveResults: string | null
  /** Each run takes a CPU profile, which is kept out of band. Left out: none does. */
  readonly isProfiled?: true
  readonly limits: {
    readonly memoryBytes: number
    readonly sortBytes: number
    readonly taskSeconds: number
    /** null: any number. */
    readonly badRecords: number | null
    readonly slots: number | null
    readonly failures: number | null
  }
}
