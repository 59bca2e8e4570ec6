/** Fixed bounds of the blob core. What an operator may change is in settings.ts. */

/** Blobs in one request to a node. Ids of 64 digits: 70 KB, well inside a mesh frame. */
export const blobsPerCallMax = 1000

/** Blobs of one `locate`. The answer of a thousand with nine holders each is under a mesh frame. */
export const locateCountMax = 1000

/** Client requests that wait for nodes at once; further ones are told to come back. */
export const namingsMax = 1000

/** Queued blobs looked at in one step when nodes are busy, so that a step stays well under a millisecond. */
export const repairLooksMax = 64

/** Slots of the directory assessed in one step of the sweep: about five milliseconds. */
export const sweepStepSlots = 100_000

/** The directory is assessed again as a whole this often, so that nothing that was overlooked stays so. */
export const sweepEveryMs = 60_000

/** Pauses after a failed copy of a blob: doubled from the first to the second. */
export const retryFirstMs = 1000
export const retryLastMs = 60_000

/** Blobs whose failed copies are remembered; beyond it a blob is tried again by the next sweep without memory. */
export const troublesMax = 10_000

/** A copy may take this long for starting, and a second for so many bytes; then it counts as failed. */
export const copyBaseMs = 60_000
export const copySlowestBytesPerSecond = 1_000_000

/** Surplus blobs that wait for their time; more are found again by a later sweep. */
export const surplusQueueMax = 10_000

/** Blobs whose other copies are confirmed together before one is dropped. */
export const trimBatchMax = 100
/** They are read again for that: at most a little more than so many bytes a node. */
export const trimBatchBytesMax = 1 << 30
export const trimsMax = 8

/** An upload target is taken to be uploading for so long, unless its node tells sooner that it has ended. */
export const uploadHoldMs = 10 * 60_000
/** Uploads remembered for a node; older ones are forgotten first. */
export const uploadsPerNodeMax = 10_000

/** Doubted copies of a node that wait to be asked about; beyond it they wait for its next inventory. */
export const doubtsPerNodeMax = 100_000

/** Corrupt copies remembered for fsck and status, newest last. */
export const corruptSeenMax = 10_000

/** Names of nodes, tags or blobs that a message or a report lists. */
export const namedInTextMax = 10

/** Tries of a step of a collection round before the node is skipped, and the pause between them. */
export const roundTriesMax = 3
export const roundRetryMs = 5000

/** The next round waits for so long after the end of one: commands that wait for its result ask several times a second. */
export const roundRestMs = 1500

/** A round that has not come forward for so long is reported as stuck. */
export const roundStuckMs = 60_000

/** Answers to `status` need a pass over the directory (15 ms for a million blobs): not more often than this. */
export const summaryMaxAgeMs = 1000

/** Problems that fsck lists; all are counted. */
export const fsckListedMax = 10_000

/** Steps of used space that count as equal when nodes are compared, so that ties are broken at random, not by bytes. */
export const loadSteps = 256

/** Tries of a page of a scrub that was asked for before its node is left out, and the pause between them. */
export const scrubTriesMax = 5
export const scrubRetryMs = 5000

/** A blob that is stored again and again counts as settled after so many times the setting `settleMs`. */
export const settleTimesMax = 6
/** Blobs that settle at once; beyond it the oldest are assessed at once. */
export const settlingMax = 100_000

/** Balancing that waits, for example for repair, ends without result after so long. */
export const balanceStallMs = 10 * 60_000
/** It ends after so many failed moves one after the other: each may take minutes. */
export const balanceFailuresMax = 20

/** Share of a day's or week's scrub that pacing leaves free for retries. */
export const scrubSlack = 0.1
