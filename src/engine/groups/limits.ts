/** Groups that an empty table has room for. */
export const initialGroups = 1024

/** Up to here a table's arrays double; beyond, they grow by a quarter, so that little of the budget lies idle. */
export const doublingGroupsMax = 2 ** 18

/** Used share of the hash slots at which they double. */
export const slotLoadMax = 0.75

/** Key bytes come in chunks of this size: large enough to be few, small enough not to waste the budget. */
export const keyChunkBits = 20

/** Chunks that an address of 32 bits can name. */
export const keyChunksMax = 2 ** (32 - keyChunkBits)

/** Target size of a run's blocks: one read or write each, one of each run in memory while merging. */
export const runBlockBytes = 256 * 1024

/**
 * Bytes of a block that become text at once, for the keys in them: many keys a call, and a part that somebody keeps, which may
 * be a slice of that text, keeps no more alive.
 */
export const keyTextBytes = 8 * 1024

/** Runs merged at once: 64 blocks of 256 KiB are 16 MiB. More are merged in several passes. */
export const mergeFanInMax = 64

/** Keys of one sort that are compared one by one rather than packed and sorted as numbers. */
export const insertionSortMax = 12

/** Bytes of a block whose checksum is made without `node:zlib`, which takes two milliseconds to load: this takes a tenth of one. */
export const shortBlockBytes = 4096
