/** Rows of the journal, and the events that people follow a job by. */
import type {JobEvent, SchedulerEffect} from './events.ts'
import {eventTextMax, jobEventsMax} from './limits.ts'
import type {JobStateRow, RunRow, TaskRow, TroubleRow} from './rows.ts'
import type {Job, Run, SchedulerState, Task} from './state.ts'

export type Effects = SchedulerEffect[]

/** How a task is named to people, as in Disco. */
export const titleOf = (task: Task): string => `${task.stage.name}:${task.number}`

/** Adds an event to a job's history. @param source - a node, or the master */
export function tell(
  state: SchedulerState,
  effects: Effects,
  job: Job,
  kind: JobEvent['kind'],
  text: string,
  source = 'master',
): void {
  const event = {
    job: job.name,
    number: job.eventCount++,
    nowMs: state.nowMs,
    kind,
    source,
    text: text.length > eventTextMax ? `${text.slice(0, eventTextMax - 1)}…` : text,
  }
  job.events.push(event)
  if (job.events.length >= jobEventsMax * 2) job.events = job.events.slice(-jobEventsMax)
  effects.push({type: 'job-event', event})
}

function jobStateRowOf(job: Job): JobStateRow {
  return {
    job: job.name,
    state: job.state,
    priority: job.priority,
    weight: job.weight,
    ...(Number.isFinite(job.slotsMax) && {slotsMax: job.slotsMax}),
    ...(job.startedMs !== undefined && {startedMs: job.startedMs}),
    ...(job.endedMs !== undefined && {endedMs: job.endedMs}),
    ...(job.failure !== undefined && {failure: job.failure}),
    ...(job.results !== undefined && {results: job.results}),
  }
}

/** To be on the disk before anything of this step is sent. */
export function persistJobState(job: Job, effects: Effects): void {
  effects.push({type: 'persist-job-state', row: jobStateRowOf(job)})
}

/** The same for what a task is now. */
export function persistTask(task: Task, effects: Effects): void {
  effects.push({type: 'persist-task', row: taskRowOf(task)})
}

function taskRowOf(task: Task): TaskRow {
  const {run, node, set, isLost, isGone, progress, durationMs, counters} = task.result!
  return {
    job: task.job.name,
    task: task.number,
    stage: task.stage.index,
    key: task.key,
    run,
    node: node.name,
    outputs: set.outputs,
    homes: set.homes,
    isLost,
    isGone,
    progress,
    durationMs,
    ...(counters !== undefined && {counters}),
  }
}

/** The same for a task's failures, without which a restart would try it as often again. */
export function persistTrouble(task: Task, effects: Effects): void {
  const {failures, losses, avoid, message} = task.trouble!
  const row: TroubleRow = {
    job: task.job.name,
    task: task.number,
    stage: task.stage.index,
    key: task.key,
    failures,
    losses,
    avoid: [...avoid],
    ...(message !== '' && {message}),
  }
  effects.push({type: 'persist-trouble', row})
}

export const runRowOf = (run: Run): RunRow => ({
  job: run.task.job.name,
  task: run.task.number,
  stage: run.task.stage.index,
  key: run.task.key,
  run: run.id,
  node: run.node.name,
  startedMs: run.startedMs,
})
