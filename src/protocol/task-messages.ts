/**
 * Master and agents about runs of tasks. Orders carry the master's epoch, like those about blobs, and are answered at once:
 * what comes of a run is told in notices. An order may come twice or late; each names its run, and an old one changes nothing.
 *
 * After joining, an agent says `jobs-begin`, `run-running` or `run-ended` for each run whose end the master has not accepted,
 * then `jobs-ready`: what it did not tell it does not have.
 */
import * as z from 'zod/mini'
import {type Group, type Grouping, groupings, type Output} from '../pipeline/index.ts'
import type {BlobId, NodeName} from './names.ts'
import {blobId, count, epoch, nodeName, optional} from './schema-parts.ts'

/** Name of a job, characters: a name of its author and a stamp. It is part of paths on every node. */
export const jobNameLengthMax = 160
/** Colons are those of Disco's stamps. */
const jobNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9_.:-]+$/

/** `PREFIX@STAMP`: safe as the name of a folder. */
export const isJobName = (text: string): boolean => text.length <= jobNameLengthMax && jobNamePattern.test(text)

/** Inputs of one order and outputs of one notice: with long paths still half a frame. */
export const runPartsMax = 2000

/** Address of one input, characters: a `raw://` text may be a small file. */
export const inputAddressLengthMax = 64 * 1024

/** Inputs of one order, characters of JSON: with its head still inside a frame. A single one may be longer. */
export const inputPageCharsMax = 512 * 1024

/** Orders in one message, and what they may be long, characters of JSON: at three bytes each still inside a frame. */
export const ordersPerMessageMax = 200
export const ordersCharsMax = 256 * 1024

/** Ends of runs in one notice, of such as have few outputs: about as many characters. */
export const endsPerNoticeMax = 100

/** Text of a failure or a message, characters. */
export const runTextLengthMax = 8192

/** Path of an output in its job's folder, characters. */
const pathLengthMax = 512
const pathPattern = /^[A-Za-z0-9_@:-][A-Za-z0-9_.@:-]*(?:\/[A-Za-z0-9_@:-][A-Za-z0-9_.@:-]*)*$/

/** Relative, without dots at the beginning of a name: it stays inside the job's folder. */
export const isJobPath = (text: string): boolean => text.length <= pathLengthMax && pathPattern.test(text)

/** Counters of one run: names, characters of a name and of all of them as JSON. A few: what there is one of per key is a result. */
export const countersPerRunMax = 1000
export const counterNameLengthMax = 200
export const countersCharsMax = 64 * 1024

export interface RunName {
  readonly job: string
  /** Number of the task in its job. */
  readonly task: number
  /** Number of the attempt, never given out twice in a cluster. */
  readonly run: number
}

/** One input of a run; in order by `key`, then by `number`. */
export interface TaskInput {
  /** The producing task and its run; -1 and 0 for an input of the job. */
  readonly task: number
  readonly run: number
  readonly number: number
  readonly key: string
  readonly output: Output
}

export interface PackInfo {
  /** SHA-256 of the job pack, in hexadecimal. */
  readonly hash: string
  readonly bytes: number
}

export type TaskRequest =
  | (RunName & {
      readonly type: 'start-run'
      readonly epoch: number
      readonly stage: string
      readonly stageIndex: number
      readonly grouping: Grouping
      readonly group: Group
      readonly inputs: readonly TaskInput[]
      /** False: more come by `push-inputs`. */
      readonly hasAllInputs: boolean
      readonly isLastStage: boolean
      /** Left out: no. It begins when a slot is free, after those that were ordered so before it. */
      readonly isAhead?: boolean
      readonly pack: PackInfo
    })
  /** Several at once, in their order; those that are refused are named. */
  | {readonly type: 'take-orders'; readonly epoch: number; readonly orders: readonly SmallOrder[]}
  | (RunName & {
      readonly type: 'push-inputs'
      readonly epoch: number
      readonly inputs: readonly TaskInput[]
      readonly isEnd: boolean
    })
  /** Kill it if it runs, delete what it made, forget it. */
  | (RunName & {readonly type: 'stop-run'; readonly epoch: number})
  /** Its result counts: keep its files, report it no more. */
  | (RunName & {readonly type: 'accept-run'; readonly epoch: number})
  /** `isPurged`: delete everything of the job; else all but the files of results, or with `keepsStages` of all stages. */
  | {
      readonly type: 'end-job'
      readonly epoch: number
      readonly job: string
      readonly isPurged: boolean
      readonly keepsStages?: boolean
    }
  /** Copy these files of a job to nodes of DDFS, each as one blob. Answered when all copies are durable. */
  | {
      readonly type: 'save-files'
      readonly epoch: number
      readonly job: string
      readonly files: readonly {readonly path: string; readonly targets: readonly SaveTarget[]}[]
    }

