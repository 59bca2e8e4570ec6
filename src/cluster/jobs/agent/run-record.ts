/** Runs under the names that all messages give them, and their ends as they are kept and told. */
import type {RunName} from '../../../protocol/index.ts'
import type {DoneOutcome} from './ended-runs.ts'
import type {RunRecord} from './run-files.ts'
import type {StartOrder} from './task-order.ts'

/** Just its name, of something that has more. */
export const nameOf = ({job, task, run}: RunName): RunName => ({job, task, run})

/** What its end told, of a run that is kept. */
export const outcomeOf = ({outputs, progress, counters, oob}: RunRecord): DoneOutcome => ({
  state: 'done',
  outputs,
  progress,
  ...(counters && {counters}),
  oob,
})

/** What is kept of a run until the master counts it. */
export function recordOf(order: StartOrder, outcome: DoneOutcome): RunRecord {
  const {stageIndex, isLastStage} = order
  const {outputs, progress, counters, oob} = outcome
  return {
    state: 'done',
    ...nameOf(order),
    stageIndex,
    isLastStage,
    outputs,
    progress,
    ...(counters && {counters}),
    oob,
  }
}
