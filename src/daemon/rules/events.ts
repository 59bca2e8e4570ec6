/** What the core of the rule daemon hears, and what it orders. */
import type {Order, RuleStateContents, RuleStateWrite, RunRow} from '../../storage/index.ts'
import type {Notice, NotifyWishes} from '../notify/index.ts'
import type {ModuleReading, RuleDefinition} from './definition.ts'

/** How a run ended. */
export type RunOutcome =
  | {
      readonly type: 'report'
      readonly state: 'done' | 'skipped' | 'failed'
      /** Why it was skipped, or failed. */
      readonly message: string | undefined
      readonly rowCount: number
      readonly seconds: number
      /** The whole report as JSON. */
      readonly json: string
    }
  /** It ended, or could not start, and left no report. */
  | {readonly type: 'failed'; readonly message: string}
  /** It ended, nobody knows how: while no daemon ran, or because one stopped it. */
  | {readonly type: 'gone'}

interface Timed {
  readonly nowMs: number
}

export type DaemonEvent =
  /** First of all. Runs that are open are followed until they are known to be over. */
  | ({readonly type: 'started'; readonly contents: RuleStateContents; readonly isPaused: boolean} & Timed)
  /** All rule files of the folder, after each change. */
  | ({readonly type: 'rules-read'; readonly modules: readonly ModuleReading[]} & Timed)
  | ({readonly type: 'run-started'; readonly run: number; readonly process: RunRow['process']} & Timed)
  | ({readonly type: 'run-ended'; readonly run: number; readonly outcome: RunOutcome} & Timed)
  | ({readonly type: 'ordered'; readonly order: Order} & Timed)
  /** Told to people, or given up. */
  | ({readonly type: 'notified'; readonly id: number} & Timed)
  | ({readonly type: 'tick'} & Timed)
  /** No more runs; `finished` follows when the last one is over. */
  | ({readonly type: 'shutdown'} & Timed)
  /** Another daemon took over: this one touches nothing any more. */
  | ({readonly type: 'lease-lost'} & Timed)

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  /** Constant text. */
  readonly msg: string
  readonly rule?: string
  readonly run?: number
  readonly file?: string
  readonly [key: string]: unknown
}

export type DaemonEffect =
  | RuleStateWrite
  /** Saved as running before it is performed. Ends in `run-ended`. */
  | {
      readonly type: 'start-run'
      readonly run: RunRow
      readonly definition: RuleDefinition
      /** Its file is broken: run it as it was when it was whole. */
      readonly isFromCopy: boolean
    }
  /** A run of an earlier daemon: say when it is over. */
  | {readonly type: 'follow-run'; readonly run: RunRow}
  /** Saved before, so that people hear of it also when the daemon is killed. Ends in `notified`. */
  | {readonly type: 'notify'; readonly id: number; readonly notice: Notice; readonly wishes: NotifyWishes}
  | {readonly type: 'log'; readonly line: LogLine}
  | {readonly type: 'wake'; readonly atMs: number | undefined}
  | {readonly type: 'finished'}
