/** Limits of the merge kernel, each with its unit and reason. */

/** Bytes of text that the kernel collects before it hands them over: they stay in the second-level cache. */
export const outBytes = 128 * 1024

/** Bytes of the pieces in which text leaves: few enough writes, and little room that stays empty in the last one. */
export const textPieceBytes = 1024 * 1024

/** Runs merged at once, at most: each has a place in the order, which is moved when a run ends or gets ahead. */
export const mergedRunsMax = 2 ** 10

/**
 * Bytes of blocks, one of each run, that all merges of a process hold at once: 512 runs of full blocks in one thread; a large table of
 * 10 GB of logs in 150 chunks in three. Small runs have small blocks.
 */
export const mergedBlocksBytesMax = 128 * 1024 * 1024

/** Bytes of texts of coded runs that are merged as such: a merge keeps all of them, and room for six times as many. */
export const codedTextBytesMax = 32 * 1024 * 1024

/** Bits of a merged key of coded runs: one number stands for none. */
export const codedKeyBitsMax = 63

/** Bits of the total of a row that is added up of coded runs: what doubles hold, and one varint of a state. */
export const codedTotalBitsMax = 53

/** Bytes of the longest number in decimal digits, with sign, point and the exponent of a double. */
export const numberBytesMax = 40

/** Bytes behind a block or a text that may be read. */
export const readSlackBytes = 64
