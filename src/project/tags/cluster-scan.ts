/** A rule's scan on a cluster, as its caller sees it: blobs in, sorted runs and an account out. */
import type {ClusterClient} from '../../client/index.ts'
import type {Account, EngineChoice, ResultRow} from '../../engine/index.ts'
import type {Codec, JobInfo} from '../../protocol/index.ts'
import type {FormatNode, Params, Plan, Rule} from '../../rules/index.ts'
import type {StagedRows} from '../../sinks/index.ts'
import type {
  BadLine,
  MaxBad,
  RuleAddress,
  ScanSnapshot,
  SkippedInput,
  TemplateOf,
  TextRows,
  UnusedFiles,
} from '../../worker/index.ts'

export interface ClusterInput {
  /** As it is shown in messages and accounts. */
  readonly name: string
  /** What is read: `blob://ID` of the cluster's own, or an http(s) address. The first that can be read. */
  readonly addresses: readonly string[]
  /** Of the blob as it is stored. */
  readonly bytes?: number
  /** Of a chunk, which is whole; absent: nobody knows what it is packed with. */
  readonly codec?: Codec
  /** Set when it is not the rule's own format: rows of an inner rule. */
  readonly format?: FormatNode
}

export interface ClusterScanRequest {
  readonly plan: Plan
  readonly rule: Rule
  /** Where the rule's functions are; null for a rule without any. */
  readonly address: RuleAddress | null
  readonly params: Params
  /** In the order in which accounts and equal keys take them. */
  readonly inputs: readonly ClusterInput[]
  readonly engine: EngineChoice
  /** Of one task. */
  readonly memoryBytes: number
  readonly maxBad: MaxBad | undefined
  readonly keepsBad: boolean
  /** Take and keep partial aggregates of immutable blobs. */
  readonly usesCache: boolean
  /** Go on without blobs that no node can give; they are in `missing`. */
  readonly allowsMissing: boolean
  /** Keep the job and its result on the nodes; by default they are purged, unless the job failed. */
  readonly keepsJob?: boolean
  readonly cluster: ClusterClient
  readonly onProgress: (snapshot: ScanSnapshot) => void
  /** The state of its job, before the snapshot that is made of it. */
  readonly onJob?: ((info: JobInfo) => void) | undefined
  readonly signal: AbortSignal
}

/**
 * A finished scan whose rows can be read, as a LocalRun is: by the same code, from files that are here. Made by `scanOnCluster`.
 * Close it.
 */
export interface ClusterScan {
  /** `RULE@STAMP` */
  readonly job: string
  /** Numbers of the inputs whose partial aggregates were kept from earlier. */
  readonly cached: readonly number[]
  /** Numbers of the inputs that nobody could give. */
  readonly missing: readonly number[]
  /** The inputs whose records were not read: their statistics rule out that any is used. */
  readonly skipped: readonly SkippedInput[]
  /** Inputs of which no record reached a group; undefined: older nodes do not tell. */
  readonly unusedFiles?: UnusedFiles | undefined
  /** Tasks that read inputs. */
  readonly threads: number
  /** Bytes of the runs that the rows are made from. */
  readonly spilledBytes: number
  /** As often as wanted. @throws UserError HOOK_FAILED from a reduce function, SPILL_FAILED */
  rows(): Iterable<ResultRow>
  /** As of a RuleRun. */
  readonly staged?: StagedRows | undefined
  /** The rows as text, faster; undefined when they have to be made one by one. */
  textRows(templateOf: TemplateOf): TextRows | undefined
  /** Complete once the rows have been read. */
  account(): Account
  badLines(): Iterable<BadLine>
  /** Removes the files here. */
  close(): Promise<void>
}
