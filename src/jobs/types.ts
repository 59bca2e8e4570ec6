/** The job language as TypeScript sees it: what a job file may say. */
import type {Grouping} from '../pipeline/index.ts'

/**
 * What records are grouped and sorted by: any JSON value, or bytes. Integers beyond 2^53 are bigint; numbers that are equal
 * are one key. Order: null, false, true, numbers, text by code point, bytes, lists, objects.
 */
export type Key =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Key[]
  | {readonly [name: string]: Key}

/** Plain data that every function of the job can read; JSON, because it travels. */
export type JobParams = Readonly<Record<string, unknown>>

export type Pair<K = Key, V = unknown> = readonly [key: K, value: V]

/** What map, reduce and process give back: pairs to write, or nothing when they call `context.emit`. */
export type Pairs<K = Key, V = unknown> =
  | Iterable<Pair<K, V>>
  | AsyncIterable<Pair<K, V>>
  | void
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: an async function that only emits has no return at all
  | Promise<Iterable<Pair<K, V>> | void | undefined>

/** The run of a task, for messages and for names of its own. */
export interface TaskInfo {
  readonly job: string
  readonly stage: string
  /** Number of the task in its stage, from 0. */
  readonly task: number
  /** Which attempt at the task this is. */
  readonly run: number
  readonly node: string
  /** Label of the task's group; 0 where the grouping has none. */
  readonly label: number
}

/** Small values beside the results, by name: what a job wants to tell once, not per record. */
export interface OutOfBand {
  /** Kept when the run succeeds. Text and bytes as they are, anything else as JSON. */
  put(key: string, value: unknown): void
  /** What an earlier stage put; undefined when nobody did. JSON comes back as the value it was. */
  get(key: string): Promise<unknown>
}

export interface JobContext {
  readonly params: JobParams
  readonly task: TaskInfo
  /** Belongs to this run alone; `init` fills it. */
  readonly state: Record<string, unknown>
  /**
   * Writes a pair.
   *
   * @param label - a whole number from 0; default: what the stage's partition says, or 0
   */
  emit(key: Key, value: unknown, label?: number): void
  /** A line for the job's log. Lines beyond the limit are dropped and counted; a task never fails for them. */
  log(message: string): void
  /** Adds to a number that is reported with the job. */
  counter(name: string, by?: number): void
  /** The path of one of the job's `files` on this node. */
  file(name: string): string
  /** Ends the job: no retry can help. */
  fatal(message: string): never
  readonly oob: OutOfBand
}

/** Turns the bytes of one input into records of the author's own. */
export type ReaderFunction<R> = (chunks: AsyncIterable<Uint8Array>, context: InputContext) => AsyncIterable<R>

export interface InputContext {
  /** The address of the input. */
  readonly input: string
  readonly params: JobParams
  /** Reports a record that cannot be read; reading goes on. */
  bad(reason: string, text?: string): void
}

export interface CsvReader {
  readonly type: 'csv'
  /** Column names, or where they are: in the first record of each input. Default: 'header'. */
  readonly fields?: readonly string[] | 'header'
  /** One character. Default: a comma. */
  readonly delimiter?: string
}

/** Records by the name of their reader. */
export interface RecordTypes {
  /** Lines of text, without their ends. */
  readonly lines: string
  /** One JSON object a line. */
  readonly json: Record<string, unknown>
  readonly csv: Record<string, string>
  /** Each input as a whole. */
  readonly bytes: Uint8Array
  /** Results of another job. */
  readonly records: Pair<Key, unknown>
}

export type Reader = keyof RecordTypes | CsvReader | ReaderFunction<unknown>

export type RecordOf<F> = F extends keyof RecordTypes
  ? RecordTypes[F]
  : F extends CsvReader
    ? RecordTypes['csv']
    : F extends ReaderFunction<infer R>
      ? R
      : never

export interface JobLimits {
  /** Memory of one task's process: bytes, or text like '1GiB'. Default 512 MiB. */
  readonly memory?: number | string
  /** Memory of a task's sort buffer, a part of the above. Default 64 MiB. */
  readonly sortMemory?: number | string
  /** Seconds of one run of a task. Default 3600. */
  readonly taskSeconds?: number
  /** Records of one task that may be unreadable; one more fails it. Default: any number, all counted. */
  readonly badRecords?: number
  /** Tasks of the job that run at the same time. Default: as many as there are slots. */
  readonly slots?: number
  /** Failures of one task before the job fails. */
  readonly failures?: number
}