/** What several of may share a message. */
export type SmallOrder = Extract<TaskRequest, {type: 'start-run' | 'accept-run'}>

export interface SaveTarget {
  readonly node: NodeName
  /** PUT the bytes here. */
  readonly url: string
}

export type TaskReply =
  | {readonly type: 'noted'}
  /** Of `take-orders`: all others were taken. */
  | {readonly type: 'orders-taken'; readonly refused: readonly {readonly run: number; readonly message: string}[]}
  /** In the order of the request. */
  | {
      readonly type: 'files-saved'
      readonly blobs: readonly {readonly blob: BlobId; readonly bytes: number; readonly nodes: readonly NodeName[]}[]
    }

export interface RunProgress {
  readonly records: number
  readonly bytes: number
  readonly cpuMs: number
}

/** Finite numbers by name. */
export type RunCounters = Readonly<Record<string, number>>

export interface RunFailure {
  /** `error` is tried again, `fatal` ends the job, `input-lost`: outputs of other tasks could not be read from any place. */
  readonly class: 'error' | 'fatal' | 'input-lost'
  readonly message: string
  /** The record it failed on, shortened, safe to show. */
  readonly sample?: string
  readonly inputs?: readonly {readonly task: number; readonly run: number; readonly isGone: boolean}[]
}

/** Bytes; memory and disk of the machine that tasks run on. */
export interface JobsStatus {
  readonly freeBytes: number
  readonly totalBytes: number
  readonly freeMemoryBytes: number
  readonly totalMemoryBytes: number
}

export type TaskNotice =
  /** `jobs`: those that it has files of. */
  | {readonly type: 'jobs-begin'; readonly slots: number; readonly jobs: readonly string[]}
  /** `isAhead`: it was ordered ahead and waits for a slot. */
  | (RunName & {readonly type: 'run-running'; readonly hasAllInputs: boolean; readonly isAhead?: boolean})
  | {readonly type: 'jobs-ready'}
  | ({readonly type: 'jobs-status'} & JobsStatus)
  | (RunName & {readonly type: 'run-progress'; readonly progress: RunProgress})
  | (RunName & {readonly type: 'run-messages'; readonly texts: readonly string[]})
  /** Outputs of a run that ends with the next `run-ended`, from number `at` on. */
  | (RunName & {readonly type: 'run-outputs'; readonly at: number; readonly outputs: readonly Output[]})
  | (RunName & {readonly type: 'run-ended'; readonly end: RunEnd})
  /** Several at once, in their order. */
  | {readonly type: 'runs-ended'; readonly ends: readonly (RunName & {readonly end: RunEnd})[]}

export type RunEnd =
  /** `outputs` follow those of the `run-outputs` before, which must be `at` many. */
  | {
      readonly state: 'done'
      readonly at: number
      readonly outputs: readonly Output[]
      readonly progress: RunProgress
      /** What the author's functions counted; left out: nothing. */
      readonly counters?: RunCounters
    }
  | {readonly state: 'failed'; readonly failure: RunFailure}

const text = z.string().check(z.maxLength(16_384))
const address = z.string().check(z.maxLength(inputAddressLengthMax))
const jobName = z.string().check(z.refine(isJobName, 'not the name of a job'))
const jobPath = z.string().check(z.refine(isJobPath, 'not a path in the folder of a job'))
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/))

const output: z.ZodMiniType<Output> = z.object({
  label: count,
  place: z.discriminatedUnion('type', [
    z.object({type: z.literal('file'), node: nodeName, path: jobPath}),
    z.object({type: z.literal('urls'), urls: z.array(address).check(z.minLength(1), z.maxLength(100))}),
    z.object({type: z.literal('blob'), blob: blobId}),
  ]),
  bytes: count,
  records: count,
  nodes: optional(z.array(nodeName)),
  sha256: optional(hash),
})
const outputs = z.array(output).check(z.maxLength(runPartsMax))
const inputs = z
  .array(z.object({task: z.int(), run: count, number: count, key: z.string(), output}))
  .check(z.maxLength(runPartsMax))
