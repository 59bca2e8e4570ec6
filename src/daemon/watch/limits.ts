/** Bytes at the begin of a text that tell it from others: several lines of any log, one read. */
export const headBytesMax = 1024

/** Bytes before the position up to which a file was pushed: a line or two with their times, so that a file that was cut
 * to nothing and has grown past the position is not taken for the old one. */
export const windowBytes = 256

/** A compressed file that did not change for this long is looked at: whoever writes it is done, or pauses. Milliseconds. */
export const settleMs = 1000

/** Between two listings of the folder at least, and at most: the watcher may miss something. Milliseconds. */
export const listGapMs = 250
export const listEveryMs = 30_000
/** The same without a watcher. */
export const pollEveryMs = 1000

/** What was not read of a file that is gone counts as lost after this long: a compressed copy may take its place. Milliseconds. */
export const lostAfterMs = 10_000

/** A file that is gone is remembered so long, in case a copy of it turns up: months of rotated logs are rare, weeks are not. */
export const forgetAfterMs = 30 * 24 * 3600 * 1000
/** And at most so many of them. */
export const goneCountMax = 20_000

/** Pause after a push that failed, doubled each time up to the most. Milliseconds. */
export const retryFirstMs = 500
export const retryMaxMs = 60_000
/** With --once the folder is left after so many failures in a row: half a minute. */
export const onceTryCountMax = 6

/** Files that may be copies of one, looked at together; more than that have the same name in one folder by accident. */
export const relativeCountMax = 64

/** First record of a CSV: it stands before every chunk and in the ledger. */
export const headerBytesMax = 64 * 1024
