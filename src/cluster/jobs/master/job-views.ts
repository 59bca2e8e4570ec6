/** What the scheduler knows of jobs, as clients see it. */
import {UserError} from '../../../base/index.ts'
import type {JobError, JobEventInfo, JobInfo, JobSummary, StageInfo, TaskInfo} from '../../../protocol/index.ts'
import {
  type JournalRows,
  jobInfo,
  listTasks,
  type JobSummary as SchedulerJob,
  type StageInfo as SchedulerStage,
  type SchedulerState,
  type TaskInfo as SchedulerTask,
} from '../../../scheduler/index.ts'
import type {Journal, JournalEvent} from '../../../storage/index.ts'
import {taskPageMax} from '../limits.ts'

export const jobNotFound = (job: string): UserError =>
  new UserError('JOB_NOT_FOUND', `there is no job "${job.slice(0, 200)}"`, {hint: 'see their names with: disco jobs'})

/** A job as lists show it: without its tasks. */
export function summaryOf(job: SchedulerJob): JobSummary {
  const {failure} = job
  return {
    job: job.job,
    owner: job.owner,
    state: job.state,
    submittedAtMs: Math.round(job.submittedMs),
    ...(job.startedMs === undefined ? {} : {startedAtMs: Math.round(job.startedMs)}),
    ...(job.endedMs === undefined ? {} : {endedAtMs: Math.round(job.endedMs)}),
    taskCount: job.tasks,
    doneCount: job.done,
    runningCount: job.running,
    failedCount: job.failures,
    ...(failure === undefined ? {} : {error: failure}),
  }
}

export const errorOf = (state: SchedulerState, job: string): JobError | undefined => state.jobs.get(job)?.failure

/** @throws UserError JOB_NOT_FOUND */
export function infoOf(state: SchedulerState, name: string): JobInfo {
  const info = jobInfo(state, name)
  const job = state.jobs.get(name)
  if (info === undefined || job === undefined) throw jobNotFound(name)
  const {spec, slotsMax} = job
  const isOver = job.state === 'done' || job.state === 'failed' || job.state === 'cancelled'
  return {
    ...summaryOf(info),
    priority: info.priority,
    weight: info.weight,
    ...(Number.isFinite(slotsMax) ? {slotsMax} : {}),
    ...(spec.resultTag === undefined ? {} : {resultTag: spec.resultTag}),
    ...(spec.keepsStages === true && {keepsStages: true}),
    stages: info.stages.map((stage, index) => {
      const {grouping, isConcurrent} = spec.pipeline[index]!
      return {...stageOf(stage), ...(isOver ? nothingRuns : {}), grouping, isConcurrent}
    }),
    counters: info.counters,
    nowMs: Math.round(state.nowMs),
  }
}

/** Tasks of a job that failed stay what they were; their runs were ended. */
const nothingRuns = {runningCount: 0} as const

function stageOf(stage: SchedulerStage): Omit<StageInfo, 'grouping' | 'isConcurrent'> {
  const {progress, durationMs} = stage
  return {
    name: stage.name,
    state: stage.isClosed && stage.done === stage.tasks ? 'done' : stage.isOpen ? 'running' : 'waiting',
    taskCount: stage.tasks,
    pendingCount: stage.pending,
    heldCount: stage.held + stage.blocked,
    runningCount: stage.running,
    doneCount: stage.done,
    failedCount: stage.failedRuns,
    records: progress.records,
    bytes: progress.bytes,
    cpuMs: Math.round(progress.cpuMs),
    ...(stage.done === 0 ? {} : timesOf(durationMs)),
    ...(stage.startedMs === undefined ? {} : {startedAtMs: Math.round(stage.startedMs)}),
    ...(stage.endedMs === undefined ? {} : {endedAtMs: Math.round(stage.endedMs)}),
    outputRecords: stage.outputRecords,
    outputBytes: stage.outputBytes,
    lostCount: stage.lostRuns,
    againCount: stage.regeneratedTasks,
    copyCount: stage.copies,
    counters: stage.counters,
    ...(stage.skew === 0 ? {} : {skew: stage.skew}),
  }
}

