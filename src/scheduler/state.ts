/** Everything the scheduler knows. Changed only by `stepScheduler` and `restoreScheduler`. */
import {compareKeys, type Group, type Output, type OutputSet, type Pipeline, type Stage} from '../pipeline/index.ts'
import type {NodeName} from '../protocol/index.ts'
import type {CounterSums} from './counters.ts'
import type {Counters, JobEvent, JobName, JobSpec, JobState, Progress, RunId, TaskNumber} from './events.ts'
import {type Fifo, makeFifo, type Stack} from './fifo.ts'
import {type Histogram, makeHistogram} from './histogram.ts'
import type {JobFailure} from './rows.ts'
import {type RunLinks, RunList, RunTable} from './run-table.ts'
import {type SchedulerSettings, schedulerSettingsDefault} from './settings.ts'
import {makeTimers, type Timers} from './timers.ts'

/**
 * `blocked`: outputs that it needs are lost and being made again. `held`: waits for the end of the pause after a failure.
 * `pending`: in the queues. A task that is done becomes blocked or pending when its outputs are lost and needed.
 */
export type TaskState = 'blocked' | 'held' | 'pending' | 'running' | 'done'

export interface TaskResult {
  readonly run: RunId
  readonly node: Node
  readonly set: OutputSet
  readonly progress: Progress
  readonly durationMs: number
  readonly counters?: Counters
  /** Its files cannot be had. The groups that its outputs belong to stay what they are. */
  isLost: boolean
  /** They do not come back with their node. */
  isGone: boolean
  /** Readers that could not read it. */
  readFailures: number
}

/** Only of tasks that something went wrong with. */
export interface Trouble {
  failures: number
  /** Times that its inputs were lost, or its outputs were made again because nobody could read them. */
  losses: number
  /** Nodes that it failed on. */
  readonly avoid: Set<NodeName>
  /** Text of a failure -> nodes, and runs, that gave it. */
  readonly texts: Map<string, {runs: number; readonly nodes: Set<NodeName>}>
  /** Of the last failure, cut. */
  message: string
  retryMs: number
}

/** What had gone wrong with a task before it was done: for people. */
export interface PastTrouble {
  readonly failures: number
  readonly message: string
}

export interface Task {
  readonly job: Job
  readonly stage: StageState
  /** -1: stands for the job's inputs. */
  readonly number: TaskNumber
  /** Order among the tasks of its stage. */
  readonly key: string
  readonly group: Group
  state: TaskState
  /** Tasks that something of its input comes from, as they were done first. */
  producers: Task[]
  /** Producers whose outputs cannot be had. Kept while the task is not done. */
  missing: number
  runs: readonly Run[]
  queuedMs: number
  result: TaskResult | undefined
  /** Its outputs have been given to the stage that follows. */
  isFed: boolean
  trouble: Trouble | undefined
  past: PastTrouble | undefined
}

export interface Run {
  readonly id: RunId
  readonly task: Task
  readonly node: Node
  /** When it was ordered; of one that was ordered ahead, when its turn came. */
  startedMs: number
  /** When all its inputs were there: the time it takes counts from here. Infinity: not yet. */
  readyMs: number
  readonly isCopy: boolean
  progress: Progress
  /** Heard in the inventory of the node's present connection. */
  isReported: boolean
  /** Waits at its node for a slot: see ahead.ts. Does not run as far as time is concerned. */
  isAhead: boolean
  /** Its place in `stage.runs`. */
  readonly links: RunLinks
}

/** Tasks that wait for one node. */
export interface LocalQueue {
  /** Those that it is the first choice for. */
  readonly own: Fifo
  /** Those that another node is the first choice for: it takes them when it has none of its own left. */
  readonly shared: Stack
}

export interface StageStatistics {
  readonly durations: Histogram
  readonly inputBytes: Histogram
  /** Of results that count: what came out, and what was read for it. */
  outputRecords: number
  outputBytes: number
  records: number
  bytes: number
  cpuMs: number
  readonly counters: CounterSums
  failedRuns: number
  lostRuns: number
  regeneratedTasks: number
  copies: number
  copiesWon: number
  localRuns: number
  startedMs: number | undefined
  endedMs: number | undefined
}

