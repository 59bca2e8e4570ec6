/** Bounds of a rule's tasks on a cluster, each with its unit and reason. */

/** Bytes of a partial that are gathered before they are written: blocks of small tables are a few hundred bytes, those of large ones go by themselves. */
export const writeBufferBytes = 64 * 1024

/** Bytes read at once when a partial's checksum is taken: what stays in the second-level cache. */
export const checkChunkBytes = 512 * 1024

/** Bytes of a partial's description. It holds accounts, and an entry for each block of 256 KiB: far below this. */
export const footerBytesMax = 256 * 1024 * 1024

/** Bytes that a node keeps of partial aggregates, unless it is told otherwise. */
export const keptPartialsBytesDefault = 2 * 1024 * 1024 * 1024

/** Share of that limit to which it is brought down when it is passed: so that not every task removes something. */
export const keptShareAfterEviction = 0.9

/** Milliseconds between two messages about a run's progress. */
export const progressIntervalMs = 250

/**
 * Bytes of a table's runs that go unmerged to who makes rows on another machine: four seconds on a link of a gigabit, less than merging
 * them to states takes.
 */
export const unmergedBytesMax = 512 * 1024 * 1024

/** Bytes of a partial that goes with a merge as a part of it: smaller ones are copied sooner than a file more is asked for. */
export const partBytesMin = 1024 * 1024

/** Parts of a merge. */
export const partsMax = 512

/** Partials that are fetched or checked at the same time. */
export const fetchParallelCount = 4

/** Bytes that a process with functions of the rule may hold beside its tables: the program itself, and the functions' own. */
export const processOverheadBytes = 192 * 1024 * 1024

/** Blocks of a stored blob have a checksum each. Bytes, as storage writes them. */
export const blobBlockBytes = 1 << 20
