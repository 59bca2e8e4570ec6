/** What a run over tags is asked for with, and what it answers. */
import type {ClusterClient} from '../../client/index.ts'
import type {EngineChoice} from '../../engine/index.ts'
import type {JobInfo} from '../../protocol/index.ts'
import type {Params} from '../../rules/index.ts'
import type {RowSink, SinkReceipt} from '../../sinks/index.ts'
import type {MaxBad, ScanSnapshot} from '../../worker/index.ts'
import type {RuleRun, RunSource} from '../run/index.ts'
import type {InputOverrides} from './choose-input.ts'
import type {ClusterInput} from './cluster-scan.ts'
import type {RuleScan, ScanBlobs} from './rule-scan.ts'
import type {RunReport} from './run-report.ts'

export interface TagRunRequest {
  readonly source: RunSource
  readonly params: Params
  readonly cluster: ClusterClient
  readonly overrides: InputOverrides
  /** Instead of the rule's. */
  readonly resultTag?: string | undefined
  /** Rows under a result tag stand under their job as well, for `inferno results`; so they do when the rule says save. */
  readonly keepsJob: boolean
  /** Waives minBlobs. */
  readonly force: boolean
  readonly usesCache: boolean
  readonly allowsMissing: boolean
  readonly engine: EngineChoice
  readonly memoryBytes: number
  /** Of a scan in this process. */
  readonly threads: number
  readonly maxBad: MaxBad | undefined
  readonly keepsBad: boolean
  readonly sink?: RowSink | undefined
  readonly scan: ScanBlobs
  /** Takes the rows where there is no sink. @returns rows by keyset, and where they went */
  readonly deliver: (run: RuleRun) => Promise<Delivery>
  /** Called when the rows are where they belong, before anything is marked as done and before the run's files go. */
  readonly onDelivered?: (run: TagRun, delivery: Delivery) => Promise<void>
  readonly clockMs: () => number
  readonly onProgress: (snapshot: ScanSnapshot) => void
  /** The state of a job that scans on the cluster: the rule's own, or that of a rule among its sources. */
  readonly onJob?: ((info: JobInfo, isOutermost: boolean) => void) | undefined
  readonly onNote: (line: string) => void
  readonly signal: AbortSignal
}

export interface Delivery {
  readonly rowCounts: Readonly<Record<string, number>>
  /** Without secrets. */
  readonly to: string
  readonly receipt?: SinkReceipt
}

/** A run whose rows can be read. */
export interface TagRun extends RuleRun {
  readonly scan: RuleScan
  readonly inner: readonly TagRun[]
  /** What it was to read, in order; `scan.missing` are numbers of these. */
  readonly inputs: readonly ClusterInput[]
  /** Waits until the cluster has forgotten its job. */
  close(): Promise<void>
}

export interface TagRunOutcome {
  /** In every case. */
  readonly report: RunReport
  /** What was thrown, when it failed. */
  readonly error?: unknown
}
