import type {
  Job,
  JobContext,
  JobOptions,
  Key,
  MapReduceOptions,
  Pairs,
  PipelineOptions,
  Reader,
  ReaderFunction,
} from './types.ts'

/**
 * Defines a job. The editor and `tsc` check the options as they are typed; what only the values can tell is checked when
 * the job is used (`checkJob`), all problems at once.
 *
 * @throws never
 */
export function defineJob<R, K extends Key = Key, V = unknown>(
  options: Omit<MapReduceOptions<ReaderFunction<R>, K, V>, 'reader' | 'map'> & {
    readonly reader: ReaderFunction<R>
    readonly map: (record: NoInfer<R>, context: JobContext) => Pairs<K, V>
  },
): Job
/** With one map and one reduce. `map` gets what the named reader makes: lines of text unless `reader` names another one. */
export function defineJob<const F extends Reader = 'lines', K extends Key = Key, V = unknown>(
  options: MapReduceOptions<F, K, V>,
): Job
/** With stages: the first one gets the records of the reader, later ones the pairs of the one before. */
export function defineJob<const F extends Reader = 'lines'>(options: PipelineOptions<F>): Job
export function defineJob(options: unknown): Job {
  // The record types were for the author; whoever runs the job knows them by its reader.
  return Object.freeze({kind: 'job', options: options as JobOptions})
}

/** True for what defineJob returns, also when it comes from another copy of this program. */
export function isJob(value: unknown): value is Job {
  return typeof value === 'object' && value !== null && (value as {kind?: unknown}).kind === 'job' && 'options' in value
}
