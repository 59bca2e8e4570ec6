/**
 * The rule language as TypeScript sees it: what a rule file may say.
 *
 * Names are Inferno's in camelCase. Built-in steps are functions that carry their plan node (`planNode`), so that a rule
 * reads the same whether a step is ours or the author's, and the planner can tell them apart.
 */
import type {Json} from '../base/index.ts'
import type {AggregateNode, StepNode, TransformNode} from './plan.ts'

/** The property under which a built-in step carries its plan node. */
export const planNode = Symbol.for('disco-inferno.plan-node')

/** One record on its way through a rule: its fields by name, nested as in the data. Integers beyond 2^53 are bigint. */
export type Parts = Record<string, unknown>
export type Params = Record<string, unknown>

/** One value of a result row. Sums that no double holds exactly are bigint or Decimal. */
export type Cell =
  | string
  | number
  | bigint
  | boolean
  | null
  | Decimal
  | readonly Cell[]
  | {readonly [name: string]: Cell}

/** A decimal number that no double holds exactly. `toString()` is exact, arithmetic uses the nearest double. */
export interface Decimal {
  toString(): string
  valueOf(): number
}

export type PreprocessFunction = (parts: Parts, params: Params) => Iterable<Parts | null> | Parts | null
/** A built-in preprocess step: where, select, derive, explode, splitWords, parseJson, lookup. */
export interface PreprocessStep {
  (parts: Parts, params: Params): Iterable<Parts | null> | Parts | null
  readonly [planNode]: StepNode
}
export type Preprocess = PreprocessFunction | PreprocessStep

export type TransformFunction = (value: unknown) => unknown
/** A built-in transform: toInt, lower, urlHost, day() … */
export interface TransformStep {
  (value: unknown): unknown
  readonly [planNode]: TransformNode
}
export type Transform = TransformFunction | TransformStep

export type Totals = Cell[]
/** `key[0]` is the keyset's name. */
export type Postprocess = (key: string[], values: Totals, params: Params) => Iterable<readonly [string[], Totals]>

export type Pair = readonly [key: readonly unknown[], values: readonly unknown[]]
export type MapFunction = (parts: Parts, params: Params) => Iterable<Pair>
/** Called once per pair, and at the end of a task with `done` and no key; what it yields goes on to the reduce. */
export type CombinerFunction = (
  key: readonly unknown[] | null,
  values: readonly unknown[] | null,
  buffer: Record<string, unknown>,
  done: boolean,
  params: Params,
  // biome-ignore lint/suspicious/noConfusingVoidType: a combiner that only collects has no return at all
) => Iterable<Pair> | undefined | void
export type ReduceFunction = (
  pairs: Iterable<Pair>,
  params: Params,
) => Iterable<readonly [key: readonly unknown[], values: readonly unknown[]]>
/** @returns an integer in 0..partitions-1 */
export type PartitionFunction = (key: string, partitions: number, params: Params) => number

/** Turns the bytes of one input into records. Nothing carries over from one input to the next. */
export type CustomReader = (chunks: AsyncIterable<Uint8Array>, context: ReaderContext) => AsyncIterable<Parts>
/** One of Inferno's own stream names (`chunkJsonStream` …): stands for a format, so that a ported rule reads the same. */
export interface NamedReader {
  readonly kind: 'reader'
  readonly format: FormatName
}
export interface ReaderContext {
  readonly file: string
  readonly params: Params
  /** Reports a record that cannot be read; reading goes on. */
  bad(reason: string, text?: string): void
}

export interface ResultContext {
  readonly params: Params
  readonly jobId: string
  readonly keysets: Readonly<
    Record<string, {readonly name: string; readonly columns: readonly string[]; readonly table: string | undefined}>
  >
}
/** `key[0]` is the keyset's name. */
export type ResultProcessor = (rows: AsyncIterable<[string[], Totals]>, context: ResultContext) => Promise<void> | void

/** A field computed from another one for use as a key part or in derive: `day('time')`, `from('url', urlHost)`. */
export interface Derived {
  readonly kind: 'derived'
  readonly name: string
  readonly field: string
  readonly transforms: readonly TransformNode[]
  /** The same under another column name. */
  as(name: string): Derived
}
export type KeyPart = string | Derived

