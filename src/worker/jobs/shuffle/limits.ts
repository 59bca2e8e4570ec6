/** Bounds of the shuffle, each with its unit and reason. */

/** Bytes of records in a block before it is packed: large enough to pack well, small enough that a merge of 64 holds little. */
export const blockBytes = 128 * 1024

/** Inputs of one merge: more are merged in passes, so that files open at once and memory stay bounded. */
export const mergeFanInMax = 64

/** Bytes of one record: block lengths are 31 bits. */
export const recordBytesMax = 0x7fff_ff00

/** Bytes that the columns of the sort buffer and the sort itself take for each record. */
export const recordOverheadBytes = 44

/** zstd level of blocks: 1 packs text to a third at several hundred MB a second. */
export const zstdLevel = 1

/** Values of one key that wait for the combiner: fewer calls of the author's function, little memory. */
export const combineBatchCount = 8

/** Lists and objects inside each other in a key or value: recursion must not exhaust the stack. */
export const valueDepthMax = 1000
