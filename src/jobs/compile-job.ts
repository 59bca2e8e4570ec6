/** From what a job file says to its plan and its functions: map and reduce become the two stages that they are. */
import {parseBytes} from '../base/index.ts'
import {type Grouping, parseGrouping} from '../pipeline/index.ts'
import {assertJob} from './check-job.ts'
import {partitionCountDefault, sortBytesDefault, taskMemoryBytesDefault, taskSecondsDefault} from './limits.ts'
import type {JobPlan, JobStagePlan, ReaderNode} from './plan.ts'
import type {
  CombineFunction,
  Job,
  JobContext,
  JobLimits,
  JobOptions,
  Key,
  MapReduceOptions,
  Pairs,
  PartitionFunction,
  PipelineOptions,
  Reader,
  ReaderFunction,
  StageInput,
  StageOptions,
} from './types.ts'

/** How a stage treats what it reads. */
export type StageBody =
  | {readonly type: 'map'; readonly map: (record: never, context: JobContext) => Pairs}
  | {readonly type: 'reduce'; readonly reduce: (key: Key, values: Iterable<unknown>, context: JobContext) => Pairs}
  | {readonly type: 'process'; readonly process: (input: StageInput, context: JobContext) => Pairs}

export interface StageFunctions {
  readonly body: StageBody
  readonly init?: NonNullable<StageOptions['init']>
  readonly done?: NonNullable<StageOptions['done']>
  readonly combine?: CombineFunction
  readonly partition?: PartitionFunction
}

export interface CompiledJob {
  readonly plan: JobPlan
  /** As many as the plan has stages. */
  readonly functions: readonly StageFunctions[]
  readonly reader: ReaderFunction<unknown> | undefined
}

/** @throws UserError BAD_JOB with all problems; `file` is how to call the place of the definition */
export function compileJob(job: Job, file?: string): CompiledJob {
  assertJob(job, file)
  const options = job.options
  const [stages, functions] = isPipeline(options) ? pipelineStages(options) : mapReduceStages(options)
  const reader = options.reader
  return {
    plan: {
      version: 1,
      name: options.name,
      description: options.description ?? '',
      stages,
      inputs: (options.inputs ?? []).map(input => (typeof input === 'string' ? [input] : input)),
      reader: readerNode(reader),
      params: options.params ?? {},
      files: options.files ?? [],
      saveResults: options.saveResults === true ? '' : options.saveResults || null,
      limits: limitsOf(options.limits ?? {}),
    },
    functions,
    reader: typeof reader === 'function' ? reader : undefined,
  }
}

function isPipeline(options: JobOptions): options is PipelineOptions<Reader> {
  return options.stages !== undefined
}

function mapReduceStages(options: MapReduceOptions<Reader>): [JobStagePlan[], StageFunctions[]] {
  const {map, reduce, combine, partition} = options
  const count = options.partitions ?? partitionCountDefault
  const isSorted = reduce !== undefined || options.sort === true
  // Without a reduce there is nothing to bring together: labels only when the job asks for them.
  const isPartitioned = reduce !== undefined || options.partitions !== undefined || partition !== undefined
  const mapStage = stage('map', 'split', {isSorted, partitions: isPartitioned ? count : null})
  const mapFunctions: StageFunctions = {
    body: {type: 'map', map: map as (record: never, context: JobContext) => Pairs},
    ...(combine === undefined ? {} : {combine}),
    ...(partition === undefined ? {} : {partition}),
  }
  if (reduce === undefined) return [[mapStage], [mapFunctions]]
  const grouping: Grouping = count === 1 ? 'group-all' : 'group-label'
  return [
    [mapStage, stage('reduce', grouping, {isMerged: true})],
    [mapFunctions, {body: {type: 'reduce', reduce}}],
  ]
}

function stage(name: string, grouping: Grouping, more: Partial<JobStagePlan>): JobStagePlan {
  return {name, grouping, isConcurrent: false, isMerged: false, isSorted: false, partitions: null, ...more}
}

function pipelineStages(options: PipelineOptions<Reader>): [JobStagePlan[], StageFunctions[]] {
  const plans = options.stages.map(each => {
    const isPartitioned = each.partitions !== undefined || each.partition !== undefined
    return stage(each.name, parseGrouping(each.grouping)!, {
      isConcurrent: each.concurrent === true,
      isMerged: each.merge === true,
      isSorted: each.sort === true,
      partitions: isPartitioned ? (each.partitions ?? partitionCountDefault) : null,
    })
  })
  const functions = options.stages.map(
    ({init, done, combine, partition, ...each}): StageFunctions => ({
      body: {type: 'process', process: each.process},
      ...(init === undefined ? {} : {init}),
      ...(done === undefined ? {} : {done}),
      ...(combine === undefined ? {} : {combine}),
      ...(partition === undefined ? {} : {partition}),
    }),
  )
  return [plans, functions]
}

function readerNode(reader: Reader | undefined): ReaderNode {
  if (reader === undefined) return {type: 'lines'}
  if (typeof reader === 'function') return {type: 'custom'}
  if (reader === 'csv') return {type: 'csv', fields: 'header', delimiter: ','}
  if (typeof reader === 'string') return {type: reader}
  return {type: 'csv', fields: reader.fields ?? 'header', delimiter: reader.delimiter ?? ','}
}

function limitsOf(limits: JobLimits): JobPlan['limits'] {
  const bytes = (value: number | string | undefined, usual: number): number =>
    value === undefined ? usual : typeof value === 'number' ? value : parseBytes(value)!
  return {
    memoryBytes: bytes(limits.memory, taskMemoryBytesDefault),
    sortBytes: bytes(limits.sortMemory, sortBytesDefault),
    taskSeconds: limits.taskSeconds ?? taskSecondsDefault,
    badRecords: limits.badRecords ?? null,
    slots: limits.slots ?? null,
    failures: limits.failures ?? null,
  }
}
