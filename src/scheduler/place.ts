/**
 * Which task gets the next free slot.
 *
 * Jobs take turns: higher priority first, then the one with fewest running tasks for its weight, then the older. Within a
 * job, earlier stages first; a task whose input a free node holds before one that may run anywhere, and last, one that has
 * waited long enough for its nodes. Jobs that have nothing for the nodes that are free are not asked again until something
 * that concerns them has changed (`hungry`).
 *
 * The guard against deadlock (of Disco): a task whose inputs are not all there yet starts only while fewer than half as
 * many of its stage run as of the stages before it, so that consumers that wait never take the slots of their producers.
 */
import {dropStale, headOf} from './fifo.ts'
import type {Effects} from './journal.ts'
import {producersPerStepMax, staleDropsMax, startsPerStepMax} from './limits.ts'
import {type Assignment, findAnywhere, findLocal} from './queue.ts'
import {startRun} from './run-book.ts'
import {hasAllSlots, type Job, runningIn, type SchedulerState, type StageState} from './state.ts'
import {addTimer} from './timers.ts'

/** Fills free slots. @returns whether there may be more to start than one step should */
export function startRuns(state: SchedulerState, effects: Effects): boolean {
  let started = 0
  let producers = 0
  while (state.freeSlots > 0) {
    const job = nextJob(state)
    if (job === undefined) return false
    if (started === startsPerStepMax || producers >= producersPerStepMax) return true
    const found = findTask(state, job)
    if (found === undefined) {
      state.hungry.delete(job)
      continue
    }
    started++
    producers += found.task.producers.length
    startRun(state, effects, found.task, found.node, found)
    // What local queues leave behind there is not left to a step that has to look at all of it.
    dropStale(found.task.stage.waiting, staleDropsMax)
  }
  return false
}

/** Whose turn it is. */
export function nextJob({hungry, settings}: SchedulerState): Job | undefined {
  let best: Job | undefined
  for (const job of hungry) if (best === undefined || isBefore(job, best, settings.policy === 'fair')) best = job
  return best
}

function isBefore(left: Job, right: Job, isFair: boolean): boolean {
  if (left.priority !== right.priority) return left.priority > right.priority
  const byShare = isFair ? left.running / left.weight - right.running / right.weight : 0
  return byShare === 0 ? left.number < right.number : byShare < 0
}

function findTask(state: SchedulerState, job: Job): Assignment | undefined {
  if (job.state !== 'running' || hasAllSlots(state, job)) return undefined
  const waitedUntilMs = state.nowMs - state.settings.localityWaitMs
  let earlierRunning = 0
  let isChoosy = false
  for (const stage of job.stages) {
    if (!stage.isOpen) break
    if (stage.counts.pending > 0 && isAllowed(stage, earlierRunning)) {
      const local = findLocal(state, stage)
      if (local !== undefined) return local
      for (const [fifo, untilMs] of [
        [stage.any, Infinity],
        [stage.waiting, waitedUntilMs],
      ] as const) {
        const found = findAnywhere(state, fifo, untilMs)
        if (typeof found === 'object') return found
        if (found === 'avoids') isChoosy = true
      }
      awaitStealing(state, stage)
    }
    if (!stage.isComplete) earlierRunning += runningIn(stage)
  }
  if (isChoosy) state.choosy.add(job)
  return undefined
}

/** May a task of the stage start, with so many runs of unfinished stages before it? */
export const isAllowed = (stage: StageState, earlierRunning: number): boolean =>
  stage.isClosed || stage.grouping === 'split' || 2 * runningIn(stage) < earlierRunning

/** Looks again when the first task that waits for its nodes has waited long enough. */
function awaitStealing(state: SchedulerState, stage: StageState): void {
  const {job, waiting} = stage
  const queuedMs = headOf(waiting)?.queuedMs
  if (queuedMs === undefined) return
  const atMs = queuedMs + state.settings.localityWaitMs
  if (atMs <= state.nowMs || (job.stealMs > state.nowMs && job.stealMs <= atMs)) return
  job.stealMs = atMs
  addTimer(state.timers, atMs, {type: 'steal', job})
}
