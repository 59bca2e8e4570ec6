/** What an agent and its rule threads say to each other. */
import type {TaskResult, TaskSpec} from '../jobs/task/types.ts'
import type {RuleWork, VerifiedFile} from './types.ts'

export interface ToRuleThread {
  readonly work: RuleWork
  readonly spec: TaskSpec
  /** Sent with requests for inputs. */
  readonly headers: Readonly<Record<string, string>>
}

export type FromRuleThread =
  | {readonly type: 'progress'; readonly records: number; readonly bytes: number}
  | ({readonly type: 'verified'} & VerifiedFile)
  | {readonly type: 'result'; readonly result: TaskResult}
