/** What is to be scanned, and what is told meanwhile. */
import type {EngineChoice} from '../engine/index.ts'
import type {Params, Plan, Rule} from '../rules/index.ts'
import type {InputFile} from './input-files.ts'
import type {MaxBad} from './max-bad.ts'
import type {RuleAddress} from './scan-job.ts'

export interface ScanRequest {
  readonly plan: Plan
  readonly rule: Rule
  /** Where threads load the rule's functions from; null for a rule without a file. */
  readonly address: RuleAddress | null
  /** All of them, the rule's own included. */
  readonly params: Params
  readonly files: readonly InputFile[]
  /** Scanners wanted; fewer are started when there is little to read. */
  readonly threads: number
  readonly memoryBytes: number
  /** Temporary folder of this run. */
  readonly folder: string
  /** Read only the first records. */
  readonly sample: number | undefined
  readonly engine: EngineChoice
  readonly maxBad: MaxBad | undefined
  /** Keep bad lines for --bad-out. */
  readonly keepsBad: boolean
  /** Runs are merged to text. */
  readonly rowsAreText: boolean
  readonly onProgress: (snapshot: ScanSnapshot) => void
  readonly signal: AbortSignal
}

export interface ScanSnapshot {
  /** Bytes taken from the inputs as they are on disk. */
  readonly sourceBytes: number
  /** Sum of the sizes on disk; null when one of them is not known. */
  readonly sourceBytesTotal: number | null
  /** Bytes scanned, decompressed. */
  readonly bytes: number
  readonly records: number
  readonly bad: number
  readonly scanners: readonly {readonly bytes: number; readonly isBusy: boolean}[]
  /** On a cluster: inputs that are done, and all. */
  readonly tasks?: {readonly done: number; readonly count: number}
}