/** An aggregate of a value part: sum('price'), p95('ms'), distinct('ip') … Plain data; the column is named by its place in valueParts. */
export interface Aggregate {
  readonly kind: 'aggregate'
  readonly node: WithoutColumn
}
/** What an aggregate does, before it has a column. Distributes over the union: a plain Omit would lose each member's own fields. */
export type WithoutColumn<Node = AggregateNode> = Node extends unknown ? Omit<Node, 'column'> : never
/** Names alone are sums (`count` counts records); with column names, any aggregate. */
export type ValueParts = readonly string[] | Readonly<Record<string, Aggregate>>

export interface Keyset {
  readonly keyParts?: readonly KeyPart[]
  readonly valueParts?: ValueParts
  /** Column name to header text; null and '' leave the name as it is. */
  readonly columnMappings?: Readonly<Record<string, string | null>>
  readonly table?: string
  readonly partsPreprocess?: readonly Preprocess[]
  readonly partsPostprocess?: readonly Postprocess[]
  /** Header names of the values that postprocessors append; without it they are called extra1, extra2 … */
  readonly extraColumns?: readonly string[]
}

export type FormatName = 'json' | 'csv' | 'dynamic' | 'logfmt' | 'common-log' | 'combined-log'
export interface CsvOptions {
  readonly type: 'csv' | 'dynamic'
  /** Column names, or `header`: the first record of each file names them. Without it: 0, 1, 2 … */
  readonly fields?: readonly string[] | 'header'
  readonly dialect?: 'excel' | 'excel-tab'
  readonly delimiter?: string
}
export interface RegexOptions {
  readonly type: 'regex'
  /** Matched against each line; its named groups are the fields. Linear-time syntax (RE2). */
  readonly pattern: string
}
export type Format = FormatName | CsvOptions | RegexOptions

/** Due once more than the sum of the durations has passed; or daily at an hour; or weekly. Hours are those of `timeZone`. */
export type TimeDelta =
  | (Durations & {readonly oclock?: never; readonly weekday?: never})
  | (NoDurations & {readonly oclock: number; readonly weekday?: never})
  | (NoDurations & {readonly weekday: Weekday; readonly oclock?: number})
export interface Durations {
  readonly weeks?: number
  readonly days?: number
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
  readonly milliseconds?: number
  readonly microseconds?: number
}
type NoDurations = {readonly [unit in keyof Durations]?: never}
export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'

export interface SharedRuleOptions {
  /** Identifies the rule inside its module. */
  readonly name: string
  /** One sentence for lists. */
  readonly description?: string
  /** Off: the daemon never starts it. By hand it always runs. */
  readonly run?: boolean

  // Inputs
  readonly format?: Format
  /** A reader of your own, or one of Inferno's named ones, instead of `format`. */
  readonly mapInputStream?: CustomReader | NamedReader
  /** Tags, and rules whose rows are read as records beside them. */
  readonly sourceTags?: string | readonly (string | Rule)[] | null
  readonly sourceUrls?: readonly string[] | ((options: Params) => readonly string[])
  readonly minBlobs?: number
  readonly maxBlobs?: number
  readonly newestFirst?: boolean
  readonly dayRange?: number
  readonly dayOffset?: number
  /** YYYY-MM-DD */
  readonly dayStart?: string
  /** The zone of `today`, of day arithmetic and of the schedule; default UTC. */
  readonly timeZone?: string

  // Archive, schedule, notification: part of the language; what acts on them is the cluster and its daemon.
  readonly archive?: boolean
  readonly archiveTagPrefix?: string
  readonly archiveLookback?: number
  readonly timeDelta?: TimeDelta
  /** Instead of timeDelta: minute, hour, day of the month, month, day of the week. */
  readonly cron?: string
  /** What becomes of a run that was due while no daemon could start it. */
  readonly catchUp?: 'once' | 'skip'
  /** The daemon tells when the newest success is older than this. */
  readonly maxAge?: Durations
  readonly retry?: boolean
  readonly retryLimit?: number
  /** Hours; fractions allowed. */
  readonly retryDelay?: number
  readonly notifyOnFail?: boolean
  readonly notifyOnSuccess?: boolean
  readonly notifyAddresses?: readonly string[]
  readonly notifyPagerduty?: boolean
  /** The key itself, or where it stands: env:NAME, file:PATH. */
  readonly notifyPagerdutyKey?: string
  /** An http(s) address, or where it stands: env:NAME, file:PATH. */
  readonly notifyWebhook?: string
  readonly notifyWebhookFormat?: 'json' | 'slack'
  readonly resultTag?: string
  readonly resultTagSuffix?: boolean | 'date'
  readonly save?: boolean
  /** Which engine runs it: `auto`, `row`, or `clickhouse=ADDRESS`. */
  readonly engine?: string
  readonly scheduler?: {readonly forceLocal?: boolean; readonly maxCores?: number}

