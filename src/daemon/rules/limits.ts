/** Between two starts of a rule at least: a schedule of milliseconds must not become a loop. Milliseconds. */
export const startGapMs = 1000

/** A run that ends without a word is run again so often in a row; then it counts as failed. */
export const interruptedCountMax = 3

/** A rule whose last start lies further in the future than this met a clock that was set back. Milliseconds. */
export const clockBackMs = 60_000

/** Text of an error that is kept and sent, characters: the log has all of it. */
export const errorCharsMax = 4000

/** How long a daemon's lease lasts, and how often it is renewed: three renewals may fail. Milliseconds. */
export const leaseMs = 45_000
export const renewEveryMs = 10_000

/** Between two looks at processes that are not our children. Milliseconds. */
export const followEveryMs = 1000

/** Changes of rule files within this time are one change: editors write in several steps. Milliseconds. */
export const settleMs = 250

/** What reading a folder of rules may take and use: authors' code runs in it. */
export const readMsMax = 60_000
const readHeapMiBMax = 512
/** Options of Node for the process that reads. How they are given depends on what the program is: files, or one executable. */
export const readerNodeOptions: readonly string[] = [`--max-old-space-size=${readHeapMiBMax}`]
export const readBytesMax = 32 * 1024 * 1024

/** Output of a run that is kept, bytes: its begin is dropped past twice that. */
export const logBytesMax = 1024 * 1024
export const logCheckMs = 2000
/** End of the output that is shown when a run leaves no report, bytes. */
export const logTailBytes = 2000

/** A report larger than this is not read: a run of a hundred thousand blobs has 20 MB. */
export const reportBytesMax = 64 * 1024 * 1024

/** History of runs: a quarter of a year, and no more of one rule than a run each five minutes for two days. */
export const history = {ageMs: 90 * 24 * 3600 * 1000, runsOfRuleMax: 600}
export const trimEveryMs = 3600 * 1000

/** After a request to end, what runs get before they are killed. Milliseconds. */
export const killAfterMs = 5000
