/** What an operator may change while the cluster runs. Durations in milliseconds. */
export interface SchedulerSettings {
  /** `fair`: by running slots and weights. `fifo`: a later job gets what earlier ones cannot use. */
  readonly policy: 'fair' | 'fifo'
  /** A task waits so long for a slot on a node that holds its input. */
  readonly localityWaitMs: number
  /** Jobs that are not over; further ones are refused as OVERLOADED. */
  readonly jobsMax: number
  /** Jobs that run at once; further ones wait. */
  readonly jobsRunningMax: number
  /** Runs of one job at the same time, whatever it asks for; Infinity: no limit. */
  readonly slotsPerJobMax: number
  /** Tasks and inputs of all jobs that are not over. A task takes about 500 bytes. */
  readonly tasksMax: number
  /** Failures of one task before its job fails; a job may say otherwise. */
  readonly failuresPerTaskMax: number
  /** Failures of all tasks of a job before it fails; a job may say otherwise. */
  readonly failuresPerJobMax: number
  /** Pause after the first failure of a task, doubled for each further one, up to the last. */
  readonly backoffFirstMs: number
  readonly backoffLastMs: number
  /** The same text on so many tasks that have not succeeded since, on several nodes: the job fails. */
  readonly sameFailureTasksMax: number
  /** The same text on so many runs of one task, on different nodes where there are as many: the job fails. */
  readonly sameFailureRunsMax: number
  /** Readers that could not get an output from a node that is there, before it is made again. */
  readonly readFailuresMax: number
  /** Times that a task's inputs were lost, or its outputs made again because nobody could read them, before its job fails. */
  readonly lossesPerTaskMax: number
  /** A node gets tasks ahead that take so long together for each of its slots; 0: none. */
  readonly aheadMs: number
  readonly isSpeculative: boolean
  /** A run is slow when it takes longer than this many times the median of its stage, and than this. */
  readonly slowRatio: number
  readonly slowAfterMs: number
  /** Nodes of before a restart of the master that do not come back within this are lost. */
  readonly awaitNodesMs: number
  /** Free share of the disk below which a node gets no tasks, and above which it gets them again. */
  readonly diskFreeMin: number
  readonly diskFreeAgain: number
  /** The same for memory. */
  readonly memoryFreeMin: number
  readonly memoryFreeAgain: number
  /** A node's record: failures, halved in each `healthHalfLifeMs`. It gets no tasks from `bad` on until `good`. */
  readonly healthHalfLifeMs: number
  readonly healthBad: number
  readonly healthGood: number
  /** Consumers that hold all slots while their producers wait give one up after this. */
  readonly relieveAfterMs: number
}

export const schedulerSettingsDefault: SchedulerSettings = {
  policy: 'fair',
  localityWaitMs: 3000,
  jobsMax: 1000,
  jobsRunningMax: 100,
  slotsPerJobMax: Infinity,
  tasksMax: 4_000_000,
  failuresPerTaskMax: 6,
  failuresPerJobMax: 1000,
  backoffFirstMs: 1000,
  backoffLastMs: 60_000,
  sameFailureTasksMax: 5,
  sameFailureRunsMax: 3,
  readFailuresMax: 2,
  lossesPerTaskMax: 50,
  aheadMs: 50,
  isSpeculative: true,
  slowRatio: 1.5,
  slowAfterMs: 5000,
  awaitNodesMs: 60_000,
  diskFreeMin: 0.03,
  diskFreeAgain: 0.05,
  memoryFreeMin: 0.03,
  memoryFreeAgain: 0.06,
  healthHalfLifeMs: 120_000,
  healthBad: 6,
  healthGood: 3,
  relieveAfterMs: 5000,
}
