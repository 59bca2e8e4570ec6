/** What is looked at once a second: slow runs, consumers that block their producers, nodes to be forgiven. */
import {takeBack} from './ahead.ts'
import {forgive} from './health.ts'
import {quantileOf} from './histogram.ts'
import {type Effects, tell, titleOf} from './journal.ts'
import {sweepEveryMs} from './limits.ts'
import {mayRunOn} from './queue.ts'
import {requeue, startRun, stopRun} from './run-book.ts'
import {freeNodes} from './slots.ts'
import {
  hasAllSlots,
  type Job,
  type Node,
  type Run,
  runningIn,
  type SchedulerState,
  type StageState,
  type Task,
} from './state.ts'

/** What must be looked at from time to time, because no event says that it is due. */
export function sweep(state: SchedulerState, effects: Effects): void {
  forgive(state, effects)
  takeBack(state, effects)
  for (const job of state.jobs.values()) {
    if (job.running === 0) continue
    for (const stage of job.stages) if (stage.runs.size > 0) copySlowRuns(state, effects, stage)
    relieve(state, effects, job)
  }
  const isNeeded = state.activeJobs > 0 || state.badCount > 0
  state.sweepMs = isNeeded ? state.nowMs + sweepEveryMs : Infinity
}

/** Share of a stage that must be done before its median says something. */
const doneShareMin = 0.5

/** Near the end of a stage slow runs get a second copy on another node; the first result wins. */
function copySlowRuns(state: SchedulerState, effects: Effects, stage: StageState): void {
  const {counts, job, statistics} = stage
  const {settings} = state
  const isNearEnd = stage.isClosed && counts.pending + counts.held + counts.blocked === 0
  const isWanted = job.spec.isSpeculative ?? settings.isSpeculative
  if (!isNearEnd || !isWanted || job.state !== 'running') return
  if (counts.done < Math.max(1, stage.tasks.length * doneShareMin)) return
  const slowMs = Math.max(settings.slowAfterMs, quantileOf(statistics.durations, 0.5) * settings.slowRatio)
  for (const run of [...stage.runs]) {
    if (state.freeSlots === 0 || hasAllSlots(state, job)) return
    if (run.task.runs.length > 1 || run.task.missing > 0 || state.nowMs - run.readyMs <= slowMs) continue
    const node = otherNode(state, run)
    if (node !== undefined) startRun(state, effects, run.task, node, {isLocal: false})
  }
}

function otherNode(state: SchedulerState, run: Run): Node | undefined {
  for (const node of freeNodes(state)) if (node !== run.node && mayRunOn(state, run.task, node)) return node
  return undefined
}

/**
 * Consumers that wait for inputs while none of their producers runs hold slots for nothing. The guard of `place.ts` avoids
 * that, but slots can go away with their nodes, and a job can be paused. After a while the youngest one is stopped, each
 * second another, until a producer runs; those of a paused job all at once.
 */
function relieve(state: SchedulerState, effects: Effects, job: Job): void {
  const waiting = waitingRuns(job)
  const isStuck = waiting.length > 0 && !hasProducerRunning(job, waiting[0]!.task)
  if (!isStuck) {
    job.starvedMs = Infinity
    return
  }
  if (job.starvedMs === Infinity) job.starvedMs = state.nowMs
  if (state.nowMs - job.starvedMs < state.settings.relieveAfterMs) return
  const youngest = waiting.sort((left, right) => right.id - left.id)
  for (const run of job.state === 'paused' ? youngest : youngest.slice(0, 1)) {
    tell(state, effects, job, 'warning', `${titleOf(run.task)} gives its slot up: it waits for tasks that cannot run`)
    stopRun(state, effects, run)
    if (run.task.runs.length === 0) requeue(state, run.task)
  }
}

/** Of the first stage that has any: those before it may be their producers. */
function waitingRuns(job: Job): Run[] {
  for (const stage of job.stages) {
    if (stage.isClosed || stage.grouping === 'split') continue
    const waiting = [...stage.runs].filter(run => run.readyMs === Infinity)
    if (waiting.length > 0) return waiting
  }
  return []
}

function hasProducerRunning(job: Job, task: Task): boolean {
  for (let index = 0; index < task.stage.index; index++) if (runningIn(job.stages[index]!) > 0) return true
  return false
}
