/** Limits of the pair path. */

/** Levels of lists and objects inside one value; a cyclic value of a hook meets it too. Deeper ones would exhaust the stack. */
export const valueDepthMax = 500

/** Runs merged at a time. Each holds one open file and one block in memory; more runs are merged in rounds. */
export const mergeRunCountMax = 64

/** The same for one partition when so many are read at the same time that an even share would be less. */
export const mergeRunCountMin = 4

/** Bytes of a block when a run is written: large enough that a write costs little, small enough that a merge of many runs fits. */
export const runBlockBytes = 64 * 1024

/** Bytes of bookkeeping per pair beside its own bytes: seven columns of 32 bits, the sort prefix and the place in the order. */
export const pairOverheadBytes = 40

/** Characters of a key shown in a message. */
export const keyExcerptCharsMax = 120