export interface StageState extends Stage {
  readonly job: Job
  readonly index: number
  readonly tasks: Task[]
  /** They lie in the order of their keys, as they do as a rule. */
  isInOrder: boolean
  readonly byKey: Map<string, Task>
  isOpen: boolean
  /** All its tasks, and all their inputs, are known. */
  isClosed: boolean
  /** All tasks have been done once: the next stage can be closed. */
  isComplete: boolean
  /** Tasks that have been done once. */
  onceDone: number
  readonly counts: Record<TaskState, number>
  readonly runs: RunList
  /** Producers whose outputs go into groups, how many have, and the next output of the one that follows. */
  feed: Task[]
  fedCount: number
  feedAt: number
  /** Of a stage that is not concurrent: groups found so far. */
  gathered: Map<string, {readonly group: Group; readonly producers: Task[]}>
  /** Tasks that may run anywhere. */
  readonly any: Fifo
  /** Tasks that wait for a node of theirs, in the order of their waiting. */
  readonly waiting: Fifo
  readonly local: Map<Node, LocalQueue>
  /** Nodes of `local` that have a free slot, and may have tasks of their own; and such as may have shared ones. */
  readonly openNodes: Set<Node>
  readonly openShared: Set<Node>
  /** Runs that were ordered ahead and still wait for a slot. */
  aheadCount: number
  /** No run is ordered ahead before that: some had waited for too long. */
  aheadAfterMs: number
  readonly statistics: StageStatistics
}

export interface Job {
  readonly name: JobName
  /** Order of submission. */
  readonly number: number
  /** Without its inputs when its tasks were forgotten. */
  spec: JobSpec
  readonly inputCount: number
  readonly submittedMs: number
  state: JobState
  /** What it was before it was paused. */
  isAdmitted: boolean
  priority: number
  weight: number
  slotsMax: number
  readonly input: Task
  /** The producers of every task of `split` over the inputs. */
  readonly inputList: Task[]
  stages: StageState[]
  tasks: Task[]
  nextTask: number
  taskCount: number
  /** After a restart: numbers that tasks had (by stage and key), which no other task may get. */
  restored: {readonly numbers: ReadonlyMap<string, TaskNumber>; readonly taken: ReadonlySet<TaskNumber>} | undefined
  running: number
  failures: number
  /** Text of failures -> tasks that failed so and have not been done since. */
  readonly texts: Map<string, {readonly tasks: Set<Task>; readonly nodes: Set<NodeName>}>
  failure: JobFailure | undefined
  results: readonly Output[] | undefined
  /** All is done, and the result tag is being written: the how manieth time, and the tries of it. */
  saving: {readonly save: number; tries: number} | undefined
  saves: number
  startedMs: number | undefined
  endedMs: number | undefined
  events: JobEvent[]
  eventCount: number
  /** A timer is set for then. */
  stealMs: number
  /** Since when consumers hold slots that their producers need; Infinity: they do not. */
  starvedMs: number
}

export interface Node {
  readonly name: NodeName
  /** `awaited`: of before a restart. `joining`: tells what it has. `offline`: not connected, its runs go on. */
  state: 'awaited' | 'joining' | 'up' | 'offline' | 'lost'
  link: number
  slots: number
  isDraining: boolean
  isDiskFull: boolean
  isMemoryFull: boolean
  freeBytes: number | undefined
  /** Failures, fading; as of `scoreMs`. */
  score: number
  scoreMs: number
  isBad: boolean
  readonly runs: Set<Run>
  /** Those of them that were ordered ahead and wait for a slot, in the order in which they begin. */
  readonly ahead: Set<Run>
  /** Done tasks with files here, lost ones too. */
  readonly results: Map<Job, Set<Task>>
  /** Stages with tasks queued for it. */
  readonly waiting: Set<StageState>
  /** Free slots that it is counted with; 0 when it gets no tasks. */
  free: number
  readonly counts: {done: number; failed: number; lost: number}
}

export interface SchedulerState {
  settings: SchedulerSettings
  nowMs: number
  readonly jobs: Map<JobName, Job>
  nextJob: number
  /** Jobs that are queued, running or paused; their inputs and tasks. */
  activeJobs: number
  admittedJobs: number
  /** As many ran when the limit became lower than that. */
  admittedBefore: number
  readonly queued: Set<Job>
  activeTasks: number
  /** Ended jobs that keep their tasks, oldest first. */
  readonly ended: Set<Job>
  endedTasks: number
  readonly nodes: Map<NodeName, Node>
  /** Nodes by their number of free slots, from 1. */
  readonly byFree: Set<Node>[]
  freeSlots: number
  /** Nodes that may get tasks, whether they have a free slot or not. */
  readonly usable: Set<Node>
  badCount: number
  readonly runs: RunTable
  nextRun: RunId
  /** Reserved in the journal. */
  nextRunBlock: RunId
  /** Jobs that may have a task for a free slot. */
  readonly hungry: Set<Job>
  /** Jobs whose next tasks avoided all nodes that were free. */
  readonly choosy: Set<Job>
  readonly expanding: Set<StageState>
  /** Nodes that ended a run in this step, and its stage: they may get more of it ahead. */
  readonly eager: Map<Node, StageState>
  readonly timers: Timers
  sweepMs: number
  /** The wake that was ordered last and has not come; Infinity: none. */
  wakeMs: number
}

