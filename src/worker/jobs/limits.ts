/** Bounds of running tasks, each with its unit and reason. */

/** Log lines of a run that pass at once, and every second after that: a print in a tight loop must cost neither the task nor the master. */
export const logBurstCount = 100
export const logsPerSecond = 20

/** Characters of one log line. */
export const logCharsMax = 2000

/** Names of counters of one run; more are an error: a counter a key is a result, not a counter. */
export const counterCountMax = 1000

/** Out-of-band values of one run, and bytes of all of them together. */
export const oobCountMax = 1000
export const oobBytesMax = 64 * 1024 * 1024

/** Characters of a record that are shown with an error. */
export const recordExcerptChars = 300

/** Records that could not be read, kept as samples. */
export const badSampleCountMax = 5

/** Bytes of sections that a task holds in memory; larger ones go to its folder. */
export const fetchMemoryBytes = 32 * 1024 * 1024

/** Sections fetched at the same time. */
export const fetchParallelCount = 4

/** Times that each address of an input is tried. */
export const replicaTryCountMax = 2

/** Bytes read from a local input at once. */
export const readChunkBytes = 512 * 1024

/** Bytes of one line of a job's input, which is held whole: half of the longest text that V8 makes. */
export const lineBytesMax = 256 * 1024 * 1024

/** Bytes of standard output and error of a task that are kept for its error. */
export const lastWordsBytes = 4096

/** Bytes of one line of the author's output; the rest of a longer one is the next line. */
export const outputLineBytes = 8192

/** Bytes of one message between a task's process and its parent: specs name many inputs. */
export const messageBytesMax = 64 * 1024 * 1024

/** Milliseconds between two looks at a process's memory. */
export const memoryWatchMs = 100

/** Share of a task's memory that JavaScript values may take; buffers are outside of that heap. */
export const heapShare = 0.75

/** Bytes of a job pack, packed and unpacked, and entries in it. */
export const packBytesMax = 256 * 1024 * 1024
export const packEntryCountMax = 10_000

/** Characters of a path in a pack: below what file systems take. */
export const packPathCharsMax = 1000

/** Files that a task's process may have open at once, and each process that it starts. */
export const openFilesMax = 4096
