/**
 * Outputs become the tasks of the next stage.
 *
 * A stage opens when the one before it is complete, a concurrent one as soon as that is open. It is fed with the tasks of
 * the stage before: a concurrent stage, or one of `split`, has a task for each new group at once and more input for groups
 * that are there; any other gathers the groups of all outputs first, so that its tasks are numbered in the order of their
 * keys. When everything has been fed the stage closes: no more inputs can come. Big stages are made in slices.
 */
import {compareKeys, type Group, hasEmptyTask, partsOf} from '../pipeline/index.ts'
import {pushEnd, pushFrom} from './inputs.ts'
import {type Effects, tell} from './journal.ts'
import {expandStepMax, gatherCost} from './limits.ts'
import {enqueue, keyOfProducer} from './queue.ts'
import {stopRuns} from './run-book.ts'
import {
  isAvailable,
  type Job,
  noRuns,
  type SchedulerState,
  type StageState,
  setTaskState,
  type Task,
  tasksByKeys,
} from './state.ts'

/** Opens and completes what can be; called whenever a task was done for the first time or a stage was closed. */
export function advance(state: SchedulerState, effects: Effects, job: Job): void {
  let isPreviousOpen = true
  let isPreviousComplete = true
  for (const stage of job.stages) {
    if (!stage.isOpen && (isPreviousComplete || (stage.isConcurrent && isPreviousOpen))) open(state, stage)
    if (stage.isClosed && !stage.isComplete && stage.onceDone === stage.tasks.length) complete(state, effects, stage)
    // Everything may have been fed before the last producer was known to be the last.
    if (stage.isOpen && !stage.isClosed && isPreviousComplete) state.expanding.add(stage)
    isPreviousOpen = stage.isOpen
    isPreviousComplete = stage.isComplete
  }
}

function open(state: SchedulerState, stage: StageState): void {
  stage.isOpen = true
  stage.statistics.startedMs = state.nowMs
  const {job, index} = stage
  stage.feed = index === 0 ? [job.input] : doneOnce(job.stages[index - 1]!)
  state.expanding.add(stage)
}

/** Tasks that have a result, by their keys. Once the stage is complete these are all, and no more come: its own list does. */
const doneOnce = (stage: StageState): Task[] =>
  stage.isComplete ? tasksByKeys(stage) : tasksByKeys(stage).filter(task => task.result !== undefined)

function complete(state: SchedulerState, effects: Effects, stage: StageState): void {
  stage.isComplete = true
  stage.statistics.endedMs = state.nowMs
  const ms = state.nowMs - (stage.statistics.startedMs ?? state.nowMs)
  tell(state, effects, stage.job, 'stage', `Stage ${stage.name} finished in ${(ms / 1000).toFixed(3)} s`)
}

/** A task was done for the first time: a stage that follows concurrently gets its outputs. */
export function feedNext(state: SchedulerState, task: Task): void {
  const next = task.job.stages[task.stage.index + 1]
  if (next?.isOpen !== true) return
  next.feed.push(task)
  state.expanding.add(next)
}

/** Makes at most about `expandStepMax` tasks. @returns whether something is left to be done */
export function expandStages(state: SchedulerState, effects: Effects, outputsMax: number = expandStepMax): boolean {
  let left = outputsMax
  for (const stage of state.expanding) {
    left = feed(state, effects, stage, left)
    if (left <= 0) return true
    state.expanding.delete(stage)
    if (!stage.isClosed && isComplete(stage.job, stage.index - 1)) close(state, effects, stage)
    advance(state, effects, stage.job)
  }
  return false
}

const isComplete = (job: Job, index: number): boolean => index < 0 || job.stages[index]!.isComplete

function feed(state: SchedulerState, effects: Effects, stage: StageState, outputsMax: number): number {
  let left = outputsMax
  const cost = isGathering(stage) ? gatherCost : 1
  while (stage.fedCount < stage.feed.length && left > 0) {
    const producer = stage.feed[stage.fedCount]!
    const {set} = producer.result!
    // Only the job's inputs may be too many for one step; a task's outputs are few, and some groupings need them together.
    const end =
      producer.number < 0 ? Math.min(set.outputs.length, stage.feedAt + Math.ceil(left / cost)) : set.outputs.length
    for (const {key, group} of partsOf(stage.grouping, keyOfProducer(producer), set, stage.feedAt, end)) {
      addToGroup(state, effects, stage, producer, key, group)
    }
    left -= (end - stage.feedAt + 1) * cost
    stage.feedAt = end
    if (end < set.outputs.length) break
    producer.isFed = true
    stage.feedAt = 0
    stage.fedCount++
  }
  if (stage.fedCount < stage.feed.length) return Math.min(left, 0)
  stage.feed = []
  stage.fedCount = 0
  return left
}

