/** Limits of what a node keeps on its disks. */

/** The write-ahead log goes into the database after so many pages of 4 KiB: 8 MiB bound its size and the time to open. */
export const checkpointPages = 2000

/** The log's file is cut to this after it grew past it in one large transaction, bytes. */
export const walBytesKept = 16 * 1024 * 1024

/** Pages of a database kept in memory, KiB: an idle agent should stay under 90 MB. */
export const cacheKiB = 8 * 1024

/** A database up to this size, bytes, is checked whole when it is opened: some hundred milliseconds. */
export const checkedBytesMax = 128 * 1024 * 1024

/** Rows of entries that belong to no tag any more, deleted with each transaction: one or two milliseconds. */
export const tidyRowsMax = 500

/** Settings of tags (attributes, tokens, nodes) kept parsed, characters of JSON: 8,000 tags of ordinary size. */
export const settingsCacheCharsMax = 4 * 1024 * 1024

/** Corrupt databases set aside get a number up to this; past it the last is replaced. */
export const setAsideCountMax = 1000

/** Corrupt replicas kept on a volume for someone to look at. */
export const corruptKeptMax = 20

/** The account of idle time is written when it has grown by this, milliseconds. */
export const accountSavedMs = 60_000

/** Uploads are written in pieces of at least this, bytes: a call to the disk costs what hashing 100 KB does. */
export const writeBytesMin = 1 << 20

/** How much an upload of unknown length may write before the room on its volume is looked at again, bytes. */
export const spaceCheckBytes = 64 * 1024 * 1024

/** Left free on every volume when nobody says otherwise, bytes: room for databases, logs and the system. */
export const reserveBytesDefault = 1024 * 1024 * 1024

/** How long a writer of a shared database waits for another: their transactions take milliseconds, a busy disk some seconds. */
export const sharedWaitMs = 10_000
