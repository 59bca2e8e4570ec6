/** Limits of a run over files, each with its unit and reason. */

/** Bytes read from a file at once: large enough that per-chunk work vanishes, small enough to stay in the second-level cache. */
export const readChunkBytes = 512 * 1024

/** Bytes of an archive read at a time: they become some times as many. */
export const packedChunkBytes = 128 * 1024

/** Bytes read behind the end of a range at a time: most lines end within this. */
export const rangeTailBytes = 64 * 1024

/** Bytes of a piece of a stream (compressed, CSV, stdin) that is handed to a thread: small, because a thread waits for a whole one. */
export const streamPartBytes = 1024 * 1024

/** Bytes of one line of a stream that are held at most: twice what a reader takes for a record. */
export const longLineBytes = 32 * 1024 * 1024

/** Bytes of a piece of a plain file: at least this much (a thread's overhead per part is about 0.1 ms) … */
export const rangeBytesMin = 1024 * 1024
/** … of which each scanner gets about as many as this: the last to end lets the others wait for half of one … */
export const rangesPerScanner = 24
/** … and at most this much, so that threads end together and samples stay ordered. */
export const rangeBytesMax = 32 * 1024 * 1024

/** Parts that scanners share as one list, each of which has a copy of it; of more than this the main thread hands out one after the other. */
export const sharedPartsMax = 20_000

/** Inputs smaller than this are read by one scanner: starting threads and loading the rule in each takes longer. */
export const oneScannerBytesMax = 6 * 1024 * 1024
/** The same where the kernel scans: it has read them before a thread is there. 10 MB: 195 ms of processor time with a thread, 141 without. */
export const oneKernelBytesMax = 12 * 1024 * 1024

/** Bytes of input that make one more thread worth its start. */
export const scannerBytesMin = 3 * 1024 * 1024

/** What a compressed byte of a log is worth in plain ones, roughly: for the number of threads only. */
export const compressionRatio = 8

/** Bytes of a scanner's last groups that go to the merge in memory, at most; what is more goes through temporary files. */
export const memoryRunBytesMax = 16 * 1024 * 1024

/** Bytes of runs from which on their merge is worth the threads: less is done before the first of them answers. */
export const mergeByThreadsBytesMin = 512 * 1024

/** The same where threads have to be started for it, which takes forty milliseconds: what one thread merges in eighty. */
export const mergersBytesMin = 16 * 1024 * 1024

/** Threads that merge what was scanned elsewhere: one thread writes what they make. */
export const mergersMax = 4

/** Bytes of runs that make a piece of a merge, at least; and for each run that has so many, because a block of each is read twice. */
export const mergePieceBytesMin = 2 * 1024 * 1024
export const mergePieceRunBytes = 512 * 1024

/** Entries of coded runs in a piece of a merge: two milliseconds of one thread, of which the last to end lets the others wait for half. */
export const codedPieceEntries = 64 * 1024

/**
 * Bytes of runs of records that are made coded ones to be merged with those of a table, as a share of the bytes of these. This takes four times
 * as long for a record as it takes to make a record of a coded entry, which is done when there are more.
 */
export const codedRecordsShareMax = 0.5

/** Pieces of a merge that may wait to be written, beside those that threads work on. */
export const piecesAheadMax = 2

/** Share of --memory that group tables may hold; the rest is for reading, parsing and merging. */
export const tableBudgetShare = 0.4

/**
 * Megabytes of a thread's young generation, where parsed records live and die. Memory of its old generation is not bounded:
 * only what functions of a rule keep gets there.
 */
export const youngGenerationMb = 16

/** Characters of bad lines held before they are written: a file of nothing but bad lines must not fill the memory. */
export const badCharsBuffered = 1024 * 1024

/** Milliseconds between two progress snapshots. */
export const progressIntervalMs = 100

/** Milliseconds that threads get to stop by themselves after Ctrl-C before they are ended. */
export const stopGraceMs = 1000

/** Of a scanner's budget, when the kernel scans: its groups. The rest is for the groups of lines that it leaves to the row path. */
export const kernelBudgetShare = 0.8

/** Bytes before a range of CSV that are looked at first for where its first record begins: some hundred records. */
export const lookBehindBytes = 64 * 1024

/** Bytes of a CSV file in which its column names are looked for first … */
export const csvNamesBytesMin = 4 * 1024
/** … and in which they have to be found before it is read in ranges: less than a range. */
export const csvNamesBytesMax = 256 * 1024

/** Milliseconds between two looks at the stop flag while a range waits for the end of the one before it. */
export const rangeWaitMs = 50

/** Files without a used record that a run names: a person looks at a few, the others are counted. */
export const unusedFilesNamedMax = 20
