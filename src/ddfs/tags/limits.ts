/** Limits of the tag coordinator. Times are of the master's steady clock, milliseconds. */

/** Waiting requests of one tag; more are answered OVERLOADED. An append waits about 1 ms, so this is seconds of work. */
export const tagQueueMax = 4096

/** Requests that wait in the whole coordinator: about 100 MB of entries at worst. */
export const requestsMax = 100_000

/** Appends of one tag that are under way at once: hides a round trip of some milliseconds, stays below one mesh frame each. */
export const commitWindow = 64

/** A replica answers a small request within this, or is taken for silent. */
export const callTimeoutMs = 10_000

/** Copying a tag from a peer: the time of a small request, and 0.2 ms an entry (two million take tens of seconds). */
export const syncEntryMs = 0.2

/** With a majority of answers in, the rest gets this long before a claim is made without them. */
export const gatherGraceMs = 200

/** How often time is looked at while something waits, and while nothing does. */
export const busyTickMs = 50
export const idleTickMs = 1000

/** One look at every tag (placement, laggards, tombstones) begins this long after the last one ended. */
export const sweepPauseMs = 10_000

/** Tags looked at in one tick: some milliseconds of work. */
export const sweepStepCount = 5000

/** Tags that are mended at the same time. */
export const mendParallelMax = 64

/** A replica that answered nothing for a while may still be applying: only then it is called a laggard. */
export const settleMs = 1000

/** Copies made beside the running work before a tag's queue is held for one: a busy tag would never be caught up. */
export const besideSyncMax = 2

/** Syncs of one node within one commit, before that node is given up for it. */
export const syncTriesMax = 3

/** Reads of entries that found another version before they are put into the queue, between changes. */
export const readTriesMax = 3

/**
 * Longer than any order can be under way: calls are over after callTimeoutMs, a link that stalls longer is closed.
 * Nothing is forgotten sooner after the last order about it, so that no late order brings it back.
 */
export const forgetAfterMs = 60_000

/** A tombstone that was read, not made, by this master is watched this long before its age is believed. */
export const tombstoneWatchMs = 3_600_000

/** The wall clock against the steady one: a larger difference than this within a master's life is a jump. */
export const clockJumpMs = 60_000

/** After a jump nothing is purged for a day, so that a person can set the clock right. */
export const clockHoldMs = 86_400_000

/** All attributes of one tag, bytes: a head must fit in one mesh frame beside a page of entries. */
export const attributeBytesMax = 256 * 1024

/** Entries of one change, bytes on the wire, for the same reason. */
export const changeBytesMax = 768 * 1024

export const quarantineMsDefault = 7 * 86_400_000
export const tombstoneMsDefault = 30 * 86_400_000

/** Longer than a restart and a reboot; copies of a lost node are made elsewhere after it. */
export const replaceAfterMsDefault = 60_000
