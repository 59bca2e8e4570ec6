/** Limits of the kernel, each with its unit and reason. */

/** Needed fields and objects on the way to them: each has a bit of a 64-bit word, by which a doubled name is seen. */
export const namesMax = 64

/** Lines that are parsed before their pairs are added: enough that their cache misses overlap. The sums' room for overflow counts on it. */
export const batchLinesMax = 64

/** Bytes of the fields of one batch: they stay in half of a first-level cache. */
export const batchBytesMax = 16 * 1024

/** Values of a list in a condition: they are tried one after the other. */
export const membersMax = 64

/** Fields made by steps and transforms. */
export const derivedMax = 64

/** Those of them that the host may have to make: each has a table of 64 KiB for what came of which value. */
export const memoriesMax = 16

/** Time zones beside UTC: each has a few ranges of its offset. */
export const zonesMax = 16

/** Bytes of groups and hash tables: addresses have 32 bits, and a table that doubles needs as much room again. */
export const groupBytesMax = 1.5 * 1024 ** 3

/** Bytes of entries of a coded run that are written at once: as a block of a run has. */
export const codedBlockBytes = 256 * 1024

/** Groups of a table past which keys of several parts may become codes: smaller tables stay in the caches as they are. */
export const codedGroupsMin = 4096

/** Groups of a table of codes past which they may become cells: smaller ones stay in the second-level cache as they are. */
export const cellGroupsMin = 16 * 1024

/**
 * Bytes past the budget at which a scan stops in the middle of its input: what half a MiB of lines adds is less, unless most of
 * them make a group an estimate of 16 KiB.
 */
export const overBudgetBytes = 8 * 1024 ** 2

/** Bytes of a plan, as in assembly/layout.ts: a rule with a thousand columns fits. Tables of many keysets have room where lines are parsed, too. */
export const planBytesMax = 256 * 1024

/** Bytes of a CSV record that the kernel looks for (csv-index.ts, recordMax): what is longer goes to the row path as it comes. */
export const heldRecordBytesMax = 64 * 1024

/** Lines within which a second CSV record that only the row path can follow counts as one of many. */
export const passedAloneLines = 64

/** Bytes that the row path is given at a time where such records are many: from some records to a block of its own. */
export const passedBytesMin = 1024
export const passedBytesMax = 64 * 1024

/** Share of sampled lines that are alike, from which on code of their own is made: every line in step with others has to be. */
export const usualShareMin = 0.8

/** Lines that are looked at before code is made for them, and stretches of the input that they are taken from. */
export const sampleLinesMax = 16
export const sampleRuns = 4

/** Bytes of input that are read before code is made for its lines: what it takes to make comes back within some more. */
export const usualBytesMin = 256 * 1024

/** Times that code is made in one kernel: each takes milliseconds, also of another thread that compiles it. */
export const usualAttemptsMax = 6

/** Share of lines that the code has to have read for it to stay. */
export const usualKeptMin = 0.5

/** Values of a line up to which it is short. */
export const shortLineValues = 12

/** Lines that code for usual lines reads side by side: of long ones more than two only take longer to compile. */
export const lanesOfShort = 4
export const lanesOfLong = 2

/** Lines of a lane, at least: as in assembly/lanes.ts, with some more so that lanes end together. */
export const laneLinesMin = 8

/**
 * Values of a line that code is made for: three times (two lines and one) 400 bytes each. Of more it is decoded anew for each row of lines, and
 * compiles for longer than it saves in 100 MB: a table does better.
 */
export const codeValuesMax = 32

/** Lines that are read side by side by a table, and entries that it may have: as in assembly/usual-table.ts. */
export const tableLanes = 4
export const tableEntriesMax = 256
