/**
 * Outputs that are lost, and are made again when somebody needs them.
 *
 * A done task's outputs are lost with their node, or when readers could not get them. If a task that is not done needs
 * them, or the job's results do, the task runs again; what it needs itself is looked at in the same way, as far back as
 * files are missing. Tasks that need something lost are blocked until it is there. A node that comes back brings its
 * files back: what waits to run again is done.
 */
import {partsOf} from '../pipeline/index.ts'
import {block} from './expand.ts'
import {pushFrom} from './inputs.ts'
import {type Effects, persistTask, tell, titleOf} from './journal.ts'
import {enqueue, keyOfProducer} from './queue.ts'
import {stopRuns} from './run-book.ts'
import {
  isActive,
  isAvailable,
  type Node,
  type SchedulerState,
  type StageState,
  setTaskState,
  type Task,
} from './state.ts'

const nextStage = (task: Task): StageState | undefined => task.job.stages[task.stage.index + 1]

/** Tasks of the next stage that get something from it; they exist once it has been fed. */
function* consumersOf(task: Task): Generator<Task> {
  const next = nextStage(task)
  if (next === undefined || !task.isFed) return
  for (const {key} of partsOf(next.grouping, keyOfProducer(task), task.result!.set)) {
    const consumer = next.byKey.get(key)
    if (consumer !== undefined) yield consumer
  }
}

/** Does anything that is not done need its outputs? */
export function isNeeded(task: Task): boolean {
  const next = nextStage(task)
  if (next === undefined || !next.isClosed) return true
  for (const consumer of consumersOf(task)) if (consumer.state !== 'done') return true
  return false
}

/** The files of a done task are gone. */
export function loseOutputs(state: SchedulerState, effects: Effects, task: Task): void {
  if (!isAvailable(task)) return
  task.result!.isLost = true
  persistTask(task, effects)
  for (const consumer of consumersOf(task)) {
    if (consumer.state === 'done') continue
    consumer.missing++
    block(consumer)
  }
  if (isNeeded(task)) runAgain(state, effects, task)
}

/** Queues a task that was done, and all before it that it needs. */
export function runAgain(state: SchedulerState, effects: Effects, task: Task): void {
  task.stage.statistics.regeneratedTasks++
  setTaskState(task, 'blocked')
  tell(
    state,
    effects,
    task.job,
    'warning',
    `${titleOf(task)} runs again: its output on ${task.result!.node.name} is lost`,
  )
  task.job.saving = undefined
  task.missing = 0
  for (const producer of task.producers) {
    if (isAvailable(producer)) continue
    task.missing++
    if (producer.state === 'done') runAgain(state, effects, producer)
  }
  if (task.missing === 0) enqueue(state, task)
}

/** Outputs of a task are there again: made anew, or back with their node. */
export function regainOutputs(state: SchedulerState, effects: Effects, task: Task): void {
  for (const consumer of consumersOf(task)) {
    if (consumer.state === 'done') continue
    consumer.missing--
    pushFrom(consumer, task, effects)
    if (consumer.missing === 0 && consumer.state === 'blocked') enqueue(state, consumer)
  }
}

/** A node is gone with its files; `isForGood`: they do not come back with it. */
export function loseResultsOf(state: SchedulerState, effects: Effects, node: Node, isForGood: boolean): void {
  for (const [job, tasks] of node.results) {
    if (!isActive(job)) continue
    for (const task of [...tasks].sort((left, right) => left.number - right.number)) {
      if (isForGood) forgetFiles(task, effects)
      loseOutputs(state, effects, task)
    }
  }
  if (isForGood) node.results.clear()
}

function forgetFiles(task: Task, effects: Effects): void {
  const result = task.result!
  result.isGone = true
  if (result.isLost) persistTask(task, effects)
}

/** A node is back with its files. */
export function regainResultsOf(state: SchedulerState, effects: Effects, node: Node): void {
  for (const [job, tasks] of node.results) {
    if (!isActive(job)) continue
    for (const task of tasks) {
      if (!task.result!.isLost) continue
      task.result!.isLost = false
      task.result!.readFailures = 0
      settleLost(state, effects, task)
      persistTask(task, effects)
      regainOutputs(state, effects, task)
    }
  }
}

/** A task that was to run again need not: its earlier result stands, lost or not. */
export function settleLost(state: SchedulerState, effects: Effects, task: Task): void {
  if (task.state === 'done') return
  stopRuns(state, effects, task)
  setTaskState(task, 'done')
}

/** A task whose earlier result is lost, and which nobody needs any more, stays as it is. */
export function isIdle(task: Task): boolean {
  return task.result !== undefined && !isNeeded(task)
}