/** Are all groups gathered before the first task is made? */
const isGathering = (stage: StageState): boolean => !stage.isConcurrent && stage.grouping !== 'split'

function addToGroup(
  state: SchedulerState,
  effects: Effects,
  stage: StageState,
  producer: Task,
  key: string,
  group: Group,
): void {
  if (!isGathering(stage)) {
    const known = stage.byKey.get(key)
    if (known === undefined) {
      makeTask(state, stage, key, group, producer.number < 0 ? stage.job.inputList : [producer])
    } else extendTask(known, producer, effects)
    return
  }
  const known = stage.gathered.get(key)
  if (known === undefined) stage.gathered.set(key, {group, producers: [producer]})
  else if (known.producers.at(-1) !== producer) known.producers.push(producer)
}

/** More input for a task that is there: it may run, and be in any state but done. */
function extendTask(task: Task, producer: Task, effects: Effects): void {
  // The job's inputs come in slices.
  if (task.producers.at(-1) === producer) return
  if (task.producers === task.job.inputList) task.producers = [...task.producers]
  task.producers.push(producer)
  if (isAvailable(producer)) pushFrom(task, producer, effects)
  else {
    task.missing++
    block(task)
  }
}

/** The number that a task had before a restart, or the next one that no other has. */
function numberOf({job, index}: StageState, key: string): number {
  const known = job.restored?.numbers.get(`${index} ${key}`)
  if (known !== undefined) return known
  while (job.restored?.taken.has(job.nextTask)) job.nextTask++
  return job.nextTask++
}

function makeTask(state: SchedulerState, stage: StageState, key: string, group: Group, producers: Task[]): Task {
  const {job} = stage
  const number = numberOf(stage, key)
  let missing = 0
  for (const producer of producers) if (!isAvailable(producer)) missing++
  const task: Task = {
    job,
    stage,
    number,
    key,
    group,
    state: 'blocked',
    producers,
    missing,
    runs: noRuns,
    queuedMs: 0,
    result: undefined,
    isFed: false,
    trouble: undefined,
    past: undefined,
  }
  job.tasks[number] = task
  const last = stage.tasks.at(-1)
  if (last !== undefined && last.key > key) stage.isInOrder = false
  stage.tasks.push(task)
  // Nobody looks for these by their keys, and there may be millions.
  if (producers !== job.inputList || stage.grouping !== 'split') stage.byKey.set(key, task)
  stage.counts.blocked++
  state.activeTasks++
  job.taskCount++
  if (missing === 0) enqueue(state, task)
  return task
}

function close(state: SchedulerState, effects: Effects, stage: StageState): void {
  const groups = [...stage.gathered].sort(([left], [right]) => compareKeys(left, right))
  stage.gathered = new Map()
  for (const [key, {group, producers}] of groups) makeTask(state, stage, key, group, producers)
  const {job, index} = stage
  const previousCount = index === 0 ? 0 : job.stages[index - 1]!.tasks.length
  if (stage.tasks.length === 0 && hasEmptyTask(stage.grouping, index === 0, previousCount)) {
    makeTask(state, stage, '', {label: 0, node: ''}, [])
  }
  stage.isClosed = true
  tell(state, effects, job, 'stage', `Stage ${stage.name} scheduled with ${stage.tasks.length} tasks`)
  for (const run of stage.runs) if (run.readyMs === Infinity && !run.isAhead) run.readyMs = state.nowMs
  // The guard against deadlock has no say any more.
  if (job.state === 'running') state.hungry.add(job)
  if (stage.grouping !== 'split') endInputs(state, effects, stage)
}

/** Those that run have all they get; but not where something that they may not have read yet is lost. */
function endInputs(state: SchedulerState, effects: Effects, stage: StageState): void {
  for (const task of new Set([...stage.runs].map(run => run.task))) {
    if (task.missing === 0) pushEnd(task, effects)
    else {
      stopRuns(state, effects, task)
      setTaskState(task, 'blocked')
    }
  }
}

/** Takes a task out of the queues until its missing inputs are made again. */
export function block(task: Task): void {
  if (task.state === 'pending' || task.state === 'held') setTaskState(task, 'blocked')
}
