/** What people are told: plain copies, made when they are asked for. */
import type {Output} from '../pipeline/index.ts'
import type {NodeName} from '../protocol/index.ts'
import {type CounterSums, counterValues, sumCounters} from './counters.ts'
import type {Counters, JobEvent, JobName, JobState, Progress, RunId, TaskNumber} from './events.ts'
import {scoreOf} from './health.ts'
import {quantileOf} from './histogram.ts'
import {outputsOfStage} from './job-end.ts'
import type {JobFailure} from './rows.ts'
import {usedSlots} from './slots.ts'
import {
  isActive,
  type Job,
  type Node,
  type Run,
  type SchedulerState,
  type StageState,
  type Task,
  type TaskState,
} from './state.ts'

export interface StageInfo {
  readonly name: string
  readonly isOpen: boolean
  /** All its tasks are known. */
  readonly isClosed: boolean
  readonly tasks: number
  /** Wait for a slot; `blocked` for inputs that are made again, `held` for the end of a pause. */
  readonly pending: number
  readonly blocked: number
  readonly held: number
  readonly running: number
  readonly done: number
  readonly failedRuns: number
  readonly lostRuns: number
  readonly regeneratedTasks: number
  readonly copies: number
  readonly copiesWon: number
  readonly localRuns: number
  /** Of done tasks and of runs that are under way. */
  readonly progress: Progress
  readonly outputRecords: number
  readonly outputBytes: number
  /** Of done tasks: each from the moment that all its inputs were there. */
  readonly durationMs: {readonly median: number; readonly p90: number; readonly max: number; readonly sum: number}
  /** Greatest input of a task against the mean; 1 is even, 0 nothing is known. */
  readonly skew: number
  readonly counters: Counters
  readonly startedMs?: number
  readonly endedMs?: number
}

export interface JobSummary {
  readonly job: JobName
  readonly number: number
  readonly owner: string
  readonly state: JobState
  readonly priority: number
  readonly weight: number
  readonly submittedMs: number
  readonly startedMs?: number
  readonly endedMs?: number
  readonly running: number
  readonly tasks: number
  readonly done: number
  readonly failures: number
  readonly failure?: JobFailure
}

export interface JobInfo extends JobSummary {
  readonly stages: readonly StageInfo[]
  readonly inputs: number
  /** A node for each run. */
  readonly nodes: readonly NodeName[]
  /** Of all stages. */
  readonly counters: Counters
}

export interface TaskInfo {
  readonly task: TaskNumber
  readonly stage: string
  readonly state: TaskState
  readonly runs: readonly {
    readonly run: RunId
    readonly node: NodeName
    readonly startedMs: number
    readonly progress: Progress
  }[]
  /** Of all its runs, also when it is done since. */
  readonly failures: number
  /** Of the last one. */
  readonly error?: string
  readonly node?: NodeName
  readonly durationMs?: number
  readonly outputs?: number
}

export interface NodeInfo {
  readonly node: NodeName
  readonly state: Node['state']
  readonly slots: number
  readonly running: number
  readonly jobs: readonly JobName[]
  /** Why it gets no tasks; empty when it gets some. */
  readonly heldBack: readonly ('draining' | 'disk-full' | 'memory-full' | 'failures' | 'no-slots')[]
  readonly score: number
  readonly done: number
  readonly failed: number
  readonly lost: number
  readonly freeBytes?: number
}

/** Newest first. Purged jobs are not there any more. */
export function listJobs(state: SchedulerState): JobSummary[] {
  const jobs = [...state.jobs.values()].filter(job => job.state !== 'purged')
  return jobs.sort((left, right) => right.number - left.number).map(summaryOf)
}

function summaryOf(job: Job): JobSummary {
  return {
    job: job.name,
    number: job.number,
    owner: job.spec.owner,
    state: job.state,
    priority: job.priority,
    weight: job.weight,
    submittedMs: job.submittedMs,
    ...(job.startedMs !== undefined && {startedMs: job.startedMs}),
    ...(job.endedMs !== undefined && {endedMs: job.endedMs}),
    running: job.stages.reduce((sum, stage) => sum - stage.aheadCount, job.running),
    tasks: job.taskCount,
    done: job.stages.reduce((sum, stage) => sum + stage.counts.done, 0),
    failures: job.failures,
    ...(job.failure !== undefined && {failure: job.failure}),
  }
}

/** A job with all its stages, also when it has ended; undefined: there is no such job, or it is purged. */
export function jobInfo(state: SchedulerState, name: JobName): JobInfo | undefined {
  const job = findJob(state, name)
  if (job === undefined) return undefined
  const nodes = job.stages.flatMap(stage => [...stage.runs].map(run => run.node.name))
  const counters = sumCounters(job.stages.map(countersOf))
  return {...summaryOf(job), stages: job.stages.map(stageInfo), inputs: job.inputCount, nodes, counters}
}

const countersOf = ({statistics}: StageState): CounterSums => statistics.counters

/** What its tasks counted, in all stages; undefined: there is no such job. */
export function jobCounters(state: SchedulerState, name: JobName): Counters | undefined {
  const job = findJob(state, name)
  return job && sumCounters(job.stages.map(countersOf))
}

function findJob(state: SchedulerState, name: JobName): Job | undefined {
  const job = state.jobs.get(name)
  return job?.state === 'purged' ? undefined : job
}

