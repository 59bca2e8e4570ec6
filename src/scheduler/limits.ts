/** Fixed bounds of the scheduler. What an operator may change is in settings.ts. */

/** Inputs in one order to an agent; further ones follow in pages. 250 bytes each: well inside a mesh frame. */
export const inputsPerOrderMax = 2000

/** Outputs of one run: 2,000 labels with some files each. More is a job that should use fewer labels. */
export const outputsPerRunMax = 10_000

/** Outputs looked at, and tasks made, for a new stage in one step: about two milliseconds. */
export const expandStepMax = 1000

/** An output that is gathered for a later task counts as so many: a step that decides nothing is to be over in 50 microseconds. */
export const gatherCost = 10

/** Runs started in one step, so that one transaction stays small; the rest follow at once. */
export const startsPerStepMax = 1000

/** Tasks whose outputs are given to the runs started in one step: some ten milliseconds. One run gets all of its own, however many. */
export const producersPerStepMax = 20_000

/** Runs that wait at a node for each of its slots: what a slot does while the master writes its journal once. */
export const aheadPerSlotMax = 32

/** Results of a stage before their median tells how long its tasks take. */
export const aheadResultsMin = 3

/** Tasks up to so many times `aheadMs` are still ordered ahead, one a slot: a word of the master takes some milliseconds of them. */
export const oneAheadRatio = 4

/** A run that has waited so long at its node is taken back, and its stage orders none ahead for a while. Milliseconds. */
export const aheadWaitMs = 1000
export const aheadPauseMs = 30_000

/** Queued tasks looked at when the first ones avoid the nodes that are free. */
export const queueLooksMax = 16

/** Entries of tasks that run since, dropped from the queue of those that wait when another starts. */
export const staleDropsMax = 4

/** Nodes that a task waits for, those with most of its input; and the least share of its bytes that makes one worth it. */
export const preferredNodesMax = 3
export const preferredShareMin = 0.2

/** Producers looked at to find them; of more, a sample tells as well who holds a fifth. */
export const preferredLooksMax = 64

/** Events kept in memory for a job, as in Disco; all are in the journal. */
export const jobEventsMax = 200

/** Text of an event, characters, as in Disco. */
export const eventTextMax = 8192

/** Text of a failure that is kept, and the part of it that is compared, characters. */
export const failureTextMax = 8192
export const failureKeyMax = 300

/** Different failure texts of one job that are told apart; later ones are only counted. */
export const failureTextsMax = 1000

/** Names of counters that are kept of one stage: those of one task, which all tasks have as a rule. */
export const countersPerStageMax = 1000

/** Run numbers are reserved in the journal in blocks, so that a number is never given out twice. */
export const runBlock = 1000

/** How often running stages are looked at for slow runs and for consumers that block their producers. */
export const sweepEveryMs = 1000

/** Tasks of ended jobs kept in memory; the oldest jobs lose theirs first and answer from the journal. */
export const endedTasksMax = 200_000

/** Ended jobs kept in memory, oldest purged ones forgotten first. */
export const endedJobsMax = 10_000

/** Names a job may give itself, characters. */
export const jobNameLengthMax = 300

/** Tries of writing a job's result tag, and the pause between them. */
export const saveTriesMax = 10
export const saveRetryMs = 5000