interface CommonOptions<F> {
  /** Letters, digits and `_ . -`. */
  readonly name: string
  readonly description?: string
  /** Files, folders, globs, tags, blobs or URLs; a list inside is the same input at several addresses. */
  readonly inputs?: readonly (string | readonly string[])[]
  /** How inputs become records. Default: 'lines'. */
  readonly reader?: F
  readonly params?: JobParams
  /** Files that tasks read, relative to the job file; they travel with the job. */
  readonly files?: readonly string[]
  /** Keeps the results in DDFS: under the tag of this name, or one made from the job's name. */
  readonly saveResults?: boolean | string
  readonly limits?: JobLimits
}

/** @returns a whole number from 0 to partitions - 1 */
export type PartitionFunction<K = Key> = (key: K, partitions: number, params: JobParams) => number

/** Values of one key to one value of the same kind. Must be associative: called for any stretch of the values, any number of times. */
export type CombineFunction<K = Key, V = unknown> = (key: K, values: Iterable<V>, context: JobContext) => V

/** Map and reduce. */
export interface MapReduceOptions<F extends Reader = 'lines', K extends Key = Key, V = unknown>
  extends CommonOptions<F> {
  /** Called for each record. Types of keys and values are those that it gives back; `emit` takes any. */
  readonly map: (record: RecordOf<F>, context: JobContext) => Pairs<K, V>
  /** Adds up values of a key before they travel. */
  readonly combine?: CombineFunction<NoInfer<K>, NoInfer<V>>
  /** Which partition a key belongs to. Default: by a hash of it. */
  readonly partition?: PartitionFunction<NoInfer<K>>
  /** Called for each key, in the order of keys. `values` can be read once and may be larger than memory. */
  readonly reduce?: (key: NoInfer<K>, values: Iterable<NoInfer<V>>, context: JobContext) => Pairs
  /** Without a reduce: each result in the order of keys. With one, pairs are always sorted. */
  readonly sort?: boolean
  /** Default 8; 1 brings everything into one task. */
  readonly partitions?: number
  readonly stages?: never
}

/** What one task reads: in the first stage records of the reader, later on pairs. */
export interface StageInput extends AsyncIterable<unknown> {
  readonly label: number
  /** Pairs by key, in the order of keys; each group's values can be read once. For stages with `merge`. */
  groups(): Iterable<readonly [key: Key, values: Iterable<unknown>]>
}

export interface StageOptions {
  readonly name: string
  /** How outputs of the stage before become tasks of this one. */
  readonly grouping: Grouping | 'group_label' | 'group_node' | 'group_node_label' | 'group_all'
  /** Once, before the first input. */
  readonly init?: (context: JobContext) => void | Promise<void>
  /** For each input, in order; with `merge` once, for all of them together. */
  readonly process: (input: StageInput, context: JobContext) => Pairs
  /** Once, after the last input. */
  readonly done?: (context: JobContext) => Pairs
  /** Starts while the stage before is running, and gets its outputs as they come. */
  readonly concurrent?: boolean
  /** Outputs in the order of keys instead of emission. */
  readonly sort?: boolean
  /** Inputs as one, merged by key. The stage before has to sort. */
  readonly merge?: boolean
  /** For stages that sort. */
  readonly combine?: CombineFunction
  /** Labels of pairs that are emitted without one: a hash of the key below this number. */
  readonly partitions?: number
  readonly partition?: PartitionFunction
}

/** Any number of stages. */
export interface PipelineOptions<F extends Reader = 'lines'> extends CommonOptions<F> {
  readonly stages: readonly StageOptions[]
  readonly map?: never
  readonly combine?: never
  readonly partition?: never
  readonly reduce?: never
  readonly sort?: never
  readonly partitions?: never
}

/** What a job may say, types of records aside. */
export type JobOptions = MapReduceOptions<Reader> | PipelineOptions<Reader>

/** What `defineJob` returns. */
export interface Job {
  readonly kind: 'job'
  readonly options: JobOptions
}
