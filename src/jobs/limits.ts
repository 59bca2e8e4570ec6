/** Bounds of a job's definition. Where the plan is read again they hold once more. */

/** Partitions of one stage: each is a section in every file of the shuffle, and a task of the next stage. */
export const partitionCountMax = 100_000

/** Partitions of a job that names none: enough for a handful of nodes, few enough for a small job. */
export const partitionCountDefault = 8

/** Characters of a job's name: it becomes part of folder names, tags and lines on a terminal. */
export const jobNameLengthMax = 100

/** Bytes of memory that a task's process may hold when the job says nothing: a Node heap, a sort buffer, room for the author. */
export const taskMemoryBytesDefault = 512 * 1024 * 1024

/** Bytes of memory below which a process cannot start and sort. */
export const taskMemoryBytesMin = 128 * 1024 * 1024

/** Bytes of a task's sort buffer; what is more goes to temporary files. */
export const sortBytesDefault = 64 * 1024 * 1024

/** Bytes of the smallest sort buffer: tests and stages with tiny outputs. */
export const sortBytesMin = 1024

/** Seconds of one run of a task when the job says nothing: a hung task must not hold its slot for ever. */
export const taskSecondsDefault = 3600

/** Problems of a definition that are shown; more are counted. */
export const problemCountShownMax = 20