const timesOf = ({median, p90, max, sum}: SchedulerStage['durationMs']): Partial<StageInfo> => ({
  medianMs: Math.round(median),
  p90Ms: Math.round(p90),
  maxMs: Math.round(max),
  wallMs: Math.round(sum),
})

export interface TaskPageQuery {
  readonly stage: string | undefined
  readonly state: TaskInfo['state'] | undefined
  /** Number of the last task seen; -1: from the beginning. */
  readonly after: number
  readonly count: number
}

/** @throws UserError JOB_NOT_FOUND */
export function tasksOf(state: SchedulerState, journal: Journal, name: string, query: TaskPageQuery): TaskInfo[] {
  const {stage, after, count} = query
  const states = statesOf(query.state)
  const found = listTasks(state, name, {
    from: after + 1,
    countMax: Math.min(count, taskPageMax),
    ...(stage === undefined ? {} : {stage}),
    ...(states === undefined ? {} : {states}),
  })
  if (found === undefined) throw jobNotFound(name)
  const job = state.jobs.get(name)
  if (job !== undefined && job.tasks.length === 0) return journalledTasks(state, journal, name, query)
  return found
    .map(task => taskOf(state, name, task))
    .filter(task => query.state !== 'failed' || task.state === 'failed')
}

/** No task of the scheduler is `failed`: it waits for its next run, or its job is over. */
function statesOf(state: TaskInfo['state'] | undefined): SchedulerTask['state'][] | undefined {
  if (state === undefined) return undefined
  if (state === 'failed') return []
  return state === 'held' ? ['held', 'blocked'] : [state]
}

/** One that was running when its job ended has no run any more. */
function stateOf({state, runs}: SchedulerTask): TaskInfo['state'] {
  if (state === 'blocked') return 'held'
  return state === 'running' && runs.length === 0 ? 'pending' : state
}

function taskOf(state: SchedulerState, name: string, info: SchedulerTask): TaskInfo {
  const task = state.jobs.get(name)?.tasks[info.task]
  const run = info.runs[0]
  const progress = run?.progress ?? task?.result?.progress
  const {error} = info
  const node = run?.node ?? info.node
  return {
    task: info.task,
    stage: info.stage,
    state: stateOf(info),
    ...(node === undefined ? {} : {node}),
    attemptCount: info.failures + info.runs.length + (task?.result === undefined ? 0 : 1),
    ...(run === undefined ? {} : {startedAtMs: Math.round(run.startedMs)}),
    ...(info.durationMs === undefined ? {} : {durationMs: Math.round(info.durationMs)}),
    records: progress?.records ?? 0,
    bytes: progress?.bytes ?? 0,
    ...(task?.result === undefined ? {} : {cpuMs: Math.round(task.result.progress.cpuMs)}),
    ...(error === undefined ? {} : {error}),
  }
}

/** Of a job that ended so long ago that memory has only its figures. */
function journalledTasks(state: SchedulerState, journal: Journal, name: string, query: TaskPageQuery): TaskInfo[] {
  if (query.state !== undefined && query.state !== 'done') return []
  const stages = state.jobs.get(name)?.spec.pipeline ?? []
  return (journal.tasksOf(name) as JournalRows['tasks'])
    .filter(row => row.task > query.after && (query.stage === undefined || stages[row.stage]?.name === query.stage))
    .slice(0, Math.min(query.count, taskPageMax))
    .map(row => ({
      task: row.task,
      stage: stages[row.stage]?.name ?? '',
      state: 'done',
      node: row.node,
      attemptCount: 1,
      durationMs: Math.round(row.durationMs),
      records: row.progress.records,
      bytes: row.progress.bytes,
      cpuMs: Math.round(row.progress.cpuMs),
    }))
}

export const eventOf = ({number, nowMs, kind, source, text}: JournalEvent): JobEventInfo => ({
  number,
  atMs: Math.round(nowMs),
  kind: kind as JobEventInfo['kind'],
  source,
  text,
})