  // Map
  /** The fields that functions of this rule read; lets the scan hand them small records. */
  readonly fields?: readonly string[]
  readonly params?: Params
  readonly partsPreprocess?: readonly Preprocess[]
  readonly fieldTransforms?: Readonly<Record<string, Transform | readonly Transform[]>>
  readonly mapInitFunction?: (params: Params) => void
  /** Replaces the keyset map; null: the input already is [key, values] pairs. */
  readonly mapFunction?: MapFunction | null
  readonly combinerFunction?: CombinerFunction
  readonly partitions?: number
  readonly partitionFunction?: PartitionFunction

  // Reduce
  readonly sort?: boolean
  readonly sortedResults?: boolean
  readonly reduceInitFunction?: (params: Params) => void
  readonly reduceFunction?: ReduceFunction

  // Result
  /** Where the rows go, so that each batch counts once: an address, or an object with mode and table prefix. */
  readonly sink?: string | RuleSink
  /** null: do nothing with the rows. */
  readonly resultProcessor?: ResultProcessor | null
  /** Says that running the processor twice with the same rows is harmless; only then it is retried. */
  readonly isResultProcessorIdempotent?: boolean
  readonly ruleInitFunction?: (params: Params) => void | Promise<void>
  readonly ruleCleanup?: (job: {readonly jobId: string; readonly params: Params}) => void | Promise<void>

  // Examples for `inferno test`
  readonly examples?: readonly RuleExample[]
}

export interface RuleSink {
  /** `sqlite:PATH`, `postgres://…`, `mysql://…`, `clickhouse://…`, `https://…`, `csv:FOLDER`, `ndjson:FOLDER`, `env:NAME`, `file:PATH` */
  readonly to: string
  /** `append` (default) adds rows, `add` keeps totals by key, `replace` takes away what the same days wrote before. */
  readonly mode?: 'append' | 'add' | 'replace'
  /** Before the name of every table. */
  readonly tablePrefix?: string
}

export interface RuleExample {
  readonly name?: string
  /** Lines of input, or objects that are written as JSON lines. */
  readonly input: string | readonly (string | Parts)[]
  readonly params?: Params
  /** Expected rows by keyset (or just the rows of the only keyset): cells as text, in column order, without header. */
  readonly rows: readonly (readonly Json[])[] | Readonly<Record<string, readonly (readonly Json[])[]>>
  /** Expected number of bad records; default 0. */
  readonly bad?: number
}

export interface SingleKeysetOptions {
  readonly keyParts?: readonly KeyPart[]
  readonly valueParts?: ValueParts
  /** Column name to header text; null and '' leave the name as it is. */
  readonly columnMappings?: Readonly<Record<string, string | null>>
  readonly table?: string
  readonly keysetPartsPreprocess?: readonly Preprocess[]
  readonly partsPostprocess?: readonly Postprocess[]
  readonly extraColumns?: readonly string[]
  readonly keysets?: never
}

export interface SeveralKeysetsOptions {
  readonly keysets: Readonly<Record<string, Keyset>>
  readonly keyParts?: never
  readonly valueParts?: never
  readonly columnMappings?: never
  readonly table?: never
  readonly keysetPartsPreprocess?: never
  readonly partsPostprocess?: never
  readonly extraColumns?: never
}

export type RuleOptions = SharedRuleOptions & (SingleKeysetOptions | SeveralKeysetsOptions)

/** What defineRule returns: the options as they were written (checkRule judges them) and where the definition stands. */
export interface Rule {
  readonly kind: 'rule'
  readonly options: RuleOptions
  /** File and line of the defineRule call, for messages. */
  readonly definedAt: {readonly file: string; readonly line: number} | undefined
}