/**
 * A scheduler without jobs and nodes, whose first run has number 1. `restoreScheduler` makes one that takes up earlier jobs.
 *
 * @param settings - what differs from `schedulerSettingsDefault`
 */
export function makeSchedulerState(settings: Partial<SchedulerSettings> = {}): SchedulerState {
  return {
    settings: {...schedulerSettingsDefault, ...settings},
    nowMs: 0,
    jobs: new Map(),
    nextJob: 0,
    activeJobs: 0,
    admittedJobs: 0,
    admittedBefore: 0,
    queued: new Set(),
    activeTasks: 0,
    ended: new Set(),
    endedTasks: 0,
    nodes: new Map(),
    byFree: [],
    freeSlots: 0,
    usable: new Set(),
    badCount: 0,
    runs: new RunTable(),
    nextRun: 1,
    nextRunBlock: 1,
    hungry: new Set(),
    choosy: new Set(),
    expanding: new Set(),
    eager: new Map(),
    timers: makeTimers(),
    sweepMs: Infinity,
    wakeMs: Infinity,
  }
}

export const noRuns: readonly Run[] = []
export const noProgress: Progress = {records: 0, bytes: 0, cpuMs: 0}

const makeStatistics = (): StageStatistics => ({
  durations: makeHistogram(),
  inputBytes: makeHistogram(),
  outputRecords: 0,
  outputBytes: 0,
  records: 0,
  bytes: 0,
  cpuMs: 0,
  counters: new Map(),
  failedRuns: 0,
  lostRuns: 0,
  regeneratedTasks: 0,
  copies: 0,
  copiesWon: 0,
  localRuns: 0,
  startedMs: undefined,
  endedMs: undefined,
})

/** The stages of a new job: none is open, none has tasks. */
export function makeStages(job: Job, pipeline: Pipeline): StageState[] {
  return pipeline.map((stage, index) => ({
    ...stage,
    job,
    index,
    tasks: [],
    isInOrder: true,
    byKey: new Map(),
    isOpen: false,
    isClosed: false,
    isComplete: false,
    onceDone: 0,
    counts: {blocked: 0, held: 0, pending: 0, running: 0, done: 0},
    runs: new RunList(),
    feed: [],
    fedCount: 0,
    feedAt: 0,
    gathered: new Map(),
    any: makeFifo(),
    waiting: makeFifo(),
    local: new Map(),
    openNodes: new Set(),
    openShared: new Set(),
    aheadCount: 0,
    aheadAfterMs: 0,
    statistics: makeStatistics(),
  }))
}

export const isActive = (job: Job): boolean =>
  job.state === 'queued' || job.state === 'running' || job.state === 'paused'

/** May no more of its tasks run at the same time? */
export const hasAllSlots = ({settings}: SchedulerState, job: Job): boolean =>
  job.running >= job.slotsMax || job.running >= settings.slotsPerJobMax

/** Runs of the stage that hold a slot. */
export const runningIn = ({runs, aheadCount}: StageState): number => runs.size - aheadCount

/** Are its outputs there for whoever needs them? */
export const isAvailable = (task: Task): boolean => task.state === 'done' && !task.result!.isLost

export const byKeys = (left: Task, right: Task): number => compareKeys(left.key, right.key)

/** Its tasks in the order of their keys. There may be a million: they are sorted only when they must be. */
export const tasksByKeys = ({tasks, isInOrder}: StageState): Task[] => (isInOrder ? tasks : tasks.toSorted(byKeys))

/** Can no more inputs come? A task of `split` has all from the beginning. */
export const hasAllInputs = (task: Task): boolean => task.stage.isClosed || task.stage.grouping === 'split'

/** The only way to change it: counts by state are kept. */
export function setTaskState(task: Task, state: TaskState): void {
  task.stage.counts[task.state]--
  task.stage.counts[state]++
  task.state = state
}