const runName = {job: jobName, task: count, run: count}
const progress = z.object({records: count, bytes: count, cpuMs: z.number()})
const counters = z
  .record(z.string().check(z.maxLength(counterNameLengthMax)), z.number())
  .check(z.refine(all => Object.keys(all).length <= countersPerRunMax, 'too many counters'))

const startRun = z.object({
  type: z.literal('start-run'),
  epoch,
  ...runName,
  stage: text,
  stageIndex: count,
  grouping: z.enum(groupings as [Grouping, ...Grouping[]]),
  group: z.object({label: count, node: z.string(), output: optional(count)}),
  inputs,
  hasAllInputs: z.boolean(),
  isLastStage: z.boolean(),
  isAhead: optional(z.boolean()),
  pack: z.object({hash, bytes: count}),
})
const acceptRun = z.object({type: z.literal('accept-run'), epoch, ...runName})

export const taskRequestSchemas = [
  startRun,
  z.object({
    type: z.literal('take-orders'),
    epoch,
    orders: z.array(z.discriminatedUnion('type', [startRun, acceptRun])).check(z.maxLength(ordersPerMessageMax)),
  }),
  z.object({type: z.literal('push-inputs'), epoch, ...runName, inputs, isEnd: z.boolean()}),
  z.object({type: z.literal('stop-run'), epoch, ...runName}),
  acceptRun,
  z.object({
    type: z.literal('end-job'),
    epoch,
    job: jobName,
    isPurged: z.boolean(),
    keepsStages: optional(z.boolean()),
  }),
  z.object({
    type: z.literal('save-files'),
    epoch,
    job: jobName,
    files: z.array(z.object({path: jobPath, targets: z.array(z.object({node: nodeName, url: address}))})),
  }),
] as const

const taskRequestTypes: ReadonlySet<string> = new Set<TaskRequest['type']>([
  'start-run',
  'take-orders',
  'push-inputs',
  'stop-run',
  'accept-run',
  'end-job',
  'save-files',
])

export const taskReplySchemas = [
  z.object({type: z.literal('noted')}),
  z.object({
    type: z.literal('orders-taken'),
    refused: z.array(z.object({run: count, message: text})),
  }),
  z.object({
    type: z.literal('files-saved'),
    blobs: z.array(z.object({blob: blobId, bytes: count, nodes: z.array(nodeName)})),
  }),
] as const

const end = z.discriminatedUnion('state', [
  z.object({state: z.literal('done'), at: count, outputs, progress, counters: optional(counters)}),
  z.object({
    state: z.literal('failed'),
    failure: z.object({
      class: z.enum(['error', 'fatal', 'input-lost']),
      message: text,
      sample: optional(text),
      inputs: optional(z.array(z.object({task: z.int(), run: count, isGone: z.boolean()}))),
    }),
  }),
])

export const taskNoticeSchemas = [
  z.object({type: z.literal('jobs-begin'), slots: count, jobs: z.array(jobName)}),
  z.object({type: z.literal('run-running'), ...runName, hasAllInputs: z.boolean(), isAhead: optional(z.boolean())}),
  z.object({type: z.literal('jobs-ready')}),
  z.object({
    type: z.literal('jobs-status'),
    freeBytes: count,
    totalBytes: count,
    freeMemoryBytes: count,
    totalMemoryBytes: count,
  }),
  z.object({type: z.literal('run-progress'), ...runName, progress}),
  z.object({type: z.literal('run-messages'), ...runName, texts: z.array(text).check(z.maxLength(1000))}),
  z.object({type: z.literal('run-outputs'), ...runName, at: count, outputs}),
  z.object({type: z.literal('run-ended'), ...runName, end}),
  z.object({
    type: z.literal('runs-ended'),
    ends: z.array(z.object({...runName, end})).check(z.maxLength(endsPerNoticeMax)),
  }),
] as const

const taskNoticeTypes: ReadonlySet<string> = new Set<TaskNotice['type']>([
  'jobs-begin',
  'run-running',
  'jobs-ready',
  'jobs-status',
  'run-progress',
  'run-messages',
  'run-outputs',
  'run-ended',
  'runs-ended',
])

export const isTaskRequest = (request: {readonly type: string}): request is TaskRequest =>
  taskRequestTypes.has(request.type)

export const isTaskNotice = (notice: {readonly type: string}): notice is TaskNotice => taskNoticeTypes.has(notice.type)