function stageInfo(stage: StageState): StageInfo {
  const {statistics, counts} = stage
  const {durations, inputBytes} = statistics
  const mean = inputBytes.count === 0 ? 0 : inputBytes.sum / inputBytes.count
  return {
    name: stage.name,
    isOpen: stage.isOpen,
    isClosed: stage.isClosed,
    tasks: counts.pending + counts.blocked + counts.held + counts.running + counts.done,
    ...counts,
    // Who waits for a slot at a node still waits.
    pending: counts.pending + stage.aheadCount,
    running: counts.running - stage.aheadCount,
    failedRuns: statistics.failedRuns,
    lostRuns: statistics.lostRuns,
    regeneratedTasks: statistics.regeneratedTasks,
    copies: statistics.copies,
    copiesWon: statistics.copiesWon,
    localRuns: statistics.localRuns,
    progress: progressOf(stage),
    outputRecords: statistics.outputRecords,
    outputBytes: statistics.outputBytes,
    durationMs: {
      median: quantileOf(durations, 0.5),
      p90: quantileOf(durations, 0.9),
      max: durations.max,
      sum: durations.sum,
    },
    skew: mean === 0 ? 0 : inputBytes.max / mean,
    counters: counterValues(statistics.counters),
    ...(statistics.startedMs !== undefined && {startedMs: statistics.startedMs}),
    ...(statistics.endedMs !== undefined && {endedMs: statistics.endedMs}),
  }
}

/** Of two runs of a task the one that is further counts. */
function progressOf({statistics, runs}: StageState): Progress {
  let {records, bytes, cpuMs} = statistics
  for (const run of runs) {
    if (run.task.runs.length > 1 && run !== furthest(run.task)) continue
    if (run.task.result !== undefined) continue
    records += run.progress.records
    bytes += run.progress.bytes
    cpuMs += run.progress.cpuMs
  }
  return {records, bytes, cpuMs}
}

const furthest = (task: Task): Run =>
  task.runs.reduce((best, run) => (run.progress.bytes > best.progress.bytes ? run : best))

export interface TaskQuery {
  readonly states?: readonly TaskState[]
  readonly stage?: string
  /** Number of the first task looked at. */
  readonly from?: TaskNumber
  readonly countMax?: number
}

/** Tasks of a job by number, a page at a time; none of a job that ended long ago. */
export function listTasks(state: SchedulerState, name: JobName, query: TaskQuery = {}): TaskInfo[] | undefined {
  const job = findJob(state, name)
  if (job === undefined) return undefined
  const {states, stage, from = 0, countMax = 1000} = query
  const found: TaskInfo[] = []
  for (let number = from; number < job.tasks.length && found.length < countMax; number++) {
    const task = job.tasks[number]
    if (task === undefined || (stage !== undefined && task.stage.name !== stage)) continue
    if (states === undefined || states.includes(task.state)) found.push(taskInfo(task))
  }
  return found
}

function taskInfo(task: Task): TaskInfo {
  const {result, trouble, past} = task
  const error = trouble?.message || past?.message
  return {
    task: task.number,
    stage: task.stage.name,
    state: task.state,
    runs: task.runs.map(({id, node, startedMs, progress}) => ({run: id, node: node.name, startedMs, progress})),
    failures: (trouble?.failures ?? 0) + (past?.failures ?? 0),
    ...(error && {error}),
    ...(result !== undefined && {
      node: result.node.name,
      durationMs: result.durationMs,
      outputs: result.set.outputs.length,
    }),
  }
}

/** By name. */
export function listNodes(state: SchedulerState): NodeInfo[] {
  return [...state.nodes.values()]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(node => nodeInfo(state, node))
}

function nodeInfo(state: SchedulerState, node: Node): NodeInfo {
  const heldBack: NodeInfo['heldBack'][number][] = []
  if (node.isDraining) heldBack.push('draining')
  if (node.isDiskFull) heldBack.push('disk-full')
  if (node.isMemoryFull) heldBack.push('memory-full')
  if (node.isBad) heldBack.push('failures')
  if (node.slots === 0) heldBack.push('no-slots')
  return {
    node: node.name,
    state: node.state,
    slots: node.slots,
    running: usedSlots(node),
    jobs: [...new Set([...node.runs].map(run => run.task.job.name))],
    heldBack,
    score: scoreOf(state, node),
    ...node.counts,
    ...(node.freeBytes !== undefined && {freeBytes: node.freeBytes}),
  }
}

/** Of a done job, in an order that does not depend on time; undefined while it is not done. */
export const jobResults = (state: SchedulerState, name: JobName): readonly Output[] | undefined =>
  findJob(state, name)?.results

/** Outputs of a stage that is complete; undefined before, and of a job that ended so long ago that the journal must answer. */
export function stageResults(state: SchedulerState, name: JobName, stageName: string): readonly Output[] | undefined {
  const job = findJob(state, name)
  const stage = job?.stages.find(one => one.name === stageName)
  if (job === undefined || stage === undefined || !stage.isComplete) return undefined
  if (!isActive(job) && !state.ended.has(job)) return undefined
  return outputsOfStage(job, stage.index)
}

/** Events from a number on that are still in memory, oldest first; the journal has the ones before. */
export function jobEvents(state: SchedulerState, name: JobName, from = 0): readonly JobEvent[] | undefined {
  return findJob(state, name)?.events.filter(event => event.number >= from)
}
